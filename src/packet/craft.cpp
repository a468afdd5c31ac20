// From words to packets.
#include "rawket/packet/craft.hpp"

#include "craft_values.hpp"
#include "rawket/base/text.hpp"
#include "rawket/packet/fill.hpp"
#include "rawket/packet/value.hpp"

namespace rawket {
namespace {

std::string lower(std::string_view word) {
  std::string s(word);
  for (char& c : s)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return s;
}

/// The kind of message that `value` (a number or a name of `field`) selects after `p`; the first registered when empty.
const Protocol* message_of(const Registry& registry, const Protocol& p, std::string_view value) {
  for (const Field& f : p.fields) {
    if (f.rule.kind != Rule::next_protocol) continue;
    u64 number = 0;
    if (!value.empty()) {
      std::array<u8, 64> header{};
      if (f.offset + f.width > header.size() * 8u || !parse_field(f, value, header.data())) return nullptr;
      number = f.read(header.data());
    }
    if (value.empty()) {
      for (const Protocol* m : registry.protocols())
        if (m->is_message && m->prefix_id == p.prefix_id && m->number_in(f.rule.space->id) != nullptr) return m;
      return nullptr;
    }
    const Protocol* m = registry.find(f.rule.space->id, number);
    return m != nullptr && m->is_message && m->prefix_id == p.prefix_id ? m : nullptr;
  }
  return nullptr;
}

std::vector<std::string_view> field_words(const Protocol& p) {
  std::vector<std::string_view> words;
  for (const Field& f : p.fields) {
    if (f.is_status) continue;
    words.push_back(f.name);
    if (!f.alias.empty()) words.push_back(f.alias);
  }
  if (p.options != nullptr)
    for (const Protocol* o : p.options->known) words.push_back(o->name);
  if (p.word != nullptr) words.insert(words.end(), {"qname", "qtype"});
  return words;
}

}  // namespace

class Recipe::Parser {
 public:
  Parser(const Registry& registry, Recipe& recipe) : registry_(registry), recipe_(recipe) {}

  Result<void> run(std::span<const std::string> words) {
    if (std::ranges::find(words, "=") != words.end()) return fail(Errc::malformed, "craft", "a '=' by itself", "write field=value without spaces: dst=198.18.0.2");
    std::size_t start = 0;
    for (std::size_t i = 0; i <= words.size(); ++i) {
      if (i < words.size() && words[i] != "/") continue;
      if (i == start) return fail(Errc::malformed, "craft", words.empty() ? "nothing to make" : "an empty layer: a '/' stands between two layers", "rawket craft ip dst=198.18.0.2 / tcp dport=80");
      if (auto r = layer(words.subspan(start, i - start), i == words.size()); !r) return r;
      start = i + 1;
    }
    for (const LayerRecipe& l : recipe_.layers_)
      for (const Setting& s : l.settings) {
        if (s.values.size() > detail::most_values / recipe_.count_) return fail(Errc::out_of_range, "craft", "the product of all values is more than " + std::to_string(detail::most_values) + " packets");
        recipe_.count_ *= s.values.size();
      }
    return {};
  }

 private:
  Result<void> layer(std::span<const std::string> words, bool last) {
    const std::string& word = words.front();
    if (word.starts_with('"')) return payload(as_bytes(std::string_view(word).substr(1)), words);
    if (word.starts_with("text=")) return payload(as_bytes(std::string_view(word).substr(5)), words);
    if (word.starts_with("hex=") || word.starts_with("0x")) {
      const std::string_view digits = std::string_view(word).substr(word[0] == 'h' ? 4 : 2);
      const auto b = parse_hex(digits);
      if (!b) return fail(Errc::malformed, "hex", "'" + clean_text(digits) + "' is not pairs of hex digits", word[0] == 'h' ? "" : "write text=" + clean_text(word) + " if it is meant as it stands");
      return payload(*b, words);
    }
    if (word.starts_with("zeros=")) {
      const auto n = parse_number(std::string_view(word).substr(6));
      if (!n || *n > 65535) return fail(Errc::out_of_range, "zeros", "a number of bytes up to 65535 is needed");
      return payload(std::vector<u8>(*n), words);
    }
    const Protocol* p = registry_.named(lower(word));
    if (p == nullptr) {
      const std::vector<std::string_view> known = registry_.words();
      const std::string_view near = nearest(word, known);
      if (last && words.size() == 1 && near.empty() && !recipe_.layers_.empty() && word.find('=') == word.npos) return payload(as_bytes(word), words);
      return fail(Errc::unknown_name, "craft", "there is no protocol '" + clean_text(word) + "'" + did_you_mean(word, known),
                  last && words.size() == 1 ? "write text=" + clean_text(word) + " if it is meant as payload" : "rawket fields lists the protocols");
    }
    return protocol(*p, words.subspan(1));
  }

