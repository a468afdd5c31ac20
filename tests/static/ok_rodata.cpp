// Packets made by the compiler are constants: no code runs to make them, and they edit into new constants.
#include <type_traits>

#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace {
using namespace rawket;

constinit const auto syn = build(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.dport = 80, .options = {Mss{1460}, WindowScale{7}}});
constexpr auto template_of = build(Ipv6{.dst = "2001:db8::2"} / Icmpv6{} / Icmpv6Echo{.id = 7} / "ping");
constexpr auto second = [] {
  auto f = template_of;
  f.set<&Icmpv6Echo::seq>(2);
  return f;
}();
static_assert(second.get<&Icmpv6Echo::seq>() == 2 && template_of.get<&Icmpv6Echo::seq>() == 0);
static_assert(internet_checksum(second.bytes().subspan(40), Ipv6::pseudo_header(second.header<Ipv6>()) + 58 + 12) == 0);
static_assert(std::is_trivially_destructible_v<decltype(build(Ipv4{} / Tcp{}))> && std::is_trivially_copyable_v<Tcp>);
}  // namespace

const unsigned char* first_byte_of_syn() { return syn.bytes().data(); }
