// nfnetlink messages of group NFNLGRP_NFTRACE; the packet's bytes in them are not looked at, only where it was going.
#include "firewall_trace.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <map>
#include <memory>

#include "netlink.hpp"
#include "rawket/base/text.hpp"

namespace rawket {
namespace {

constexpr std::size_t message_bytes = 65536;

/// Attribute values of nftables are big-endian.
u64 attribute_number(Bytes value) {
  u64 n = 0;
  for (const u8 b : value.first(std::min<std::size_t>(value.size(), 8))) n = n << 8 | b;
  return n;
}
std::string text_in(Bytes value) {
  std::string text(reinterpret_cast<const char*>(value.data()), value.size());
  return clean_text(text.substr(0, text.find('\0')));
}

std::string family_name(u8 family) {
  switch (family) {
    case NFPROTO_INET: return "inet";
    case NFPROTO_IPV4: return "ip";
    case NFPROTO_IPV6: return "ip6";
    case NFPROTO_ARP: return "arp";
    case NFPROTO_BRIDGE: return "bridge";
    case NFPROTO_NETDEV: return "netdev";
    default: return std::to_string(family);
  }
}

/// The kernel tells a packet's header once: `outgoing` remembers it by the packet's number.
std::optional<FirewallVerdict> read_verdict(const nlmsghdr& message, const IpAddress& host, std::map<u64, bool>& outgoing) {
  const auto* header = reinterpret_cast<const nfgenmsg*>(&message + 1);
  FirewallVerdict v;
  v.family = family_name(header->nfgen_family);
  u64 type = 0, code = NF_ACCEPT, packet = 0;
  std::optional<bool> to_host;
  bool decided = false;
  each_attribute(message, sizeof *header, [&](u16 attribute, Bytes value) {
    switch (attribute) {
      case NFTA_TRACE_TABLE: v.table = text_in(value); break;
      case NFTA_TRACE_CHAIN: v.chain = text_in(value); break;
      case NFTA_TRACE_RULE_HANDLE: v.handle = attribute_number(value); break;
      case NFTA_TRACE_ID: packet = attribute_number(value); break;
      case NFTA_TRACE_TYPE: type = attribute_number(value); break;
      case NFTA_TRACE_POLICY: code = attribute_number(value), decided = true; break;
      case NFTA_TRACE_NETWORK_HEADER: {
        const std::size_t at = host.is_v6 ? 24 : 16;
        to_host = std::ranges::equal(slice(value, at, host.bytes().size()), host.bytes());
        break;
      }
      case NFTA_TRACE_VERDICT:
        each_nested(value, [&](u16 inner, Bytes number) {
          if (inner == NFTA_VERDICT_CODE) code = attribute_number(number), decided = true;
        });
        break;
      default: break;
    }
  });
  if (to_host) outgoing[packet] = *to_host;
  if (!decided) return std::nullopt;
  v.outgoing = outgoing[packet];
  v.by_policy = type == NFT_TRACETYPE_POLICY;
  v.dropped = (code & NF_VERDICT_MASK) == NF_DROP && code < 256;
  return v;
}

Result<Descriptor> listen_to_traces() {
  Descriptor s(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER));
  if (!s.open()) return fail_system("socket(NETLINK_NETFILTER)");
  sockaddr_nl local{};
  local.nl_family = AF_NETLINK;
  const int group = NFNLGRP_NFTRACE;
  if (::bind(s.number(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0 || ::setsockopt(s.number(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
    return fail_system("firewall trace");
  return s;
}

std::string tracing_table(const std::string& question, const std::string& answer) {
  const auto chain = [](const std::string& name, const std::string& hook, const std::string& match) {
    return "  chain " + name + " { type filter hook " + hook + " priority -350\n    " + match + " meta nftrace set 1\n  }\n";
  };
  return "table inet rawket_why_" + std::to_string(::getpid()) + " {\n  flags owner\n" + chain("out", "output", question) + chain("in", "prerouting", answer) + "}\n";
}

}  // namespace

Result<FirewallTrace> FirewallTrace::start(const IpAddress& host, const std::string& question, const std::string& answer) {
  Descriptor events = RAWKET_TRY(listen_to_traces());
  Firewall firewall = RAWKET_TRY(Firewall::open());
  RAWKET_TRY(firewall.run(tracing_table(question, answer)));
  return FirewallTrace(std::move(firewall), std::move(events), host);
}

std::vector<FirewallVerdict> FirewallTrace::read() {
  std::vector<FirewallVerdict> all;
  std::map<u64, bool> outgoing;
  const auto bytes = std::make_unique<char[]>(message_bytes);
  while (true) {
    const ssize_t got = ::recv(events_.number(), bytes.get(), message_bytes, 0);
    if (got < 0 && (errno == EINTR || errno == ENOBUFS)) continue;
    if (got <= 0) return all;
    auto left = static_cast<std::size_t>(got);
    for (const auto* m = reinterpret_cast<const nlmsghdr*>(bytes.get()); left >= sizeof *m && m->nlmsg_len >= sizeof *m + sizeof(nfgenmsg) && m->nlmsg_len <= left;) {
      if (m->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE))
        if (auto v = read_verdict(*m, host_, outgoing); v && !v->table.starts_with("rawket_why_")) all.push_back(std::move(*v));
      const std::size_t step = std::min<std::size_t>(NLMSG_ALIGN(m->nlmsg_len), left);
      left -= step;
      m = reinterpret_cast<const nlmsghdr*>(reinterpret_cast<const char*>(m) + step);
    }
  }
}

std::string FirewallTrace::rule_text(const FirewallVerdict& v) {
  const auto plain = [](const std::string& name) { return !name.empty() && std::ranges::all_of(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }); };
  if (!plain(v.table) || !plain(v.chain)) return {};  // the kernel takes any name, nft's language does not
  const auto listed = firewall_.run("list chain " + v.family + " " + v.table + " " + v.chain);
  if (!listed || v.handle == 0) return {};
  const std::string mark = " # handle " + std::to_string(v.handle);
  for (const std::string_view line : split(*listed, '\n'))
    if (line.ends_with(mark)) return clean_text(trim(line.substr(0, line.size() - mark.size())));
  return {};
}

}  // namespace rawket