  Result<void> payload(Bytes bytes, std::span<const std::string> words) {
    if (words.size() > 1) return fail(Errc::malformed, "craft", "a payload has no fields, so '" + clean_text(words[1]) + "' does not belong here");
    recipe_.layers_.push_back({&data, {}, {bytes.begin(), bytes.end()}});
    implied_ = false;
    return {};
  }

  Result<void> protocol(const Protocol& p, std::span<const std::string> words) {
    LayerRecipe l{&p, {}, {}};
    // Fields of a message are taken too: `icmp type=8 id=1` needs no name for the echo message.
    std::string_view selected;
    for (const std::string& w : words)
      if (w.starts_with("type=")) selected = std::string_view(w).substr(5);
    const Protocol* m = p.is_message ? nullptr : message_of(registry_, p, selected);
    LayerRecipe message{m == nullptr ? &data : m, {}, {}};
    for (const std::string& w : words) {
      const std::size_t eq = w.find('=');
      const std::string_view key = std::string_view(w).substr(0, eq), value = eq == w.npos ? std::string_view() : std::string_view(w).substr(eq + 1);
      if (auto r = setting(l, key, value, eq != w.npos); r) continue;
      else if (m == nullptr || !setting(message, key, value, eq != w.npos)) return r;
    }
    if (p.is_message && implied_ && recipe_.layers_.back().settings.empty()) recipe_.layers_.pop_back();  // the text names it itself
    recipe_.layers_.push_back(std::move(l));
    implied_ = m != nullptr;
    if (implied_) recipe_.layers_.push_back(std::move(message));
    return {};
  }

  Result<void> setting(LayerRecipe& l, std::string_view key, std::string_view value, bool has_value) {
    const Protocol& p = *l.protocol;
    const Field* f = &p == &data ? nullptr : p.find(key);
    if (f != nullptr && !f->is_status) {
      if (!has_value) return fail(Errc::malformed, f->full_name(), "needs a value, like " + std::string(key) + "=1");
      auto random = detail::random_values(*f, value);
      if (!random) return Failure{random.error()};
      if (*random) {
        recipe_.random_ = true;
        l.settings.push_back({f, {}, {""}, std::move(*random)});
        return {};
      }
      auto values = detail::expand_values(f, value);
      if (!values) return Failure{values.error()};
      std::vector<u8> scratch(p.fixed);
      for (const std::string& v : *values)
        if (auto r = parse_field(*f, v, scratch.data()); !r) return r;
      const auto before = std::ranges::find(l.settings, f, &Setting::field);
      if (before == l.settings.end()) l.settings.push_back({f, {}, std::move(*values), {}});
      else before->values.insert(before->values.end(), values->begin(), values->end());  // a set that the shell has taken apart
      return {};
    }
    const bool option = p.options != nullptr && std::ranges::any_of(p.options->known, [&](const Protocol* o) { return o->name == key; });
    if (option || (p.word != nullptr && (key == "qname" || key == "qtype"))) {
      auto values = detail::expand_values(nullptr, value);
      if (!values) return Failure{values.error()};
      l.settings.push_back({nullptr, std::string(key), std::move(*values), {}});
      std::vector<u64> picks(l.settings.size());
      std::vector<u8> bytes;
      Layer scratch;
      for (u64& i = picks.back(); i < l.settings.back().values.size(); ++i) {  // each value is tried before any packet is made
        bytes.clear();
        if (auto r = recipe_.build_layer(l, picks, bytes, scratch); !r) return r;
      }
      return {};
    }
    return fail(Errc::unknown_name, "craft", std::string(p.label) + " has no field '" + clean_text(key) + "'" + did_you_mean(key, field_words(p)), "rawket fields " + std::string(p.name) + " lists them");
  }

