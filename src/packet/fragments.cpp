// The header again before each slice; of IPv4 with its place in it, of IPv6 in a header of its own.
#include "rawket/packet/fragments.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "rawket/wire/checksum.hpp"

namespace rawket {
namespace {

constexpr u32 unit = 8;
constexpr std::size_t v4_header = 20, v6_header = 40, fragment_header = 8;

void put(std::vector<u8>& bytes, std::size_t at, u32 value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) bytes[at + i] = static_cast<u8>(value >> (8 * (size - 1 - i)));
}

/// Options that are not the first fragment's alone: those with the copied flag (RFC 791, 3.1).
std::vector<u8> later_header(Bytes header) {
  constexpr u8 copied = 0x80;
  std::vector<u8> h(header.begin(), header.begin() + v4_header);
  for (std::size_t i = v4_header; i < header.size() && header[i] != 0;) {
    const std::size_t size = header[i] == 1 || i + 1 >= header.size() ? 1 : std::max<std::size_t>(header[i + 1], 2);
    if ((header[i] & copied) != 0) h.insert(h.end(), header.begin() + static_cast<std::ptrdiff_t>(i), header.begin() + static_cast<std::ptrdiff_t>(std::min(i + size, header.size())));
    i += size;
  }
  while (h.size() % 4 != 0) h.push_back(0);
  h[0] = static_cast<u8>(0x40 | h.size() / 4);
  return h;
}

bool cut_v4(Bytes packet, u32 most, u32 identification, const std::function<void(Bytes)>& each) {
  constexpr u32 more = 0x2000, do_not = 0x4000, places = 0x1fff;
  const std::size_t header = std::size_t{4} * (packet[0] & 15u);
  const u32 word = u32{packet[6]} << 8 | packet[7];
  if (header < v4_header || header >= packet.size() || (word & do_not) != 0 || most < header + unit) return false;
  const Bytes data = packet.subspan(header);
  std::vector<u8> head(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(header)), fragment;
  if (head[4] == 0 && head[5] == 0) put(head, 4, identification % 0xffff + 1, 2);
  for (std::size_t from = 0, size = 0; from < data.size(); from += size) {
    if (size > 0 && from == size && header > v4_header) head = later_header(head);  // the second one's, and all behind it
    const std::size_t room = (most - head.size()) / unit * unit;
    size = std::min(data.size() - from, data.size() - from <= most - head.size() ? data.size() - from : room);
    fragment.assign(head.begin(), head.end());
    fragment.insert(fragment.end(), data.begin() + static_cast<std::ptrdiff_t>(from), data.begin() + static_cast<std::ptrdiff_t>(from + size));
    const bool last = from + size == data.size();
    put(fragment, 2, static_cast<u32>(fragment.size()), 2);
    put(fragment, 6, ((word & places) + static_cast<u32>(from / unit)) | (last ? word & more : more), 2);
    put(fragment, 10, 0, 2);
    put(fragment, 10, internet_checksum(Bytes(fragment).first(head.size())), 2);
    each(fragment);
  }
  return true;
}

/// Where what each fragment has to have ends, and where the number of what follows stands: behind a routing header, or one for
/// each hop. Nothing when it is a fragment already.
std::optional<std::pair<std::size_t, std::size_t>> unfragmentable(Bytes packet) {
  constexpr u8 each_hop = 0, routing = 43, fragment = 44, destination = 60;
  std::size_t end = v6_header, number_at = 6, at = v6_header, from = 6;
  for (u8 next = packet[6]; next == each_hop || next == routing || next == destination || next == fragment;) {
    if (next == fragment || at + unit > packet.size()) return std::nullopt;
    const bool counts = next != destination;
    next = packet[at], from = at, at += unit * (packet[at + 1] + 1u);
    if (counts) end = at, number_at = from;
  }
  return end < packet.size() ? std::optional(std::pair(end, number_at)) : std::nullopt;
}

bool cut_v6(Bytes packet, u32 most, u32 identification, const std::function<void(Bytes)>& each) {
  constexpr u8 fragment_number = 44;
  const auto parts = unfragmentable(packet);
  if (!parts || most < parts->first + fragment_header + unit) return false;
  const auto [header, number_at] = *parts;
  const Bytes data = packet.subspan(header);
  const std::size_t room = (most - header - fragment_header) / unit * unit;
  std::vector<u8> fragment;
  for (std::size_t from = 0; from < data.size(); from += room) {
    const std::size_t size = std::min(room, data.size() - from);
    fragment.assign(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(header));
    fragment.resize(header + fragment_header);
    fragment[header] = fragment[number_at], fragment[number_at] = fragment_number;
    put(fragment, header + 2, static_cast<u32>(from) | (from + size < data.size() ? 1u : 0u), 2);
    put(fragment, header + 4, identification, 4);
    fragment.insert(fragment.end(), data.begin() + static_cast<std::ptrdiff_t>(from), data.begin() + static_cast<std::ptrdiff_t>(from + size));
    put(fragment, 4, static_cast<u32>(fragment.size() - v6_header), 2);
    each(fragment);
  }
  return true;
}

}  // namespace

bool make_fragments(Bytes packet, u32 most, u32 identification, const std::function<void(Bytes)>& each) {
  if (packet.size() <= most || packet.size() < v4_header) return false;
  if (packet[0] >> 4 == 4) return cut_v4(packet, most, identification, each);
  return packet[0] >> 4 == 6 && packet.size() >= v6_header && cut_v6(packet, most, identification, each);
}

}  // namespace rawket
