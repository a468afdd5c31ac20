// The run-time table of a protocol, `info<T>`, made from its struct: what every non-template part of rawket reads.
#pragma once
#include <concepts>

#include "rawket/wire/layout.hpp"

namespace rawket {
namespace detail {

// Fields with their parts behind them, and a status behind each checksum.
template <class T> inline constexpr std::size_t flat_count = [] {
  std::size_t n = 0;
  for (const Field& f : layout<T>.fields) n += 1 + f.parts.size() + (f.rule.kind == Rule::checksum);
  return n;
}();

template <class T> constexpr auto flatten() {
  std::array<Field, flat_count<T>> flat{};
  std::size_t n = 0;
  for (const Field& f : layout<T>.fields) {
    flat[n++] = f;
    u16 at = f.offset;
    for (const Part& p : f.parts) {
      Field part;
      part.name = p.name, part.doc = p.doc, part.offset = at, part.width = p.width, part.show = p.show, part.names = p.names, part.rule = p.rule, part.brief = p.brief, part.more = p.more;
      part.is_part = true;
      part.quiet = f.show == Show::flags;
      part.at = Locator(at, p.width);
      flat[n++] = part;
      at = static_cast<u16>(at + p.width);
    }
    if (!f.parts.empty() && at != f.offset + f.width) throw "layout(): the parts do not cover their field";
    if (f.rule.kind == Rule::checksum) {
      Field status;
      status.name = "checksum.status";
      status.doc = "Whether the checksum is right: 0 bad, 1 good, 2 unverified, 3 not present";
      status.offset = f.offset;
      status.is_status = true;
      flat[n++] = status;
    }
  }
  return flat;
}

// All keys of a protocol in one text, each `,"prefix.name":`; 32 bytes of slack let printers copy in whole words.
constexpr bool is_full(const Field&) { return false; }
constexpr bool is_full(const Extra& e) { return e.full; }
template <class Named> constexpr std::size_t key_size(std::string_view prefix, const Named& f) { return f.name.size() + (is_full(f) ? 4 : prefix.size() + 5); }
template <class List> constexpr std::size_t keys_size(std::string_view prefix, const List& fields) {
  std::size_t n = 32;
  for (const auto& f : fields) n += key_size(prefix, f);
  return n;
}
template <std::size_t N, class List> constexpr auto make_keys(std::string_view prefix, const List& fields) {
  std::array<char, N> text{};
  std::size_t at = 0;
  const auto put_text = [&](std::string_view s) {
    for (char c : s) text[at++] = c;
  };
  for (const auto& f : fields) {
    put_text(",\"");
    if (!is_full(f)) put_text(prefix), put_text(".");
    put_text(f.name), put_text("\":");
  }
  return text;
}
template <class List, class Sources> constexpr void set_keys(List& fields, const Sources& sources, std::string_view prefix, const char* text) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i].key = {text + at, key_size(prefix, sources[i])};
    at += fields[i].key.size();
  }
}

template <class T> inline constexpr auto flat_without_keys = flatten<T>();
template <class T> inline constexpr auto keys =
    make_keys<keys_size(layout<T>.prefix, flat_without_keys<T>)>(layout<T>.prefix, flat_without_keys<T>);
template <class T> inline constexpr auto flat = [] {
  auto f = flat_without_keys<T>;
  set_keys(f, flat_without_keys<T>, layout<T>.prefix, keys<T>.data());
  return f;
}();

template <class T> constexpr std::size_t line_size() {
  return static_cast<std::size_t>(std::ranges::count_if(flat<T>, [](const Field& f) { return f.brief && !f.from && !f.to; }));
}
template <class T> inline constexpr auto line_fields = [] {
  std::array<const Field*, line_size<T>()> list{};
  std::size_t n = 0;
  for (const Field& f : flat<T>)
    if (f.brief && !f.from && !f.to) list[n++] = &f;
  return list;
}();

template <class T> inline constexpr auto extras_of = [] {
  if constexpr (requires { T::extras; }) {
    std::array<Extra, std::size(T::extras)> list{};
    std::ranges::copy(T::extras, list.begin());
    return list;
  } else {
    return std::array<Extra, 0>{};
  }
}();
template <class T> inline constexpr auto extra_keys = make_keys<keys_size(layout<T>.prefix, extras_of<T>)>(layout<T>.prefix, extras_of<T>);
template <class T> inline constexpr auto extra_fields = [] {
  std::array<Field, extras_of<T>.size()> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Extra& e = extras_of<T>[i];
    fields[i].name = e.name, fields[i].doc = e.doc, fields[i].show = e.show, fields[i].quiet = e.quiet, fields[i].names = e.names;
    fields[i].is_part = e.full;  // said elsewhere already
  }
  set_keys(fields, extras_of<T>, layout<T>.prefix, extra_keys<T>.data());
  return fields;
}();

template <class T> inline constexpr auto defaults = [] {
  struct {
    std::array<u8, fixed_bytes<T>> bytes{};
    u64 autos = 0;
  } d;
  d.autos = encode(T{}, d.bytes.data());
  return d;
}();
template <class T> inline constexpr auto numbers_of = [] {
  if constexpr (requires { T::numbers; }) return std::to_array(T::numbers);
  else return std::array<Number, 0>{};
}();