  const Registry& registry_;
  Recipe& recipe_;
  bool implied_ = false;  ///< the last layer is a message that was not named
};

namespace {

/// Appends one option with its values in the order of its table.
Result<void> append_option(const Protocol& owner, std::string_view name, std::string_view text, std::vector<u8>& bytes) {
  const OptionList& list = *owner.options;
  const auto found = std::ranges::find_if(list.known, [&](const Protocol* p) { return p->name == name; });
  const Protocol& o = **found;
  const std::size_t at = bytes.size();
  bytes.push_back(static_cast<u8>(o.kind));
  if (static_cast<int>(o.kind) == list.pad_kind && o.fixed == 0) return {};
  std::vector<std::string_view> values = text.empty() ? std::vector<std::string_view>{} : split(text, ',');
  const std::size_t fields = static_cast<std::size_t>(std::ranges::count_if(o.fields, [](const Field& f) { return !f.is_part; }));
  if (fields == 0 ? !values.empty() : values.size() % fields != 0 || (values.size() > fields && o.name != "sack"))
    return fail(Errc::malformed, std::string(owner.name) + "." + std::string(name), "takes " + std::to_string(fields) + (fields == 1 ? " value" : " values with commas between them"));
  bytes.push_back(0);
  const std::size_t groups = values.empty() ? 1 : fields == 0 ? 1 : values.size() / fields;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t start = bytes.size();
    bytes.insert(bytes.end(), o.defaults.begin(), o.defaults.end());
    std::size_t v = g * fields;
    for (const Field& f : o.fields) {
      if (f.is_part || v >= values.size()) continue;
      if (auto r = parse_field(f, values[v++], bytes.data() + start); !r) return r;
    }
  }
  while (list.length_unit > 1 && (bytes.size() - at) % list.length_unit != 0) bytes.push_back(0);
  bytes[at + 1] = static_cast<u8>((bytes.size() - at - list.length_bias) / list.length_unit);
  return {};
}

/// Fills the header up to its unit, the way its options are padded.
void pad_header(const Protocol& p, std::size_t start, std::vector<u8>& bytes) {
  if (!p.length_at) return;
  const std::size_t unit = p.length_rule.unit, size = bytes.size() - start, want = (size + unit - 1) / unit * unit;
  const std::size_t gap = want - size;
  bytes.resize(start + want);
  if (p.options != nullptr && p.options->length_bias == 2 && p.options->end_kind < 0 && gap >= 2) bytes[start + size] = 1, bytes[start + size + 1] = static_cast<u8>(gap - 2);
}

}  // namespace

Result<void> Recipe::build_layer(const LayerRecipe& recipe, std::span<const u64> picks, std::vector<u8>& bytes, Layer& layer) const {
  const Protocol& p = *recipe.protocol;
  const std::size_t start = bytes.size();
  layer = {&p, static_cast<u32>(start), 0, 0, 0, p.autos};
  if (&p == &data) bytes.insert(bytes.end(), recipe.payload.begin(), recipe.payload.end());
  else bytes.insert(bytes.end(), p.defaults.begin(), p.defaults.end());
  std::string random_value;
  for (std::size_t k = 0; k < recipe.settings.size(); ++k) {
    const Setting& s = recipe.settings[k];
    const std::string& value = s.random ? random_value = s.random(picks[k]) : s.values[picks[k]];
    if (s.field == nullptr && p.word != nullptr) {
      std::vector<u8> message(bytes.begin() + static_cast<std::ptrdiff_t>(start), bytes.end());
      if (!p.word(s.word, value, message)) return fail(Errc::malformed, std::string(p.name) + "." + s.word, "'" + clean_text(value) + "' cannot be used here");
      bytes.resize(start);
      bytes.insert(bytes.end(), message.begin(), message.end());
      continue;
    }
    if (s.field == nullptr) {
      if (auto r = append_option(p, s.word, value, bytes); !r) return r;
      continue;
    }
    if (auto r = parse_field(*s.field, value, bytes.data() + start); !r) return r;
    u64 bit = 1;
    for (const Field& f : p.fields) {
      if (f.is_part || f.is_status) continue;
      if (&f == s.field) layer.autos &= ~bit;
      bit <<= 1;
    }
  }
  pad_header(p, start, bytes);
  layer.length = static_cast<u32>(bytes.size() - start);
  if (p.length_at && ((layer.length / p.length_rule.unit) - p.length_rule.bias) > p.length_at.mask)
    return fail(Errc::out_of_range, p.name, "its options do not fit: the header may have " + std::to_string((p.length_at.mask + p.length_rule.bias) * p.length_rule.unit) + " bytes");
  return {};
}

