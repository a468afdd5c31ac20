// Addresses as values: compared, copied, parsed at compile time from literals and at run time from text.
#pragma once
#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "rawket/base/bytes.hpp"

namespace rawket {

/// An IEEE 802 MAC address. Its text form has colons: "02:00:00:00:00:01" (dashes are read too).
struct Mac {
  std::array<u8, 6> octets{};

  constexpr Mac() = default;
  constexpr explicit Mac(const std::array<u8, 6>& o) : octets(o) {}
  consteval Mac(const char* text) : Mac(parse(text).value()) {}
  static constexpr std::optional<Mac> parse(std::string_view text);
  std::string text() const;
  constexpr bool is_group() const { return (octets[0] & 1) != 0; }  ///< multicast or broadcast
  friend constexpr auto operator<=>(const Mac&, const Mac&) = default;
};

/// Four octets, network order.
struct Ipv4Address {
  std::array<u8, 4> octets{};

  constexpr Ipv4Address() = default;
  constexpr explicit Ipv4Address(const std::array<u8, 4>& o) : octets(o) {}
  consteval Ipv4Address(const char* text) : Ipv4Address(parse(text).value()) {}
  static constexpr std::optional<Ipv4Address> parse(std::string_view text);
  std::string text() const;
  constexpr u32 number() const { return u32{octets[0]} << 24 | u32{octets[1]} << 16 | u32{octets[2]} << 8 | octets[3]; }
  static constexpr Ipv4Address from_number(u32 n) {
    return Ipv4Address({static_cast<u8>(n >> 24), static_cast<u8>(n >> 16), static_cast<u8>(n >> 8), static_cast<u8>(n)});
  }
  friend constexpr auto operator<=>(const Ipv4Address&, const Ipv4Address&) = default;
};

/// Sixteen octets, network order; text as RFC 5952.
struct Ipv6Address {
  std::array<u8, 16> octets{};

  constexpr Ipv6Address() = default;
  constexpr explicit Ipv6Address(const std::array<u8, 16>& o) : octets(o) {}
  consteval Ipv6Address(const char* text) : Ipv6Address(parse(text).value()) {}
  static constexpr std::optional<Ipv6Address> parse(std::string_view text);
  std::string text() const;
  friend constexpr auto operator<=>(const Ipv6Address&, const Ipv6Address&) = default;
};

/// Either of the two; IPv4 uses the first four octets.
struct IpAddress {
  std::array<u8, 16> octets{};
  bool is_v6 = false;

  constexpr IpAddress() = default;
  constexpr IpAddress(const Ipv4Address& a) {
    for (std::size_t i = 0; i < 4; ++i) octets[i] = a.octets[i];
  }
  constexpr IpAddress(const Ipv6Address& a) : octets(a.octets), is_v6(true) {}
  static constexpr std::optional<IpAddress> parse(std::string_view text) {
    if (const auto a = Ipv4Address::parse(text)) return IpAddress(*a);
    if (const auto a = Ipv6Address::parse(text)) return IpAddress(*a);
    return std::nullopt;
  }
  constexpr Bytes bytes() const { return Bytes(octets).first(is_v6 ? 16 : 4); }
  constexpr Ipv4Address v4() const { return Ipv4Address({octets[0], octets[1], octets[2], octets[3]}); }
  constexpr Ipv6Address v6() const { return Ipv6Address(octets); }
  std::string text() const;
  constexpr bool is_multicast() const { return is_v6 ? octets[0] == 0xff : octets[0] >> 4 == 14; }
  constexpr bool is_loopback() const;
  constexpr bool is_link_local() const { return is_v6 && octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80; }  ///< IPv6's, RFC 4291, 2.5.6
  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// The group that an IPv6 host is asked by for its link address: RFC 4291, 2.7.1.
constexpr Ipv6Address solicited_node(const Ipv6Address& host) {
  Ipv6Address group;
  group.octets = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, host.octets[13], host.octets[14], host.octets[15]};
  return group;
}
/// What a group is on an Ethernet: RFC 1112, 6.4; RFC 2464, 7.
constexpr Mac link_group(const IpAddress& group) {
  const auto& o = group.octets;
  if (group.is_v6) return Mac({0x33, 0x33, o[12], o[13], o[14], o[15]});
  return Mac({0x01, 0x00, 0x5e, static_cast<u8>(o[1] & 0x7f), o[2], o[3]});
}

/// An address and how many of its leading bits count: "198.18.0.0/15". A bare address is the whole of it.
struct Prefix {
  IpAddress address;
  unsigned length = 0;

