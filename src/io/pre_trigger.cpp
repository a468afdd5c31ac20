// Packets are remembered in stretches, and forgotten by the stretch.
#include "rawket/io/pre_trigger.hpp"

#include <deque>

namespace rawket {
namespace {

constexpr std::size_t stretch_bytes = std::size_t{1} << 20;

struct Remembered {
  PacketInfo info;
  std::size_t at, size;
};

struct Stretch {
  std::vector<u8> bytes;
  std::vector<Remembered> packets;

  bool has_room(std::size_t size) const { return packets.empty() || bytes.size() + size <= stretch_bytes; }
  u64 memory() const { return bytes.capacity() + packets.capacity() * sizeof(Remembered); }
};

class StretchPreTrigger final : public PreTrigger {
 public:
  StretchPreTrigger(std::unique_ptr<Sink> sink, Nanoseconds window, u64 most_bytes) : sink_(std::move(sink)), window_(window), most_bytes_(most_bytes) {}

  Result<void> write(const CapturedPacket& packet) override {
    if (triggered_) return sink_->write(packet);
    remember(packet);
    forget(packet.info.time);
    return {};
  }
  Result<void> flush() override { return sink_->flush(); }
  u64 written() const override { return sink_->written(); }
  Result<void> close_each(std::span<const Counters> counters) override { return sink_->close_each(counters); }

  Result<void> trigger() override {
    if (triggered_) return {};
    triggered_ = true;
    const std::deque<Stretch> blocks = std::move(stretches_);
    stretches_.clear();
    for (const Stretch& b : blocks)
      for (const Remembered& p : b.packets) {
        if (elapsed(p.info.time, newest_) > window_) {
          ++forgotten_;
          continue;
        }
        RAWKET_TRY(sink_->write({Bytes(b.bytes).subspan(p.at, p.size), p.info}));
      }
    return {};
  }
  bool triggered() const override { return triggered_; }
  u64 forgotten() const override { return forgotten_; }
  u64 remembered() const override {
    u64 count = 0;
    for (const Stretch& b : stretches_) count += b.packets.size();
    return count;
  }
  bool short_of_memory() const override { return short_of_memory_; }

 private:
  void remember(const CapturedPacket& packet) {
    if (stretches_.empty() || !stretches_.back().has_room(packet.bytes.size())) {
      if (!stretches_.empty()) memory_ += stretches_.back().memory();  // it has what it will ever have
      stretches_.emplace_back();
      stretches_.back().bytes.reserve(stretch_bytes);
    }
    Stretch& b = stretches_.back();
    b.packets.push_back({packet.info, b.bytes.size(), packet.bytes.size()});
    b.packets.back().info.comment = {};  // its text is the source's
    b.bytes.insert(b.bytes.end(), packet.bytes.begin(), packet.bytes.end());
    newest_ = std::max(newest_, packet.info.time);
  }

  void forget(Nanoseconds now) {
    const auto too_old = [&](const Stretch& b) { return elapsed(b.packets.back().info.time, now) > window_; };
    while (stretches_.size() > 1 && (too_old(stretches_.front()) || memory_ + stretches_.back().memory() > most_bytes_)) {
      short_of_memory_ = short_of_memory_ || !too_old(stretches_.front());
      forgotten_ += stretches_.front().packets.size();
      memory_ -= stretches_.front().memory();
      stretches_.pop_front();
    }
  }

  std::unique_ptr<Sink> sink_;
  Nanoseconds window_, newest_ = INT64_MIN;
  u64 most_bytes_, forgotten_ = 0;
  u64 memory_ = 0;  ///< of all stretches but the newest
  bool triggered_ = false, short_of_memory_ = false;
  std::deque<Stretch> stretches_;
};

}  // namespace

std::unique_ptr<PreTrigger> PreTrigger::create(std::unique_ptr<Sink> sink, Nanoseconds window, u64 most_bytes) {
  return std::make_unique<StretchPreTrigger>(std::move(sink), window, most_bytes);
}

}  // namespace rawket
