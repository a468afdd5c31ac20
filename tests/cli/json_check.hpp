// A strict JSON reader for tests: one object, no duplicate keys, UTF-8, nothing behind it.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rawket::test {

/// Members of the outermost object; values as they are written, strings with their quotes.
using JsonObject = std::map<std::string, std::string>;

/// Nothing when the line is not exactly one valid object; `why` then says where it ends to be one.
std::optional<JsonObject> parse_json_object(std::string_view line, std::string& why);

/// A failed expectation and an empty object when the line is not valid.
JsonObject json_object(std::string_view line);

}  // namespace rawket::test
