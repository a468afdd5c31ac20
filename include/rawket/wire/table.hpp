// The table every other part of rawket reads: fields, protocols, and how they nest. Plain data, no templates.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/wire/checksum.hpp"

namespace rawket {

enum class Show : u8 { decimal, signed_decimal, hex, mac, ipv4, ipv6, flags, names, bytes, text };

struct Name {
  u64 value;
  std::string_view text;
};
using Names = std::span<const Name>;

/// Numbers that name protocols. Every field that draws from a space (Ethernet, VLAN and GRE all carry an
/// ether_type) can carry every protocol that has a number in it. Spaces with equal names are equal.
struct Space {
  std::string_view name;
  u32 id = 0;
  constexpr explicit Space(std::string_view n) : name(n), id(2166136261u) {
    for (char c : n) id = (id ^ static_cast<u8>(c)) * 16777619u;
  }
};
inline constexpr Space link_layer{"link_type"}, ether_type{"ether_type"}, ip_protocol{"ip_protocol"}, ip_version{"ip_version"},
    null_family{"null_family"}, udp_port{"udp_port"}, tcp_port{"tcp_port"}, llc_sap{"llc_sap"}, ppp_protocol{"ppp_protocol"}, icmp_type{"icmp_type"},
    icmpv6_type{"icmpv6_type"};

/// One number of a protocol in a space. A null space is no number at all.
struct Number {
  const Space* space = nullptr;
  u64 value = 0;
};

/// Who fills a field when the user does not, and what the linter expects to find in it.
struct Rule {
  enum Kind : u8 { given, next_protocol, header_length, total_length, payload_length, checksum, crc, constant, beyond };
  enum Scope : u8 { header, message, pseudo };
  Kind kind = given;
  Scope scope = header;
  u8 unit = 1;                   ///< length in bytes = (value + bias) * unit
  u8 bias = 0;
  bool stream = false;           ///< a length in a byte stream: the rest may be in other packets, and more messages may follow it
  bool zero_is_none = false;     ///< checksum: 0 says "not computed", and a computed 0 is sent as 0xffff
  const Space* space = nullptr;  ///< next_protocol
  u64 value = 0;                 ///< constant

  constexpr bool is_sum() const { return kind == checksum || kind == crc; }   ///< of bytes around it
};
/// The field holds the number, in space `s`, of the protocol that comes next.
constexpr Rule selects(const Space& s) { return {.kind = Rule::next_protocol, .space = &s}; }
constexpr Rule header_length(u8 unit, u8 bias = 0) { return {.kind = Rule::header_length, .unit = unit, .bias = bias}; }
inline constexpr Rule total_length{.kind = Rule::total_length}, payload_length{.kind = Rule::payload_length};
/// The field counts the bytes behind the first `n` of a message in a byte stream: it is filled in, but neither limits nor is judged.
constexpr Rule bytes_behind(u8 n) { return {.kind = Rule::total_length, .bias = n, .stream = true}; }
/// The same for a payload that the field limits: what lies behind it is the next message.
inline constexpr Rule stream_payload_length{.kind = Rule::payload_length, .stream = true};
inline constexpr Rule header_checksum{.kind = Rule::checksum, .scope = Rule::header};
inline constexpr Rule message_checksum{.kind = Rule::checksum, .scope = Rule::message};
inline constexpr Rule transport_checksum{.kind = Rule::checksum, .scope = Rule::pseudo};
inline constexpr Rule optional_checksum{.kind = Rule::checksum, .scope = Rule::pseudo, .zero_is_none = true};
/// CRC32c of the whole message, its low byte first, as SCTP has it.
inline constexpr Rule message_crc{.kind = Rule::crc, .scope = Rule::message};
/// Needs what the table does not know, like a key: left open it stays zero, and is never judged.
inline constexpr Rule beyond_table{.kind = Rule::beyond};
/// The field has one right value: a version, or reserved bits that must be zero.
constexpr Rule always(u64 v) { return {.kind = Rule::constant, .value = v}; }

/// A named range of bits inside a field; a field's parts follow each other from its first bit on and cover it.
struct Part {
  std::string_view name;
  u16 width;
  std::string_view doc;
  Show show = Show::decimal;
  Names names{};
  Rule rule{};
  bool brief = false;  ///< belongs in the one-line form
  bool more = false;   ///< set: more pieces of the payload follow in other packets
};

// What a field may be told besides its name, width and meaning:
struct Flags { Names names; };             ///< a letter or word per bit
struct Values { Names names; };            ///< a word per number
struct Parts { std::span<const Part> parts; };
struct Quiet {};                           ///< only shown where asked for by name, and in the tree
struct Brief {};                           ///< belongs in the one-line form
struct Scaled { u8 by; };                  ///< shown and read multiplied: a length in words as bytes
struct Opaque {};                          ///< a value other than zero says that the payload is the middle of something
struct More {};                            ///< set: more pieces of the payload follow in other packets
struct From {};                            ///< the address or port a packet comes from,
struct To {};                              ///< and goes to: printed as "a > b"

inline constexpr Quiet quiet{};
inline constexpr Brief brief{};
inline constexpr Opaque opaque_if_set{};
inline constexpr More more_if_set{};
inline constexpr From comes_from{};
inline constexpr To goes_to{};

struct Field {
  std::string_view name;    ///< Wireshark's, without the protocol's prefix: "dstport"
  std::string_view alias;   ///< the C++ member: "dport"; parts have none
  std::string_view key;     ///< `,"tcp.dstport":`
  std::string_view doc;
  u16 offset = 0, width = 0;///< bits; width 0: derived, not on the wire by itself
  Show show = Show::decimal;
  u8 scale = 1;
  bool is_part = false, quiet = false, brief = false, opaque = false, more = false, from = false, to = false;
  bool is_status = false;   ///< says whether the checksum before it is right
  bool little_endian = false;
  Rule rule{};
  Names names{};
  std::span<const Part> parts{};
  Locator at{};

