// rawket diff: two packets, or two captures of the same traffic, compared.
#include "rawket/packet/diff.hpp"

#include <map>

#include "bytes_input.hpp"
#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/packet/text.hpp"

namespace rawket::cli {
namespace {

constexpr std::size_t most_packets = 1'000'000;

struct Kept {
  std::vector<u8> bytes;
  const Protocol* first = nullptr;
  u64 number = 0;
  u32 original_length = 0;
};

Result<std::vector<Kept>> all_of(PacketInput& input, const std::string& word, const std::string& link) {
  std::vector<Kept> packets;
  auto done = input.each(link, [&](const InputPacket& p) -> Result<bool> {
    if (packets.size() == most_packets) return fail(Errc::out_of_range, word, "has more than " + std::to_string(most_packets) + " packets", "choose some of them first: rawket read FILE FILTER -w smaller.pcapng");
    packets.push_back({{p.packet.bytes.begin(), p.packet.bytes.end()}, p.first, p.number, p.packet.info.original_length});
    return true;
  });
  if (!done) return Failure{done.error()};
  if (packets.empty()) return fail(Errc::malformed, clean_text(word), "has no packets");
  return packets;
}

class Diffing {
 public:
  explicit Diffing(const DiffOptions& options) : options_(options) {}

  int run(const std::vector<Kept>& a, const std::vector<Kept>& b) {
    if (a.size() == 1 && b.size() == 1) {
      pair(a[0], b[0]);
    } else {
      std::multimap<u64, std::size_t> open;  // of b, by what does not change on the way; equal keys keep their order
      for (std::size_t k = 0; k < b.size(); ++k) open.emplace(key(b[k]), k);
      std::vector<const Kept*> lost;
      for (const Kept& p : a) {
        const auto found = open.find(key(p));
        if (found == open.end()) {
          lost.push_back(&p);
          continue;
        }
        const Kept& q = b[open.lower_bound(found->first)->second];
        open.erase(open.lower_bound(found->first));
        pair(p, q);
      }
      for (const Kept* p : lost) alone(*p, "first");
      std::vector<std::size_t> added;
      for (const auto& [k, i] : open) added.push_back(i);
      std::ranges::sort(added);
      for (std::size_t i : added) alone(b[i], "second");
    }
    out_.flush(true);
    if (differing_ + alone_ > 0 && options_.format == "text")
      complain(std::to_string(pairs_) + (pairs_ == 1 ? " pair, " : " pairs, ") + std::to_string(differing_) + " of them differ, " +
               std::to_string(suspicious_) + " suspiciously; " + std::to_string(alone_) + " on one side only");
    return out_.exit_code(differing_ + alone_ > 0 ? negative : ok);
  }

 private:
  void look(const Kept& p, Dissection& d) { dissect(standard_registry(), *p.first, p.bytes, d, p.original_length); }
  u64 key(const Kept& p) {
    look(p, a_);
    return way_key(a_);
  }

  void pair(const Kept& p, const Kept& q) {
    look(p, a_), look(q, b_);
    ++pairs_;
    const std::vector<Difference> found = differences(a_, b_);
    if (found.empty()) return;
    ++differing_;
    suspicious_ += std::ranges::any_of(found, [](const Difference& d) { return d.kind == Difference::suspicious; });
    if (options_.format == "json") json(p, q, found);
    else text(p, q, found);
    out_.flush();
  }

  void text(const Kept& p, const Kept& q, const std::vector<Difference>& found) {
    TextBuffer& t = out_.text();
    t.append('#'), t.decimal(p.number), t.append(" -> #"), t.decimal(q.number), t.append('\n');
    for (const Difference& d : found) {
      t.append(d.kind == Difference::expected ? "  expected    " : "  suspicious  "), t.append(d.field), t.append(' ');
      t.clean(d.before.empty() ? "(none)" : d.before), t.append(" -> "), t.clean(d.after.empty() ? "(none)" : d.after);
      if (!d.meaning.empty()) t.append("  ("), t.append(d.meaning), t.append(')');
      t.append('\n');
    }
  }

  void json(const Kept& p, const Kept& q, const std::vector<Difference>& found) {
    TextBuffer& t = out_.text();
    t.append("{\"first\":"), t.decimal(p.number), t.append(",\"second\":"), t.decimal(q.number), t.append(",\"differences\":[");
    for (const Difference& d : found) {
      if (&d != &found.front()) t.append(',');
      t.append("{\"field\":\""), t.json_escaped(d.field), t.append("\",\"kind\":\""), t.append(d.kind == Difference::expected ? "expected" : "suspicious");
      t.append("\",\"before\":"), value(d.before), t.append(",\"after\":"), value(d.after), t.append(",\"meaning\":"), value(d.meaning), t.append('}');
    }
    t.append("]}\n");
  }
  void value(const std::string& text) {
    if (text.empty()) return out_.text().append("null");
    out_.text().append('"'), out_.text().json_escaped(text), out_.text().append('"');
  }

  void alone(const Kept& p, std::string_view where) {
    ++alone_;
    TextBuffer& t = out_.text();
    if (options_.format == "json") {
      t.append("{\"only\":\""), t.append(where), t.append("\",\"n\":"), t.decimal(p.number), t.append("}\n");
    } else {
      look(p, a_);
      t.append("only in the "), t.append(where), t.append(": #"), t.decimal(p.number), t.append(' ');
      lines_.line({.original_length = p.original_length}, a_, t);
    }
    out_.flush();
  }

  const DiffOptions& options_;
  Output out_;
  TextPrinter lines_{{.time = TimeFormat::none}};
  Dissection a_, b_;
  u64 pairs_ = 0, differing_ = 0, suspicious_ = 0, alone_ = 0;
};

}  // namespace

int run_diff(const DiffOptions& options) {
  if (options.first == "-" && options.second == "-") {
    complain("diff: standard input cannot be both sides");
    return usage;
  }
  auto first = PacketInput::open({options.first});  // both, before rights are given up
  if (!first) return complain_and_exit(first.error());
  auto second = PacketInput::open({options.second});
  if (!second) return complain_and_exit(second.error());
  const auto a = all_of(*first, options.first, options.link);
  if (!a) return complain_and_exit(a.error());
  const auto b = all_of(*second, options.second, options.link);
  if (!b) return complain_and_exit(b.error());
  return Diffing(options).run(*a, *b);
}

}  // namespace rawket::cli
