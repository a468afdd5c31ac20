// A policy as a TOML file: what it may say, and what is wrong with what it says.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <array>

#include "rawket/base/text.hpp"
#include "rawket/send/policy.hpp"

namespace rawket {
namespace {

constexpr std::array<std::string_view, 7> keys = {"allow", "to", "never", "rate", "public_rate", "budget", "hours"};

class PolicyReader {
 public:
  PolicyReader(std::string_view name, Policy& policy) : name_(name), policy_(policy) {}

  Result<void> read(const toml::table& table) {
    for (const auto& [key, value] : table) {
      const std::string_view word = key.str();
      if (std::ranges::find(keys, word) == keys.end()) return wrong(key.source(), "there is no '" + clean_text(word) + "'" + did_you_mean(word, keys));
      RAWKET_TRY(take(word, value));
    }
    return {};
  }

 private:
  Result<void> take(std::string_view key, const toml::node& value) {
    if (key == "rate") return number(value, policy_.rate);
    if (key == "public_rate") return number(value, policy_.public_rate);
    if (key == "to") return prefixes(value, policy_.allowed.emplace_back());
    if (key == "never") return prefixes(value, policy_.forbidden);
    if (key == "budget") {
      double most = 0;
      RAWKET_TRY(number(value, most));
      policy_.most_packets = static_cast<u64>(most);
      return {};
    }
    if (key == "hours") {
      const auto hours = Hours::parse(value.value_or(std::string_view()));
      if (!hours) return wrong(value.source(), "hours are like \"22:00-06:00\"");
      policy_.hours.push_back(*hours);
      return {};
    }
    const auto needs = parse_needs(RAWKET_TRY(words(value)));
    if (!needs) return wrong(value.source(), needs.error().what);
    policy_.permitted = policy_.permitted | *needs;
    return {};
  }

  Result<void> number(const toml::node& value, double& out) const {
    const auto n = value.value<double>();
    if (!n || !(*n > 0) || *n > 1e15) return wrong(value.source(), "a number above 0, at most 1e15, is needed");
    out = *n;
    return {};
  }
  Result<std::vector<std::string>> words(const toml::node& value) const {
    std::vector<std::string> all;
    const toml::array* list = value.as_array();
    if (list == nullptr) return wrong(value.source(), "a list of texts is needed: [\"...\", \"...\"]");
    for (const toml::node& item : *list) {
      const auto text = item.value<std::string>();
      if (!text) return wrong(item.source(), "a text is needed");
      all.push_back(*text);
    }
    return all;
  }
  Result<void> prefixes(const toml::node& value, std::vector<Prefix>& out) const {
    for (const std::string& text : RAWKET_TRY(words(value))) {
      const auto prefix = parse_destination(text);
      if (!prefix) return wrong(value.source(), "'" + clean_text(text) + "' is no prefix like 198.18.0.0/15");
      out.push_back(*prefix);
    }
    return {};
  }
  Failure wrong(const toml::source_region& where, std::string_view what) const {
    return fail(Errc::malformed, clean_text(name_) + ", line " + std::to_string(where.begin.line), what, "keys are allow, to, never, rate, public_rate, budget and hours");
  }

  std::string_view name_;
  Policy& policy_;
};

}  // namespace

std::optional<Prefix> parse_destination(std::string_view text) {
  if (const auto prefix = Prefix::parse(text)) return prefix;
  const auto address = IpAddress::parse(text);
  if (!address) return std::nullopt;
  return Prefix{*address, static_cast<u8>(address->is_v6 ? 128 : 32)};
}

Result<void> read_policy(std::string_view toml, std::string_view name, Policy& policy) {
  const toml::parse_result parsed = toml::parse(toml);
  if (!parsed) return fail(Errc::malformed, clean_text(name) + ", line " + std::to_string(parsed.error().source().begin.line), clean_text(parsed.error().description()), "the file is TOML: rate = 5000");
  return PolicyReader(name, policy).read(parsed.table());
}

}  // namespace rawket
