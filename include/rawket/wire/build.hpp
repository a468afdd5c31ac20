// Stacks of headers with "/", and `build`: their bytes, at compile time or at run time, with lengths, numbers and
// checksums filled in where they were left open.
#pragma once
#include "rawket/wire/info.hpp"
#include "rawket/wire/rules.hpp"

namespace rawket {

/// Bytes that belong to no protocol, by value.
template <std::size_t N> struct Payload {
  std::array<u8, N> bytes{};
};
template <class Outer, class Inner> struct Stack {
  Outer outer;
  Inner inner;
};

namespace detail {
template <class T> inline constexpr std::size_t tail_capacity = 0;
template <HasTail T> inline constexpr std::size_t tail_capacity<T> = decltype(T::options)::capacity;

template <class T> inline constexpr std::size_t max_bytes = fixed_bytes<T> + tail_capacity<T>;
template <std::size_t N> inline constexpr std::size_t max_bytes<Payload<N>> = N;
template <class A, class B> inline constexpr std::size_t max_bytes<Stack<A, B>> = max_bytes<A> + max_bytes<B>;
template <class T> inline constexpr bool is_stack = Header<T>;
template <std::size_t N> inline constexpr bool is_stack<Payload<N>> = true;
template <class A, class B> inline constexpr bool is_stack<Stack<A, B>> = true;

// Parts as a stack.
template <class... T> struct stack_of;
template <class A> struct stack_of<A> { using type = A; };
template <class A, class B, class... T> struct stack_of<A, B, T...> : stack_of<Stack<A, B>, T...> {};

// A stack as a flat list of types.
template <class... T> struct List {
  static constexpr std::size_t size = sizeof...(T);
};
template <class A, class B> struct concat;
template <class... A, class... B> struct concat<List<A...>, List<B...>> { using type = List<A..., B...>; };
template <class T> struct flat_list { using type = List<T>; };
template <class A, class B> struct flat_list<Stack<A, B>> : concat<typename flat_list<A>::type, typename flat_list<B>::type> {};
template <std::size_t I, class L> struct at;
template <std::size_t I, class H, class... T> struct at<I, List<H, T...>> : at<I - 1, List<T...>> {};
template <class H, class... T> struct at<0, List<H, T...>> { using type = H; };

/// The number of Child in the space that Parent's field selects by; nothing when it has none.
template <class Child> constexpr std::optional<u64> number_for(const Space& space) {
  if constexpr (Header<Child>) {
    for (const Number& n : numbers_of<Child>)
      if (n.space->id == space.id) return n.value;
  }
  return std::nullopt;
}
template <class T> constexpr auto indices_or_none() {
  if constexpr (Header<T>) return indices<T>;
  else return std::index_sequence<>{};
}
template <class T> concept HasPseudo = requires { &T::pseudo_header; };
template <std::size_t N> constexpr std::size_t padded(std::size_t n) { return (n + N - 1) / N * N; }
template <class T> constexpr std::size_t tail_unit = [] {
  for (const Field& f : layout<T>.fields)
    if (f.rule.kind == Rule::header_length) return std::size_t{f.rule.unit};
  return std::size_t{1};
}();
}  // namespace detail

template <class T> concept Stackable = detail::is_stack<T>;

template <Stackable A, Stackable B>
constexpr Stack<A, B> operator/(const A& a, const B& b) { return {a, b}; }
template <Stackable A, std::size_t N>
constexpr Stack<A, Payload<N - 1>> operator/(const A& a, const char (&text)[N]) {
  Payload<N - 1> p{};
  for (std::size_t i = 0; i + 1 < N; ++i) p.bytes[i] = static_cast<u8>(text[i]);
  return {a, p};
}

/// Built bytes with their layers, by value: `constexpr auto syn = build(...)` lies in .rodata.
template <Stackable S>
class Frame {
 public:
  using types = typename detail::flat_list<S>::type;
  static constexpr std::size_t depth = types::size;

