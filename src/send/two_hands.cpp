// A second thread that sends: nearly all of the time is the kernel's, which takes packets to their receiver within the call.
#include <signal.h>

#include <semaphore>
#include <system_error>
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
    if (packets.size() < worth_sharing || !start()) return first_->send_each(permit, store, packets, stayed);
    const std::size_t half = packets.size() / 2;
    stayed_.clear();
    job_ = [=, this, &store] { second_->send_each(permit, store, packets.subspan(half), [this](std::size_t position, const Error& why) { stayed_.emplace_back(position, why); }); };
    given_.release();
    {
      const Waiting until_done{done_};
      first_->send_each(permit, store, packets.first(half), stayed);
    }
    for (const auto& [position, why] : stayed_) stayed(half + position, why);
  }

  Bytes as_sent(const PreparedPackets& store, std::span<const Prepared> packets, u64 position) override { return first_->as_sent(store, packets, position); }
  u64 waits() const override { return first_->waits() + second_->waits(); }

 private:
  /// Whatever happens here: the other thread reads what the caller owns.
  struct Waiting {
    std::binary_semaphore& done;
    ~Waiting() { done.acquire(); }
  };

  /// Signals are for the thread that waits for them. False where no thread may be started: then one hand does it all.
  bool start() {
    if (thread_.joinable() || alone_) return !alone_;
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      thread_ = std::thread([this] { work(); });
    } catch (const std::system_error&) {
      alone_ = true;
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return !alone_;
  }

  void work() {
    for (given_.acquire(); job_; given_.acquire()) {
      job_();
      done_.release();
    }
  }

  std::unique_ptr<Outlet> first_, second_;
  std::function<void()> job_;  ///< of the thread; none ends it
  std::vector<std::pair<std::size_t, Error>> stayed_;
  std::binary_semaphore given_{0}, done_{0};
  std::thread thread_;
  bool alone_ = false;
};

}  // namespace

std::unique_ptr<Outlet> two_hands(std::unique_ptr<Outlet> one, std::unique_ptr<Outlet> other) { return std::make_unique<TwoHands>(std::move(one), std::move(other)); }

}  // namespace rawket
