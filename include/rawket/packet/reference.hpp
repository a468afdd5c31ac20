// The reference, from the tables: what protocols and fields there are, and the bit diagrams.
#pragma once
#include "rawket/base/text_buffer.hpp"
#include "rawket/proto/registry.hpp"

namespace rawket {

/// One line: name, title, specification.
void append_protocol_line(TextBuffer& out, const Protocol& p);
/// The header drawn 32 bits a row, then its fields with widths, defaults and meanings, options and facts.
void append_protocol_text(TextBuffer& out, const Protocol& p);
/// The same as a Markdown section.
void append_protocol_markdown(TextBuffer& out, const Protocol& p);
/// One JSON object with a newline.
void append_protocol_json(TextBuffer& out, const Protocol& p);
/// Lines (or objects) of the fields whose full name has `part` in it; nothing when there are none.
void append_matching_fields(TextBuffer& out, const Registry& registry, std::string_view part, bool json);

}  // namespace rawket
