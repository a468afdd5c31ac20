// A protocol of one's own: one table, and it is built, dissected, shown and judged like all others.
#include <cstdio>

#include "rawket/packet/lint.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/packet/text.hpp"
#include "rawket/proto/all.hpp"

using namespace rawket;

/// Wake-on-LAN's little cousin: a fixed header with a next protocol.
struct Hello {
  u8 version = 1;
  Auto<u8> next = computed;
  Auto<u16> length = computed;

  static constexpr Number numbers[] = {{&udp_port, 9999}};
  static constexpr auto layout() {
    return protocol<Hello>("hello", "Hello protocol", "its specification, section",
        field<&Hello::version>("version", 8, "Version, always 1", always(1)),
        field<&Hello::next>("next", 8, "Protocol of the payload", selects(ip_protocol), brief),
        field<&Hello::length>("len", 16, "Bytes of header and payload", total_length));
  }
};

int main() {
  Registry registry = standard_registry();
  registry.add(info<Hello>);

  const Packet packet = Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{.sport = 40000, .dport = 9999} / Hello{} / Icmp{.type = 8} / IcmpEcho{.id = 1, .seq = 1};
  Dissection d;
  dissect(registry, info<Ipv4>, packet.bytes(), d);
  TextBuffer text;
  TextPrinter({.time = TimeFormat::none}).line({}, d, text);
  TextPrinter({}).tree({.original_length = static_cast<u32>(packet.size()), .link_type = 101}, d, text);
  std::fwrite(text.view().data(), 1, text.size(), stdout);

  // The rules of the table were followed: who comes next, and how long it is. So the linter finds nothing; a wrong length it would.
  const bool right = d.find<Hello>() != nullptr && d.header<Hello>()->next == 1 && d.header<Hello>()->length == 12;
  std::vector<u8> wrong(packet.bytes().begin(), packet.bytes().end());
  wrong[31] = 200;
  Dissection of_wrong;
  dissect(registry, info<Ipv4>, wrong, of_wrong);
  return right && lint(d, {}).empty() && !lint(of_wrong, {}).empty() ? 0 : 1;
}
