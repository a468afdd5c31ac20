// The loop around every format's record parser.
#include "file_reader.hpp"

namespace rawket {

Result<std::span<const CapturedPacket>> FileReader::next(Nanoseconds wait) {
  if (ended_) return std::span<const CapturedPacket>{};
  for (;;) {
    stream_.consume(lent_);
    lent_ = 0;
    auto pass = parse(stream_.window(), batch_);
    if (!pass) return end_with(Failure{std::move(pass).error()});
    lent_ = pass->used;
    delivered_ += pass->packets;
    if (pass->packets > 0) return std::span<const CapturedPacket>(batch_).first(pass->packets);

    stream_.consume(lent_);
    lent_ = 0;
    auto got = stream_.fill(pass->wanted, wait);
    if (!got) return end_with(Failure{std::move(got).error()});
    if (*got == ByteStream::Fill::nothing_yet) return std::span<const CapturedPacket>{};
    if (*got == ByteStream::Fill::enough) continue;
    const std::size_t left = stream_.window().size();
    if (left > 0)
      return end_with(fail_at(Errc::truncated, stream_.name(), stream_.offset(),
                              "the last record is cut (needs " + std::to_string(pass->wanted) + " bytes, has " + std::to_string(left) + ")"));
    ended_ = true;
    return std::span<const CapturedPacket>{};
  }
}

Counters FileReader::counters() {
  const u64 lost = dropped();
  return {.received = delivered_ + lost, .filtered = 0, .dropped = lost};
}

Result<void> require_header(ByteStream& stream, std::size_t size) {
  for (;;) {
    const auto got = RAWKET_TRY(stream.fill(size, ByteStream::forever));
    if (got == ByteStream::Fill::enough) return {};
    if (got == ByteStream::Fill::ended)
      return fail_at(Errc::truncated, stream.name(), 0,
                     "the file header is cut (needs " + std::to_string(size) + " bytes, has " + std::to_string(stream.window().size()) + ")");
  }
}

}  // namespace rawket
