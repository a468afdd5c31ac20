// A field that chooses a protocol names the space of numbers; the registry is told who has one of them.
#include "decode_as.hpp"

#include "rawket/base/text.hpp"

namespace rawket::cli {

Result<ChosenRegistry> ChosenRegistry::create(std::span<const std::string> bindings) {
  ChosenRegistry chosen;
  if (bindings.empty()) return chosen;
  chosen.own_ = std::make_unique<Registry>(standard_registry());
  const Registry& registry = *chosen.own_;
  for (const std::string& b : bindings) {
    const auto wrong = [&b](std::string what) {
      return fail(Errc::unknown_name, "--decode-as", "'" + clean_text(b) + "': " + what, "like --decode-as udp.port=9999,vxlan");
    };
    const std::size_t equals = b.find('='), comma = b.find(',', equals == b.npos ? 0 : equals);
    if (equals == b.npos || comma == b.npos) return wrong("that is no FIELD=NUMBER,PROTOCOL");
    const std::string name = b.substr(0, equals), word = b.substr(comma + 1);
    const Field* field = registry.field_named(name.ends_with(".port") ? name.substr(0, name.size() - 4) + "dstport" : name);
    if (field == nullptr || field->rule.kind != Rule::next_protocol) return wrong("no protocol is chosen by '" + clean_text(name) + "'; udp.port, tcp.port, ip.proto and eth.type are such fields");
    const auto number = parse_number(b.substr(equals + 1, comma - equals - 1));
    if (!number) return wrong("'" + clean_text(b.substr(equals + 1, comma - equals - 1)) + "' is no number");
    const Protocol* protocol = registry.named(word);
    if (protocol == nullptr) return wrong("there is no protocol '" + clean_text(word) + "'" + did_you_mean(word, registry.words()));
    chosen.own_->bind(*field->rule.space, *number, *protocol);
  }
  return chosen;
}

}  // namespace rawket::cli
