// Constants of a display filter, read as what they are compared with.
#pragma once
#include "filter_tree.hpp"

namespace rawket::detail {

/// Fills `literal` as a value of `field`'s kind. `part`: it is searched for within the field's bytes.
Result<void> read_literal(const Operand& field, Operand& literal, bool part);
/// A pattern of `matches`: POSIX extended, case does not count, \d \s \w known.
Result<Pattern> compile_pattern(const std::string& text, std::size_t at);

}  // namespace rawket::detail
