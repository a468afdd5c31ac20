// rawket fields: the tables, listed, drawn and searched.
#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/packet/reference.hpp"

namespace rawket::cli {

int run_fields(const FieldsOptions& options) {
  const Registry& registry = standard_registry();
  Output out;
  std::vector<const Protocol*> chosen;
  if (options.words.empty()) chosen.assign(registry.protocols().begin(), registry.protocols().end());
  for (const std::string& word : options.words) {
    if (const Protocol* p = registry.named(word)) {
      chosen.push_back(p);
      continue;
    }
    TextBuffer& t = out.text();
    const std::size_t before = t.size();
    append_matching_fields(t, registry, word, options.format == "json");
    if (t.size() != before) continue;
    std::vector<std::string_view> known = registry.words();
    const std::vector<std::string_view> fields = registry.field_names();
    known.insert(known.end(), fields.begin(), fields.end());
    complain("fields: nothing is called '" + clean_text(word) + "'" + did_you_mean(word, known));
    return usage;
  }
  for (const Protocol* p : chosen) {
    if (options.format == "json") append_protocol_json(out.text(), *p);
    else if (options.format == "md") append_protocol_markdown(out.text(), *p);
    else if (options.words.empty()) append_protocol_line(out.text(), *p);
    else append_protocol_text(out.text(), *p);
    if (!out.flush()) break;
  }
  return out.exit_code(ok);
}

}  // namespace rawket::cli
