// A test whose body runs on hosts of a lab of its own: rootless, with no way out.
#pragma once
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <functional>
#include <vector>

#include "rawket/base/clock.hpp"
#include "rawket/io/packet_socket.hpp"
#include "rawket/lab/lab.hpp"

namespace rawket {
/// The sockets' own tests send without a plan; named as a friend by SendPermit, and defined nowhere else.
struct LabTestPermit {
  static SendPermit permit() { return {}; }
};
}  // namespace rawket

namespace rawket::test {

/// Nothing here waits longer than this; a test that gets so far has failed.
inline constexpr Nanoseconds patience = 10 * second;
inline constexpr u16 experimental = 0x88b5;  // IEEE 802 local experimental EtherType

/// One process tells another that it got somewhere. Made before the processes are started.
class Event {
 public:
  Event() {
    if (::pipe(ends_) != 0) ends_[0] = ends_[1] = -1;
  }
  ~Event() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void raise() const { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }
  bool wait() const {
    pollfd readable{ends_[0], POLLIN, 0};
    char c = 0;
    return ::poll(&readable, 1, static_cast<int>(patience / millisecond)) == 1 && ::read(ends_[0], &c, 1) == 1;
  }

 private:
  int ends_[2];
};

class LabTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = why_no_lab(); !reason.empty()) GTEST_SKIP() << reason;
    auto started = Lab::start({.hosts = wanted_hosts()});
    ASSERT_TRUE(started) << started.error().text();
    lab_ = std::move(*started);
  }
  virtual unsigned wanted_hosts() const { return 2; }

  /// Starts `body` in a process on the host; its failed expectations fail the test when it is waited for.
  int start(unsigned host, const std::function<void()>& body) {
    const auto run = [](void* argument) {
      (*static_cast<const std::function<void()>*>(argument))();
      return testing::Test::HasFailure() ? 1 : 0;
    };
    const auto process = lab_->spawn(host, run, const_cast<std::function<void()>*>(&body));
    EXPECT_TRUE(process) << process.error().text();
    return process.value_or(-1);
  }
  void finish(int process) {
    const auto code = lab_->wait(process);
    ASSERT_TRUE(code) << code.error().text();
    EXPECT_EQ(*code, 0);
  }
  void on(unsigned host, const std::function<void()>& body) { finish(start(host, body)); }

  std::unique_ptr<Lab> lab_;
};

/// What `open_packets` takes where a test says nothing.
inline ReceiveEngine engine_under_test = ReceiveEngine::messages;

/// A lab test that runs once with each way of receiving.
class EngineTest : public LabTest, public testing::WithParamInterface<ReceiveEngine> {
 protected:
  void SetUp() override {
    engine_under_test = GetParam();
    LabTest::SetUp();
  }
  void TearDown() override { engine_under_test = ReceiveEngine::messages; }
};
inline const auto each_engine = testing::Values(ReceiveEngine::messages, ReceiveEngine::ring);
inline std::string engine_name(const testing::TestParamInfo<ReceiveEngine>& info) { return std::string(receive_engine_names[static_cast<unsigned>(info.param)]); }

using Octets = std::vector<u8>;

inline Octets frame(const Mac& to, const Mac& from, u16 type, const Octets& payload) {
  Octets f(to.octets.begin(), to.octets.end());
  f.insert(f.end(), from.octets.begin(), from.octets.end());
  f.push_back(static_cast<u8>(type >> 8));
  f.push_back(static_cast<u8>(type));
  f.insert(f.end(), payload.begin(), payload.end());
  return f;
}

struct Received {
  Octets bytes;
  PacketInfo info;
};

/// Reads until `count` packets came (or patience ends) and keeps copies.
inline std::vector<Received> collect(Source& source, std::size_t count) {
  std::vector<Received> all;
  SystemClock clock;
  for (const Nanoseconds end = clock.now() + patience; all.size() < count && clock.now() < end;) {
    const auto packets = source.next(100 * millisecond);
    if (!packets) {
      ADD_FAILURE() << packets.error().text();
      break;
    }
    for (const CapturedPacket& p : *packets) all.push_back({Octets(p.bytes.begin(), p.bytes.end()), p.info});
  }
  EXPECT_EQ(all.size(), count);
  return all;
}

/// A packet socket, or a failed expectation and null.
inline std::unique_ptr<PacketSocket> open_packets(PacketSocketOptions options) {
  options.engine = engine_under_test;
  auto socket = PacketSocket::open(options);
  EXPECT_TRUE(socket) << socket.error().text();
  return socket ? std::move(*socket) : nullptr;
}

inline Filter filter_of(const std::string& words, LinkType link_type = LinkType::ethernet) {
  auto filter = Filter::compile(words, link_type);
  EXPECT_TRUE(filter) << filter.error().text();
  return filter ? *filter : Filter{};
}

}  // namespace rawket::test
