// A packet that owns its bytes: made from a stack of headers, from received bytes or from text; copied, moved, edited.
#pragma once
#include <vector>

#include "rawket/packet/dissect.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {

/// The layer a stack begins with decides the link type.
class Packet {
 public:
  Packet() = default;
  /// From `Ipv4{...} / Tcp{...} / "text"`: builds it.
  template <Stackable S> Packet(const S& stack) : Packet(build(stack)) {}
  template <Stackable S> Packet(const Frame<S>& frame) : bytes_(frame.bytes().begin(), frame.bytes().end()) {
    place(frame, std::make_index_sequence<Frame<S>::depth>{});
  }
  /// From bytes: copies and dissects them.
  static Packet from_bytes(const Registry& registry, const Protocol& first, Bytes bytes);

  Bytes bytes() const { return bytes_; }
  operator Bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  std::span<const Layer> layers() const { return layers_; }
  const Protocol& first_protocol() const { return layers_.empty() ? data : *layers_.front().protocol; }

  /// Reads a field of the first layer of its type; nothing when there is no such layer.
  template <auto M> auto get() const {
    using V = typename detail::unwrap<detail::type_of<M>>::type;
    const Layer* l = layer_of(&info<detail::owner_of<M>>);
    return l == nullptr ? std::optional<V>() : std::optional<V>(rawket::get<M>(bytes_.data() + l->offset));
  }
  /// Writes a field of the first layer of its type and keeps all checksums right. False when there is no such layer.
  template <auto M> bool set(const typename detail::unwrap<detail::type_of<M>>::type& v) {
    using T = detail::owner_of<M>;
    std::array<u8, detail::fixed_bytes<T>> header{};
    const Layer* l = layer_of(&info<T>);
    if (l == nullptr) return false;
    std::copy_n(bytes_.begin() + l->offset, header.size(), header.begin());
    put<M>(header.data(), v);
    write(*l, info_of<M>, header.data());
    return true;
  }
  /// The same by name: "ip.ttl", "tcp.dstport"; the value as text.
  Result<void> set(std::string_view field, std::string_view value);

  friend bool operator==(const Packet& a, const Packet& b) { return a.bytes_ == b.bytes_; }

 private:
  friend class Recipe;
  const Layer* layer_of(const Protocol* p) const;
  /// Copies one field from `header` into the layer and updates checksums.
  void write(const Layer& layer, const Field& field, const u8* header);
  template <class F, std::size_t... I> void place(const F& frame, std::index_sequence<I...>) {
    const auto add = [&]<class T>(const Extent& e, std::type_identity<T>) {
      const Protocol* p = &data;
      if constexpr (Header<T>) p = &info<T>;
      layers_.push_back({p, e.offset, e.length, e.end, e.end, 0});
    };
    (add(frame.extent(I), std::type_identity<typename detail::at<I, typename F::types>::type>{}), ...);
  }

  std::vector<u8> bytes_;
  std::vector<Layer> layers_;
};

/// The link type a packet that begins with `first` has; raw IP for IPv4 and IPv6.
u16 link_type_of(const Protocol& first);

}  // namespace rawket
