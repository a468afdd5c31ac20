// Chosen fields of each packet in columns: CSV, tab-separated, or a JSON object with just these keys.
#pragma once
#include <string>

#include "rawket/packet/json.hpp"

namespace rawket {

enum class ColumnFormat : u8 { csv, tabs, json };

class ColumnPrinter {
 public:
  /// Names are Wireshark's; besides them n, ts, caplen, len, linktype and layers. An unknown one is an error with the nearest.
  static Result<ColumnPrinter> create(const Registry& registry, std::span<const std::string_view> names, ColumnFormat format);

  bool needs_facts() const { return needs_facts_; }   ///< a column is what other packets tell
  void header(TextBuffer& out) const;   ///< CSV's first line; nothing otherwise
  void print(const PacketHead& head, const Dissection& d, TextBuffer& out);

 private:
  struct Column {
    std::string name;
    std::vector<std::string> values;   ///< of the packet at hand, in the form of the output
  };
  class Collect;
  explicit ColumnPrinter(ColumnFormat format) : format_(format) {}

  ColumnFormat format_;
  std::vector<Column> columns_;
  bool needs_facts_ = false;
};

/// The columns used when none are named.
std::span<const std::string_view> default_columns();

}  // namespace rawket