  /// `parts`, one behind the other, are what S is made of.
  template <Stackable... Parts> [[gnu::always_inline]] constexpr explicit Frame(const Parts&... parts) : storage_{} {
    Autos autos{};
    std::size_t i = 0;
    (place(parts, autos, i), ...);
    fill(autos, std::make_index_sequence<depth>{});
  }
  /// By whole words and by single places: compilers clear and fill a frame that is mostly zeros, and lose sight of what is constant.
  [[gnu::always_inline]] constexpr Frame(const Frame& o) : size_(o.size_) {
    if (std::is_constant_evaluated()) storage_ = o.storage_;
    else std::memcpy(storage_.data(), o.storage_.data(), storage_.size());
    [&]<std::size_t... I>(std::index_sequence<I...>) { ((extents_[I] = o.extents_[I]), ...); }(std::make_index_sequence<depth>{});
  }
  constexpr Frame& operator=(const Frame&) = default;

  constexpr Bytes bytes() const { return {storage_.data(), size_}; }
  constexpr operator Bytes() const { return bytes(); }
  constexpr std::size_t size() const { return size_; }
  /// Where the i-th layer lies.
  constexpr const Extent& extent(std::size_t i) const { return extents_[i]; }
  /// The header bytes of the first layer of type T.
  template <Header T> constexpr Bytes header() const {
    const Extent& e = extents_[first<T>()];
    return bytes().subspan(e.offset, e.length);
  }
  /// Reads a field of the first layer of its type.
  template <auto M> constexpr auto get() const { return rawket::get<M>(storage_.data() + extents_[first<detail::owner_of<M>>()].offset); }

  /// Writes fields of the first layers of their types and updates the checksums that cover them (RFC 1624), once for all.
  template <auto... Ms> [[gnu::always_inline]] constexpr Frame& set(const typename detail::unwrap<detail::type_of<Ms>>::type&... values) {
    std::array<Change, depth> changes{}, addresses{};
    (write<Ms>(values, changes, addresses), ...);
    refresh<List<Ms...>>(changes, addresses, std::make_index_sequence<depth>{});
    return *this;
  }

 private:
  using Autos = std::array<u64, depth>;
  template <std::size_t I> using type_at = typename detail::at<I, types>::type;

  template <class T, std::size_t I = 0> static constexpr std::size_t first() {
    static_assert(I < depth, "the packet has no such layer");
    if constexpr (std::is_same_v<type_at<I>, T>) return I;
    else return first<T, I + 1>();
  }