  /// The number on the wire, not scaled. Fields wider than 64 bits have none.
  [[gnu::always_inline]] constexpr u64 read(const u8* header) const {
    const u64 v = at.read(header);
    return !little_endian ? v : width == 16 ? __builtin_bswap16(static_cast<u16>(v)) : width == 32 ? __builtin_bswap32(static_cast<u32>(v)) : __builtin_bswap64(v);
  }
  constexpr void write(u8* header, u64 v) const {
    store(header, offset, width, !little_endian ? v : width == 16 ? __builtin_bswap16(static_cast<u16>(v)) : width == 32 ? __builtin_bswap32(static_cast<u32>(v)) : __builtin_bswap64(v));
  }
  constexpr bool is_number() const { return show != Show::mac && show != Show::ipv4 && show != Show::ipv6 && show != Show::bytes && show != Show::text; }
  constexpr std::string_view full_name() const { return key.size() < 4 ? name : key.substr(2, key.size() - 4); }

  constexpr void add(Show s) { show = s; }
  constexpr void add(Rule r) { rule = r; }
  constexpr void add(Flags f) { show = Show::flags, names = f.names; }
  constexpr void add(Values v) { show = Show::names, names = v.names; }
  constexpr void add(Parts p) { parts = p.parts; }
  constexpr void add(Quiet) { quiet = true; }
  constexpr void add(Brief) { brief = true; }
  constexpr void add(Scaled s) { scale = s.by; }
  constexpr void add(Opaque) { opaque = true; }
  constexpr void add(More) { more = true; }
  constexpr void add(From) { from = true; }
  constexpr void add(To) { to = true; }
};

/// A fact that a `describe` hook tells: named and documented like a field, found by code.
struct Extra {
  std::string_view name;
  Show show = Show::decimal;
  std::string_view doc;
  bool quiet = false;
  Names names{};
  bool full = false;  ///< the name is complete: no prefix is put before it
};

/// Several lists as one, in this order.
template <std::size_t... N> constexpr auto joined(const Extra (&... lists)[N]) {
  std::array<Extra, (N + ...)> all{};
  auto* to = all.data();
  ((to = std::copy(lists, lists + N, to)), ...);
  return all;
}

struct Protocol;
struct Layer;
class Facts;

/// A list of options, each a small table of its own, behind the header's fixed part.
struct OptionList {
  std::span<const Protocol* const> known;
  u8 length_bias = 0;      ///< bytes of an option = (length field * unit) + bias; the two bytes of kind and length are in it
  u8 length_unit = 1;
  int end_kind = -1;       ///< one byte, ends the list
  int pad_kind = -1;       ///< one byte, no length
  const Protocol* find(u64 kind) const;
};

/// What the packet's other layers can be asked for: by `describe`, `check` and `answers`.
struct LayerView {
  Bytes packet;
  std::span<const Layer> layers;
  std::size_t index = 0;
  inline Bytes header() const;   ///< from the layer's first byte to the end of its header
  inline Bytes message() const;  ///< from the layer's first byte to the end of its payload
  inline Bytes payload() const;
  inline const Layer& layer() const;
};

enum class Severity : u8 { note, warning, error };

/// One fault of a packet. `repair` are the right bytes for [offset, offset + length), if there is one right way.
struct Fault {
  Severity severity = Severity::error;
  std::string_view code;       ///< "bad-checksum"
  std::string_view field;      ///< full name; empty when it is about a whole layer
  u32 offset = 0, length = 0;  ///< bytes of the packet
  std::string text;            ///< one plain sentence
  std::string_view reference;  ///< "RFC 9293, 3.1"
  std::optional<std::vector<u8>> repair{};
  bool misread = false;        ///< what follows the layer was taken for something else than it is, and is not to be judged
};
class Faults {
 public:
  virtual void add(Fault fault) = 0;

