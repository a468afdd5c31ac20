// rawket filter: what a display filter means, and how many packets each of its parts matches.
#include "packets_of.hpp"
#include "rawket/io/filter.hpp"

namespace rawket::cli {
namespace {

struct Tally {
  std::vector<DisplayFilter::Piece> pieces;  ///< their texts; none until a packet came
  std::vector<u64> matched;
  u64 packets = 0, all = 0;

  void add(const DisplayFilter& filter, const PacketHead& head, const Dissection& d) {
    ++packets;
    pieces = filter.pieces(head, d);
    matched.resize(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) matched[i] += pieces[i].matched;
    all += filter.matches(head, d);
  }
};

void show_json(const DisplayFilter& filter, const Tally& tally, bool counted, TextBuffer& t) {
  t.append("{\"explanation\":\""), t.json_escaped(filter.explanation()), t.append("\",\"kernel\":\""), t.json_escaped(filter.kernel_part()), t.append('"');
  if (counted) {
    t.append(",\"packets\":"), t.decimal(tally.packets), t.append(",\"matched\":"), t.decimal(tally.all), t.append(",\"parts\":[");
    for (std::size_t i = 0; i < tally.pieces.size(); ++i) {
      t.append(i == 0 ? "{\"filter\":\"" : ",{\"filter\":\""), t.json_escaped(tally.pieces[i].text), t.append("\",\"matched\":"), t.decimal(tally.matched[i]), t.append('}');
    }
    t.append(']');
  }
  t.append("}\n");
}

/// What `capture` lets the kernel refuse, in pcap-filter's words and as the program it becomes.
void show_kernel_part(const DisplayFilter& filter, TextBuffer& t) {
  const std::string part = filter.kernel_part();
  if (part.empty()) return t.append("In the kernel: nothing; every packet is judged here\n");
  t.append("In the kernel, as a first sieve of plain TCP packets: "), t.clean(part), t.append('\n');
  const auto program = Filter::compile(part, LinkType::ethernet);
  if (!program) return t.append("  (it does not compile here: "), t.clean(program.error().text()), t.append(")\n");
  t.append("  "), t.decimal(program->program().size()), t.append(" BPF instructions for Ethernet\n");
}

void show_text(const DisplayFilter& filter, const Tally& tally, bool counted, TextBuffer& t) {
  t.clean(filter.explanation()), t.append('\n');
  show_kernel_part(filter, t);
  if (!counted) return;
  t.decimal(tally.all), t.append(" of "), t.decimal(tally.packets), t.append(" packets match\n");
  for (std::size_t i = 0; i < tally.pieces.size() && tally.pieces.size() > 1; ++i) t.append("  "), t.decimal(tally.matched[i]), t.append("  "), t.clean(tally.pieces[i].text), t.append('\n');
}

}  // namespace

int run_filter(const FilterOptions& options) {
  Output out;
  if (options.names) {
    for (const std::string& name : filter_names(standard_registry())) out.text().append(name), out.text().append('\n');
    return out.exit_code(ok);
  }
  if (options.expression.empty()) {
    complain("filter: which filter?\n  rawket filter 'tcp.dstport == 80'");
    return usage;
  }
  const auto filter = DisplayFilter::compile(standard_registry(), options.expression);
  if (!filter) return complain_and_exit(with_caret(filter.error(), options.expression));
  Tally tally;
  int code = ok;
  if (!options.file.empty()) {
    auto packets = PacketsOf::open({.command = "filter", .words = {options.file}, .facts = filter->needs_facts()});
    if (!packets) return packets.error();
    code = packets->each([&](const PacketHead& head, const Dissection& d) { tally.add(*filter, head, d); });
  }
  if (options.format == "json") show_json(*filter, tally, !options.file.empty(), out.text());
  else show_text(*filter, tally, !options.file.empty(), out.text());
  return out.exit_code(code);
}

}  // namespace rawket::cli
