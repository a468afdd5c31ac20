// From one list of member pointers to everything: offsets, names, the run-time table, decode and encode.
#pragma once
#include <utility>

#include "rawket/wire/table.hpp"
#include "rawket/wire/values.hpp"

namespace rawket {

// ---- declaring -------------------------------------------------------------------------------------
namespace detail {
template <class> struct member;
template <class C, class T> struct member<T C::*> {
  using owner = C;
  using type = T;
};
template <auto M> using owner_of = typename member<decltype(M)>::owner;
template <auto M> using type_of = typename member<decltype(M)>::type;
template <class T> inline constexpr Show natural_show = Show::decimal;
template <> inline constexpr Show natural_show<Mac> = Show::mac;
template <> inline constexpr Show natural_show<Ipv4Address> = Show::ipv4;
template <> inline constexpr Show natural_show<Ipv6Address> = Show::ipv6;
template <std::size_t N> inline constexpr Show natural_show<std::array<u8, N>> = Show::bytes;

template <auto M> consteval std::string_view member_name() {
  std::string_view s = __PRETTY_FUNCTION__;
  s = s.substr(s.find("M = ") + 4);
  s = s.substr(0, s.find_first_of(";]"));
  return s.substr(s.rfind(':') + 1);
}

struct anything {
  template <class T> constexpr operator T() const;
};
template <class T, std::size_t N>
inline constexpr bool has_members = []<std::size_t... I>(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), anything{})...}; };
}(std::make_index_sequence<N>{});
template <class T> concept HasTail = requires(T t) { t.options.bytes; t.options.size; };
}  // namespace detail

/// One field on the wire: its Wireshark name, width in bits, meaning, and what else the table can say of it.
template <auto Member>
struct field {
  Field info;
  template <class... Traits>
  constexpr field(std::string_view name, u16 width, std::string_view doc, Traits... traits) {
    info.name = name;
    info.alias = detail::member_name<Member>();
    info.doc = doc;
    info.width = width;
    info.show = detail::natural_show<typename detail::unwrap<detail::type_of<Member>>::type>;
    info.little_endian = detail::is_little<typename detail::unwrap<detail::type_of<Member>>::type>;
    (info.add(traits), ...);
  }
};

template <class T, auto... Members>
struct Layout {
  std::string_view name, prefix, label, title, spec;
  std::array<Field, sizeof...(Members)> fields{};
  u16 bits = 0;

  /// Fields are called `p.name` instead of `name.name`.
  constexpr Layout with_prefix(std::string_view p) const {
    Layout l = *this;
    l.prefix = p;
    return l;
  }
  /// Lists of layers call it `word`.
  constexpr Layout with_label(std::string_view word) const {
    Layout l = *this;
    l.label = word;
    return l;
  }
};

template <class T, auto... Ms>
constexpr auto protocol(std::string_view name, std::string_view title, std::string_view spec, field<Ms>... fs) {
  static_assert((std::is_base_of_v<detail::owner_of<Ms>, T> && ...), "layout() lists a field of another protocol");
  static_assert(!detail::has_members<T, sizeof...(Ms) + detail::HasTail<T> + 1>, "layout() does not list every member");
  Layout<T, Ms...> l{name, name, name, title, spec, {fs.info...}, 0};
  for (Field& f : l.fields) {
    f.offset = l.bits;
    f.at = Locator(f.offset, f.width);
    l.bits = static_cast<u16>(l.bits + f.width);
  }
  if (l.bits % 8 != 0) throw "layout(): the widths do not add up to whole bytes";
  return l;
}

/// The same fields under another protocol's name, for a struct derived from the one that lists them.
template <class T, class Base, auto... Ms>
constexpr auto renamed(const Layout<Base, Ms...>& base, std::string_view name, std::string_view title, std::string_view spec) {
  static_assert(std::is_base_of_v<Base, T>);
  return Layout<T, Ms...>{name, base.prefix, name, title, spec, base.fields, base.bits};
}

template <class T> inline constexpr auto layout = T::layout();
template <class T> concept Header = requires { T::layout(); };

