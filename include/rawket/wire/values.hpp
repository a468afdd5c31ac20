// What the members of a protocol's struct may be, and how each is loaded and stored.
#pragma once
#include "rawket/base/address.hpp"
#include "rawket/wire/bits.hpp"

namespace rawket {

/// A field that rawket fills in unless you give it a value.
template <class T>
struct Auto {
  T value{};
  bool given = false;
  constexpr Auto() = default;
  constexpr Auto(T v) : value(v), given(true) {}
  constexpr operator T() const { return value; }
};
/// Default of a computed field: `Auto<u16> checksum = computed;`
inline constexpr struct Computed {
  template <class T> constexpr operator Auto<T>() const { return {}; }
} computed;

/// A number that lies on the wire with its low byte first.
template <class T>
struct Little {
  std::array<u8, sizeof(T)> octets{};
  constexpr Little() = default;
  constexpr Little(T v) {
    for (std::size_t i = 0; i < sizeof(T); ++i) octets[i] = static_cast<u8>(v >> 8 * i);
  }
  constexpr operator T() const {
    u64 v = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) v = v << 8 | octets[i];
    return static_cast<T>(v);
  }
};

/// A variable part at the end of a header, by value: options, or the body of a message. At most N bytes.
template <std::size_t N>
struct Tail {
  static constexpr std::size_t capacity = N;
  std::array<u8, N> bytes{};
  u16 size = 0;

  constexpr Bytes view() const { return Bytes(bytes).first(size); }
  /// False (and unchanged) when there is no room.
  constexpr bool append(Bytes b) {
    if (b.size() > N - size) return false;
    for (u8 x : b) bytes[size++] = x;
    return true;
  }
};

namespace detail {
template <class T> struct unwrap { using type = T; };
template <class T> struct unwrap<Auto<T>> { using type = T; };
template <class T> inline constexpr bool is_auto = false;
template <class T> inline constexpr bool is_auto<Auto<T>> = true;
template <class T> inline constexpr bool is_little = false;
template <class T> inline constexpr bool is_little<Little<T>> = true;
template <class T> concept Octets = requires(T t) { t.octets.size(); };

template <class T> inline constexpr bool is_byte_array = false;
template <std::size_t N> inline constexpr bool is_byte_array<std::array<u8, N>> = true;
template <class V> constexpr auto& octets_of(V& v) {
  if constexpr (Octets<V>) return v.octets;
  else return v;
}

/// Reads a field of member type M from a header.
template <class M, unsigned Offset, unsigned Width>
[[gnu::always_inline]] constexpr typename unwrap<M>::type load_as(const u8* p) {
  using V = typename unwrap<M>::type;
  if constexpr (Octets<V> || is_byte_array<V>) {
    V v{};
    auto& octets = octets_of(v);
    if (std::is_constant_evaluated())
      for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = p[Offset / 8 + i];
    else
      std::memcpy(octets.data(), p + Offset / 8, octets.size());
    return v;
  } else {
    return static_cast<V>(load<Offset, Width>(p));
  }
}
template <class M, unsigned Offset, unsigned Width>
[[gnu::always_inline]] constexpr void store_as(u8* p, const M& m) {
  using V = typename unwrap<M>::type;
  if constexpr (Octets<V> || is_byte_array<V>) {
    const V& v = [&]() -> const V& {
      if constexpr (is_auto<M>) return m.value;
      else return m;
    }();
    const auto& octets = octets_of(v);
    if (std::is_constant_evaluated())
      for (std::size_t i = 0; i < octets.size(); ++i) p[Offset / 8 + i] = octets[i];
    else
      std::memcpy(p + Offset / 8, octets.data(), octets.size());
  } else {
    store<Offset, Width>(p, static_cast<u64>(static_cast<V>(m)));
  }
}
}  // namespace detail

}  // namespace rawket
