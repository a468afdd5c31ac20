// rawket stats: a capture's protocols, sizes, hosts, and a plot of its course.
#include "rawket/session/statistics.hpp"

#include "packets_of.hpp"
#include "rawket/session/flow_table.hpp"

namespace rawket::cli {
namespace {

constexpr std::size_t plot_width = 64, plot_height = 8;

void amount(TextBuffer& t, const Amount& a, const Amount& all) {
  t.right(std::to_string(a.packets), 11), t.right(std::to_string(a.bytes), 14);
  const u64 tenths = all.packets == 0 ? 0 : a.packets * 1000 / all.packets;
  t.right(std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %", 9);
}

void tree(TextBuffer& t, const ProtocolNode& node, const Amount& all, std::size_t depth) {
  for (const auto& n : node.inner) {
    const std::string name = std::string(2 * depth, ' ') + std::string(n->name);
    t.append("  "), t.left(name, 30);
    amount(t, n->amount, all), t.append('\n');
    tree(t, *n, all, depth + 1);
  }
}

std::string class_name(std::size_t i) {
  const u32 from = i == 0 ? 0 : Statistics::size_limits[i - 1] + 1, to = Statistics::size_limits[i];
  return to == 0xffffffff ? std::to_string(from) + " and more" : std::to_string(from) + " to " + std::to_string(to);
}

/// Steps of the series put together so that they fit the width.
std::vector<u64> columns(const TimeSeries& series) {
  const std::size_t per = (series.steps().size() + plot_width - 1) / plot_width;
  std::vector<u64> out;
  for (std::size_t i = 0; i < series.steps().size(); ++i) {
    if (i % per == 0) out.push_back(0);
    out.back() += series.steps()[i].packets;
  }
  return out;
}

void plot(TextBuffer& t, const Statistics& s) {
  const std::vector<u64> bars = columns(s.times());
  const u64 most = std::max<u64>(1, *std::ranges::max_element(bars));
  constexpr std::string_view eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  for (std::size_t row = plot_height; row-- > 0;) {
    t.right(row == plot_height - 1 ? std::to_string(most) : row == 0 ? "0" : "", 11);
    t.append(" |");
    for (u64 n : bars) {
      const u64 level = n == 0 ? 0 : std::max<u64>(1, n * plot_height * 8 / most);  // in eighths; what is there is seen
      t.append(eighths[std::clamp<i64>(static_cast<i64>(level) - static_cast<i64>(row * 8), 0, 8)]);
    }
    t.append('\n');
  }
  TextBuffer span;
  append_epoch(span, std::max<Nanoseconds>(elapsed(s.first(), s.last()), 0));
  const std::size_t per = (s.times().steps().size() + plot_width - 1) / plot_width;
  TextBuffer step;
  append_epoch(step, s.times().step() * static_cast<Nanoseconds>(per));
  t.right("", 13), t.append("packets per "), t.append(step.view().substr(0, step.size() - 6)), t.append(" s, over "), t.append(span.view().substr(0, span.size() - 6)), t.append(" s\n");
}

std::vector<const Flow*> largest(const FlowTable& table, u64 top) {
  return top == 0 ? std::vector<const Flow*>() : highest(table, top, [](const Flow& f) { return f.low.bytes + f.high.bytes; });
}

void show_conversations(TextBuffer& t, const FlowTable& table, u64 top) {
  const u64 all = table.flows().size() + table.evicted();
  if (all == 0) return;
  t.append("Conversations                                           packets         bytes\n");
  for (const Flow* f : largest(table, top)) {
    t.append("  "), t.left(flow_protocol_text(f->key) + ' ' + ends_text(*f), 50);
    t.right(std::to_string(f->low.packets + f->high.packets), 11), t.right(std::to_string(f->low.bytes + f->high.bytes), 14), t.append('\n');
  }
  if (all > top) t.append("  and "), t.decimal(all - top), t.append(" more (rawket flows tells more of each)\n");
}

void show_text(TextBuffer& t, const Statistics& s, const FlowTable& table, u64 top) {
  t.append("Protocols                           packets         bytes    share\n");
  tree(t, s.protocols(), s.all(), 0);
  t.append("Sizes in bytes\n");
  for (std::size_t i = 0; i < s.sizes().size(); ++i) {
    if (s.sizes()[i].packets == 0) continue;
    const std::string name = class_name(i);
    t.append("  "), t.left(name, 30);
    amount(t, s.sizes()[i], s.all()), t.append('\n');
  }
  const std::vector<Endpoint> hosts = s.endpoints();
  if (!hosts.empty()) t.append("Hosts                               packets    bytes sent  bytes received\n");
  for (std::size_t i = 0; i < hosts.size() && i < top; ++i) {
    const std::string name = hosts[i].address.text();
    t.append("  "), t.left(name, 30);
    t.right(std::to_string(hosts[i].sent.packets + hosts[i].received.packets), 11), t.right(std::to_string(hosts[i].sent.bytes), 14), t.right(std::to_string(hosts[i].received.bytes), 16), t.append('\n');
  }
  if (hosts.size() > top) t.append("  and "), t.decimal(hosts.size() - top), t.append(" more (--top shows more)\n");
  show_conversations(t, table, top);
  if (s.all().packets > 0) t.append("Course\n"), plot(t, s);
}

/// One table for all: what kind of row, its name, packets and bytes.
class CsvRows {
 public:
  explicit CsvRows(TextBuffer& t) : t_(t) { t_.append("kind,name,packets,bytes\n"); }
  void row(std::string_view kind, std::string_view name, u64 packets, u64 bytes) {
    t_.append(kind), t_.append(','), t_.append(name), t_.append(','), t_.decimal(packets), t_.append(','), t_.decimal(bytes), t_.append('\n');
  }
  void row(std::string_view kind, std::string_view name, const Amount& a) { row(kind, name, a.packets, a.bytes); }
  void protocols(const ProtocolNode& node, const std::string& path) {
    for (const auto& n : node.inner) {
      const std::string name = path.empty() ? std::string(n->name) : path + ":" + std::string(n->name);
      row("protocols", name, n->amount);
      protocols(*n, name);
    }
  }

 private:
  TextBuffer& t_;
};

void show_csv(TextBuffer& t, const Statistics& s, const FlowTable& table, u64 top) {
  CsvRows rows(t);
  rows.row("all", "", s.all());
  rows.protocols(s.protocols(), "");
  for (std::size_t i = 0; i < s.sizes().size(); ++i) rows.row("size", class_name(i), s.sizes()[i]);
  const std::vector<Endpoint> hosts = s.endpoints();
  for (std::size_t i = 0; i < hosts.size() && i < top; ++i) rows.row("sent", hosts[i].address.text(), hosts[i].sent), rows.row("received", hosts[i].address.text(), hosts[i].received);
  for (const Flow* f : largest(table, top)) rows.row("conversation", flow_protocol_text(f->key) + ' ' + ends_text(*f), f->low.packets + f->high.packets, f->low.bytes + f->high.bytes);
  for (std::size_t i = 0; i < s.times().steps().size(); ++i) {
    TextBuffer at;
    append_epoch(at, s.first() + static_cast<Nanoseconds>(i) * s.times().step());
    rows.row("course", at.view(), s.times().steps()[i]);
  }
}

void append_amount(TextBuffer& t, const Amount& a) { t.append("\"packets\":"), t.decimal(a.packets), t.append(",\"bytes\":"), t.decimal(a.bytes); }

void json_tree(TextBuffer& t, const ProtocolNode& node, const std::string& path, bool& first) {
  for (const auto& n : node.inner) {
    const std::string name = path.empty() ? std::string(n->name) : path + ":" + std::string(n->name);
    t.append(first ? "{\"protocols\":\"" : ",{\"protocols\":\""), t.json_escaped(name), t.append("\","), append_amount(t, n->amount), t.append('}');
    first = false;
    json_tree(t, *n, name, first);
  }
}

void show_json(TextBuffer& t, const Statistics& s, const FlowTable& table, u64 top) {
  t.append('{'), append_amount(t, s.all());
  t.append(",\"first\":\""), append_epoch(t, s.first()), t.append("\",\"last\":\""), append_epoch(t, s.last()), t.append("\",\"cut\":"), t.decimal(s.cut()), t.append(",\"malformed\":"), t.decimal(s.malformed());
  bool first = true;
  t.append(",\"tree\":["), json_tree(t, s.protocols(), "", first), t.append("],\"sizes\":[");
  for (std::size_t i = 0; i < s.sizes().size(); ++i) t.append(i == 0 ? "{\"most\":" : ",{\"most\":"), t.decimal(Statistics::size_limits[i]), t.append(','), append_amount(t, s.sizes()[i]), t.append('}');
  t.append("],\"hosts\":[");
  const std::vector<Endpoint> hosts = s.endpoints();
  for (std::size_t i = 0; i < hosts.size() && i < top; ++i) {
    t.append(i == 0 ? "{\"address\":\"" : ",{\"address\":\""), t.append(hosts[i].address.text());
    t.append("\",\"sent\":{"), append_amount(t, hosts[i].sent), t.append("},\"received\":{"), append_amount(t, hosts[i].received), t.append("}}");
  }
  t.append("],\"conversations\":[");
  bool first_flow = true;
  for (const Flow* f : largest(table, top)) {
    t.append(first_flow ? "{\"protocol\":\"" : ",{\"protocol\":\""), t.append(flow_protocol_text(f->key)), t.append("\",\"client\":\""), t.append(endpoint_text(f->key, f->from_high)), t.append("\",\"server\":\"");
    t.append(endpoint_text(f->key, !f->from_high)), t.append("\",\"packets\":"), t.decimal(f->low.packets + f->high.packets), t.append(",\"bytes\":"), t.decimal(f->low.bytes + f->high.bytes), t.append('}');
    first_flow = false;
  }
  t.append("],\"step_ns\":"), t.decimal(static_cast<u64>(s.times().step())), t.append(",\"course\":[");
  for (std::size_t i = 0; i < s.times().steps().size(); ++i) t.append(i == 0 ? "{" : ",{"), append_amount(t, s.times().steps()[i]), t.append('}');
  t.append("]}\n");
}

}  // namespace

int run_stats(const StatsOptions& options) {
  auto packets = PacketsOf::open({.command = "stats", .words = options.words, .interface = options.interface, .duration = options.duration, .display_filter = options.display_filter, .decode_as = options.decode_as});
  if (!packets) return packets.error();
  Statistics s;
  FlowTable table;
  std::vector<FlowPacket> batch;
  const auto one = [&](const PacketHead& head, const Dissection& d) {
    s.add(head, d);
    if (!read_flow_packet(head, d, batch.emplace_back())) batch.pop_back();
  };
  const auto batch_done = [&] { table.add(batch), batch.clear(); };
  const int code = packets->each(one, batch_done);
  batch_done();
  Output out;
  if (options.format == "json") show_json(out.text(), s, table, options.top);
  else if (options.format == "csv") show_csv(out.text(), s, table, options.top);
  else show_text(out.text(), s, table, options.top);
  complain(std::to_string(s.all().packets) + " packets, " + std::to_string(s.all().bytes) + " bytes" + (s.cut() > 0 ? ", " + std::to_string(s.cut()) + " cut by the snapshot length" : "") +
           (s.malformed() > 0 ? ", " + std::to_string(s.malformed()) + " malformed" : "") + (s.unlisted() > 0 ? ", " + std::to_string(s.unlisted()) + " of hosts or stacks that found no room" : ""));
  return out.exit_code(code);
}

}  // namespace rawket::cli
