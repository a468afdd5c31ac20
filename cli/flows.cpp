// rawket flows: conversations of a file or of an interface, listed when it ends.
#include "rawket/session/flow_table.hpp"

#include <algorithm>

#include "packets_of.hpp"
#include "rawket/host/huge_pages.hpp"

namespace rawket::cli {
namespace {

u64 rank(const Flow& f, std::string_view by) {
  if (by == "packets") return f.low.packets + f.high.packets;
  if (by == "duration") return static_cast<u64>(std::max<Nanoseconds>(elapsed(f.first, f.last), 0));
  if (by == "retransmissions") return f.low.retransmissions + u64{f.high.retransmissions};
  if (by == "first") return ~f.first_packet;
  return f.low.bytes + f.high.bytes;
}

std::string flags_text(u8 flags) {
  constexpr std::string_view letters = "FSRPAUEC";
  std::string s;
  for (std::size_t i = 0; i < letters.size(); ++i)
    if ((flags >> i & 1) != 0) s += letters[i];
  return s.empty() ? "-" : s;
}

void text_line(const Flow& f, TextBuffer& t) {
  TextBuffer duration;
  append_epoch(duration, std::max<Nanoseconds>(elapsed(f.first, f.last), 0));
  t.left(flow_protocol_text(f.key), 7);
  t.left(ends_text(f), 46);
  for (u64 n : {f.client().packets, f.server().packets, f.client().bytes, f.server().bytes}) t.append(' '), t.right(std::to_string(n), 9);
  t.append(' '), t.right(duration.view().substr(0, duration.size() - 3), 14);
  if (f.key.later_fragment) {
    t.append("  later fragments");
  } else if (f.key.protocol == 6) {
    t.append("  "), t.left(flags_text(f.client().flags) + "/" + flags_text(f.server().flags), 11);
    if (f.round_trip_us != 0) t.append(" rtt="), append_milliseconds(Nanoseconds{f.round_trip_us} * 1000, t);
    if (const u64 n = f.low.retransmissions + u64{f.high.retransmissions}; n > 0) t.append(" retransmitted="), t.decimal(n);
  }
  t.append('\n');
}

void json_line(const Flow& f, TextBuffer& t) {
  const auto end = [&](std::string_view name, bool high, const FlowSide& side) {
    t.append(",\""), t.append(name), t.append("\":{\"address\":\""), t.append(f.key.address(high).text()), t.append('"');
    if (!f.key.later_fragment) t.append(",\"port\":"), t.decimal(high ? f.key.high_port : f.key.low_port);
    t.append(",\"packets\":"), t.decimal(side.packets), t.append(",\"bytes\":"), t.decimal(side.bytes);
    if (f.key.protocol == 6) t.append(",\"flags\":\""), t.append(flags_text(side.flags)), t.append("\",\"retransmissions\":"), t.decimal(side.retransmissions);
    t.append('}');
  };
  t.append("{\"protocol\":\""), t.append(flow_protocol_text(f.key)), t.append('"');
  if (f.key.later_fragment) t.append(",\"later_fragments\":true");
  end("client", f.from_high, f.client());
  end("server", !f.from_high, f.server());
  t.append(",\"first\":\""), append_epoch(t, f.first), t.append("\",\"last\":\""), append_epoch(t, f.last), t.append("\",\"first_packet\":"), t.decimal(f.first_packet);
  if (f.round_trip_us != 0) t.append(",\"round_trip_us\":"), t.decimal(f.round_trip_us);
  t.append(",\"community_id\":\""), t.append(community_id(f.key)), t.append("\"}\n");
}

void csv_line(const Flow& f, TextBuffer& t) {
  t.append(flow_protocol_text(f.key)), t.append(','), t.append(endpoint_text(f.key, f.from_high)), t.append(','), t.append(endpoint_text(f.key, !f.from_high));
  for (u64 n : {f.client().packets, f.server().packets, f.client().bytes, f.server().bytes}) t.append(','), t.decimal(n);
  t.append(','), append_epoch(t, f.first), t.append(','), append_epoch(t, f.last), t.append(','), t.decimal(f.round_trip_us), t.append(','), t.decimal(f.low.retransmissions + u64{f.high.retransmissions});
  t.append(','), t.append(community_id(f.key)), t.append('\n');
}

class FlowListing {
 public:
  explicit FlowListing(const FlowsOptions& options) : options_(options) {}

  void header() {
    if (options_.format == "csv") out_.text().append("protocol,client,server,client_packets,server_packets,client_bytes,server_bytes,first,last,round_trip_us,retransmissions,community_id\n");
    if (options_.format == "text") out_.text().append("proto  who began > who answered                              packets  answered     bytes  answered        seconds  flags\n");
  }
  void flow(const Flow& f) {
    if (options_.format == "json") json_line(f, out_.text());
    else if (options_.format == "csv") csv_line(f, out_.text());
    else text_line(f, out_.text());
    out_.flush();
  }
  /// All that the table has, the largest first.
  int rest(const FlowTable& table, int code) {
    for (const Flow* f : highest(table, options_.top, [&](const Flow& x) { return rank(x, options_.sort); })) flow(*f);
    return out_.exit_code(code);
  }

 private:
  const FlowsOptions& options_;
  Output out_;
};

}  // namespace

int run_flows(const FlowsOptions& options) {
  auto packets = PacketsOf::open({.command = "flows", .words = options.words, .interface = options.interface, .duration = options.duration, .display_filter = options.display_filter, .decode_as = options.decode_as});
  if (!packets) return packets.error();
  FlowListing listing(options);
  listing.header();
  HugePages memory;
  FlowTable table({.most_flows = options.most_flows, .evicted = [&](const Flow& f) { listing.flow(f); }, .memory = &memory});
  std::vector<FlowPacket> batch;
  u64 others = 0;
  const auto one = [&](const PacketHead& head, const Dissection& d) {
    if (read_flow_packet(head, d, batch.emplace_back())) return;
    batch.pop_back();
    ++others;
  };
  const auto batch_done = [&] {
    table.add(batch);
    batch.clear();
  };
  int code = packets->each(one, batch_done);
  batch_done();
  code = listing.rest(table, code);
  complain(std::to_string(packets->packets()) + " packets, " + std::to_string(table.flows().size() + table.evicted()) + " flows" +
           (table.evicted() > 0 ? ", of these " + std::to_string(table.evicted()) + " given up early for room (--most keeps more)" : "") +
           (others > 0 ? ", " + std::to_string(others) + " packets without a flow (no IP)" : ""));
  return code;
}

}  // namespace rawket::cli