 protected:
  ~Faults() = default;
};

struct Protocol {
  std::string_view name;    ///< one word, unique: what craft calls it
  std::string_view prefix;  ///< of the fields' names
  std::string_view label;   ///< what lists of layers call it: the name, but for variants of one protocol
  std::string_view title, spec;
  std::span<const Field> fields{};
  std::span<const Field> extras{};
  std::span<const Number> numbers{};
  std::span<const u8> defaults{};       ///< the default instance, encoded
  u64 autos = 0;                        ///< which top-level fields (bit = index among those that are no parts) are left to the rules
  u16 fixed = 0;                        ///< bytes of the fixed part
  u32 prefix_id = 0;                    ///< equal for equal prefixes
  u32 borrowed_prefix_id = 0;           ///< of names it tells that belong to another protocol
  bool quotes = false;                  ///< its payload is a packet seen elsewhere, perhaps cut
  bool repeats = false;                 ///< an option that holds its fields several times over
  bool is_stream = false;               ///< its payload is a piece of a byte stream: messages in it begin and end anywhere
  bool is_message = false;              ///< a kind of its parent ("icmp echo"): no layer of its own in lists
  u64 kind = 0;                         ///< of an option

  // how dissection goes on, made from the rules
  Locator length_at{}, end_at{}, next_at{}, other_next_at{}, opaque_at{}, more_at{}, stream_at{};
  Rule length_rule{}, end_rule{}, stream_rule{};
  u32 next_space = 0;

  // fields that are asked for again and again; null where there are none
  const Field *source = nullptr, *destination = nullptr, *checksum = nullptr;
  std::span<const Field* const> line{};  ///< in the one-line form, behind source and destination

  const Protocol* payload = nullptr;    ///< when it is always the same
  const Protocol* other = nullptr;      ///< another reading of the same bytes, when `is_other` says so; `data` where none is named
  const OptionList* options = nullptr;

  bool (*is_other)(Bytes from_here) = nullptr;
  u32 (*length)(Bytes from_here) = nullptr;          ///< header bytes; 0: malformed
  Number (*next)(Bytes header_and_payload) = nullptr;
  u32 (*message)(Bytes stream) = nullptr;            ///< in a byte stream: bytes of the first message; 0: it has not all come yet
  bool (*begins)(Bytes bytes) = nullptr;             ///< these bytes can be nothing else than a message that begins: tells it on any port
  u64 (*pseudo_header)(Bytes header) = nullptr;      ///< sum of the parts of this header that checksums above cover
  Bytes (*final_destination)(Bytes header) = nullptr;   ///< of a source route with stops left; empty when there is none
  void (*describe)(const LayerView&, Facts&) = nullptr;
  void (*check)(const LayerView&, Faults&) = nullptr;
  bool (*answers)(Bytes answer, Bytes question) = nullptr;
  bool (*word)(std::string_view key, std::string_view value, std::vector<u8>& header) = nullptr;

  /// Whether the payload is one piece of several. `header` has all its fixed bytes.
  constexpr bool is_piece(const u8* header) const { return (opaque_at && opaque_at.read(header) != 0) || (more_at && more_at.read(header) != 0); }
  /// By Wireshark's name (with or without prefix) or by member.
  const Field* find(std::string_view n) const;
  /// Its number in a space, if it has one.
  constexpr const Number* number_in(u32 space) const {
    for (const Number& n : numbers)
      if (n.space->id == space) return &n;
    return nullptr;
  }
};

/// Bytes that no protocol claims. A protocol like the others, so that nothing needs a null check.
inline constexpr Protocol data{.name = "data", .prefix = "data", .label = "data", .title = "Data", .spec = ""};

/// One protocol's place in a packet.
struct Layer {
  const Protocol* protocol = &data;
  u32 offset = 0;   ///< bytes from the packet's start
  u32 length = 0;   ///< of the header, options included
  u32 end = 0;      ///< where its payload ends; never past the captured bytes
  u32 claimed_end = 0;  ///< where its length field says that it ends; `end` where it says nothing
  u64 autos = 0;    ///< when building: the fields left to the rules; else 0, or `put_together`
  static constexpr u64 put_together = ~u64{};   ///< its payload came in several packets: its checksum cannot be judged

  constexpr u32 payload_offset() const { return offset + length; }
};

inline const Layer& LayerView::layer() const { return layers[index]; }
inline Bytes LayerView::header() const { return slice(packet, layer().offset, layer().length); }
inline Bytes LayerView::message() const { return slice(packet, layer().offset, layer().end - layer().offset); }
inline Bytes LayerView::payload() const { return slice(packet, layer().payload_offset(), layer().end - layer().payload_offset()); }

/// What a `describe` hook tells to. `which` is an index into the protocol's `extras`; offset and length are bytes of the packet.
class Facts {
 public:
  virtual void number(u32 which, u64 value, u32 offset, u32 length) = 0;
  virtual void text(u32 which, std::string_view value, u32 offset, u32 length) = 0;
  virtual void bytes(u32 which, Bytes value, u32 offset, u32 length) = 0;  ///< also addresses

 protected:
  ~Facts() = default;
};

}  // namespace rawket
