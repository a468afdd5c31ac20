// A merge over the sockets' batches. A batch is refilled only when none of its packets is in use.
#include "rawket/io/merged_source.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace rawket {
namespace {

/// What a ring's block may keep back, twice.
constexpr Nanoseconds hold = 25 * millisecond;

class MergedSource final : public LiveSource {
 public:
  explicit MergedSource(std::vector<std::unique_ptr<ReceivingSocket>> sockets) {
    for (auto& socket : sockets) {
      for (const InterfaceDescription& i : socket->interfaces()) interfaces_.push_back(i);
      inputs_.push_back({.socket = std::move(socket)});
    }
  }

  Result<std::span<const CapturedPacket>> next(Nanoseconds wait) override {
    out_.clear();
    RAWKET_TRY(refill());
    if (!take() && wait > 0) {
      wait_for_any(wait);
      RAWKET_TRY(refill());
      take();
    }
    return out_;
  }

  bool ended() const override {
    return std::ranges::all_of(inputs_, [](const Input& i) { return i.batch.empty() && i.done(); });
  }
  std::span<const InterfaceDescription> interfaces() const override { return interfaces_; }
  Counters counters() override {
    Counters all;
    for (u32 i = 0; i < inputs_.size(); ++i) {
      const Counters c = counters_of(i);
      all.received += c.received, all.filtered += c.filtered, all.dropped += c.dropped;
    }
    return all;
  }
  /// Packets that wait here to be given in their turn are counted when they are given.
  Counters counters_of(u32 interface) override {
    if (interface >= inputs_.size()) return {};
    Counters c = inputs_[interface].socket->counters();
    c.received -= inputs_[interface].batch.size();
    return c;
  }
  std::optional<Error> new_problem() override {
    if (problems_.empty()) return std::nullopt;
    Error first = std::move(problems_.front());
    problems_.erase(problems_.begin());
    return first;
  }
  void stop() override {
    for (Input& i : inputs_) i.socket->stop();
  }

 private:
  struct Input {
    std::unique_ptr<ReceivingSocket> socket;
    std::span<const CapturedPacket> batch{};  ///< of it, what was not given yet
    bool failed = false;

    bool done() const { return failed || socket->ended(); }
  };

  Result<void> refill() {
    for (Input& i : inputs_) {
      if (!i.batch.empty() || i.done()) continue;
      auto batch = i.socket->next(0);
      if (batch) i.batch = *batch;
      else i.failed = true, problems_.push_back(std::move(batch).error());
    }
    if (!problems_.empty() && std::ranges::all_of(inputs_, [](const Input& i) { return i.failed && i.batch.empty(); })) return Failure{std::exchange(problems_, {}).back()};
    return {};
  }

  /// Whether there is something to give.
  bool take() {
    const bool some_silent = std::ranges::any_of(inputs_, [](const Input& i) { return i.batch.empty() && !i.done(); });
    const Nanoseconds horizon = some_silent ? wall_clock() - hold : INT64_MAX;
    while (Input* first = oldest()) {
      if (first->batch.front().info.time > horizon) break;
      out_.push_back(first->batch.front());
      out_.back().info.interface = static_cast<u32>(first - inputs_.data());
      first->batch = first->batch.subspan(1);
      if (first->batch.empty()) break;  // what it gives next may be older than what the others have
    }
    return !out_.empty();
  }

  Input* oldest() {
    Input* found = nullptr;
    for (Input& i : inputs_)
      if (!i.batch.empty() && (found == nullptr || i.batch.front().info.time < found->batch.front().info.time)) found = &i;
    return found;
  }

  void wait_for_any(Nanoseconds wait) {
    const bool some_held = oldest() != nullptr;
    std::vector<pollfd> silent;
    for (const Input& i : inputs_)
      if (i.batch.empty() && !i.done()) silent.push_back({i.socket->descriptor(), POLLIN, 0});
    const Nanoseconds most = some_held ? std::min(wait, hold) : wait;
    const timespec limit{static_cast<time_t>(most / second), static_cast<long>(most % second)};
    ::ppoll(silent.data(), silent.size(), &limit, nullptr);
  }

  std::vector<Input> inputs_;
  std::vector<InterfaceDescription> interfaces_;
  std::vector<CapturedPacket> out_;
  std::vector<Error> problems_;  ///< not told yet
};

}  // namespace

std::unique_ptr<LiveSource> merge(std::vector<std::unique_ptr<ReceivingSocket>> sockets) { return std::make_unique<MergedSource>(std::move(sockets)); }

}  // namespace rawket
