// One copy of the headers for each slice of the data; the tables' rules make the rest.
#include "rawket/packet/segments.hpp"

#include <vector>

#include "rawket/packet/fill.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {
namespace {

constexpr std::size_t tcp_flags_at = 13;
constexpr u8 fin = 1, psh = 8, cwr = 128;

/// Where IP and transport stand in the layers.
struct Place {
  std::size_t ip = 0, transport = 0;
};

std::optional<Place> place_of(const Dissection& d) {
  const auto layers = d.layers();
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    if (layers[i].protocol != &info<Ipv4> && layers[i].protocol != &info<Ipv6>) continue;
    const Protocol* next = layers[i + 1].protocol;
    const bool whole = layers[i + 1].length >= next->fixed && layers[i + 1].end == layers[i].end;
    if ((next == &info<Tcp> || next == &info<Udp>) && whole) return Place{i, i + 1};
    return std::nullopt;  // a tunnel, a fragment, an extension header
  }
  return std::nullopt;
}

bool is_fragment(const Dissection& d, const Place& at) {
  const Layer& ip = d.layers()[at.ip];
  return ip.protocol == &info<Ipv4> && ((d.packet[ip.offset + 6] & 0x3f) != 0 || d.packet[ip.offset + 7] != 0);
}

/// Of TCP: the sequence number goes on, FIN and PSH are the last segment's, CWR the first's (RFC 3168).
void continue_tcp(u8* tcp, u32 behind_first, bool first, bool last) {
  const u32 sequence = static_cast<u32>(load<32, 32>(tcp)) + behind_first;
  for (int i = 0; i < 4; ++i) tcp[4 + i] = static_cast<u8>(sequence >> (24 - 8 * i));
  if (!last) tcp[tcp_flags_at] &= static_cast<u8>(~u8{fin | psh});
  if (!first) tcp[tcp_flags_at] &= static_cast<u8>(~cwr);
}

}  // namespace

bool make_segments(const Dissection& d, u32 original_length, u32 segment, const std::function<void(Bytes)>& each) {
  const auto at = place_of(d);
  if (!at || d.packet.size() < original_length || is_fragment(d, *at)) return false;
  const Layer &ip = d.layers()[at->ip], &transport = d.layers()[at->transport];
  const u32 headers = transport.offset + transport.length, size = transport.end - headers;
  const u32 piece = segment == 0 || segment > size ? std::max(size, u32{1}) : segment, count = std::max((size + piece - 1) / piece, u32{1});
  std::vector<u8> frame;
  std::vector<Layer> layers(d.layers().begin(), d.layers().begin() + static_cast<std::ptrdiff_t>(at->transport) + 1);
  for (u32 i = 0; i < count; ++i) {
    const u32 from = headers + i * piece, to = std::min(from + piece, transport.end);
    frame.assign(d.packet.begin(), d.packet.begin() + headers);
    frame.insert(frame.end(), d.packet.begin() + from, d.packet.begin() + to);
    for (Layer& l : layers) l.end = l.claimed_end = static_cast<u32>(frame.size()), l.autos = 0;
    layers[at->ip].autos = ip.protocol->autos, layers[at->transport].autos = transport.protocol->autos;
    if (ip.protocol == &info<Ipv4>) {
      const u32 id = (u32{frame[ip.offset + 4]} << 8 | frame[ip.offset + 5]) + i;
      frame[ip.offset + 4] = static_cast<u8>(id >> 8), frame[ip.offset + 5] = static_cast<u8>(id);
    }
    if (transport.protocol == &info<Tcp>) continue_tcp(frame.data() + transport.offset, i * piece, i == 0, i + 1 == count);
    fill_computed(frame, layers);
    each(frame);
  }
  return true;
}

}  // namespace rawket
