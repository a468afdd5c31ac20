// Sockets that connect without waiting, in epoll(7); the plan's packets say where to.
#include "rawket/send/connections.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>

#include "../host/descriptor.hpp"
#include "../host/socket_address.hpp"
#include "prepared.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"

namespace rawket {
namespace {

constexpr std::size_t most_sockets = 1000;
constexpr std::size_t others = 64 + 256;  // descriptors for something else, and for those that were accepted and not taken yet

std::optional<SocketAddress> target_of(const Packet& syn) {
  const auto port = syn.get<&Tcp::dport>();
  if (!port) return std::nullopt;
  if (const auto v4 = syn.get<&Ipv4::dst>()) return SocketAddress(IpAddress(*v4), *port);
  if (const auto v6 = syn.get<&Ipv6::dst>()) return SocketAddress(IpAddress(*v6), *port);
  return std::nullopt;
}

class LiveConnections final : public Connections {
 public:
  LiveConnections(const ApprovedPlan& plan, Nanoseconds patience, std::string interface, Descriptor events, std::size_t most)
      : plan_(plan), judge_(plan_), patience_(patience), interface_(std::move(interface)), events_(std::move(events)), slots_(most) {
    for (std::size_t i = most; i > 0; --i) free_.push_back(i - 1);
    left_ = plan_.policy().permitted.has(Need::many) ? ~u64{0} : plan_.policy().most_packets;
  }

  bool begin(u64 index) override {
    while (free_.empty()) collect(clock_.now() + patience_);
    if (!plan_.policy().is_open(wall_clock())) return note({.code = Errc::refused, .where = "connect", .what = "the policy's hours have ended", .advice = {}});
    if (left_ == 0) return note({.code = Errc::refused, .where = "connect", .what = "the budget of " + std::to_string(plan_.policy().most_packets) + " packets is used up", .advice = "--budget, or --allow many"});
    const auto syn = plan_.plan().supply.make(index);
    if (!syn) return note(syn.error());
    if (auto why = judge_.refuses(index, *syn)) return note(std::move(*why));
    const auto to = target_of(*syn);
    if (!to) return note({.code = Errc::unsupported, .where = "connect", .what = "packet " + std::to_string(index + 1) + " is no TCP segment to an address", .advice = {}});
    return connect_to(*to, index);
  }

  void wait(Nanoseconds until, const std::function<bool(const ConnectionEnd&)>& ended) override {
    if (ended_.empty()) collect(until);
    // What was collected while a place was waited for counts too.
    for (Ended& e : ended_)
      if (ended(e.end)) e.socket.release();
      else reset(e.socket);
    ended_.clear();
  }

  u64 begun() const override { return begun_; }
  const std::optional<Error>& failure() const override { return failure_; }

 private:
  struct Slot {
    Descriptor socket;
    u64 index = 0;
    Nanoseconds until = 0;
  };
  struct Ended {
    ConnectionEnd end;
    Descriptor socket;
  };

  bool note(Error error) {
    if (!failure_) failure_ = std::move(error);
    return false;
  }

  bool connect_to(const SocketAddress& to, u64 index) {
    Descriptor s(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!s.open()) return note(fail_system("connect").error());
    if (!interface_.empty() && ::setsockopt(s.number(), SOL_SOCKET, SO_BINDTODEVICE, interface_.c_str(), static_cast<socklen_t>(interface_.size())) != 0) return note(fail_system(interface_).error());
    const int on = 1;
    const bool v6 = to.family() == AF_INET6;
    ::setsockopt(s.number(), v6 ? int{IPPROTO_IPV6} : int{IPPROTO_IP}, v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on);  // who told an error
    ++begun_, --left_;
    if (::connect(s.number(), to.get(), to.size()) == 0) return end(index, 0, std::move(s)), true;
    if (errno == ECONNREFUSED) return end(index, errno, {}), true;
    if (errno != EINPROGRESS) return --begun_, --left_, note(fail_system("connect").error());  // nothing has left: no port, no route, no device
    const std::size_t at = free_.back();
    epoll_event event{.events = EPOLLOUT, .data = {.u64 = at}};
    if (::epoll_ctl(events_.number(), EPOLL_CTL_ADD, s.number(), &event) != 0) return note(fail_system("connect").error());
    free_.pop_back();
    slots_[at] = {std::move(s), index, clock_.now() + patience_};
    due_.emplace_back(slots_[at].until, at);
    return true;
  }

