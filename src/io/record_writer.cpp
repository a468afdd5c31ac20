// Writing whole records, and what to do when the other side takes no more.
#include "record_writer.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>

#include "capture_format.hpp"

namespace rawket {
namespace {

/// A closed pipe shall be an error of `write`, not the end of the process, whatever the program does with SIGPIPE.
class PipeSignalHeld {
 public:
  PipeSignalHeld() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending{};
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    if (!was_pending_) pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalHeld() {
    if (was_pending_) return;
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) continue;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalHeld(const PipeSignalHeld&) = delete;
  PipeSignalHeld& operator=(const PipeSignalHeld&) = delete;

 private:
  sigset_t pipe_{}, before_{};
  bool was_pending_ = false;
};

std::string_view advice_for(int errno_value) {
  switch (errno_value) {
    case ENOSPC:
      return "free some room, or write to another file system";
    case EDQUOT:
      return "your disk quota is used up: free some room, or write elsewhere";
    case EFBIG:
      return "the file may not grow further (ulimit -f, or the file system's limit)";
    case EPIPE:
      return "the program that reads the pipe has ended";
    case ETIMEDOUT:
      return "the program that reads the pipe takes nothing: let it read faster, or write to a file";
    default:
      return {};
  }
}

}  // namespace

RecordWriter::RecordWriter(Descriptor descriptor, std::string name, std::unique_ptr<Encoder> encoder, Nanoseconds patience)
    : name_(std::move(name)), descriptor_(std::move(descriptor)), encoder_(std::move(encoder)), patience_(patience) {
  struct stat about{};
  const bool known = ::fstat(descriptor_.number(), &about) == 0;
  regular_ = known && S_ISREG(about.st_mode);
  pipe_ = known && (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode));
  block_ = std::make_unique_for_overwrite<u8[]>(io_block_bytes);
  capacity_ = io_block_bytes;
}

RecordWriter::~RecordWriter() { static_cast<void>(close()); }

Result<void> RecordWriter::make_room(std::size_t size) {
  RAWKET_TRY(flush());
  if (size <= capacity_) return {};
  block_ = std::make_unique_for_overwrite<u8[]>(size);  // flushed: nothing to keep
  capacity_ = size;
  return {};
}

Result<void> RecordWriter::flush() {
  if (failed_) return Failure{*failed_};
  if (closed()) return fail(Errc::system, name_, "already closed");
  if (used_ == 0) return {};
  return write_block();
}

Result<void> RecordWriter::write_block() {
  const Bytes block(block_.get(), used_);
  if (encoder_ == nullptr) return put(block);
  packed_.clear();
  if (auto encoded = encoder_->encode(block, packed_); !encoded) {
    failed_ = encoded.error();
    return encoded;
  }
  return put(packed_);
}

Result<void> RecordWriter::put(Bytes bytes) {
  std::size_t done = 0;
  const int problem = write_all(bytes, done);
  const bool whole = done == bytes.size();
  const u64 before = written_;
  keep_whole_records(whole ? used_ : encoder_ != nullptr ? 0 : done);
  if (encoder_ != nullptr && whole) written_ = before + done;
  if (problem == 0) return {};
  cut_back(done - static_cast<std::size_t>(written_ - before));
  return failure(problem);
}

/// Whether a pipe has room, so that a write of PIPE_BUF bytes does not wait.
bool RecordWriter::may_write_now() const {
  pollfd p{descriptor_.number(), POLLOUT, 0};
  const timespec limit{static_cast<time_t>(patience_ / second), static_cast<long>(patience_ % second)};
  int ready = 0;
  while ((ready = ::ppoll(&p, 1, &limit, nullptr)) < 0 && errno == EINTR) {
  }
  return ready != 0;
}

/// 0, or the errno that stopped it after `done` bytes.
int RecordWriter::write_all(Bytes bytes, std::size_t& done) const {
  std::optional<PipeSignalHeld> held;
  if (!regular_) held.emplace();
  while (done < bytes.size()) {
    const bool limited = pipe_ && patience_ > 0;
    if (limited && !may_write_now()) return ETIMEDOUT;
    const std::size_t size = limited ? std::min<std::size_t>(bytes.size() - done, PIPE_BUF) : bytes.size() - done;
    const ssize_t n = ::write(descriptor_.number(), bytes.data() + done, size);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd p{descriptor_.number(), POLLOUT, 0};
      if (::poll(&p, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

/// Of the block, `done` bytes are out: what records that is.
void RecordWriter::keep_whole_records(std::size_t done) {
  std::size_t whole = 0;
  for (const End& end : ends_) {
    if (end.at > done) break;
    whole = end.at;
    packets_ += end.kind == RecordKind::packet ? 1 : 0;
  }
  if (encoder_ == nullptr) written_ += whole;
  used_ = 0;
  ends_.clear();
}

/// A full disk leaves the front of a record in the file: it goes, so that the file ends with a whole one.
void RecordWriter::cut_back(std::size_t excess) const {
  if (!regular_ || excess == 0) return;
  const off_t now = ::lseek(descriptor_.number(), 0, SEEK_CUR);
  const off_t end = now - static_cast<off_t>(excess);
  if (now >= 0 && ::ftruncate(descriptor_.number(), end) == 0) ::lseek(descriptor_.number(), end, SEEK_SET);
}

Failure RecordWriter::failure(int errno_value) {
  failed_ = fail_system(name_, errno_value, advice_for(errno_value)).error();
  failed_->what = "writing stopped after " + std::to_string(written_) + " bytes of whole records";
  return Failure{*failed_};
}

Result<void> RecordWriter::close() {
  if (closed()) return {};
  Result<void> flushed = flush();
  if (flushed && encoder_ != nullptr) {
    packed_.clear();
    flushed = encoder_->finish(packed_);
    if (flushed) flushed = put(packed_);
  }
  // Network file systems tell of a full disk or quota only here.
  const int problem = ::close(descriptor_.release()) == 0 || errno == EINTR ? 0 : errno;
  if (!flushed) return flushed;
  if (problem != 0) return failure(problem);
  return {};
}

}  // namespace rawket