  // -- building
  template <class A, class B> [[gnu::always_inline]] constexpr void place(const Stack<A, B>& s, Autos& autos, std::size_t& i) {
    place(s.outer, autos, i);
    place(s.inner, autos, i);
  }
  template <std::size_t N> constexpr void place(const Payload<N>& p, Autos&, std::size_t& i) {
    for (std::size_t k = 0; k < N; ++k) storage_[size_ + k] = p.bytes[k];
    extents_[i++] = {static_cast<u32>(size_), static_cast<u32>(N), 0};
    size_ += N;
  }
  template <Header T> [[gnu::always_inline]] constexpr void place(const T& t, Autos& autos, std::size_t& i) {
    std::size_t n = detail::fixed_bytes<T>;
    autos[i] = encode(t, storage_.data() + size_);
    if constexpr (detail::HasTail<T>) {
      for (std::size_t k = 0; k < t.options.size; ++k) storage_[size_ + n + k] = t.options.bytes[k];
      n = detail::padded<detail::tail_unit<T>>(n + t.options.size);
      if constexpr (requires { T::pad_options(MutableBytes{}); })
        T::pad_options({storage_.data() + size_ + detail::fixed_bytes<T> + t.options.size, n - detail::fixed_bytes<T> - t.options.size});
    }
    extents_[i++] = {static_cast<u32>(size_), static_cast<u32>(n), 0};
    size_ += n;
  }
  template <std::size_t... I> [[gnu::always_inline]] constexpr void fill(const Autos& autos, std::index_sequence<I...>) {
    for (Extent& e : extents_) e.end = static_cast<u32>(size_);
    (fill_lengths<I>(autos[I], detail::indices_or_none<type_at<I>>()), ...);
    (fill_checksums<depth - 1 - I>(autos[depth - 1 - I], detail::indices_or_none<type_at<depth - 1 - I>>()), ...);
  }
  template <std::size_t L, std::size_t... F> [[gnu::always_inline]] constexpr void fill_lengths([[maybe_unused]] u64 autos, std::index_sequence<F...>) {
    ([&] {
      using T = type_at<L>;
      constexpr const Field& f = layout<T>.fields[F];
      u8* header = storage_.data() + extents_[L].offset;
      if ((autos >> F & 1) == 0) return;
      if constexpr (f.rule.kind == Rule::next_protocol) {
        if constexpr (L + 1 < depth) {
          constexpr auto number = detail::number_for<type_at<L + 1>>(*f.rule.space);
          if constexpr (number.has_value()) store<f.offset, f.width>(header, *number);
        }
      } else if constexpr (f.rule.kind == Rule::header_length || f.rule.kind == Rule::total_length || f.rule.kind == Rule::payload_length) {
        store<f.offset, f.width>(header, length_for(f.rule, extents_[L]));
      }
    }(), ...);
  }
  template <std::size_t L, std::size_t... F> [[gnu::always_inline]] constexpr void fill_checksums([[maybe_unused]] u64 autos, std::index_sequence<F...>) {
    ([&] {
      using T = type_at<L>;
      constexpr const Field& f = layout<T>.fields[F];
      if constexpr (f.rule.kind == Rule::checksum) {
        if ((autos >> F & 1) == 0) return;
        u8* header = storage_.data() + extents_[L].offset;
        const u64 sum = covered_sum(f.rule, bytes(), extents_[L], pseudo<L>());
        store<f.offset, f.width>(header, checksum_for(f.rule, sum, 0));
      } else if constexpr (f.rule.kind == Rule::crc) {
        if ((autos >> F & 1) != 0) store<f.offset, f.width>(storage_.data() + extents_[L].offset, crc_for(f, bytes(), extents_[L]));
      }
    }(), ...);
  }
  template <std::size_t L, std::size_t P = L> [[gnu::always_inline]] constexpr u64 pseudo() const {
    if constexpr (P == 0) {
      return 0;
    } else if constexpr (detail::HasPseudo<type_at<P - 1>>) {
      constexpr auto number = detail::number_for<type_at<L>>(ip_protocol);
      return type_at<P - 1>::pseudo_header(bytes().subspan(extents_[P - 1].offset)) + number.value_or(0);
    } else {
      return pseudo<L, P - 1>();
    }
  }

  // -- editing
  template <auto... Ms> struct List {};
  /// Sums of big-endian words before and after a change. 32-bit words stand for their two halves: all is modulo 0xffff.
  struct Change {
    u64 before = 0, after = 0;
    constexpr Change operator+(const Change& o) const { return {before + o.before, after + o.after}; }
  };

  using Changes = std::array<Change, depth>;
  template <auto M>
  [[gnu::always_inline]] constexpr void write(const typename detail::unwrap<detail::type_of<M>>::type& v, Changes& changes, Changes& addresses) {
    constexpr const Field& f = info_of<M>;
    constexpr std::size_t layer = first<detail::owner_of<M>>();
    constexpr unsigned begin = f.offset / 16 * 16, end = (f.offset + f.width + 15) / 16 * 16;
    u8* header = storage_.data() + extents_[layer].offset;
    Change change;
    change.before = words<begin, end>(header);
    detail::store_as<typename detail::unwrap<detail::type_of<M>>::type, f.offset, f.width>(header, v);
    change.after = words<begin, end>(header);
    // A checksum that is given stays, and what covers it goes by the right one.
    if constexpr (!f.rule.is_sum()) changes[layer] = changes[layer] + change;
    if constexpr (f.from || f.to) addresses[layer] = addresses[layer] + change;
  }
  template <unsigned Begin, unsigned End> [[gnu::always_inline]] static constexpr u64 words(const u8* header) {
    if constexpr (Begin == End) return 0;
    else if constexpr (Begin + 32 <= End) return load<Begin, 32>(header) + words<Begin + 32, End>(header);
    else return load<Begin, 16>(header);
  }