  static constexpr std::optional<Prefix> parse(std::string_view text);
  constexpr bool contains(const IpAddress& a) const {
    if (a.is_v6 != address.is_v6) return false;
    const std::size_t whole = length / 8;
    for (std::size_t i = 0; i < whole; ++i)
      if (a.octets[i] != address.octets[i]) return false;
    return length % 8 == 0 || (a.octets[whole] ^ address.octets[whole]) >> (8 - length % 8) == 0;
  }
  std::string text() const;
};

constexpr bool is_among(const IpAddress& a, std::span<const Prefix> prefixes) {
  for (const Prefix& p : prefixes)
    if (p.contains(a)) return true;
  return false;
}

// ---- the parsers, inline because literals use them ------------------------------------------------
constexpr std::optional<Mac> Mac::parse(std::string_view s) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  Mac m;
  if (s.size() != 17) return std::nullopt;
  for (std::size_t i = 0; i < 6; ++i) {
    const int high = digit(s[3 * i]), low = digit(s[3 * i + 1]);
    if (high < 0 || low < 0 || (i < 5 && s[3 * i + 2] != ':' && s[3 * i + 2] != '-')) return std::nullopt;
    m.octets[i] = static_cast<u8>(high << 4 | low);
  }
  return m;
}

constexpr std::optional<Ipv4Address> Ipv4Address::parse(std::string_view s) {
  Ipv4Address a;
  std::size_t i = 0;
  for (unsigned k = 0; k < 4; ++k) {
    if (k > 0 && (i >= s.size() || s[i++] != '.')) return std::nullopt;
    unsigned v = 0, n = 0;
    for (; i < s.size() && s[i] >= '0' && s[i] <= '9' && n < 4; ++i, ++n) v = v * 10 + static_cast<unsigned>(s[i] - '0');
    if (n == 0 || n > 3 || v > 255) return std::nullopt;
    a.octets[k] = static_cast<u8>(v);
  }
  if (i != s.size()) return std::nullopt;
  return a;
}

constexpr std::optional<Ipv6Address> Ipv6Address::parse(std::string_view s) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  std::array<u8, 16> out{};
  std::size_t used = 0, gap = 17, i = 0;
  if (s.starts_with("::")) gap = 0, i = 2;
  while (i < s.size()) {
    if (used == 16) return std::nullopt;
    const std::size_t start = i;
    unsigned v = 0, n = 0;
    for (; i < s.size() && digit(s[i]) >= 0 && n < 5; ++i, ++n) v = v << 4 | static_cast<unsigned>(digit(s[i]));
    if (i < s.size() && s[i] == '.') {  // the last four octets as IPv4
      const auto v4 = Ipv4Address::parse(s.substr(start));
      if (!v4 || used > 12) return std::nullopt;
      for (u8 o : v4->octets) out[used++] = o;
      break;
    }
    if (n == 0 || n > 4) return std::nullopt;
    out[used++] = static_cast<u8>(v >> 8);
    out[used++] = static_cast<u8>(v);
    if (i == s.size()) break;
    if (s[i++] != ':' || i == s.size()) return std::nullopt;
    if (s[i] == ':') {
      if (gap != 17) return std::nullopt;
      gap = used;
      ++i;
    }
  }
  if (gap == 17 ? used != 16 : used > 14) return std::nullopt;
  Ipv6Address a;
  const std::size_t tail = gap == 17 ? 0 : used - gap;
  for (std::size_t k = 0; k < used - tail; ++k) a.octets[k] = out[k];
  for (std::size_t k = 0; k < tail; ++k) a.octets[16 - tail + k] = out[gap + k];
  return a;
}

constexpr bool IpAddress::is_loopback() const { return is_v6 ? v6() == Ipv6Address("::1") : octets[0] == 127; }

constexpr std::optional<Prefix> Prefix::parse(std::string_view s) {
  const std::size_t slash = s.find('/');
  const auto a = IpAddress::parse(s.substr(0, slash));
  if (!a) return std::nullopt;
  const unsigned most = a->is_v6 ? 128 : 32;
  if (slash == s.npos) return Prefix{*a, most};
  unsigned n = 0;
  const std::string_view digits = s.substr(slash + 1);
  if (digits.empty() || digits.size() > 3) return std::nullopt;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    n = n * 10 + static_cast<unsigned>(c - '0');
  }
  if (n > most) return std::nullopt;
  return Prefix{*a, n};
}

}  // namespace rawket
