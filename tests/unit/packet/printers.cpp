// One line, the tree, JSON, columns, dumps and C arrays: exact where people and programs rely on it.
#include "../packet_test.hpp"
#include "rawket/packet/columns.hpp"
#include "rawket/packet/reference.hpp"
#include "rawket/packet/text.hpp"

namespace rawket {
namespace {

using namespace test;

std::string line_of(const Seen& seen, TextOptions options = {.time = TimeFormat::none}, PacketHead head = {}) {
  TextBuffer out;
  if (head.original_length == 0) head.original_length = static_cast<u32>(seen.bytes().size());
  TextPrinter(options).line(head, seen.dissection(), out);
  return std::string(out.view());
}
std::string tree_of(const Seen& seen, PacketHead head = {}) {
  TextBuffer out;
  if (head.original_length == 0) head.original_length = static_cast<u32>(seen.bytes().size());
  TextPrinter({.time = TimeFormat::none}).tree(head, seen.dissection(), out);
  return std::string(out.view());
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Json, protocols_that_share_names_share_keys) {  // UDP, and UDP-Lite in a tunnel through it: found by random bytes
  const Seen seen(protocol_named("eth"), octets("02000000000202000000000108004500004e123400004011dc43c6120001c6100002c35012b5003a0000080000001234560002000000000402000000000308004500001c000200004088f6dbc0000201"
                                                "c00002020800c5fd00010001"));
  EXPECT_EQ(seen.layers(), "eth ip udp vxlan eth ip udplite_partial");
  EXPECT_EQ(seen["udp.srcport"], "[50000,2048]");
}

TEST(Line, says_who_talks_to_whom_about_what) {
  EXPECT_EQ(line_of(Seen("tcp_opts")), "ip 198.18.0.1 > 198.18.0.2 ttl=64 / tcp 40000 > 80 seq=16909060 ack=0 flags=S window=64240 mss=1460 sack_ok timestamps=1000,0 wscale=7 len=0\n");
  EXPECT_EQ(line_of(Seen("eth_udp")), "ip 198.18.0.1 > 198.18.0.2 ttl=64 / udp 5000 > 5001 / 5 bytes\n");
  EXPECT_EQ(line_of(Seen("arp_req")), "arp 198.18.0.1 > 198.18.0.2 opcode=request source_mac=02:00:00:00:00:01\n");
  EXPECT_TRUE(has(line_of(Seen("icmp_unreach")), "icmp type=unreachable code=3 / ip 198.18.0.1 > 203.0.113.7")) << line_of(Seen("icmp_unreach"));
}

TEST(Line, shows_the_link_layer_where_asked_or_where_nothing_else_is) {
  EXPECT_TRUE(line_of(Seen("eth_udp"), {.time = TimeFormat::none, .link_layer = true}).starts_with("eth 02:00:00:00:00:01 > 02:00:00:00:00:02 / ip "));
  EXPECT_TRUE(line_of(Seen(protocol_named("eth"), octets("020000000002 020000000001 9999 01"))).starts_with("eth 02:00:00:00:00:01 > "));
}

TEST(Line, has_the_time_in_every_form) {
  const Seen seen("icmp_echo");
  const PacketHead head{.number = 12, .time = 1'700'000'000 * second + 5};
  EXPECT_TRUE(line_of(seen, {.time = TimeFormat::epoch}, head).starts_with("1700000000.000000005 ip "));
  EXPECT_TRUE(line_of(seen, {.time = TimeFormat::utc}, head).starts_with("22:13:20.000000005 ip "));
  EXPECT_TRUE(line_of(seen, {.time = TimeFormat::none, .numbers = true}, head).starts_with("#12 ip "));
  TextPrinter delta({.time = TimeFormat::delta});
  TextBuffer out;
  delta.line({.time = second}, seen.dissection(), out);
  EXPECT_TRUE(out.view().starts_with("0.000000000 "));
  out.clear();
  delta.line({.time = 3 * second + 1}, seen.dissection(), out);
  EXPECT_TRUE(out.view().starts_with("2.000000001 "));
  EXPECT_TRUE(line_of(seen, {.time = TimeFormat::utc}, {.time = -1}).starts_with("23:59:59.999999999 "));
  EXPECT_TRUE(line_of(seen, {.time = TimeFormat::utc}, {.time = INT64_MIN}).starts_with("00:12:43.145224192 "));
}

TEST(Line, complains_about_bad_checksums_and_cuts) {
  Octets b = octets(vector("icmp_echo").hex);
  b[30] = static_cast<u8>(b[30] ^ 1);
  EXPECT_TRUE(has(line_of(Seen(protocol_named("ip"), b)), "[bad checksum 0xe5fb, want 0x")) << line_of(Seen(protocol_named("ip"), b));
  EXPECT_TRUE(has(line_of(Seen(protocol_named("ip"), Octets(b.begin(), b.begin() + 22))), "[too short for icmp]"));
  EXPECT_TRUE(has(line_of(Seen(protocol_named("ip"), Octets(b.begin(), b.begin() + 22), 32), {.time = TimeFormat::none},
      {.original_length = 32}), "[cut by the snapshot length in icmp]"));
  b[0] = 0x44;
  EXPECT_TRUE(has(line_of(Seen(protocol_named("ip"), b)), "[malformed ip]"));
  const Seen syn(protocol_named("ip"), [] { auto x = octets(vector("tcp_syn").hex); x[36] ^= 1; return x; }());
  EXPECT_TRUE(has(line_of(syn, {.time = TimeFormat::none}, {.checksum_not_ready = true}), "[checksum not filled in yet (offload)]"));
}

TEST(Line, tells_what_was_lost_before) { EXPECT_TRUE(line_of(Seen("icmp_echo"), {.time = TimeFormat::none}, {.dropped_before = 3}).starts_with("-- 3 packets lost here --\n")); }

TEST(Line, is_coloured_only_where_asked) {
  EXPECT_FALSE(has(line_of(Seen("tcp_syn")), "\x1b"));
  EXPECT_TRUE(has(line_of(Seen("tcp_syn"), {.time = TimeFormat::none, .color = true}), "\x1b[1mtcp\x1b[0m"));
}

TEST(Tree, shows_every_field_with_its_place_and_bytes) {
  const std::string t = tree_of(Seen("tcp_opts"));
  for (std::string_view part : {"packet 1, 60 bytes\n", "Internet Protocol version 4 (ip), 20 bytes at 0\n", "ip.ttl", "Time to live: hops left", "c6120001", "198.18.0.1",
                                "Transmission control protocol (tcp), 40 bytes at 20\n", "option Maximum segment size",
                                "tcp.options.mss_val", "tcp.checksum.status", "good"})
    EXPECT_TRUE(has(t, part)) << part << "\n" << t;
  EXPECT_TRUE(t.ends_with("\n\n"));
}

TEST(Tree, shows_padding_comments_and_what_stopped_it) {
  Octets b = octets(vector("eth_udp").hex);
  b.resize(60);
  EXPECT_TRUE(has(tree_of(Seen(protocol_named("eth"), b)), "Padding or trailer, 13 bytes at 47\n"));
  const std::string t = tree_of(Seen(protocol_named("ip"), octets("4400001400000000 40110000 c6120001 c6120002")), {.time = 5, .interface = "eth0\x1b",
      .comment = "evil\ncomment"});
  EXPECT_TRUE(has(t, "stopped: a length that cannot be in ip at byte 0")) << t;
  EXPECT_TRUE(has(t, "on eth0\\x1b"));
  EXPECT_TRUE(has(t, "comment: evil\\x0acomment\n"));
}

TEST(Json, has_a_head_and_wiresharks_names_once_each) {
  const Seen seen("eth_udp");
  EXPECT_TRUE(seen.json().starts_with(R"({"n":1,"ts":"0.000000000","caplen":47,"len":47,"linktype":1,"layers":["eth","ip","udp","data"],"eth.dst":"02:00:00:00:00:02")")) << seen.json();
}

TEST(Json, tells_what_the_kernel_knew) {
  TextBuffer out;
  const Seen seen("icmp_echo");
  JsonPrinter().print({.number = 9, .time = 1'700'000'000 * second + 7, .original_length = 1500, .link_type = 101, .checksum_not_ready = true, .dropped_before = 4,
      .interface = "a\"b", .comment = "c\\d"}, seen.dissection(), out);
  const JsonObject o(out.view());
  ASSERT_EQ(o.error(), "") << out.view();
  EXPECT_EQ(o["n"], "9");
  EXPECT_EQ(o["ts"], "1700000000.000000007");
  EXPECT_EQ(o["len"], "1500");
  EXPECT_EQ(o["caplen"], "32");
  EXPECT_EQ(o["linktype"], "101");
  EXPECT_EQ(o["checksum_not_ready"], "1");
  EXPECT_EQ(o["dropped_before"], "4");
  EXPECT_EQ(o["interface"], "a\\\"b");
  EXPECT_EQ(o["comment"], "c\\\\d");
}

TEST(Json, one_printer_forgets_nothing_into_the_next_packet) {
  JsonPrinter printer;
  for (const Vector& v : vectors) {
    const Seen fresh(v);
    TextBuffer out;
    printer.print({.original_length = static_cast<u32>(fresh.bytes().size())}, fresh.dissection(), out);
    ASSERT_EQ(out.view(), fresh.json()) << v.name;
  }
}

TEST(Json, time_before_1970_has_a_sign) {
  TextBuffer out;
  append_epoch(out, -1);
  out.append(' ');
  append_epoch(out, -second - 5);
  EXPECT_EQ(out.view(), "-0.000000001 -1.000000005");
}

std::string columns_of(std::initializer_list<std::string_view> names, ColumnFormat format, const Seen& seen, bool header = false) {
  auto p = ColumnPrinter::create(standard_registry(), std::span(names.begin(), names.size()), format);
  if (!p) return "error: " + p.error().text();
  TextBuffer out;
  if (header) p->header(out);
  p->print({.number = 3, .time = second, .original_length = static_cast<u32>(seen.bytes().size())}, seen.dissection(), out);
  return std::string(out.view());
}

TEST(Columns, are_comma_or_tab_separated_or_an_object) {
  const Seen seen("tcp_syn");
  EXPECT_EQ(columns_of({"n", "ts", "ip.src", "tcp.dstport", "udp.srcport"}, ColumnFormat::csv, seen, true), "n,ts,ip.src,tcp.dstport,udp.srcport\n3,1.000000000,198.18.0.1,80,\n");
  EXPECT_EQ(columns_of({"ip.src", "caplen", "len", "linktype"}, ColumnFormat::tabs, seen, true), "198.18.0.1\t40\t40\t1\n");
  EXPECT_EQ(columns_of({"n", "ts", "ip.src", "tcp.dstport", "udp.srcport", "layers"}, ColumnFormat::json, seen),
            "{\"n\":3,\"ts\":\"1.000000000\",\"ip.src\":\"198.18.0.1\",\"tcp.dstport\":80,\"layers\":[\"ip\",\"tcp\"]}\n");
}

TEST(Columns, join_repeated_values) {
  EXPECT_EQ(columns_of({"ip.src", "layers"}, ColumnFormat::csv, Seen("gre_key")), "\"198.18.0.1,192.0.2.1\",\"ip,gre,ip,icmp\"\n");
  EXPECT_EQ(columns_of({"ip.src"}, ColumnFormat::json, Seen("gre_key")), "{\"ip.src\":[\"198.18.0.1\",\"192.0.2.1\"]}\n");
}

TEST(Columns, options_facts_and_scaled_numbers_are_columns_too) {
  EXPECT_EQ(columns_of({"tcp.options.mss_val", "tcp.hdr_len", "tcp.flags", "tcp.checksum.status"}, ColumnFormat::csv, Seen("tcp_opts")), "1460,40,2,1\n");
  EXPECT_EQ(columns_of({"dns.qry.name", "dns.a"}, ColumnFormat::csv, Seen("dns_a")), "www.example.com,192.0.2.1\n");
}

TEST(Columns, an_unknown_name_is_an_error_with_the_nearest) {
  const std::string e = columns_of({"tcp.dstprt"}, ColumnFormat::csv, Seen("tcp_syn"));
  EXPECT_TRUE(has(e, "there is no field 'tcp.dstprt'; did you mean 'tcp.dstport'?")) << e;
}

TEST(Columns, cells_with_commas_and_quotes_are_quoted) {
  const Seen seen(protocol_named("dns"), octets("0001 0100 0001 0000 0000 0000 05 612c622263 00 0001 0001"));
  EXPECT_EQ(columns_of({"dns.qry.name"}, ColumnFormat::csv, seen), "\"a,b\"\"c\"\n");
}

TEST(Columns, defaults_are_all_known) { EXPECT_TRUE(ColumnPrinter::create(standard_registry(), default_columns(), ColumnFormat::csv)); }

TEST(Dumps, have_sixteen_bytes_a_line) {
  TextBuffer out;
  append_hexdump(out, as_bytes("0123456789abcdef\x01"), "> ");
  EXPECT_EQ(out.view(), "> 0000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef\n> 0010  01                                                .\n");
}

TEST(Dumps, as_c_compile) {
  TextBuffer out;
  append_c_array(out, octets("00ff10"), "p");
  EXPECT_EQ(out.view(), "const unsigned char p[] = {\n  0x00, 0xff, 0x10,\n};\n");
}

TEST(Reference, tells_every_field_of_every_protocol) {
  for (const Protocol* p : standard_registry().protocols()) {
    TextBuffer line, text, markdown, json;
    append_protocol_line(line, *p);
    append_protocol_text(text, *p);
    append_protocol_markdown(markdown, *p);
    append_protocol_json(json, *p);
    EXPECT_TRUE(has(std::string(line.view()), p->name) && std::ranges::count(line.view(), '\n') == 1) << line.view();
    EXPECT_TRUE(json.view().starts_with("{") && json.view().ends_with("}\n")) << p->name;
    for (const std::span<const Field> list : {p->fields, p->extras})
      for (const Field& f : list) {
        if (f.is_status) continue;
        for (const TextBuffer* out : {&text, &markdown, &json}) EXPECT_TRUE(has(std::string(out->view()), f.name)) << p->name << " " << f.name;
        EXPECT_TRUE(has(std::string(text.view()), f.doc)) << p->name << " " << f.name;
      }
  }
}

TEST(Reference, finds_fields_by_a_part_of_their_name) {
  TextBuffer text, json, none;
  append_matching_fields(text, standard_registry(), "mss", false);
  EXPECT_TRUE(has(std::string(text.view()), "tcp.options.mss_val"));
  append_matching_fields(json, standard_registry(), "mss", true);
  EXPECT_TRUE(json.view().starts_with("{"));
  append_matching_fields(none, standard_registry(), "no such thing", false);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace rawket
