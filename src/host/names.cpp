// The resolver may read files and ask servers: call it before privileges are given up.
#include "rawket/host/names.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "rawket/base/text.hpp"
#include "socket_address.hpp"

namespace rawket {

std::map<u16, std::string> service_names(bool udp) {
  std::map<u16, std::string> names;
  ::setservent(0);
  // Not the one for threads: nothing else of this library asks, and it is done before threads are.
  while (const servent* entry = ::getservent())
    if (std::string_view(entry->s_proto) == (udp ? "udp" : "tcp")) names.try_emplace(ntohs(static_cast<u16>(entry->s_port)), clean_text(entry->s_name));
  ::endservent();
  return names;
}

std::optional<u16> port_of_service(const std::string& name, bool udp) {
  const servent* found = ::getservbyname(name.c_str(), udp ? "udp" : "tcp");
  return found == nullptr ? std::nullopt : std::optional(ntohs(static_cast<u16>(found->s_port)));
}

Result<std::vector<IpAddress>> addresses_of(const std::string& host, Family family) {
  const std::string where = "host '" + clean_text(host) + "'";
  // The resolver would make 0.0.0.80 of it.
  if (host.find('.') != host.npos && host.find_first_not_of("0123456789.") == host.npos && !IpAddress::parse(host)) return fail(Errc::malformed, where, "is no IPv4 address", "four numbers, like 198.18.0.1");
  if (!host.empty() && host.find_first_not_of("0123456789") == host.npos) return fail(Errc::unknown_name, where, "a number is no address", "a port stands behind its option: -p 22,80, --tcp 80");
  addrinfo wanted{};
  wanted.ai_family = family == Family::any ? AF_UNSPEC : family == Family::v4 ? AF_INET : AF_INET6;
  wanted.ai_socktype = SOCK_RAW;
  addrinfo* list = nullptr;
  const int problem = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, ::freeaddrinfo);
  if (problem == EAI_SYSTEM) return fail_system(where);
  if (problem != 0) return fail(Errc::unknown_name, where, ::gai_strerror(problem), family != Family::any && addresses_of(host) ? "it has addresses of the other family only" : "check the name, or give an address");
  std::vector<IpAddress> all;
  for (const addrinfo* i = list; i != nullptr; i = i->ai_next)
    if (const auto a = SocketAddress(i->ai_addr, i->ai_addrlen).address(); a && std::ranges::find(all, *a) == all.end()) all.push_back(*a);
  if (all.empty()) return fail(Errc::unknown_name, where, "has no address");
  return all;
}

}  // namespace rawket
