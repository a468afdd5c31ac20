// gzip, zstd and lz4 frames at their fastest levels: a capture must not wait for them.
#include "encoder.hpp"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

namespace rawket {
namespace {

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder() { ready_ = deflateInit2(&state_, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK; }  // 16: the gzip wrapper
  ~GzipEncoder() override { deflateEnd(&state_); }
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;

  Result<void> encode(Bytes in, std::vector<u8>& out) override { return run(in, Z_SYNC_FLUSH, out); }
  Result<void> finish(std::vector<u8>& out) override { return run({}, Z_FINISH, out); }

 private:
  Result<void> run(Bytes in, int how, std::vector<u8>& out) {
    if (!ready_) return fail(Errc::unsupported, "gzip", "zlib has no memory");
    state_.next_in = const_cast<Bytef*>(in.data());  // zlib's type; it does not write there
    state_.avail_in = static_cast<uInt>(in.size());
    do {
      const std::size_t before = out.size();
      out.resize(before + std::size_t{1 << 16});
      state_.next_out = out.data() + before;
      state_.avail_out = 1 << 16;
      deflate(&state_, how);
      out.resize(out.size() - state_.avail_out);
    } while (state_.avail_out == 0);
    return {};
  }

  z_stream state_{};
  bool ready_ = false;
};

class ZstdEncoder final : public Encoder {
 public:
  ZstdEncoder() {
    ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_checksumFlag, 1);
  }

  Result<void> encode(Bytes in, std::vector<u8>& out) override { return run(in, ZSTD_e_flush, out); }
  Result<void> finish(std::vector<u8>& out) override { return run({}, ZSTD_e_end, out); }

 private:
  Result<void> run(Bytes in, ZSTD_EndDirective how, std::vector<u8>& out) {
    if (!state_) return fail(Errc::unsupported, "zstd", "libzstd has no memory");
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    for (std::size_t left = 1; left != 0;) {
      const std::size_t before = out.size();
      out.resize(before + ZSTD_CStreamOutSize());
      ZSTD_outBuffer to{out.data() + before, out.size() - before, 0};
      left = ZSTD_compressStream2(state_.get(), &to, &from, how);
      out.resize(before + to.pos);
      if (ZSTD_isError(left) != 0) return fail(Errc::unsupported, "zstd", ZSTD_getErrorName(left));
    }
    return {};
  }

  struct Free {
    void operator()(ZSTD_CCtx* s) const { ZSTD_freeCCtx(s); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> state_{ZSTD_createCCtx()};
};

class Lz4Encoder final : public Encoder {
 public:
  Lz4Encoder() {
    LZ4F_cctx* made = nullptr;
    if (LZ4F_isError(LZ4F_createCompressionContext(&made, LZ4F_VERSION)) == 0) state_.reset(made);
  }

  Result<void> encode(Bytes in, std::vector<u8>& out) override {
    RAWKET_TRY(begin(out));
    RAWKET_TRY(add(out, LZ4F_compressBound(in.size(), nullptr), [&](u8* to, std::size_t room) { return LZ4F_compressUpdate(state_.get(), to, room, in.data(), in.size(), nullptr); }));
    return add(out, LZ4F_compressBound(0, nullptr), [&](u8* to, std::size_t room) { return LZ4F_flush(state_.get(), to, room, nullptr); });
  }
  Result<void> finish(std::vector<u8>& out) override {
    RAWKET_TRY(begin(out));
    return add(out, LZ4F_compressBound(0, nullptr), [&](u8* to, std::size_t room) { return LZ4F_compressEnd(state_.get(), to, room, nullptr); });
  }

 private:
  Result<void> begin(std::vector<u8>& out) {
    if (!state_) return fail(Errc::unsupported, "lz4", "liblz4 has no memory");
    if (begun_) return {};
    begun_ = true;
    return add(out, LZ4F_HEADER_SIZE_MAX, [&](u8* to, std::size_t room) { return LZ4F_compressBegin(state_.get(), to, room, nullptr); });
  }
  template <class Step>
  static Result<void> add(std::vector<u8>& out, std::size_t room, Step step) {
    const std::size_t before = out.size();
    out.resize(before + room);
    const std::size_t made = step(out.data() + before, room);
    if (LZ4F_isError(made) != 0) return fail(Errc::unsupported, "lz4", LZ4F_getErrorName(made));
    out.resize(before + made);
    return {};
  }

  struct Free {
    void operator()(LZ4F_cctx* s) const { LZ4F_freeCompressionContext(s); }
  };
  std::unique_ptr<LZ4F_cctx, Free> state_;
  bool begun_ = false;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_encoder(Compression compression) {
  switch (compression) {
    case Compression::gzip: return std::make_unique<GzipEncoder>();
    case Compression::zstd: return std::make_unique<ZstdEncoder>();
    case Compression::lz4: return std::make_unique<Lz4Encoder>();
    case Compression::none: break;
  }
  return nullptr;
}

}  // namespace rawket
