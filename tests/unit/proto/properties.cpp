// What must hold for every packet, whatever its bytes: random ones, cut ones, and those that craft makes.
#include <set>

#include "../packet_test.hpp"
#include "rawket/packet/columns.hpp"
#include "rawket/packet/craft.hpp"
#include "rawket/packet/text.hpp"

namespace rawket {
namespace {

using namespace test;

/// Nothing that a terminal would obey: line feeds apart, only printable UTF-8.
std::string unprintable(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8 u = decode_utf8(text.substr(i));
    if (!u.valid || (is_unsafe(u.code) && u.code != '\n')) return "byte " + std::to_string(i) + " of " + clean_text(text);
    i += u.length;
  }
  return {};
}

/// Reads the bytes in every way there is, and checks what must always hold.
void endure(const Protocol& first, const Octets& bytes, u32 original_length = 0) {
  SCOPED_TRACE(std::string(first.name) + " " + hex_of(bytes));
  static TextPrinter printer({.time = TimeFormat::none, .link_layer = true});
  static JsonPrinter json_printer;
  static auto columns = ColumnPrinter::create(standard_registry(), default_columns(), ColumnFormat::csv);
  Dissection d;
  dissect(standard_registry(), first, bytes, d, original_length);
  ASSERT_GE(d.layers().size(), 1u);
  u32 behind = 0;
  for (const Layer& l : d.layers()) {
    ASSERT_GE(l.offset, behind);
    ASSERT_LE(l.offset + l.length, l.end);
    ASSERT_LE(l.end, bytes.size());
    ASSERT_GE(l.claimed_end, l.end);
    behind = l.payload_offset();
  }
  const PacketHead head{.original_length = std::max(original_length, static_cast<u32>(bytes.size()))};
  TextBuffer line, tree, json, csv;
  printer.line(head, d, line);
  printer.tree(head, d, tree);
  json_printer.print(head, d, json);
  columns->print(head, d, csv);
  ASSERT_EQ(unprintable(line.view()), "");
  ASSERT_EQ(unprintable(tree.view()), "");
  ASSERT_EQ(unprintable(csv.view()), "");
  ASSERT_EQ(std::ranges::count(line.view(), '\n'), 1);
  ASSERT_EQ(JsonObject(json.view()).error(), "") << json.view();
  for (const Fault& f : lint(d, {.original_length = head.original_length})) {
    ASSERT_LE(f.offset + f.length, bytes.size()) << f.code;
    ASSERT_FALSE(f.code.empty() || f.text.empty() || f.reference.empty()) << f.code;
    TextBuffer finding;
    append_finding_json(finding, 1, f);
    ASSERT_EQ(JsonObject(finding.view()).error(), "") << finding.view();
  }
}

/// A repaired packet has nothing left to repair, and repairing it again changes nothing.
void mend(const Protocol& first, const Octets& bytes) {
  SCOPED_TRACE(std::string(first.name) + " " + hex_of(bytes));
  const Repaired once = repair(standard_registry(), first, bytes, {.original_length = static_cast<u32>(bytes.size())});
  for (const Fault& f : once.left)
    ASSERT_TRUE(!f.repair || std::ranges::equal(*f.repair, slice(once.bytes, f.offset, f.length))) << "left: " << f.code << " " << f.field << " in " << hex_of(once.bytes);
  const Repaired twice = repair(standard_registry(), first, once.bytes, {.original_length = static_cast<u32>(once.bytes.size())});
  ASSERT_EQ(twice.repairs, 0u);
  ASSERT_EQ(hex_of(twice.bytes), hex_of(once.bytes));
}

TEST(AnyBytes, random_bytes_do_no_harm_to_any_protocol) {
  auto random = random_source();
  for (const Protocol* p : standard_registry().protocols())
    for (std::size_t size = 0; size <= 200; size += size < 48 ? 1 : 1 + random() % 16) {
      endure(*p, random_octets(random, size));
      if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(AnyBytes, random_bytes_behind_a_default_header_do_no_harm) {
  auto random = random_source();
  for (const Protocol* p : standard_registry().protocols())
    for (int round = 0; round < 40; ++round) {
      Octets b(p->defaults.begin(), p->defaults.end());
      const Octets rest = random_octets(random, random() % 150);
      b.insert(b.end(), rest.begin(), rest.end());
      endure(*p, b, random() % 2 != 0 ? 2000 : 0);
      if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(AnyBytes, every_packet_may_be_cut_anywhere) {
  for (const Vector& v : vectors) {
    const Octets whole = octets(v.hex);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      endure(protocol_named(v.first), part, static_cast<u32>(whole.size()));
      endure(protocol_named(v.first), part);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(AnyBytes, a_packet_cut_by_the_snapshot_length_has_no_fault) {
  for (const Vector& v : vectors) {
    const Octets whole = octets(v.hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Seen cut(protocol_named(v.first), Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), static_cast<u32>(whole.size()));
      for (const Fault& f : cut.faults({.original_length = static_cast<u32>(whole.size())}))
        ASSERT_NE(f.severity, Severity::error) << v.name << " cut at " << size << ": " << f.code << " " << f.field << ": " << f.text;
    }
  }
}

TEST(AnyBytes, changed_packets_do_no_harm_and_are_mended_for_good) {
  auto random = random_source();
  for (const Vector& v : vectors) {
    const Octets whole = octets(v.hex);
    for (int round = 0; round < 60; ++round) {
      Octets b = whole;
      for (u64 k = 0; k <= random() % 4; ++k) b[random() % b.size()] = static_cast<u8>(random());
      if (random() % 8 == 0) b.resize(random() % (b.size() + 1));
      if (random() % 8 == 0) b.insert(b.end(), 1 + random() % 9, u8{0});
      endure(protocol_named(v.first), b);
      mend(protocol_named(v.first), b);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(AnyBytes, random_bytes_are_mended_for_good) {
  auto random = random_source();
  for (const Protocol* p : standard_registry().protocols())
    for (int round = 0; round < 60; ++round) {
      Octets b = random_octets(random, random() % 120);
      if (round % 2 == 0) std::ranges::copy(p->defaults.first(std::min<std::size_t>(p->defaults.size(), b.size())), b.begin());
      mend(*p, b);
      if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(AnyBytes, layers_upon_layers_end_at_the_limit) {
  std::string tags;
  for (int i = 0; i < 100; ++i) tags += "81000001";
  const Octets frame = octets("020000000002 020000000001" + tags);
  const Seen seen(protocol_named("eth"), frame);
  EXPECT_EQ(seen.dissection().stop, Stop::too_deep);
  EXPECT_EQ(seen.dissection().layers().size(), Dissection::max_layers);
  EXPECT_EQ(seen["malformed"], "1");
  endure(protocol_named("eth"), frame);
}

// ---- what craft makes by default ------------------------------------------------------------------

/// Who is found by code and not by a number in a table: what craft has to be told.
struct Way {
  std::string_view name, text;
};
constexpr Way ways[] = {{"eth", "eth / ip"},
                        {"vlan", "eth / vlan / ip"},
                        {"arcnet", "arcnet / zeros=3"},
                        {"llc", "ieee8023 / llc"},
                        {"snap", "ieee8023 / llc / snap / ip"},
                        {"vlan_len", "eth type=0x8100 / vlan_len / llc"},
                        {"raw", "raw / ip"},
                        {"null", "null / ip"},
                        {"loop", "loop / ip"},
                        {"null_type", "null_type / ip"},
                        {"sll", "sll / ip"},
                        {"sll2", "sll2 / ipv6"},
                        {"arp_other", "eth type=0x0806 / arp_other hardware_type=7 protocol_type=0x800 hardware_size=1 protocol_size=4 / zeros=10"},
                        {"pwethcw", "eth / mpls / pwethcw / eth / ip"},
                        {"ppp_hdlc", "ppp_hdlc"},
                        {"ppp_short", "eth / pppoes / ppp_short / ip"},
                        {"icmp_too_big", "ip / icmp code=4 / icmp_too_big / ip"},
                        {"erspan", "ip / gre flags=0x1000 / zeros=4"},
                        {"teredo", "ip / udp dport=3544 / teredo / ipv6"},
                        {"gtp", "ip / udp / gtp / ip"},
                        {"ppi", "ppi / wlan / zeros=14"},
                        {"radiotap", "radiotap / wlan / zeros=14"},
                        {"wlan_radio", "radiotap / wlan_radio / wlan / zeros=14"},
                        {"stp", "ieee8023 / llc dsap=0x42 / stp"},
                        {"igmp", "ip / igmp"},
                        {"igmp_query", "ip / igmp type=0x11 / igmp_query"},
                        {"vrrp3", "ip / vrrp3"},
                        {"ospf_link_states", "ip / ospf / ospf_link_states / zeros=4"},
                        {"ospf_auth", "ip / ospf_auth auth.type=2"},
                        {"ospf3", "ipv6 / ospf3"},
                        {"ospf3_hello", "ipv6 / ospf3 / ospf3_hello"},
                        {"dccp_partial", "ip / dccp_partial cscov=1"},
                        {"udplite_partial", "ip / udplite_partial checksum_coverage=8"},
                        {"udpencap", "ip / udp dport=4500 / udpencap / esp"},
                        {"l2tp", "ip / udp dport=1701 / l2tp"},
                        {"l2tp_long", "ip / udp dport=1701 / l2tp_long"},
                        {"prism", "prism / zeros=136"},
                        {"wlan", "wlan / zeros=14"},
                        {"mbtcp", "ip / tcp / mbtcp / modbus"},
                        {"modbus", "ip / tcp / mbtcp / modbus"},
                        // texts have no bytes by default, so nothing leads to them
                        {"snmp", "snmp"},
                        {"syslog", "syslog"},
                        {"tftp_request", "tftp_request"},
                        {"http", "http"},
                        {"ssdp", "ssdp"},
                        {"sip", "sip"},
                        {"ssh", "ssh"}};

/// The shortest stack of default headers, from Ethernet or IP down to `p`, by the numbers in the tables.
std::string stack_to(const Protocol& p, int depth = 0) {
  for (const Way& w : ways)
    if (w.name == p.name && (depth == 0 || (p.name != "eth" && p.name != "vlan"))) return std::string(w.text);  // below others they get their type from them
  if (depth > 8 || p.number_in(link_layer.id) != nullptr) return std::string(p.name);
  for (const Protocol* parent : standard_registry().protocols()) {
    bool leads = parent->payload == &p;
    for (const Field& f : parent->fields)
      if (f.rule.kind == Rule::next_protocol)
        for (const Number& n : p.numbers) leads = leads || (n.space->id == f.rule.space->id && standard_registry().find(n.space->id, n.value) == &p);
    if (leads && parent != &p && parent->name != "snap" && parent->name != "null_type" && !parent->quotes) return stack_to(*parent, depth + 1) + " / " + std::string(p.name);
  }
  return std::string(p.name);
}

TEST(AnyProtocol, its_default_is_read_back_as_itself_and_lints_without_errors) {
  const auto before = protocols_seen();  // what tables have made is no vector
  for (const Protocol* p : standard_registry().protocols()) {
    const std::string text = stack_to(*p);
    SCOPED_TRACE(text);
    const auto recipe = Recipe::parse(standard_registry(), text);
    ASSERT_TRUE(recipe) << recipe.error().text();
    const auto packet = recipe->make(0);
    ASSERT_TRUE(packet) << packet.error().text();
    const Seen seen(packet->first_protocol(), {packet->bytes().begin(), packet->bytes().end()});
    if (text.find("zeros=") == text.npos) {  // those bytes belong to a header
      std::string made;
      for (const Layer& l : packet->layers()) made += (made.empty() ? "" : " ") + std::string(l.protocol->name);
      EXPECT_EQ(seen.layers(), made);
    }
    for (const Fault& f : seen.faults())
      EXPECT_NE(f.severity, Severity::error) << f.code << " " << f.field << ": " << f.text << "\n" << hex_of(packet->bytes());
    endure(packet->first_protocol(), seen.bytes());
  }
  protocols_seen() = before;
}

TEST(AnyProtocol, vectors_of_another_implementation_have_no_errors) {
  for (const Vector& v : vectors) {
    if (v.name == "dns_loop" || v.name == "dns_forward") continue;  // made to be broken
    const Seen seen(v);
    if (v.name == "tcp_synack_bad") continue;
    for (const Fault& f : seen.faults()) EXPECT_NE(f.severity, Severity::error) << v.name << ": " << f.code << " " << f.field << ": " << f.text;
    EXPECT_EQ(seen.dissection().stop, Stop::none) << v.name;
  }
}

TEST(AnyProtocol, each_vector_is_its_own_packet_when_decoded_and_built_by_its_fields) {
  for (const Vector& v : vectors) {
    const Seen seen(v);
    for (const Layer& l : seen.dissection().layers()) {  // reading every whole field and writing it back gives the same bytes
      Octets header(seen.bytes().begin() + l.offset, seen.bytes().begin() + l.offset + l.length), again(header.size());
      for (const Field& f : l.protocol->fields) {
        if (f.is_part || f.is_status) continue;
        if (f.width <= 64) f.write(again.data(), f.read(header.data()));
        else std::copy_n(header.begin() + f.offset / 8, f.width / 8, again.begin() + f.offset / 8);
      }
      header.resize(std::min<std::size_t>(header.size(), l.protocol->fixed)), again.resize(header.size());
      EXPECT_EQ(hex_of(again), hex_of(header)) << v.name << " " << l.protocol->name;
    }
  }
}

}  // namespace
}  // namespace rawket
