// One file at a time, and between two of them the sums that both have to tell.
#include "rawket/io/rotating_files.hpp"

#include "file_writer.hpp"

namespace rawket {
namespace {

class RotatingFiles final : public Sink {
 public:
  RotatingFiles(std::unique_ptr<FileKeeper> keeper, WriterOptions options, const Rotation& rotation, CountersNow counters)
      : keeper_(std::move(keeper)), options_(std::move(options)), rotation_(rotation), counters_(std::move(counters)) {}

  Result<void> begin() {
    FileKeeper::Opened opened = RAWKET_TRY(keeper_->next());
    Descriptor file(opened.descriptor);
    file_ = RAWKET_TRY(write_capture(std::move(file), std::move(opened.path), options_));
    began_ = clock_.now();
    taken_.clear();
    packets_ = 0;
    return {};
  }

  Result<void> write(const CapturedPacket& packet) override {
    if (file_ == nullptr) return fail(Errc::system, "rotating files", "there is no file to write to any more");
    if (full()) RAWKET_TRY(rotate());
    RAWKET_TRY(file_->write(packet));
    ++packets_;
    if (packet.info.interface >= taken_.size()) taken_.resize(packet.info.interface + 1);
    ++taken_[packet.info.interface];
    return {};
  }

  Result<void> flush() override {
    if (file_ == nullptr) return {};
    if (rotation_.time != 0 && clock_.now() - began_ >= rotation_.time) return rotate();
    return file_->flush();
  }

  u64 written() const override { return written_before_ + (file_ ? file_->written() : 0); }

  /// The last file tells what is left of the sums.
  Result<void> close_each(std::span<const Counters> counters) override {
    if (file_ == nullptr) return {};
    return close_file({counters.begin(), counters.end()});
  }

 private:
  bool full() {
    return packets_ != 0 && ((rotation_.packets != 0 && packets_ >= rotation_.packets) || (rotation_.bytes != 0 && file_->size() >= rotation_.bytes) ||
                             (rotation_.time != 0 && clock_.now() - began_ >= rotation_.time));
  }

  Result<void> rotate() {
    RAWKET_TRY(close_file(counters_ ? counters_() : std::vector<Counters>()));
    return begin();
  }

  Result<void> close_file(std::vector<Counters> now) {
    told_.resize(std::max(told_.size(), now.size()));
    for (std::size_t i = 0; i < now.size(); ++i) {
      const Counters whole = now[i];
      now[i].filtered -= told_[i].filtered;
      now[i].dropped -= told_[i].dropped;
      now[i].lost -= told_[i].lost;
      now[i].received = (i < taken_.size() ? taken_[i] : 0) + now[i].filtered + now[i].dropped;
      told_[i] = whole;
    }
    const auto closed = file_->close_each(now);
    written_before_ += file_->written();
    file_.reset();
    return closed;
  }

  std::unique_ptr<FileKeeper> keeper_;
  WriterOptions options_;
  Rotation rotation_;
  CountersNow counters_;
  SystemClock clock_;
  std::unique_ptr<FileWriter> file_;  ///< null once closed, or when the next could not be opened
  Nanoseconds began_ = 0;
  u64 packets_ = 0, written_before_ = 0;
  std::vector<u64> taken_;      ///< packets of the file, by interface
  std::vector<Counters> told_;  ///< in files before this one, all together
};

}  // namespace

Result<std::unique_ptr<Sink>> create_rotating(std::unique_ptr<FileKeeper> keeper, WriterOptions options, const Rotation& rotation, CountersNow counters) {
  auto files = std::make_unique<RotatingFiles>(std::move(keeper), std::move(options), rotation, std::move(counters));
  RAWKET_TRY(files->begin());
  return files;
}

}  // namespace rawket
