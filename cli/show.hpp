// Shows packets in the form that was asked for.
#pragma once
#include <memory>

#include "decode_as.hpp"
#include "options.hpp"
#include "rawket/io/source.hpp"
#include "rawket/packet/columns.hpp"
#include "rawket/packet/display_filter.hpp"
#include "rawket/packet/text.hpp"
#include "rawket/session/sessions.hpp"

namespace rawket::cli {

/// One printer for all forms of `-o`. Dissects once, appends to the text it is given.
class Show {
 public:
  /// A wrong form or field name is an `unknown_name` error.
  static Result<Show> create(const ShowOptions& options);

  void header(TextBuffer& out) const;
  /// Takes the next packet of a source. False: the display filter, if any, does not let it through.
  bool wants(const PacketHead& head, Bytes bytes);
  /// Shows the packet that `wants` took.
  void wanted(TextBuffer& out);
  /// A packet on its own, whatever came before it.
  void packet(const PacketHead& head, const Protocol& first, Bytes bytes, TextBuffer& out);
  /// What the kernel may refuse before, as a capture filter; empty when every packet has to be seen.
  std::string kernel_part() const { return filter_ && sessions_ == nullptr ? filter_->kernel_part() : std::string(); }
  /// What sessions lost or left open, in words; empty when there is nothing to tell.
  std::string sessions_told() const;

 private:
  enum class Form : u8 { text, tree, json, columns, hex, c };
  Show(ChosenRegistry registry, const ShowOptions& options, Form form, TextOptions text) : registry_(std::move(registry)), options_(options), form_(form), text_(text) {}

  bool needs_dissection() const { return form_ != Form::hex && form_ != Form::c; }
  void print(const PacketHead& head, Bytes bytes, TextBuffer& out);

  ChosenRegistry registry_;
  ShowOptions options_;
  Form form_;
  TextPrinter text_;
  std::unique_ptr<JsonPrinter> json_ = std::make_unique<JsonPrinter>();
  std::optional<ColumnPrinter> columns_;
  std::unique_ptr<Dissection> dissection_ = std::make_unique<Dissection>();
  std::optional<DisplayFilter> filter_;
  std::unique_ptr<Sessions> sessions_;
  PacketHead head_;  ///< of the packet that was taken
  Bytes bytes_;
  bool dissected_ = false;
};

/// Shows the place of the error under the expression.
Error with_caret(Error error, std::string_view expression);
PacketHead head_of(u64 number, const CapturedPacket& packet, std::string_view interface);

}  // namespace rawket::cli
