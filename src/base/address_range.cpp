// Counting in octets: the same for both families.
#include "rawket/base/address_range.hpp"

#include <charconv>

namespace rawket {
namespace {

IpAddress behind(IpAddress a) {
  for (std::size_t i = a.bytes().size(); i-- > 0;)
    if (++a.octets[i] != 0) break;
  return a;
}

IpAddress end_of(const Prefix& p) {
  IpAddress a = p.address;
  for (std::size_t bit = p.length; bit < a.bytes().size() * 8; ++bit) a.octets[bit / 8] |= static_cast<u8>(0x80 >> bit % 8);
  return a;
}

/// The widest that begins here and does not end behind `last`.
Prefix widest_from(const IpAddress& first, const IpAddress& last) {
  Prefix widest{first, static_cast<unsigned>(first.bytes().size() * 8)};
  for (Prefix wider = widest; wider.length > 0; widest = wider) {
    --wider.length;
    if ((first.octets[wider.length / 8] >> (7 - wider.length % 8) & 1) != 0 || last < end_of(wider)) break;
  }
  return widest;
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const std::string_view end = text.substr(dash + 1);
  const auto first = IpAddress::parse(text.substr(0, dash));
  auto last = IpAddress::parse(end);
  u8 octet = 0;
  const auto [rest, error] = std::from_chars(end.data(), end.data() + end.size(), octet);
  if (first && !first->is_v6 && error == std::errc{} && rest == end.data() + end.size()) last = first, last->octets[3] = octet;
  if (!first || !last || last->is_v6 != first->is_v6 || *last < *first) return std::nullopt;
  return AddressRange{*first, *last};
}

std::optional<std::vector<IpAddress>> AddressRange::addresses(std::size_t most) const {
  std::vector<IpAddress> all{first};
  while (all.back() != last) {
    if (all.size() >= most) return std::nullopt;
    all.push_back(behind(all.back()));
  }
  return all;
}

std::vector<Prefix> AddressRange::prefixes() const {
  std::vector<Prefix> all{widest_from(first, last)};
  for (IpAddress end = end_of(all.back()); end < last; end = end_of(all.back())) all.push_back(widest_from(behind(end), last));
  return all;
}

}  // namespace rawket
