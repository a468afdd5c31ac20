// Shows packets in the form that was asked for.
#pragma once
#include <memory>

#include "options.hpp"
#include "rawket/io/source.hpp"
#include "rawket/packet/columns.hpp"
#include "rawket/packet/display_filter.hpp"
#include "rawket/packet/text.hpp"

namespace rawket::cli {

/// One printer for all forms of `-o`. Dissects once, appends to the text it is given.
class Show {
 public:
  /// A wrong form or field name is an `unknown_name` error.
  static Result<Show> create(const Registry& registry, const ShowOptions& options);

  void header(TextBuffer& out) const;
  /// Whether the display filter, if any, lets the packet through; `packet` is then to be called for the same one.
  bool wants(const PacketHead& head, Bytes bytes);
  void packet(const PacketHead& head, const Protocol& first, Bytes bytes, TextBuffer& out);
  void packet(u64 number, const CapturedPacket& packet, std::string_view interface, TextBuffer& out);

 private:
  enum class Form : u8 { text, tree, json, columns, hex, c };
  Show(const Registry& registry, const ShowOptions& options, Form form, TextOptions text) : registry_(&registry), options_(options), form_(form), text_(text) {}

  const Registry* registry_;
  ShowOptions options_;
  Form form_;
  TextPrinter text_;
  std::unique_ptr<JsonPrinter> json_ = std::make_unique<JsonPrinter>();
  std::optional<ColumnPrinter> columns_;
  std::unique_ptr<Dissection> dissection_ = std::make_unique<Dissection>();
  std::optional<DisplayFilter> filter_;
  bool dissected_ = false;  ///< the packet that comes next
};

/// Shows the place of the error under the expression.
Error with_caret(Error error, std::string_view expression);
PacketHead head_of(u64 number, const CapturedPacket& packet, std::string_view interface);

}  // namespace rawket::cli
