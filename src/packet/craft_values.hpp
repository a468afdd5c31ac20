// Values of the craft language that stand for many: ranges, sets, prefixes.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "rawket/base/error.hpp"
#include "rawket/wire/table.hpp"

namespace rawket::detail {

inline constexpr std::size_t most_values = 1u << 20;

/// "1-3" -> 1 2 3; "{a,b}" -> a b; "198.18.0.0/30" -> its four addresses; anything else -> itself.
Result<std::vector<std::string>> expand_values(const Field* field, std::string_view text);

/// "random", "random:1024-65535", "random:198.18.0.0/16": how a random number becomes a value; null for any other text.
Result<std::function<std::string(u64)>> random_values(const Field& field, std::string_view text);

/// The words of a text: quotes kept as one word that starts with a quote, "/" and call brackets apart.
Result<std::vector<std::string>> tokenize(std::string_view text);

}  // namespace rawket::detail