namespace {

/// splitmix64's last step: numbers in a row become unlike each other.
u64 scrambled(u64 x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

}  // namespace

Result<Packet> Recipe::make(u64 i) const {
  Packet packet;
  std::vector<u64> picks;
  for (const LayerRecipe& l : layers_) picks.resize(picks.size() + l.settings.size());
  std::size_t pick = picks.size();
  const u64 number = i;
  for (auto l = layers_.rbegin(); l != layers_.rend(); ++l)  // from the last setting on, so that it varies fastest
    for (auto s = l->settings.rbegin(); s != l->settings.rend(); ++s) {
      --pick;
      picks[pick] = s->random ? scrambled(seed_ ^ scrambled(number * 64 + pick)) : i % s->values.size();
      i /= s->values.size();
    }
  for (const LayerRecipe& l : layers_) {
    Layer layer;
    if (auto r = build_layer(l, std::span(picks).subspan(pick, l.settings.size()), packet.bytes_, layer); !r) return Failure{r.error()};
    pick += l.settings.size();
    packet.layers_.push_back(layer);
  }
  if (packet.bytes_.size() > 65535) return fail(Errc::out_of_range, "craft", "the packet has " + std::to_string(packet.bytes_.size()) + " bytes: more than any link carries");
  for (Layer& l : packet.layers_) l.end = l.claimed_end = static_cast<u32>(packet.bytes_.size());
  fill_computed(packet.bytes_, packet.layers_);
  return packet;
}

namespace {

/// "ip/tcp" and "/tcp" as the words that they are meant to be: names of protocols with slashes between them.
std::vector<std::string> apart(const Registry& registry, std::span<const std::string> words) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    const auto parts = split(word, '/');
    const auto is_name = [&](std::string_view part) { return part.empty() || registry.named(lower(part)) != nullptr; };
    if (parts.size() == 1 || word == "/" || word.find_first_of("=\" ") != word.npos || !std::ranges::all_of(parts, is_name)) {
      out.push_back(word);
      continue;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) out.emplace_back("/");
      if (!parts[i].empty()) out.emplace_back(parts[i]);
    }
  }
  return out;
}

}  // namespace

Result<Recipe> Recipe::parse(const Registry& registry, std::span<const std::string> words) {
  if (words.size() == 1 && words[0].find_first_of(" (/") != std::string::npos) return parse(registry, std::string_view(words[0]));
  Recipe r;
  if (auto done = Parser(registry, r).run(apart(registry, words)); !done) return Failure{done.error()};
  return r;
}

Result<Recipe> Recipe::parse(const Registry& registry, std::string_view text) {
  auto words = detail::tokenize(text);
  if (!words) return Failure{words.error()};
  Recipe r;
  if (auto done = Parser(registry, r).run(*words); !done) return Failure{done.error()};
  return r;
}

bool Recipe::given(std::string_view protocol_name, std::string_view alias) const {
  for (const LayerRecipe& l : layers_)
    if (l.protocol->name == protocol_name)
      return std::ranges::any_of(l.settings, [&](const Setting& s) { return s.field != nullptr && s.field->alias == alias; });
  return false;
}

bool Recipe::supply(std::string_view protocol_name, std::string_view alias, std::string_view value) {
  for (LayerRecipe& l : layers_) {
    if (l.protocol->name != protocol_name) continue;
    const Field* f = l.protocol->find(alias);
    if (f == nullptr) return false;
    if (!given(protocol_name, alias)) l.settings.push_back({f, {}, {std::string(value)}, {}});
    return true;
  }
  return false;
}

void Recipe::prepend(const Protocol& protocol) { layers_.insert(layers_.begin(), LayerRecipe{&protocol, {}, {}}); }

}  // namespace rawket