  void end(u64 index, int error, Descriptor socket) { ended_.push_back({{index, error, socket.number()}, std::move(socket)}); }

  void collect(Nanoseconds until) {
    if (!due_.empty()) until = std::min(until, due_.front().first);
    const Nanoseconds left = std::max<Nanoseconds>(until - clock_.now(), 0);
    epoll_event events[256];
    const int n = ::epoll_wait(events_.number(), events, 256, static_cast<int>((left + millisecond - 1) / millisecond));
    for (int i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(events[i].data.u64);
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(slots_[at].socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
      finish(at, error == ECONNREFUSED || error == 0 || told_by_others(slots_[at].socket.number()) ? error : ETIMEDOUT);
    }
    expire();
  }

  /// Of an error: somebody on the way said so. Where no neighbour answers, this machine itself does, and that is no answer.
  static bool told_by_others(int socket) {
    alignas(cmsghdr) std::array<char, 512> control{};
    msghdr header{};
    header.msg_control = control.data(), header.msg_controllen = control.size();
    SocketAddress own;
    socklen_t size = SocketAddress::room;
    if (::recvmsg(socket, &header, MSG_ERRQUEUE) < 0 || ::getsockname(socket, own.get(), &size) != 0) return false;
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
      struct {
        sock_extended_err told{};
        SocketAddress by;
      } error;
      if (item->cmsg_len < CMSG_LEN(sizeof error.told)) continue;
      std::memcpy(&error.told, CMSG_DATA(item), sizeof error.told);
      std::memcpy(error.by.get(), CMSG_DATA(item) + sizeof error.told, std::min<std::size_t>(item->cmsg_len - CMSG_LEN(sizeof error.told), SocketAddress::room));
      if (error.told.ee_origin == SO_EE_ORIGIN_ICMP || error.told.ee_origin == SO_EE_ORIGIN_ICMP6) return error.by.address() != own.address();
    }
    return false;
  }

  void finish(std::size_t at, int error) {
    Descriptor s = std::move(slots_[at].socket);
    ::epoll_ctl(events_.number(), EPOLL_CTL_DEL, s.number(), nullptr);
    if (error != 0) s.reset();
    end(slots_[at].index, error, std::move(s));
    free_.push_back(at);
  }

  void expire() {
    const Nanoseconds now = clock_.now();
    for (; !due_.empty(); due_.pop_front()) {
      const auto [until, at] = due_.front();
      const bool still = slots_[at].socket.open() && slots_[at].until == until;
      if (still && until > now) return;
      if (still) finish(at, ETIMEDOUT);
    }
  }

  /// A reset, and no state that waits: as many ports as there are could be used up otherwise.
  static void reset(Descriptor& socket) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    if (socket.open()) ::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket.reset();
  }

  ApprovedPlan plan_;
  PacketJudge judge_;
  Nanoseconds patience_;
  std::string interface_;
  Descriptor events_;
  SystemClock clock_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
  std::deque<std::pair<Nanoseconds, std::size_t>> due_;  ///< all have the same patience: in the order of their ends
  std::vector<Ended> ended_;
  u64 begun_ = 0, left_ = 0;  ///< of the policy's budget
  std::optional<Error> failure_;
};

}  // namespace

Result<std::unique_ptr<Connections>> Connections::open(const ApprovedPlan& plan, Nanoseconds patience, const std::string& interface) {
  const std::size_t allowed = allow_descriptors(most_sockets + others), most = allowed > others + 1 ? allowed - others : 1;
  Descriptor events(::epoll_create1(EPOLL_CLOEXEC));
  if (!events.open()) return fail_system("epoll");
  return std::make_unique<LiveConnections>(plan, patience, interface, std::move(events), most);
}

}  // namespace rawket
