// What a packet consists of: its layers, found without allocation.
#pragma once
#include "rawket/proto/registry.hpp"
#include "rawket/wire/info.hpp"

namespace rawket {

class Dissector;

/// Why dissection went no further.
enum class Stop : u8 {
  none,       ///< everything was read
  truncated,  ///< fewer bytes than the header needs
  malformed,  ///< a length that cannot be
  too_deep,   ///< more layers than `Dissection::max_layers`
};

/// The layers of one packet, reusable. Borrows the packet's bytes and the registry's protocols.
class Dissection {
 public:
  static constexpr std::size_t max_layers = 64;

  Bytes packet;
  Stop stop = Stop::none;
  u32 stop_offset = 0;                    ///< bytes from the packet's start
  const Protocol* stop_protocol = &data;  ///< whose header it was

  std::span<const Layer> layers() const { return {layers_.data(), count_}; }
  LayerView view(std::size_t i) const { return {packet, layers(), i}; }

  /// The first layer of a type; nullptr when there is none or its header is cut.
  template <Header T> const Layer* find() const {
    for (const Layer& l : layers())
      if (l.protocol == &info<T>) return l.length >= detail::fixed_bytes<T> ? &l : nullptr;
    return nullptr;
  }
  /// Its header, to be read field by field or as a value.
  template <Header T> View<T> header() const {
    const Layer* l = find<T>();
    return l == nullptr ? View<T>() : View<T>(packet.data() + l->offset);
  }
  /// The innermost payload: the bytes behind the last known header.
  Bytes payload() const;

  /// Takes what follows layer `i` for bytes that nobody claims.
  void cut_behind(std::size_t i);

 private:
  friend class Dissector;
  std::array<Layer, max_layers> layers_{};
  std::size_t count_ = 0;
};

/// Reads as many layers as there are; what stopped it is told in `out`, never thrown. `first` is the link layer.
/// `original_length` is the packet's size on the wire; 0: all of it was captured.
void dissect(const Registry& registry, const Protocol& first, Bytes packet, Dissection& out, u32 original_length = 0);

/// Dissects on behind layer `i` of `out` with other bytes than it carried: a message that came in several packets.
/// `packet` begins with the bytes up to there, as `out.packet` does. `reader` reads them.
void dissect_behind(const Registry& registry, std::size_t i, const Protocol& reader, Bytes packet, Dissection& out);
/// The same with the bytes that it carries: another reader than the one that was chosen.
void reread_behind(const Registry& registry, std::size_t i, const Protocol& reader, Dissection& out);
/// Who would read `payload` behind layer `i`.
const Protocol& reader_behind(const Registry& registry, const Dissection& d, std::size_t i, Bytes payload);

/// The protocol of a LINKTYPE_ value; `data` when there is none.
const Protocol& link_protocol(const Registry& registry, u16 link_type_value);

}  // namespace rawket