namespace detail {
template <class L, auto M> struct index;
template <class T, auto... Ms, auto M>
struct index<const Layout<T, Ms...>, M> {
  static constexpr std::size_t value = [] {
    std::size_t i = 0, at = sizeof...(Ms);
    const auto same = [&]<auto A>() {
      if constexpr (std::is_same_v<decltype(A), decltype(M)>) {
        if (A == M) at = i;
      }
      ++i;
    };
    (same.template operator()<Ms>(), ...);
    return at;
  }();
  static_assert(value < sizeof...(Ms), "this member is not in its protocol's layout()");
};
}  // namespace detail
template <auto M>
inline constexpr std::size_t index_of = detail::index<decltype(layout<detail::owner_of<M>>), M>::value;
/// The table's line for a member.
template <auto M>
inline constexpr const Field& info_of = layout<detail::owner_of<M>>.fields[index_of<M>];

// ---- one field, in place ---------------------------------------------------------------------------
/// Reads one field; `header` must have the protocol's fixed bytes.
template <auto M>
[[gnu::always_inline]] constexpr auto get(const u8* header) {
  return detail::load_as<detail::type_of<M>, info_of<M>.offset, info_of<M>.width>(header);
}
/// Writes one field and nothing else: no checksum follows. (`Packet::set` and `Frame::set` keep them right.)
template <auto M>
[[gnu::always_inline]] constexpr void put(u8* header, const detail::type_of<M>& v) {
  detail::store_as<detail::type_of<M>, info_of<M>.offset, info_of<M>.width>(header, v);
}

// ---- a whole header --------------------------------------------------------------------------------
namespace detail {
template <class T, auto... Ms, std::size_t... I>
[[gnu::always_inline]] constexpr void decode_into(T& t, const u8* p, const Layout<T, Ms...>&, std::index_sequence<I...>) {
  ((t.*Ms = load_as<type_of<Ms>, layout<T>.fields[I].offset, layout<T>.fields[I].width>(p)), ...);
}
template <class T, auto... Ms, std::size_t... I>
[[gnu::always_inline]] constexpr u64 encode_from(const T& t, [[maybe_unused]] u8* p, const Layout<T, Ms...>&, std::index_sequence<I...>) {
  u64 autos = 0;
  (([&] {
     store_as<type_of<Ms>, layout<T>.fields[I].offset, layout<T>.fields[I].width>(p, t.*Ms);
     if constexpr (is_auto<type_of<Ms>>)
       if (!(t.*Ms).given) autos |= u64{1} << I;
   }()),
   ...);
  return autos;
}
template <class T> inline constexpr auto indices = std::make_index_sequence<layout<T>.fields.size()>{};
template <class T> inline constexpr u32 fixed_bytes = layout<T>.bits / 8;
}  // namespace detail

/// The header as a value; the compiler keeps only the loads that are used. `p` must have the fixed bytes.
template <Header T>
[[gnu::always_inline]] constexpr T decode(const u8* p) {
  T t{};
  detail::decode_into(t, p, layout<T>, detail::indices<T>);
  return t;
}
/// Writes the fixed part; returns the set of fields left for the rules.
template <Header T>
[[gnu::always_inline]] constexpr u64 encode(const T& t, u8* p) {
  return detail::encode_from(t, p, layout<T>, detail::indices<T>);
}

/// A header in somebody else's bytes, which must outlive the view; or none. `view->dport` reads one field, `*view` all.
template <Header T>
class View {
 public:
  constexpr View() = default;
  constexpr explicit View(const u8* p) : p_(p) {}
  struct Arrow {
    T value;
    constexpr const T* operator->() const { return &value; }
  };
  constexpr explicit operator bool() const { return p_ != nullptr; }
  [[gnu::always_inline]] constexpr Arrow operator->() const { return {decode<T>(p_)}; }
  [[gnu::always_inline]] constexpr T operator*() const { return decode<T>(p_); }

 private:
  const u8* p_ = nullptr;
};

}  // namespace rawket