template <class T> constexpr const Protocol* address_of_info();
template <class T> constexpr const OptionList* options_of() {
  if constexpr (requires { T::option_list; }) return &T::option_list;
  else return nullptr;
}

template <class T> constexpr Protocol make_info() {
  Protocol p{.name = layout<T>.name, .prefix = layout<T>.prefix, .label = layout<T>.label, .title = layout<T>.title, .spec = layout<T>.spec, .fields = flat<T>,
             .extras = extra_fields<T>, .numbers = numbers_of<T>, .defaults = defaults<T>.bytes, .autos = defaults<T>.autos,
             .fixed = static_cast<u16>(fixed_bytes<T>)};
  for (const Field& f : layout<T>.fields) {
    if (f.rule.kind == Rule::header_length) p.length_at = f.at, p.length_rule = f.rule;
    if (f.rule.stream && f.width >= 16) p.stream_at = f.at, p.stream_rule = f.rule;
    if (f.rule.stream && f.rule.kind == Rule::total_length) continue;
    if (f.rule.kind == Rule::total_length || f.rule.kind == Rule::payload_length) p.end_at = f.at, p.end_rule = f.rule;
    if (f.rule.kind == Rule::next_protocol) (p.next_at ? p.other_next_at : p.next_at) = f.at, p.next_space = f.rule.space->id;
    if (f.opaque) p.opaque_at = f.at;
  }
  for (const Field& f : flat<T>) {
    if (f.from) p.source = &f;
    if (f.to) p.destination = &f;
    if (f.rule.kind == Rule::checksum) p.checksum = &f;
    if (f.more) p.more_at = f.at;
  }
  p.line = line_fields<T>;
  p.prefix_id = Space(p.prefix).id;
  for (const Extra& e : extras_of<T>)
    if (e.full) p.borrowed_prefix_id = Space(e.name.substr(0, e.name.find('.'))).id;
  p.options = options_of<T>();
  if constexpr (requires { requires !std::is_member_pointer_v<decltype(&T::kind)>; }) p.kind = T::kind;
  if constexpr (requires { requires !std::is_member_pointer_v<decltype(&T::is_message)>; }) p.is_message = T::is_message;
  if constexpr (requires { requires !std::is_member_pointer_v<decltype(&T::repeats)>; }) p.repeats = T::repeats;
  if constexpr (requires { requires !std::is_member_pointer_v<decltype(&T::is_stream)>; }) p.is_stream = T::is_stream;
  if constexpr (requires { requires !std::is_member_pointer_v<decltype(&T::quotes)>; }) p.quotes = T::quotes;
  if constexpr (requires { typename T::payload; }) p.payload = address_of_info<typename T::payload>();
  if constexpr (requires { typename T::other; requires !std::is_same_v<typename T::other, T>; })  // a derived table inherits the word that names itself
    p.other = address_of_info<typename T::other>(), p.is_other = &T::is_other;
  else if constexpr (requires { { &T::is_other } -> std::convertible_to<decltype(p.is_other)>; } && !requires { typename T::other; })
    p.other = &data, p.is_other = &T::is_other;
  // A hook is a static function of the right type; a member that happens to be called so is none.
  if constexpr (requires { { &T::length } -> std::convertible_to<decltype(p.length)>; }) p.length = &T::length;
  if constexpr (requires { { &T::next } -> std::convertible_to<decltype(p.next)>; }) p.next = &T::next;
  if constexpr (requires { { &T::message } -> std::convertible_to<decltype(p.message)>; }) p.message = &T::message;
  if constexpr (requires { { &T::begins } -> std::convertible_to<decltype(p.begins)>; }) p.begins = &T::begins;
  if constexpr (requires { { &T::pseudo_header } -> std::convertible_to<decltype(p.pseudo_header)>; }) p.pseudo_header = &T::pseudo_header;
  if constexpr (requires { { &T::final_destination } -> std::convertible_to<decltype(p.final_destination)>; }) p.final_destination = &T::final_destination;
  if constexpr (requires { { &T::describe } -> std::convertible_to<decltype(p.describe)>; }) p.describe = &T::describe;
  if constexpr (requires { { &T::check } -> std::convertible_to<decltype(p.check)>; }) p.check = &T::check;
  if constexpr (requires { { &T::answers } -> std::convertible_to<decltype(p.answers)>; }) p.answers = &T::answers;
  if constexpr (requires { { &T::word } -> std::convertible_to<decltype(p.word)>; }) p.word = &T::word;
  return p;
}

}  // namespace detail

template <Header T> inline constexpr Protocol info = detail::make_info<T>();
template <class T> constexpr const Protocol* detail::address_of_info() { return &info<T>; }
/// Every protocol's table by address, in the order given.
template <class... P> inline constexpr std::array<const Protocol*, sizeof...(P)> infos{&info<P>...};

}  // namespace rawket
