// Options as small tables behind a kind and a length byte, collected by value in a header's tail.
#pragma once
#include "rawket/wire/info.hpp"

namespace rawket {

/// How a list of options writes its length byte: length = (bytes of the value + Bias) / Unit.
/// An option type has `kind`; one with `single = true` is its kind byte alone.
template <std::size_t Capacity, u8 Bias = 2, u8 Unit = 1>
struct Options : Tail<Capacity> {
  constexpr Options() = default;
  template <Header... O> constexpr Options(const O&... options) { (add(options), ...); }

  /// False (and unchanged) when there is no room.
  template <Header O> constexpr bool add(const O& o) {
    if constexpr (requires { O::single; }) {
      const u8 kind = O::kind;
      return this->append({&kind, 1});
    } else {
      constexpr std::size_t bytes_needed = 2 + detail::fixed_bytes<O>;
      std::array<u8, (bytes_needed + Unit - 1) / Unit * Unit> b{};
      b[0] = O::kind;
      b[1] = static_cast<u8>((b.size() - 2 + Bias) / Unit);
      encode(o, b.data() + 2);
      return this->append(b);
    }
  }
};

/// One option found in a list: its place in the packet's bytes that were given, and its table, if any is known.
struct OptionView {
  u64 kind = 0;
  u32 offset = 0, length = 0;        ///< kind and length bytes included
  u32 value_offset = 0, value_length = 0;
  const Protocol* protocol = nullptr;
};

/// Walks a list; stops at the end option, at the last byte, or at an option whose length lies (`broken`).
class OptionWalk {
 public:
  constexpr OptionWalk(const OptionList& list, Bytes bytes) : list_(list), bytes_(bytes) {}

  constexpr std::optional<OptionView> next() {
    if (done_ || at_ >= bytes_.size()) return std::nullopt;
    OptionView o;
    o.kind = bytes_[at_];
    o.offset = static_cast<u32>(at_);
    o.length = 1;
    for (const Protocol* p : list_.known)
      if (p->kind == o.kind) o.protocol = p;
    if (static_cast<int>(o.kind) == list_.end_kind) {
      done_ = true;
      ++at_;
      return o;
    }
    if (static_cast<int>(o.kind) == list_.pad_kind) {
      ++at_;
      return o;
    }
    o.value_offset = static_cast<u32>(at_ + 2);
    const std::size_t left = bytes_.size() - at_;
    if (left < 2) {
      broken_ = done_ = true;
      return o;
    }
    const std::size_t total = std::size_t{bytes_[at_ + 1]} * list_.length_unit + list_.length_bias;
    o.length = static_cast<u32>(total < left ? total : left);
    if (total < 2 || total > left) {
      broken_ = done_ = true;
      o.length = static_cast<u32>(left);
      o.value_length = total < 2 ? 0 : o.length - 2;  // what is there of it
      return o;
    }
    o.value_length = o.length - 2;
    at_ += total;
    return o;
  }
  constexpr bool broken() const { return broken_; }        ///< the last option given has a length that cannot be
  constexpr std::size_t offset() const { return at_; }     ///< bytes walked

 private:
  const OptionList& list_;
  Bytes bytes_;
  std::size_t at_ = 0;
  bool done_ = false, broken_ = false;
};

}  // namespace rawket
