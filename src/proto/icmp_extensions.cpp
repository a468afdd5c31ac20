// The structures that RFC 4884 appends to ICMP errors.
#include <algorithm>

#include "rawket/proto/icmp.hpp"

namespace rawket {
namespace {

constexpr std::size_t usual_quote = 128, rest_of_header = 4;
enum Class : u8 { label_stack = 1, interface_information = 2 };

class Telling {
 public:
  Telling(u32 base, Facts& out) : base_(base), out_(out) {}

  /// RFC 4950: 20 bits of each entry.
  void labels(Bytes body, std::size_t at) {
    for (std::size_t i = 0; i + 4 <= body.size(); i += 4) out_.number(of(IcmpExtension::label), load(body.data() + i, 0, 20), base_ + static_cast<u32>(at + i), 3);
  }

  /// RFC 5837: which parts there are stands in the kind of the object.
  void interface(u8 kind, Bytes body, std::size_t at) {
    enum : u8 { has_mtu = 1, has_name = 2, has_address = 4, has_index = 8 };
    Cursor c(body);
    const auto place = [&](std::size_t back) { return base_ + static_cast<u32>(at + c.offset() - back); };
    const auto number = [&](IcmpExtension which) {
      const u32 value = c.dword();
      if (c.ok()) out_.number(of(which), value, place(4), 4);
    };
    out_.number(of(IcmpExtension::role), kind >> 6, base_ + static_cast<u32>(at) - 1, 1);
    if ((kind & has_index) != 0) number(IcmpExtension::index);
    if ((kind & has_address) != 0) {
      const bool v6 = c.word() == 2;  // IANA's numbers of address families
      c.skip(2);
      const Bytes address = c.take(v6 ? 16 : 4);
      if (c.ok()) out_.bytes(of(v6 ? IcmpExtension::ipv6 : IcmpExtension::ipv4), address, place(address.size()), static_cast<u32>(address.size()));
    }
    if ((kind & has_name) != 0) {
      const std::size_t size = c.byte();  // of itself as well
      const Bytes padded = c.take(size == 0 ? 0 : size - 1), name = padded.first(static_cast<std::size_t>(std::ranges::find(padded, u8{0}) - padded.begin()));
      if (c.ok()) out_.text(of(IcmpExtension::name), {reinterpret_cast<const char*>(name.data()), name.size()}, place(padded.size()), static_cast<u32>(name.size()));
    }
    if ((kind & has_mtu) != 0) number(IcmpExtension::mtu);
  }

 private:
  static u32 of(IcmpExtension which) { return static_cast<u32>(which); }

  u32 base_;
  Facts& out_;
};

}  // namespace

void tell_icmp_extensions(const LayerView& v, std::size_t quoted, Facts& out) {
  Cursor c(v.message(), rest_of_header + (quoted != 0 ? quoted : usual_quote));
  if (!c.ok() || c.left() < 8 || c.byte() >> 4 != 2) return;
  c.skip(3);
  Telling telling(v.layer().offset, out);
  while (c.left() >= 4) {
    const u32 size = c.word();
    const u8 kind = c.byte(), subkind = c.byte();
    if (size < 4) return;
    const Bytes body = c.take(size - 4);
    if (!c.ok()) return;
    if (kind == label_stack && subkind == 1) telling.labels(body, c.offset() - body.size());
    if (kind == interface_information) telling.interface(subkind, body, c.offset() - body.size());
  }
}

}  // namespace rawket
