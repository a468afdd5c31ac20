// gzip, zstd and lz4 frames, each with as many members as the file has.
#include "decoder.hpp"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace rawket {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // zlib counts in unsigned int

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() { ready_ = inflateInit2(&state_, 15 + 16) == Z_OK; }  // 16: the gzip wrapper only
  ~GzipDecoder() override { inflateEnd(&state_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Result<Progress> decode(Bytes in, MutableBytes out) override {
    if (!ready_) return fail(Errc::unsupported, "gzip", "zlib has no memory");
    if (member_ended_) {
      if (in.empty()) return Progress{};
      if (in[0] == 0) return padding(in);
      inflateReset(&state_);
      member_ended_ = false;
    }
    state_.next_in = const_cast<Bytef*>(in.data());  // zlib's type; it does not write there
    state_.avail_in = static_cast<uInt>(std::min(in.size(), most_at_once));
    state_.next_out = out.data();
    state_.avail_out = static_cast<uInt>(std::min(out.size(), most_at_once));
    const uInt in_before = state_.avail_in, out_before = state_.avail_out;
    const int code = inflate(&state_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
      return fail(Errc::malformed, "gzip", std::string("corrupt gzip data (") + (state_.msg != nullptr ? state_.msg : "no reason given") + ")");
    member_ended_ = code == Z_STREAM_END;
    return Progress{in_before - state_.avail_in, out_before - state_.avail_out};
  }
  bool at_boundary() const override { return member_ended_; }
  std::string_view format() const override { return "gzip"; }

 private:
  /// Tapes and block devices fill the last block with zeros.
  static Result<Progress> padding(Bytes in) {
    const auto other = std::ranges::find_if(in, [](u8 b) { return b != 0; });
    return Progress{static_cast<std::size_t>(other - in.begin()), 0};
  }

  z_stream state_{};
  bool ready_ = false, member_ended_ = false;
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() { ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, largest_window); }

  Result<Progress> decode(Bytes in, MutableBytes out) override {
    if (!state_) return fail(Errc::unsupported, "zstd", "libzstd has no memory");
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t left = ZSTD_decompressStream(state_.get(), &to, &from);
    if (ZSTD_isError(left) != 0) return refuse(left);
    if (from.pos != 0 || to.pos != 0) frame_ended_ = left == 0;  // asked without input it tells of the next frame's header
    return Progress{from.pos, to.pos};
  }
  bool at_boundary() const override { return frame_ended_; }
  std::string_view format() const override { return "zstd"; }

 private:
  static constexpr int largest_window = 25;  // 32 MiB: all levels up to 20

  static Failure refuse(std::size_t code) {
    if (is_window_error(code))
      return fail(Errc::unsupported, "zstd", "a zstd window of more than 32 MiB", "compress it again without --ultra and --long");
    return fail(Errc::malformed, "zstd", std::string("corrupt zstd data (") + ZSTD_getErrorName(code) + ")");
  }
  /// The error's number is not in the stable interface; its name is.
  static bool is_window_error(std::size_t code) {
    return std::string_view(ZSTD_getErrorName(code)).find("requires too much memory") != std::string_view::npos;
  }

  struct Free {
    void operator()(ZSTD_DStream* s) const { ZSTD_freeDStream(s); }
  };
  std::unique_ptr<ZSTD_DStream, Free> state_{ZSTD_createDStream()};
  bool frame_ended_ = false;
};

class Lz4Decoder final : public Decoder {
 public:
  Lz4Decoder() {
    LZ4F_dctx* made = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) == 0) state_.reset(made);
  }

  Result<Progress> decode(Bytes in, MutableBytes out) override {
    if (!state_) return fail(Errc::unsupported, "lz4", "liblz4 has no memory");
    std::size_t taken = in.size(), made = out.size();
    const std::size_t left = LZ4F_decompress(state_.get(), out.data(), &made, in.data(), &taken, nullptr);
    if (LZ4F_isError(left) != 0) return fail(Errc::malformed, "lz4", std::string("corrupt lz4 data (") + LZ4F_getErrorName(left) + ")");
    if (taken != 0 || made != 0) frame_ended_ = left == 0;
    return Progress{taken, made};
  }
  bool at_boundary() const override { return frame_ended_; }
  std::string_view format() const override { return "lz4"; }

 private:
  struct Free {
    void operator()(LZ4F_dctx* s) const { LZ4F_freeDecompressionContext(s); }
  };
  std::unique_ptr<LZ4F_dctx, Free> state_;
  bool frame_ended_ = false;
};

bool starts_with(Bytes bytes, std::string_view magic) { return as_text(bytes).starts_with(magic); }

}  // namespace

std::unique_ptr<Decoder> decoder_for(Bytes start) {
  if (starts_with(start, "\x1f\x8b")) return std::make_unique<GzipDecoder>();
  if (starts_with(start, "\x28\xb5\x2f\xfd")) return std::make_unique<ZstdDecoder>();
  if (starts_with(start, "\x04\x22\x4d\x18")) return std::make_unique<Lz4Decoder>();
  return nullptr;
}

std::string_view command_to_unpack(Bytes start) {
  if (starts_with(start,
                  "\xfd"
                  "7zXZ"))
    return "xz -d";
  if (starts_with(start, "BZh")) return "bzip2 -d";
  if (starts_with(start, "PK\x03\x04")) return "unzip";
  if (starts_with(start, "\x02\x21\x4c\x18")) return "lz4 -d";
  if (starts_with(start, "\x1f\x9d")) return "uncompress";
  return {};
}

}  // namespace rawket
