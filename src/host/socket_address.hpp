// An IP address and a port as the system's calls take and give them.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "rawket/base/address.hpp"

namespace rawket {

class SocketAddress {
 public:
  SocketAddress() { std::memset(&u_, 0, sizeof u_); }
  explicit SocketAddress(const IpAddress& address, u16 port = 0, u32 scope = 0) : SocketAddress() {
    u_.any.sa_family = address.is_v6 ? AF_INET6 : AF_INET;
    if (address.is_v6) u_.v6.sin6_port = htons(port), u_.v6.sin6_scope_id = scope, std::memcpy(&u_.v6.sin6_addr, address.octets.data(), 16);
    else u_.v4.sin_port = htons(port), std::memcpy(&u_.v4.sin_addr, address.octets.data(), 4);
  }

  SocketAddress(const sockaddr* given, socklen_t size) : SocketAddress() { std::memcpy(&u_, given, std::min<std::size_t>(size, sizeof u_)); }

  sockaddr* get() { return &u_.any; }
  const sockaddr* get() const { return &u_.any; }
  static constexpr socklen_t room = sizeof(sockaddr_in6);
  socklen_t size() const { return u_.any.sa_family == AF_INET6 ? sizeof u_.v6 : sizeof u_.v4; }
  int family() const { return u_.any.sa_family; }
  u16 port() const { return ntohs(u_.any.sa_family == AF_INET6 ? u_.v6.sin6_port : u_.v4.sin_port); }
  /// Nothing when it is of another family.
  std::optional<IpAddress> address() const {
    IpAddress a;
    a.is_v6 = family() == AF_INET6;
    if (!a.is_v6 && family() != AF_INET) return std::nullopt;
    if (a.is_v6) std::memcpy(a.octets.data(), &u_.v6.sin6_addr, 16);
    else std::memcpy(a.octets.data(), &u_.v4.sin_addr, 4);
    return a;
  }

 private:
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } u_;
};

}  // namespace rawket
