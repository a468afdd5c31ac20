// What the tables' rules cannot say about ICMP, ICMPv6 with neighbour and listener discovery, and IGMP.
#include "checking.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/routing.hpp"

namespace rawket {
namespace {

void check_code(const Telling& tell, Bytes m, std::span<const std::pair<u8, u8>> most_codes, std::string_view field, std::string_view reference) {
  for (const auto& [type, most] : most_codes)
    if (m[0] == type && m[1] > most)
      tell.warn("unknown-code", field, 1, 1, "this type of message has codes 0 to " + std::to_string(most), reference, most == 0 ? Repair(std::vector<u8>{0}) : Repair());
}

constexpr bool is_group(Bytes v4) { return v4[0] >> 4 == 14 || (v4[0] == 255 && v4[1] == 255 && v4[2] == 255 && v4[3] == 255); }
constexpr bool is_icmp_error(u8 type) { return type == 3 || type == 4 || type == 5 || type == 11 || type == 12; }

/// RFC 1122, 3.2.2: errors are never sent about errors, groups, or later fragments, nor to groups.
void check_icmp_error(const Telling& tell, Bytes m) {
  constexpr u32 quote_at = 8;
  constexpr std::string_view reference = "RFC 1122, 3.2.2";
  const Layer* ip = outside<Ipv4>(tell.v);
  if (ip != nullptr && is_group(tell.v.packet.subspan(ip->offset + 16, 4))) tell.error("error-to-group", "ip.dst", 0, 1, "an error goes to the host that caused it, not to a group", reference);
  const Bytes quote = slice(m, quote_at);
  if (quote.size() < 20 || quote[0] >> 4 != 4) return;
  const u32 header = (quote[0] & 15u) * 4;
  if (is_group(quote.subspan(16, 4))) tell.error("error-about-group", {}, quote_at + 16, 4, "no error is sent about a packet to a group", reference);
  if ((load<51, 13>(quote.data())) != 0) tell.error("error-about-fragment", {}, quote_at + 6, 2, "no error is sent about a fragment other than the first", reference);
  else if (quote[9] == 1 && quote.size() > header && is_icmp_error(quote[header])) tell.error("error-about-error", {}, quote_at + header, 1, "no error is sent about an error: that would never end", reference);
  if (is_whole(tell.v) && quote.size() < header + 8 && load<16, 16>(quote.data()) >= header + 8)
    tell.warn("short-quote", {}, quote_at, static_cast<u32>(quote.size()), "an error quotes the header and at least 8 bytes behind it, or its receiver cannot tell what it is about", "RFC 792");
}

constexpr bool is_icmpv6_error(u8 type) { return type < 128; }

/// RFC 4443, 2.4 (e).
void check_icmpv6_error(const Telling& tell, Bytes m) {
  constexpr u32 quote_at = 8;
  constexpr u8 too_big = 2, parameter_problem = 4;
  constexpr std::string_view reference = "RFC 4443, 2.4 (e)";
  if (m[0] == too_big && m.size() >= 8 && load<32, 32>(m.data()) < 1280) tell.warn("bad-mtu", "icmpv6.mtu", 4, 4, "no link of IPv6 has less than 1280 bytes: receivers ignore it", "RFC 8201, 4");
  const Bytes quote = slice(m, quote_at);
  if (quote.size() < 40 || quote[0] >> 4 != 6) return;
  const bool about_option = m[0] == parameter_problem && m[1] == 2;
  if (quote[24] == 0xff && m[0] != too_big && !about_option) tell.error("error-about-group", {}, quote_at + 24, 16, "no error is sent about a packet to a group", reference);
  if (quote[6] == 58 && quote.size() > 40 && (is_icmpv6_error(quote[40]) || quote[40] == 137)) tell.error("error-about-error", {}, quote_at + 40, 1,
      "no error is sent about an error or a redirect: that would never end", reference);
}

// ---- neighbour discovery (RFC 4861) -----------------------------------------------------------------------------------
enum : u8 { router_solicitation = 133, router_advertisement, neighbour_solicitation, neighbour_advertisement, redirect };

constexpr bool is_link_local(Bytes a) { return a[0] == 0xfe && (a[1] & 0xc0) == 0x80; }
constexpr bool is_unspecified(Bytes a) { return std::ranges::all_of(a, [](u8 x) { return x == 0; }); }

/// Where the options of a message begin.
constexpr u32 options_at(u8 type) { return type == router_solicitation ? 8 : type == router_advertisement ? 16 : type == redirect ? 40 : 24; }

void check_nd_option(const Telling& tell, Bytes option, u32 at) {
  constexpr std::string_view reference = "RFC 4861, 4.6";
  constexpr u8 source_address = 1, target_address = 2, prefix = 3, mtu = 5;
  const auto length = [&](std::size_t want, std::string_view what) {
    if (option.size() == want) return true;
    tell.error("option-length", "icmpv6.opt.length", at + 1, 1, std::string(what) + " has " + std::to_string(want) + " bytes, not " + std::to_string(option.size()), reference);
    return false;
  };
  const bool ethernet = tell.v.layers.front().protocol->name == "eth";
  if ((option[0] == source_address || option[0] == target_address) && ethernet) {
    length(8, "the option with an Ethernet address");
  } else if (option[0] == prefix && length(32, "prefix information")) {
    if (option[2] > 128) tell.error("prefix-length", "icmpv6.opt.prefix.length", at + 2, 1, "a prefix has at most 128 bits, not " + std::to_string(option[2]), "RFC 4861, 4.6.2");
    if (load<64, 32>(option.data()) > load<32, 32>(option.data()))
      tell.warn("lifetimes", "icmpv6.opt.prefix.preferred_lifetime", at + 8, 4, "addresses cannot be preferred longer than they are valid: receivers ignore the prefix", "RFC 4862, 5.5.3");
  } else if (option[0] == mtu && length(8, "the link's MTU") && load<32, 32>(option.data()) < 1280) {
    tell.warn("bad-mtu", "icmpv6.opt.mtu", at + 4, 4, "no link of IPv6 has less than 1280 bytes: receivers ignore it", "RFC 4861, 4.6.4");
  }
}

void check_discovery(const Telling& tell, Bytes m, Bytes source, Bytes destination) {
  const u8 type = m[0];
  const bool no_source = is_unspecified(source), to_group = destination[0] == 0xff;
  if ((type == router_advertisement || type == redirect) && !is_link_local(source))
    tell.error("nd-source", "ipv6.src", 0, 1, "routers speak from their link-local addresses: from others nobody listens", "RFC 4861, 6.1.2 and 8.1");
  const bool has_target = type >= neighbour_solicitation && m.size() >= 24;
  const std::string_view target = type == neighbour_solicitation ? "icmpv6.nd.ns.target_address" : type == neighbour_advertisement ? "icmpv6.nd.na.target_address" : "icmpv6.rd.na.target_address";
  if (has_target && m[8] == 0xff) tell.error("multicast-target", target, 8, 16, "a group has no link address of its own to be asked for or told", "RFC 4861, 4.3 to 4.5");
  if (type == neighbour_solicitation && no_source && !(to_group && destination[11] == 1 && destination[12] == 0xff))
    tell.error("nd-destination", "ipv6.dst", 0, 1, "who looks whether an address is free asks its solicited-node group, and nobody else", "RFC 4861, 7.1.1");
  if (type == neighbour_advertisement && to_group && m.size() >= 8 && (m[4] & 0x40) != 0)
    tell.error("nd-solicited", "icmpv6.nd.na.flag.s", 4, 1, "what is told to a group was not solicited by anyone", "RFC 4861, 7.1.2");
  if (type == neighbour_advertisement && m.size() >= 8 && (load<35, 29>(m.data())) != 0)
    tell.warn("reserved-bits", "icmpv6.nd.na.flag.rsv", 4, 4, "reserved bits must be zero", "RFC 4861, 4.4", std::vector<u8>{static_cast<u8>(m[4] & 0xe0), 0, 0, 0});
  for (std::size_t at = options_at(type); at + 2 <= m.size();) {
    const std::size_t size = m[at + 1] * 8u;
    if (size == 0 || size > m.size() - at) break;  // told by the linter
    check_nd_option(tell, m.subspan(at, size), static_cast<u32>(at));
    if (no_source && m[at] == 1 && (type == neighbour_solicitation || type == router_solicitation))
      tell.error("nd-option", {}, static_cast<u32>(at), static_cast<u32>(size), "who has no address yet does not tell a link address for it", "RFC 4861, 4.1 and 4.3");
    at += size;
  }
}

// ---- listeners of groups (RFC 2710, RFC 3810) -------------------------------------------------------------------------
void check_listener(const Telling& tell, Bytes m, Bytes source) {
  constexpr u8 query = 130, report2 = 143;
  constexpr std::string_view reference = "RFC 2710, 3; RFC 3810, 5";
  if (!is_link_local(source) && !is_unspecified(source)) tell.error("mld-source", "ipv6.src", 0, 1, "listeners and queriers speak from their link-local addresses: from others nobody listens", reference);
  const Layer& before = tell.v.layers[tell.v.index - 1];
  const bool alert = before.protocol == &info<HopByHop> && [&] {
    OptionWalk walk(HopByHop::option_list, slice(tell.v.packet, before.offset + 2, before.length - std::min(before.length, 2u)));
    while (const auto o = walk.next())
      if (o->kind == 5) return true;
    return false;
  }();
  if (!alert) tell.warn("no-router-alert", {}, 0, 1, "without a router alert in hop-by-hop options, routers that do not listen to the group do not look at it", reference);
  if (m[0] != report2 && m.size() >= 24 && m[8] != 0xff && !(m[0] == query && is_unspecified(m.subspan(8, 16))))
    tell.error("not-a-group", "icmpv6.mld.multicast_address", 8, 16, "it is no address of a group", reference);
  if (m[0] != report2 || m.size() < 8 || !is_whole(tell.v)) return;
  std::size_t at = 8, records = 0;
  while (at + 20 <= m.size()) {
    at += 20 + std::size_t{load<16, 16>(m.data() + at)} * 16 + m[at + 1] * 4u;
    if (at <= m.size()) ++records;
  }
  if (const u64 told = load<48, 16>(m.data()); told > records)
    tell.error("count", "icmpv6.mldr.nb_mcast_records", 6, 2, "it counts " + std::to_string(told) + " records, but " + std::to_string(records) + " whole ones are there", "RFC 3810, 5.2.3");
}

}  // namespace

void Icmp::check(const LayerView& v, Faults& faults) {
  const Bytes m = v.message();
  if (v.header().size() < 4) return;
  const Telling tell{v, faults};
  static constexpr std::pair<u8, u8> most_codes[] = {{0, 0}, {3, 15}, {4, 0}, {5, 3}, {8, 0}, {11, 1}, {12, 2}, {13, 0}, {14, 0}, {15, 0}, {16, 0}, {17, 0}, {18, 0}};
  check_code(tell, m, most_codes, "icmp.code", "RFC 792");
  if (m.size() < 8) return;
  if (m[0] == 5 && (is_group(m.subspan(4, 4)) || load<32, 32>(m.data()) == 0)) tell.error("bad-gateway", "icmp.redir_gw", 4, 4, "the better router is one host: this is no host's address", "RFC 1122, 3.2.2.2");
  if (m[0] == 3 && m[1] == 4 && load<48, 16>(m.data()) != 0 && load<48, 16>(m.data()) < 68) tell.warn("bad-mtu", "icmp.mtu", 6, 2, "every link takes 68 bytes: less is ignored, or an attack", "RFC 1191, 3");
  if (is_icmp_error(m[0])) check_icmp_error(tell, m);
}

void Icmpv6::check(const LayerView& v, Faults& faults) {
  const Bytes m = v.message();
  if (v.header().size() < 4 || v.index == 0) return;
  const Telling tell{v, faults};
  static constexpr std::pair<u8, u8> most_codes[] = {{1, 8}, {2, 0}, {3, 1}, {4, 10}, {128, 0}, {129, 0}, {130, 0}, {131, 0}, {132, 0}, {133, 0}, {134, 0}, {135, 0}, {136, 0}, {137, 0}, {143, 0}};
  check_code(tell, m, most_codes, "icmpv6.code", "RFC 4443, 3; RFC 4861, 4");
  if (is_icmpv6_error(m[0])) return check_icmpv6_error(tell, m);
  const bool discovery = m[0] >= 133 && m[0] <= 137, listeners = (m[0] >= 130 && m[0] <= 132) || m[0] == 143;
  const Layer* ip = outside<Ipv6>(v);
  if (ip == nullptr || (!discovery && !listeners)) return;
  const u8 hops = v.packet[ip->offset + 7];
  if (discovery && hops != 255)
    faults.add({Severity::error, "nd-hop-limit", "ipv6.hlim", ip->offset + 7, 1, "neighbour discovery is only believed with hop limit 255: anything less came through a router", "RFC 4861, 6.1",
                std::vector<u8>{255}});
  if (listeners && hops != 1)
    faults.add({Severity::warning, "mld-hop-limit", "ipv6.hlim", ip->offset + 7, 1,
                "multicast listener messages have hop limit 1: more is dropped, as they belong to one link", "RFC 2710, 3; RFC 3810, 5", std::vector<u8>{1}});
  const Bytes source = v.packet.subspan(ip->offset + 8, 16), destination = v.packet.subspan(ip->offset + 24, 16);
  if (discovery) check_discovery(tell, m, source, destination);
  else check_listener(tell, m, source);
}

void Igmp::check(const LayerView& v, Faults& faults) {
  const Bytes m = v.message();
  if (m.size() < 8) return;
  const Telling tell{v, faults};
  constexpr u8 query = 0x11, report1 = 0x12, report2 = 0x16, leave = 0x17, report3 = 0x22;
  const bool member = m[0] == query || m[0] == report1 || m[0] == report2 || m[0] == leave || m[0] == report3;
  const Layer* ip = outside<Ipv4>(v);
  if (member && ip != nullptr && v.packet[ip->offset + 8] != 1)
    faults.add({Severity::warning, "igmp-ttl", "ip.ttl", ip->offset + 8, 1, "messages about groups have TTL 1: they belong to one link", "RFC 3376, 4", std::vector<u8>{1}});
  const bool group = m[4] >> 4 == 14, none = m[0] == query && load<32, 32>(m.data()) == 0;
  if (member && m[0] != report3 && !group && !none) tell.error("not-a-group", "igmp.maddr", 4, 4, "it is no address of a group", "RFC 2236, 2");
  if (!is_whole(v)) return;
  if (m[0] == query && m.size() >= 12 && 12 + std::size_t{load<80, 16>(m.data())} * 4 > m.size())
    tell.error("count", "igmp.num_src", 10, 2, "it counts " + std::to_string(load<80, 16>(m.data())) + " sources, but " + std::to_string((m.size() - 12) / 4) + " are there", "RFC 3376, 4.1.8");
  if (m[0] != report3) return;
  std::size_t at = 8, records = 0;
  while (at + 8 <= m.size()) {
    at += 8 + (std::size_t{load<16, 16>(m.data() + at)} + m[at + 1]) * 4;
    if (at <= m.size()) ++records;
  }
  if (const u64 told = load<48, 16>(m.data()); told > records || at > m.size())
    tell.error("count", "igmp.num_grp_recs", 6, 2, "it counts " + std::to_string(told) + " records, but " + std::to_string(records) + " whole ones are there", "RFC 3376, 4.2.3");
}

}  // namespace rawket
