// Reading, waiting and decompressing block by block.
#include "byte_stream.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "capture_format.hpp"

namespace rawket {
namespace {

constexpr std::size_t longest_magic = 4;
constexpr Nanoseconds longest_wait = 3600 * second;

enum class Poll : u8 { ready, nothing, failed };

Poll wait_readable(int descriptor, Nanoseconds wait) {
  pollfd p{descriptor, POLLIN, 0};
  const int milliseconds = wait < 0 ? -1 : static_cast<int>((std::min(wait, longest_wait) + millisecond - 1) / millisecond);
  const int n = ::poll(&p, 1, milliseconds);
  if (n > 0) return Poll::ready;
  return n == 0 || errno == EINTR ? Poll::nothing : Poll::failed;
}

}  // namespace

bool GrowingBlock::grow(std::size_t capacity) {
  auto* bigger = static_cast<u8*>(std::realloc(data_.get(), capacity));
  if (bigger == nullptr) return false;
  static_cast<void>(data_.release());
  data_.reset(bigger);
  capacity_ = capacity;
  return true;
}

Result<ByteStream> ByteStream::from_memory(Bytes bytes, std::string name) {
  ByteStream s;
  s.name_ = std::move(name);
  s.data_ = bytes.data();
  s.end_ = bytes.size();
  RAWKET_TRY(s.detect_compression());
  return s;
}

Result<ByteStream> ByteStream::from_descriptor(Descriptor descriptor, std::string name) {
  ByteStream s;
  s.name_ = std::move(name);
  s.descriptor_ = std::move(descriptor);
  struct stat about{};
  if (::fstat(s.descriptor_.number(), &about) != 0) return fail_system(s.name_);
  if (S_ISDIR(about.st_mode)) return fail(Errc::unsupported, s.name_, "a directory, not a capture file", "name a file in it");
  s.live_ = !S_ISREG(about.st_mode) && !S_ISBLK(about.st_mode);
  if (!s.live_) ::posix_fadvise(s.descriptor_.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  RAWKET_TRY(s.detect_compression());
  return s;
}

Result<void> ByteStream::detect_compression() {
  Fill state = Fill::nothing_yet;
  while (state == Fill::nothing_yet) state = RAWKET_TRY(fill(longest_magic, forever));
  decoder_ = decoder_for(window());
  if (!decoder_) return {};
  input_ = window();
  std::swap(input_block_, window_block_);  // what was read so far is compressed
  begin_ = end_ = 0;
  data_ = nullptr;
  return {};
}

Result<ByteStream::Fill> ByteStream::fill(std::size_t wanted, Nanoseconds wait) {
  const bool timed = live_ && wait > 0;
  SystemClock clock;
  const Nanoseconds until = timed ? clock.now() + std::min(wait, longest_wait) : 0;
  while (end_ - begin_ < wanted) {
    const Nanoseconds left = timed ? std::max<Nanoseconds>(0, until - clock.now()) : wait;
    const Pull got = RAWKET_TRY(pull(left));
    if (got == Pull::ended) return Fill::ended;
    if (got == Pull::nothing_yet) return Fill::nothing_yet;
  }
  return Fill::enough;
}

/// Bytes of half a record go to the front. The block doubles only when it is full of bytes that did come.
Result<void> ByteStream::make_room() {
  if (begin_ > 0) {
    std::memmove(window_block_.data(), data_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == window_block_.capacity() && !window_block_.grow(std::max(io_block_bytes, end_ * 2)))
    return fail(Errc::system, name_, "no memory for a block of " + std::to_string(end_ * 2) + " bytes");
  data_ = window_block_.data();
  return {};
}

Result<ByteStream::Pull> ByteStream::pull(Nanoseconds wait) {
  if (!decoder_ && !descriptor_.open()) return Pull::ended;
  if (const auto room = make_room(); !room) return Failure{room.error()};
  if (decoder_) return pull_decoded(wait);
  std::size_t count = 0;
  const Pull got = RAWKET_TRY(read_some(window_block_.data() + end_, window_block_.capacity() - end_, count, wait));
  end_ += count;
  return got;
}

Result<ByteStream::Pull> ByteStream::pull_decoded(Nanoseconds wait) {
  const u64 position = offset_ + (end_ - begin_);
  for (;;) {
    if (input_.empty() && !output_pending_) {
      const Pull got = RAWKET_TRY(pull_input(wait));
      if (got == Pull::ended && !decoder_->at_boundary())
        return fail_at(Errc::truncated, name_, position, "the " + std::string(decoder_->format()) + " data is cut");
      if (got != Pull::some) return got;
    }
    const MutableBytes room(window_block_.data() + end_, window_block_.capacity() - end_);
    auto step = decoder_->decode(input_, room);
    if (!step) return fail_at(step.error().code, name_, position, step.error().what, step.error().advice);
    const bool stuck = step->taken == 0 && step->made == 0 && !input_.empty();
    if (stuck) return fail_at(Errc::malformed, name_, position, "corrupt " + std::string(decoder_->format()) + " data");
    input_ = input_.subspan(step->taken);
    output_pending_ = step->made == room.size();
    end_ += step->made;
    if (step->made > 0) return Pull::some;
  }
}

Result<ByteStream::Pull> ByteStream::pull_input(Nanoseconds wait) {
  if (!descriptor_.open()) return Pull::ended;
  if (input_block_.capacity() == 0 && !input_block_.grow(io_block_bytes)) return fail(Errc::system, name_, "no memory");
  std::size_t count = 0;
  const Pull got = RAWKET_TRY(read_some(input_block_.data(), input_block_.capacity(), count, wait));
  input_ = {input_block_.data(), count};
  return got;
}

Result<ByteStream::Pull> ByteStream::read_some(u8* into, std::size_t room, std::size_t& count, Nanoseconds wait) const {
  bool must_wait = live_;
  for (;;) {
    if (must_wait) {
      const Poll state = wait_readable(descriptor_.number(), wait);
      if (state == Poll::failed) return fail_system(name_);
      if (state == Poll::nothing) return Pull::nothing_yet;
    }
    const ssize_t n = ::read(descriptor_.number(), into, room);
    if (n > 0) {
      count = static_cast<std::size_t>(n);
      return Pull::some;
    }
    if (n == 0) return Pull::ended;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      must_wait = true;
    else if (errno != EINTR)
      return fail_system(name_);
  }
}

}  // namespace rawket
