// Checksums of received packets.
#include "rawket/packet/verify.hpp"

#include "rawket/wire/rules.hpp"

namespace rawket {

bool is_fragment(Bytes packet, std::span<const Layer> layers, std::size_t i) {
  for (std::size_t k = i; k-- > 0;) {
    const Layer& l = layers[k];
    if (!l.protocol->opaque_at) continue;
    if (l.length < l.protocol->fixed || l.protocol->is_piece(packet.data() + l.offset)) return true;
  }
  return false;
}

bool is_quoted(std::span<const Layer> layers, std::size_t i) {
  for (std::size_t k = 0; k < i; ++k)
    if (layers[k].protocol->quotes) return true;
  return false;
}

std::optional<u64> pseudo_sum(Bytes packet, std::span<const Layer> layers, std::size_t i) {
  const Number* number = layers[i].protocol->number_in(ip_protocol.id);
  Bytes last_stop;  // RFC 8200, 8.1: a source route's final destination stands in for the header's
  for (std::size_t k = i; k-- > 0;) {
    const Layer& l = layers[k];
    if (l.protocol->final_destination != nullptr && l.length >= l.protocol->fixed) last_stop = l.protocol->final_destination(packet.subspan(l.offset, l.length));
    if (l.protocol->pseudo_header == nullptr) continue;
    if (l.length < l.protocol->fixed) return std::nullopt;
    const Bytes header = packet.subspan(l.offset, l.length);
    u64 sum = l.protocol->pseudo_header(header) + (number == nullptr ? 0 : number->value);
    if (const Field* to = l.protocol->destination; to != nullptr && !last_stop.empty())
      sum += fold(sum_words(last_stop)) + static_cast<u16>(~fold(sum_words(header.subspan(to->offset / 8u, to->width / 8u))));
    return sum;
  }
  return std::nullopt;
}

bool left_to_device(Bytes packet, std::span<const Layer> layers, std::size_t i, const Field& field) {
  if (field.rule.scope != Rule::pseudo) return false;
  const auto pseudo = pseudo_sum(packet, layers, i);
  const Layer& l = layers[i];
  if (!pseudo) return false;
  const u64 held = field.read(packet.data() + l.offset);
  return held == fold(*pseudo + (l.end - l.offset)) || held == fold(*pseudo);  // what a device cuts into segments has no length yet
}

ChecksumResult verify_checksum(Bytes packet, std::span<const Layer> layers, std::size_t i, const Field& field) {
  const Layer& l = layers[i];
  const u8* header = packet.data() + l.offset;
  ChecksumResult result;
  if (l.length < l.protocol->fixed) return result;
  const u16 held = static_cast<u16>(field.read(header));
  if (field.rule.zero_is_none && held == 0) {
    result.status = ChecksumStatus::not_present;
    return result;
  }
  const bool header_only = field.rule.scope == Rule::header;
  if (!header_only && l.autos == Layer::put_together) return result;
  if (!header_only && l.protocol->end_at && l.protocol->end_at.read(header) > l.end - l.offset) return result;
  if (!header_only && (l.claimed_end > l.end || is_fragment(packet, layers, i))) return result;
  if (header_only && l.protocol->length_at && (l.protocol->length_at.read(header) + l.protocol->length_rule.bias) * l.protocol->length_rule.unit != l.length) return result;
  u64 pseudo = 0;
  if (field.rule.scope == Rule::pseudo) {
    const auto sum = pseudo_sum(packet, layers, i);
    if (!sum) return result;
    pseudo = *sum;
  }
  const u64 sum = covered_sum(field.rule, packet, {l.offset, l.length, l.end}, pseudo);
  result.status = fold(sum) == 0xffff ? ChecksumStatus::good : ChecksumStatus::bad;
  result.expected = checksum_for(field.rule, sum, held);
  return result;
}

}  // namespace rawket
