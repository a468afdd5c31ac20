// Many short conversations at once, over the kernel's connections; poll(2).
#include "rawket/inspect/service_talk.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "../host/descriptor.hpp"
#include "tls_talk.hpp"

namespace rawket {
namespace {

constexpr std::size_t most_conversations = 128, most_words = 512, most_from_tls = std::size_t{1} << 18;
constexpr u16 http_ports[] = {80, 591, 8000, 8008, 8080, 8081, 8088, 8888}, tls_ports[] = {443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 5986, 8443, 9443};

struct Conversation {
  u64 probe = 0;
  Descriptor socket{};
  Nanoseconds until = 0;
  std::unique_ptr<TlsTalk> tls{};
  std::string to_send{};
  ServiceWords words{};
  std::size_t heard = 0;   ///< bytes
  bool over = false;
};

class LiveTalk final : public ServiceTalk {
 public:
  LiveTalk(std::unique_ptr<Connections> connections, std::string name, double rate, Nanoseconds patience) : connections_(std::move(connections)), name_(std::move(name)), pace_(rate, true), patience_(patience) {
    if (!TlsTalk::available()) why_no_tls_ = "libssl.so.3 is not installed, which reads certificates";
  }

  u64 begun() const override { return connections_->begun(); }
  const std::string& why_no_tls() const override { return why_no_tls_; }

  Result<void> talk(std::span<const u64> probes, const ScanTargets& targets, const std::atomic<bool>& stop, const std::function<void(u64, const ServiceWords&)>& told) override {
    std::size_t out = 0;
    pace_.begin(clock_.now());
    while (!stop && (!probes.empty() || out > 0 || !all_.empty())) {
      for (; !probes.empty() && out + all_.size() < most_conversations && pace_.due(clock_.now()) > 0; probes = probes.subspan(1)) {
        pace_.sent(clock_.now());
        if (connections_->begin(probes.front())) ++out;
        else if (connections_->failure()) return Failure{*connections_->failure()};
      }
      connections_->wait(clock_.now() + (all_.empty() ? 20 * millisecond : 0), [&](const ConnectionEnd& end) {
        --out;
        if (end.error == 0) begin(end, targets.port(end.index));
        return end.error == 0;
      });
      RAWKET_TRY(go_on());
      for (const Conversation& c : all_)
        if (c.over) told(c.probe, c.words);
      std::erase_if(all_, [](const Conversation& c) { return c.over; });
    }
    return {};
  }

 private:
  void begin(const ConnectionEnd& end, u16 port) {
    Conversation c{.probe = end.index, .socket = Descriptor(end.descriptor), .until = clock_.now() + patience_};
    if (std::ranges::find(tls_ports, port) != std::end(tls_ports)) c.tls = TlsTalk::begin(name_);
    if (c.tls) c.to_send = c.tls->step({});
    else if (std::ranges::find(http_ports, port) != std::end(http_ports)) c.to_send = "HEAD / HTTP/1.0\r\n" + (name_.empty() ? std::string() : "Host: " + name_ + "\r\n") + "\r\n";
    all_.push_back(std::move(c));
  }

  Result<void> go_on() {
    if (all_.empty()) return {};
    std::vector<pollfd> polled;
    for (const Conversation& c : all_) polled.push_back({c.socket.number(), static_cast<short>(c.to_send.empty() ? POLLIN : POLLIN | POLLOUT), 0});
    constexpr int a_moment = 20;
    if (::poll(polled.data(), polled.size(), a_moment) < 0 && errno != EINTR) return fail_system("poll");
    for (std::size_t i = 0; i < all_.size(); ++i) {
      Conversation& c = all_[i];
      if ((polled[i].revents & POLLOUT) != 0) say(c);
      if ((polled[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0) hear(c);
      if (clock_.now() >= c.until) c.over = true;
    }
    return {};
  }

  static void say(Conversation& c) {
    const ssize_t n = ::send(c.socket.number(), c.to_send.data(), c.to_send.size(), MSG_NOSIGNAL);
    if (n >= 0) c.to_send.erase(0, static_cast<std::size_t>(n));
    else if (errno != EAGAIN && errno != EINTR) c.over = true;
  }

  static void hear(Conversation& c) {
    char piece[16384];
    const ssize_t n = ::recv(c.socket.number(), piece, sizeof piece, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return void(c.over = true);
    c.heard += static_cast<std::size_t>(n);
    const std::string_view came(piece, static_cast<std::size_t>(n));
    if (c.tls) {
      c.to_send += c.tls->step(came);
      c.words.tls = c.tls->facts();
      c.over = c.tls->over() || c.heard > most_from_tls;
      return;
    }
    c.words.banner += came.substr(0, most_words - std::min(most_words, c.words.banner.size()));
    // A line is a greeting; HTTP's answer ends with an empty one.
    const bool http = c.words.banner.starts_with("HTTP/");
    c.over = c.words.banner.size() >= most_words || c.words.banner.find(http ? "\r\n\r\n" : "\n") != std::string::npos;
  }

  std::unique_ptr<Connections> connections_;
  std::string name_, why_no_tls_;
  RateGuide pace_;
  Nanoseconds patience_;
  SystemClock clock_;
  std::vector<Conversation> all_;
};

}  // namespace

std::unique_ptr<ServiceTalk> ServiceTalk::open(std::unique_ptr<Connections> connections, std::string name, double rate, Nanoseconds patience) {
  return std::make_unique<LiveTalk>(std::move(connections), std::move(name), rate, patience);
}

}  // namespace rawket
