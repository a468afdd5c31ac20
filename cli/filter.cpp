// rawket filter: what a display filter means, and how many packets each of its parts matches.
#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/io/capture_file.hpp"
#include "show.hpp"

namespace rawket::cli {
namespace {

struct Tally {
  std::vector<DisplayFilter::Piece> pieces;  ///< their texts; none until a packet came
  std::vector<u64> matched;
  u64 packets = 0, all = 0;
};

/// Asks every packet of a file; stops at the first error, which is told when all packets before it are counted.
int count(const DisplayFilter& filter, Source& source, Tally& tally) {
  Dissection d;
  while (!source.ended()) {
    const auto batch = source.next(second);
    if (!batch) return complain_and_exit(batch.error());
    for (const CapturedPacket& p : *batch) {
      const PacketHead head = head_of(++tally.packets, p, {});
      dissect(standard_registry(), link_protocol(standard_registry(), head.link_type), p.bytes, d, head.original_length);
      tally.pieces = filter.pieces(head, d);
      tally.matched.resize(tally.pieces.size());
      for (std::size_t i = 0; i < tally.pieces.size(); ++i) tally.matched[i] += tally.pieces[i].matched;
      tally.all += filter.matches(head, d);
    }
  }
  return ok;
}

void show_json(const DisplayFilter& filter, const Tally& tally, bool counted, TextBuffer& t) {
  t.append("{\"explanation\":\""), t.json_escaped(filter.explanation()), t.append('"');
  if (counted) {
    t.append(",\"packets\":"), t.decimal(tally.packets), t.append(",\"matched\":"), t.decimal(tally.all), t.append(",\"parts\":[");
    for (std::size_t i = 0; i < tally.pieces.size(); ++i) {
      t.append(i == 0 ? "{\"filter\":\"" : ",{\"filter\":\""), t.json_escaped(tally.pieces[i].text), t.append("\",\"matched\":"), t.decimal(tally.matched[i]), t.append('}');
    }
    t.append(']');
  }
  t.append("}\n");
}

void show_text(const DisplayFilter& filter, const Tally& tally, bool counted, TextBuffer& t) {
  t.clean(filter.explanation()), t.append('\n');
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
    auto source = open_capture(options.file);
    if (!source) return source.error().code == Errc::malformed ? complain(source.error()), malformed_input : complain_and_exit(source.error());
    if (auto dropped = drop_privileges(); !dropped) return complain_and_exit(dropped.error());
    code = count(*filter, **source, tally);
  }
  if (options.json) show_json(*filter, tally, !options.file.empty(), out.text());
  else show_text(*filter, tally, !options.file.empty(), out.text());
  return out.exit_code(code);
}

}  // namespace rawket::cli
