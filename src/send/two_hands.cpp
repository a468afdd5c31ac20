// A second thread that sends: nearly all of the time is the kernel's, which takes packets to their receiver within the call.
#include <signal.h>

#include <semaphore>
#include <thread>

#include "outlet.hpp"

namespace rawket {
namespace {

constexpr std::size_t worth_sharing = 32;  // below, waking a thread takes longer than sending

class TwoHands final : public Outlet {
 public:
  TwoHands(std::unique_ptr<Outlet> first, std::unique_ptr<Outlet> second) : first_(std::move(first)), second_(std::move(second)) {}
  TwoHands(const TwoHands&) = delete;
  TwoHands& operator=(const TwoHands&) = delete;
  ~TwoHands() override {
    if (!thread_.joinable()) return;
    job_ = {};
    given_.release();
    thread_.join();
  }

  Result<u64> send(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, u64 count, const std::atomic<bool>& stop) override {
    return first_->send(permit, store, packets, count, stop);
  }

  void send_each(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, const Stayed& stayed) override {
    if (packets.size() < worth_sharing) return first_->send_each(permit, store, packets, stayed);
    const std::size_t half = packets.size() / 2;
    stayed_.clear();
    job_ = [=, this, &store] { second_->send_each(permit, store, packets.subspan(half), [this](std::size_t position, const Error& why) { stayed_.emplace_back(position, why); }); };
    if (!thread_.joinable()) start();
    given_.release();
    first_->send_each(permit, store, packets.first(half), stayed);
    done_.acquire();
    for (const auto& [position, why] : stayed_) stayed(half + position, why);
  }

  Bytes as_sent(const PreparedPackets& store, std::span<const Prepared> packets, u64 position) override { return first_->as_sent(store, packets, position); }
  u64 waits() const override { return first_->waits() + second_->waits(); }

 private:
  /// Signals are for the thread that waits for them.
  void start() {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] {
      for (given_.acquire(); job_; given_.acquire()) {
        job_();
        done_.release();
      }
    });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  std::unique_ptr<Outlet> first_, second_;
  std::function<void()> job_;  ///< of the thread; none ends it
  std::vector<std::pair<std::size_t, Error>> stayed_;
  std::binary_semaphore given_{0}, done_{0};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Outlet> two_hands(std::unique_ptr<Outlet> one, std::unique_ptr<Outlet> other) { return std::make_unique<TwoHands>(std::move(one), std::move(other)); }

}  // namespace rawket
