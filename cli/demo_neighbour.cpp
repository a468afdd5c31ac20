// The demo's other host: a TCP listener and a talker, with ordinary sockets.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "demo_steps.hpp"
#include "rawket/base/clock.hpp"

namespace rawket::cli {
namespace {

constexpr u16 service_port = 80, talk_port = 5000;
constexpr int rounds = 100;  // of 100 ms: the demo is over long before

sockaddr_in address_of(const LabHost& host, u16 port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  std::memcpy(&a.sin_addr, host.ipv4.octets.data(), 4);
  return a;
}

sockaddr_in6 address6_of(const LabHost& host, u16 port) {
  sockaddr_in6 a{};
  a.sin6_family = AF_INET6;
  a.sin6_port = htons(port);
  std::memcpy(&a.sin6_addr, host.ipv6.octets.data(), 16);
  return a;
}

}  // namespace

int demo_neighbour(void* argument) {
  const auto& context = *static_cast<const DemoContext*>(argument);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in here = address_of(context.hosts[1], service_port);
  if (listener < 0 || ::bind(listener, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 || ::listen(listener, 8) != 0) return 1;
  const int talker = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), talker6 = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_in there = address_of(context.hosts[0], talk_port);
  const sockaddr_in6 there6 = address6_of(context.hosts[0], talk_port);
  constexpr std::string_view words = "hello from h2";
  SystemClock clock;
  for (int i = 0; i < rounds; ++i) {
    ::sendto(talker, words.data(), words.size(), 0, reinterpret_cast<const sockaddr*>(&there), sizeof there);
    ::sendto(talker6, words.data(), words.size(), 0, reinterpret_cast<const sockaddr*>(&there6), sizeof there6);
    clock.sleep_until(clock.now() + 100 * millisecond);
  }
  return 0;
}

}  // namespace rawket::cli
