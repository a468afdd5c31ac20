// Packets by value.
#include "rawket/packet/packet.hpp"

#include "rawket/base/text.hpp"
#include "rawket/packet/fill.hpp"
#include "rawket/packet/value.hpp"

namespace rawket {

Packet Packet::from_bytes(const Registry& registry, const Protocol& first, Bytes bytes) {
  Packet p;
  p.bytes_.assign(bytes.begin(), bytes.end());
  Dissection d;
  dissect(registry, first, p.bytes_, d);
  p.layers_.assign(d.layers().begin(), d.layers().end());
  return p;
}

const Layer* Packet::layer_of(const Protocol* p) const {
  for (const Layer& l : layers_)
    if (l.protocol == p) return l.length >= p->fixed ? &l : nullptr;
  return nullptr;
}

void Packet::write(const Layer& layer, const Field& field, const u8* header) {
  // Whole 16-bit words around the field, so that sums before and after compare.
  const u32 from = first_byte(field), to = last_byte(field);
  const std::vector<u8> before(bytes_.begin() + layer.offset + from, bytes_.begin() + layer.offset + to);
  std::copy(header + from, header + to, bytes_.begin() + layer.offset + from);
  update_checksums(bytes_, layers_, static_cast<std::size_t>(&layer - layers_.data()), field, before);
}

Result<void> Packet::set(std::string_view name, std::string_view value) {
  std::vector<std::string_view> known;
  for (const Layer& l : layers_) {
    for (const Field& f : l.protocol->fields) known.push_back(f.full_name());
    const std::string_view prefix = l.protocol->prefix;
    if (!name.starts_with(prefix) || name.size() <= prefix.size() || name[prefix.size()] != '.' || l.length < l.protocol->fixed) continue;
    const Field* f = l.protocol->find(name.substr(prefix.size() + 1));
    if (f == nullptr || f->is_status) continue;
    std::vector<u8> header(bytes_.begin() + l.offset, bytes_.begin() + l.offset + l.protocol->fixed);
    if (auto r = parse_field(*f, value, header.data()); !r) return r;
    write(l, *f, header.data());
    return {};
  }
  return fail(Errc::unknown_name, "packet", "it has no field '" + clean_text(name) + "'" + did_you_mean(name, known));
}

u16 link_type_of(const Protocol& first) {
  const Number* n = first.number_in(link_layer.id);
  return n == nullptr ? u16{101} : static_cast<u16>(n->value);
}

}  // namespace rawket
