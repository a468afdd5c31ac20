// A display filter as a tree: operands that have values in a packet, comparisons of them, and what joins comparisons.
#pragma once
#include <regex.h>

#include <memory>

#include "rawket/packet/display_filter.hpp"

namespace rawket::detail {

/// What an operand's values are; literals are read accordingly.
enum class Kind : u8 { number, time, octets, ipv4, ipv6, text, protocol };

struct Value {
  bool is_number = false;
  u64 number = 0;
  Bytes octets{};
};

/// Where the values of a field come from.
struct FieldSource {
  enum From : u8 { table, status, walk, frame_number, frame_length, captured_length, time, protocols, malformed, interface, fact } from = table;
  const Protocol* protocol = nullptr;  ///< the layer that has it
  const Field* field = nullptr;
  SessionFact told{};                  ///< of `fact`
};

struct Slice {
  i64 begin = 0;                 ///< negative: from the end
  std::optional<i64> length{};   ///< absent: to the end
};

/// Something with values: a field, a whole protocol, a constant, or a calculation on those.
struct Operand {
  enum Form : u8 { field, protocol, constant, slice, function, arithmetic } form = constant;
  Kind kind = Kind::number;
  std::string name;                       ///< of the field, protocol or function; the operator
  std::vector<FieldSource> sources{};
  std::string_view label{};               ///< of a protocol; empty: the whole frame
  const Field* field_info = nullptr;      ///< of the first source: names of values
  std::optional<i64> occurrence{};        ///< "#2"
  std::vector<Slice> slices{};
  std::vector<std::unique_ptr<Operand>> inner{};
  Value value{};                          ///< of a constant
  std::vector<u8> storage{};              ///< its octets
  unsigned prefix = 0;                    ///< bits that count, of an address with a prefix; 0: all
  std::size_t at = 0;                     ///< where it stands in the text
};

enum class Relation : u8 { exists, equal, not_equal, any_not_equal, all_equal, less, less_or_equal, greater, greater_or_equal, contains, matches, in };
enum class Quantifier : u8 { by_relation, any, all };

struct FreePattern {
  void operator()(regex_t* pattern) const {
    ::regfree(pattern);
    delete pattern;
  }
};
using Pattern = std::unique_ptr<regex_t, FreePattern>;

struct FilterNode {
  enum Form : u8 { test, both, either, exactly_one, negation } form = test;
  std::vector<std::unique_ptr<FilterNode>> inner{};
  Relation relation = Relation::exists;
  Quantifier quantifier = Quantifier::by_relation;
  std::unique_ptr<Operand> left{}, right{};
  std::vector<std::pair<std::unique_ptr<Operand>, std::unique_ptr<Operand>>> set{};  ///< of `in`: single values, or first and last
  Pattern pattern{};
  std::string text{};             ///< a test as it was written,
  std::string subject{}, object{};  ///< and its two sides
};

Result<std::unique_ptr<FilterNode>> parse_filter(const Registry& registry, std::string_view text);
/// A field or protocol by its name; nothing when there is none.
std::optional<Operand> resolve(const Registry& registry, std::string_view name);

}  // namespace rawket::detail
