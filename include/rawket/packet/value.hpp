// A field's value as text: shown to people, written to JSON, read from what people type.
#pragma once
#include "rawket/base/error.hpp"
#include "rawket/base/text_buffer.hpp"
#include "rawket/wire/table.hpp"

namespace rawket {

/// As people read it: names for numbers, letters for flags, 0x for hex. `bytes` are what the field has (numbers excepted).
void append_number(TextBuffer& out, const Field& f, u64 value);
void append_octets(TextBuffer& out, const Field& f, Bytes value);
/// The field in a header, by its `show`.
void append_field(TextBuffer& out, const Field& f, const u8* header);
/// As JSON: a number, or a quoted string.
void append_field_json(TextBuffer& out, const Field& f, const u8* header);
void append_octets_json(TextBuffer& out, const Field& f, Bytes value);

/// Bytes of the header that the field touches: [first, last).
constexpr u32 first_byte(const Field& f) { return f.offset / 8u; }
constexpr u32 last_byte(const Field& f) { return (f.offset + f.width + 7u) / 8u; }
/// The field's octets, when it is whole bytes.
inline Bytes field_octets(const Field& f, const u8* header) { return {header + first_byte(f), f.width / 8u}; }

/// Reads `text` as a value of the field and stores it: numbers (decimal, 0x), names, flag letters, addresses, hex bytes.
Result<void> parse_field(const Field& f, std::string_view text, u8* header);

}  // namespace rawket