  /// The layer whose addresses the pseudo header of layer L takes; `depth` when there is none.
  template <std::size_t L, std::size_t P = L> static constexpr std::size_t nearest_pseudo() {
    if constexpr (P == 0) return depth;
    else if constexpr (detail::HasPseudo<type_at<P - 1>>) return P - 1;
    else return nearest_pseudo<L, P - 1>();
  }
  /// Whether one of the written fields lies in layer L, or in the addresses of it.
  template <std::size_t L, bool OnlyAddresses, auto... Ms> static constexpr bool is_written(List<Ms...>) {
    return ((L < depth && first<detail::owner_of<Ms>>() == L && !info_of<Ms>.rule.is_sum() &&
             (!OnlyAddresses || info_of<Ms>.from || info_of<Ms>.to)) || ...);
  }

  /// Whether field F of layer L is one of the written ones.
  template <std::size_t L, std::size_t F, auto... Ms> static constexpr bool is_given(List<Ms...>) {
    return ((first<detail::owner_of<Ms>>() == L && index_of<Ms> == F) || ...);
  }

  /// From the innermost layer outwards, as each checksum lies in what the outer ones cover.
  template <class Fields, std::size_t... I> [[gnu::always_inline]] constexpr void refresh(Changes& changes, const Changes& addresses, std::index_sequence<I...>) {
    Change inner;
    ([&] {
      constexpr std::size_t L = depth - 1 - I;
      if constexpr (Header<type_at<L>> && is_covered<L, Fields>()) {
        Change& own = changes[L];
        own = own + adjust<L, Rule::header, Fields>(own, detail::indices<type_at<L>>);
        own = own + adjust<L, Rule::message, Fields>(own + inner, detail::indices<type_at<L>>);
        Change covered = own + inner;
        if constexpr (is_written<nearest_pseudo<L>(), true>(Fields{})) covered = covered + addresses[nearest_pseudo<L>()];
        own = own + adjust<L, Rule::pseudo, Fields>(covered, detail::indices<type_at<L>>);
        inner = inner + own;
      }
    }(), ...);
  }
  /// Whether anything in layer L, within it or in its pseudo header was written.
  template <std::size_t L, class Fields> static constexpr bool is_covered() {
    return []<std::size_t... K>(std::index_sequence<K...>) {
      return (is_written<L + K, false>(Fields{}) || ...) || (is_written<nearest_pseudo<L + K>(), true>(Fields{}) || ...);
    }(std::make_index_sequence<depth - L>{});
  }
  /// Updates the checksums of one layer and scope; returns how they themselves changed.
  template <std::size_t L, Rule::Scope Scope, class Fields, std::size_t... F>
  [[gnu::always_inline]] constexpr Change adjust(const Change& change, std::index_sequence<F...>) {
    Change made;
    ([&] {
      constexpr const Field& f = layout<type_at<L>>.fields[F];
      if constexpr (f.rule.kind == Rule::checksum && f.rule.scope == Scope && !is_given<L, F>(Fields{})) {
        u8* header = storage_.data() + extents_[L].offset;
        const u16 old = load<f.offset, f.width>(header);
        if (f.rule.zero_is_none && old == 0) return;
        u16 fresh = updated_checksum(old, change.before, change.after);
        if (f.rule.zero_is_none && fresh == 0) fresh = 0xffff;
        store<f.offset, f.width>(header, fresh);
        made = made + Change{old, fresh};
      } else if constexpr (f.rule.kind == Rule::crc && f.rule.scope == Scope && !is_given<L, F>(Fields{})) {  // no update by what changed
        u8* header = storage_.data() + extents_[L].offset;
        const u64 old = words<f.offset, f.offset + f.width>(header);
        store<f.offset, f.width>(header, crc_for(f, bytes(), extents_[L]));
        made = made + Change{old, words<f.offset, f.offset + f.width>(header)};
      }
    }(), ...);
    return made;
  }

  std::array<u8, detail::max_bytes<S>> storage_;
  std::size_t size_ = 0;
  std::array<Extent, depth> extents_{};
};

/// The bytes of a stack of headers, or of its parts one by one, which spares the stack's copies of them.
/// Given beats computed: a field that was given a value keeps it.
template <Stackable... Parts> [[gnu::always_inline]] constexpr auto build(const Parts&... parts) {
  return Frame<typename detail::stack_of<Parts...>::type>(parts...);
}

}  // namespace rawket
