// The linter: every fault it knows, what is none, and repairs.
#include "rawket/packet/lint.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/craft.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

Octets copy_of(Bytes b) { return {b.begin(), b.end()}; }
Octets crafted(std::string_view text) {
  const auto r = Recipe::parse(standard_registry(), text);
  if (!r) throw std::invalid_argument(r.error().text());
  return copy_of(r->make(0)->bytes());
}
/// Findings of a crafted packet: "code field", ...
std::string faults_of(std::string_view text, LintContext context = {}) {
  const Recipe r = *Recipe::parse(standard_registry(), text);
  return Seen(r.first_protocol(), crafted(text)).fault_codes(context);
}
bool finds(const std::string& all, std::string_view code) { return (", " + all + " ").find(", " + std::string(code) + " ") != std::string::npos; }

const std::string_view article = "4500002800004000 40060000c0a80101c0a80102 0014005000000000 0000000000500220 003f8b0000";

TEST(Lint, the_articles_bytes_have_all_their_faults_named) {
  const Seen seen(protocol_named("ip"), octets(article));
  const std::string all = seen.fault_codes();
  EXPECT_TRUE(finds(all, "bad-checksum")) << all;
  EXPECT_TRUE(finds(all, "extra-byte")) << all;
  EXPECT_TRUE(finds(all, "trailing-bytes")) << all;
  for (const Fault& f : seen.faults()) {
    if (f.code == "extra-byte") {
      EXPECT_EQ(f.offset, 32u);
      EXPECT_EQ(f.length, 1u);
      ASSERT_TRUE(f.repair);
      EXPECT_TRUE(f.repair->empty());
    }
    if (f.code == "bad-checksum" && f.field == "ip.checksum") {
      EXPECT_EQ(hex_of(*f.repair), "b77c");
    }
  }
}

TEST(Lint, the_articles_bytes_are_repaired_to_a_good_syn) {
  const Repaired r = repair(standard_registry(), protocol_named("ip"), octets(article), {.original_length = 41});
  EXPECT_EQ(r.bytes.size(), 40u);
  const std::string hex = hex_of(r.bytes);
  EXPECT_EQ(hex.substr(0, 40), "45000028000040004006b77cc0a80101c0a80102");
  EXPECT_EQ(hex.substr(40, 32), "00140050000000000000000050022000");
  EXPECT_EQ(hex.substr(76), "0000") << "no urgent pointer";
  const Seen seen(protocol_named("ip"), r.bytes);
  expect_values(seen, {{"ip.checksum.status", "1"}, {"tcp.checksum.status", "1"}, {"tcp.flags", "2"}, {"tcp.dstport", "80"}, {"tcp.window_size_value", "8192"}});
  EXPECT_EQ(seen.fault_codes(), "");
  EXPECT_TRUE(r.left.empty());
  EXPECT_GE(r.repairs, 3u);
}

struct Case {
  std::string_view text, code;
};
TEST(Lint, each_fault_is_named) {
  constexpr Case cases[] = {
      {"ip version=5 / udp dport=9", "bad-version"},
      {"ip hdr_len=16 / udp dport=9", "header-length"},
      {"ip hdr_len=60 / udp dport=9", "header-length"},
      {"ip len=10 / udp dport=9", "length-too-short"},
      {"ip len=2000 / udp dport=9", "length-too-long"},
      {"ip checksum=1 / udp dport=9", "bad-checksum"},
      {"ip / udp dport=9 checksum=1", "bad-checksum"},
      {"ip / udp dport=9 length=4", "length-too-short"},
      {"ip / udp dport=9 length=400", "length-too-long"},
      {"ip / tcp dport=9 checksum=1", "bad-checksum"},
      {"ip / icmp checksum=1", "bad-checksum"},
      {"ipv6 / icmpv6 checksum=1", "bad-checksum"},
      {"ipv6 plen=900 / udp dport=9", "length-too-long"},
      {"ip flags=4 / udp dport=9", "reserved-bits"},
      {"ip src=255.255.255.255 / udp dport=9", "broadcast-source"},
      {"ip src=224.0.0.1 / udp dport=9", "multicast-source"},
      {"ip src=198.18.0.1 dst=198.18.0.1 / udp dport=9", "land"},
      {"ip ttl=0 / udp dport=9", "zero-ttl"},
      {"ip flags=3 / udp dport=9", "df-on-fragment"},
      {"ip flags=1 proto=17 / zeros=9", "fragment-length"},
      {"ip fragment=1 proto=6 / zeros=16", "tiny-fragment"},
      {"ip flags=1 proto=6 / zeros=8", "tiny-fragment"},
      {"ip fragment=8191 proto=17 / zeros=16", "oversized-fragment"},
      {"ipv6 src=ff02::1 / udp dport=9", "multicast-source"},
      {"ipv6 src=2001:db8::1 dst=2001:db8::1 / udp dport=9", "land"},
      {"ipv6 dst=:: / udp dport=9", "unspecified-destination"},
      {"ipv6 hop_limit=0 / udp dport=9", "zero-ttl"},
      {"ip / icmp type=8 code=3", "unknown-code"},
      {"ipv6 hop_limit=64 / icmpv6 type=135 target=fe80::1", "nd-hop-limit"},
      {"ip / tcp dport=0", "port-zero"},
      {"ip / tcp dport=9 sport=0", "port-zero"},
      {"ip / udp dport=0", "port-zero"},
      {"ip / tcp dport=9 flags=-", "null-flags"},
      {"ip / tcp dport=9 flags=SF", "syn-fin"},
      {"ip / tcp dport=9 flags=SR", "syn-rst"},
      {"ip / tcp dport=9 flags=FR", "fin-rst"},
      {"ip / tcp dport=9 flags=F", "fin-without-ack"},
      {"ip / tcp dport=9 flags=P", "no-control-flag"},
      {"ip / tcp dport=9 urgent=5", "urgent-without-flag"},
      {"ip / tcp dport=9 ack=5", "ack-without-flag"},
      {"ip / tcp dport=9 flags=A ack=1 mss=1460", "syn-option"},
      {"ip / tcp dport=9 mss=1460 mss=1460", "option-twice"},
      {"ip / tcp dport=9 wscale=15", "window-scale"},
      {"ip / tcp dport=9 hdr_len=12", "header-length"},
      {"ip / tcp dport=9 flags.res=1", "reserved-bits"},
      {"ipv6 / udp dport=9 checksum=0", "missing-checksum"},
      {"eth src=01:00:5e:00:00:01 / ip / udp dport=9", "group-source"},
      {"eth src=02:00:00:00:00:01 / vlan id=4095 / ip / udp dport=9", "reserved-vlan"},
      {"eth src=02:00:00:00:00:01 / arp source_mac=02:00:00:00:00:09", "sender-mismatch"},
      {"ip / udp / dns flags=0x140 qname=a.b", "reserved-bit"},
      {"ip / udp dport=9 / zeros=4", ""},
  };
  for (const Case& c : cases) {
    const std::string all = faults_of(c.text);
    EXPECT_TRUE(c.code.empty() ? all.empty() : finds(all, c.code)) << c.text << " gives: " << all;
  }
}

TEST(Lint, a_fault_stands_alone) {
  constexpr Case alone[] = {{"ip ttl=0 / udp dport=9", "zero-ttl ip.ttl"}, {"ip / tcp dport=9 flags=SF", "syn-fin tcp.flags"},
      {"ip / udp dport=9 checksum=1", "bad-checksum udp.checksum"}, {"ip / tcp dport=9 wscale=15", "window-scale tcp.options.wscale.shift"}};
  for (const Case& c : alone) EXPECT_EQ(faults_of(c.text), c.code) << c.text;
}

TEST(Lint, options_that_cannot_be_are_named) {
  const auto with_options = [](std::string_view hex) {
    Tcp tcp{.dport = 80};
    tcp.options.append(octets(hex));
    const auto f = build(Ipv4{} / tcp);
    return Seen(protocol_named("ip"), copy_of(f.bytes())).fault_codes();
  };
  EXPECT_TRUE(finds(with_options("020005b4"), "option-length"));
  EXPECT_TRUE(finds(with_options("02030501"), "option-length"));
  EXPECT_TRUE(finds(with_options("01010309"), "option-length"));
  EXPECT_TRUE(finds(with_options("050600000001"), "option-length"));
  EXPECT_EQ(with_options("020405b4"), "");
}

TEST(Lint, arp_with_wrong_sizes_is_repaired) {
  const Seen seen("arp_req");
  Octets b = seen.bytes();
  b[19] = 8;
  const Seen bad(protocol_named("eth"), b);
  EXPECT_TRUE(finds(bad.fault_codes(), "bad-protocol-size")) << bad.fault_codes();
  const Repaired r = repair(standard_registry(), protocol_named("eth"), b, {.original_length = static_cast<u32>(b.size())});
  EXPECT_EQ(hex_of(r.bytes), hex_of(seen.bytes()));
}

TEST(Lint, each_fault_with_one_right_way_is_repaired_by_it) {
  for (std::string_view text : {"ip version=5 / udp dport=9", "ip checksum=1 / udp dport=9", "ip len=2000 / udp dport=9", "ip / udp dport=9 length=400",
                                "ip / tcp dport=9 checksum=1", "ip / tcp dport=9 urgent=5", "ip / tcp dport=9 ack=5",
                                "ip flags=4 / udp dport=9", "ipv6 hop_limit=64 / icmpv6 type=135 target=fe80::1", "ip / tcp dport=9 flags.res=1", "ip len=10 / udp dport=9"}) {
    const Octets b = crafted(text);
    const Protocol& first = protocol_named(text.starts_with("ipv6") ? "ipv6" : "ip");
    ASSERT_NE(Seen(first, b).fault_codes(), "") << text;
    const Repaired r = repair(standard_registry(), first, b, {.original_length = static_cast<u32>(b.size())});
    EXPECT_EQ(Seen(first, r.bytes).fault_codes(), "") << text << " became " << hex_of(r.bytes);
  }
}

TEST(Lint, a_repair_has_as_many_bytes_as_it_replaces_or_none) {
  auto random = random_source();
  for (const Vector& v : vectors)
    for (int i = 0; i < 20; ++i) {
      Octets b = octets(v.hex);
      b[random() % b.size()] ^= static_cast<u8>(1u << random() % 8);
      for (const Fault& f : Seen(protocol_named(v.first), b).faults())
        if (f.repair) {
          ASSERT_TRUE(f.repair->empty() || f.repair->size() == f.length) << f.code;
          ASSERT_FALSE(f.repair->size() == f.length && std::equal(f.repair->begin(), f.repair->end(), b.begin() + f.offset)) << f.code << " " << f.field
                                                                                                                             << ": the repair is what is there already";
        }
    }
}

TEST(Lint, a_repair_is_never_what_is_there_already) {
  for (std::string_view hex : {"45000012123400004011dc70c6120001c612", "450d000599", "4500"})
    for (const Fault& f : Seen(protocol_named("ip"), octets(hex)).faults())
      EXPECT_FALSE(f.repair && std::ranges::equal(*f.repair, slice(octets(hex), f.offset, f.length))) << f.code << " " << f.field << " of " << hex;
}

// ---- what is no fault ---------------------------------------------------------------------------------

TEST(Lint, a_checksum_that_the_device_will_fill_in_is_no_fault) {
  const Octets b = crafted("ip / tcp dport=80 checksum=0x1234");
  EXPECT_EQ(Seen(protocol_named("ip"), b).fault_codes({.checksum_not_ready = true}), "");
  EXPECT_EQ(Seen(protocol_named("ip"), b).fault_codes(), "bad-checksum tcp.checksum");
  EXPECT_TRUE(finds(faults_of("ip checksum=1 / tcp dport=80", {.checksum_not_ready = true}), "bad-checksum")) << "the IP header's own is always ready";
}

TEST(Lint, the_pseudo_headers_sum_alone_is_a_checksum_left_to_the_device) {
  auto f = build(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.dport = 80} / "hello");
  f.set<&Tcp::checksum>(fold(Ipv4::pseudo_header(f.header<Ipv4>()) + 6 + 25));
  EXPECT_EQ(Seen(protocol_named("ip"), copy_of(f.bytes())).fault_codes(), "");
}

TEST(Lint, what_the_snapshot_cut_is_not_judged) {
  const Octets b = crafted("ip / udp dport=9 / zeros=100");
  const Seen cut(protocol_named("ip"), Octets(b.begin(), b.begin() + 60), static_cast<u32>(b.size()));
  EXPECT_EQ(cut.fault_codes({.original_length = static_cast<u32>(b.size())}), "");
  EXPECT_NE(Seen(protocol_named("ip"), Octets(b.begin(), b.begin() + 60)).fault_codes(), "") << "not cut by capturing, but short";
}

TEST(Lint, a_fragment_that_the_snapshot_cut_is_not_measured) {
  const Octets b = crafted("ip flags=1 proto=253 / zeros=64");
  const Seen cut(protocol_named("ip"), Octets(b.begin(), b.begin() + 51), static_cast<u32>(b.size()));
  EXPECT_EQ(cut.fault_codes({.original_length = static_cast<u32>(b.size())}), "");
}

TEST(Lint, ethernet_padding_is_no_fault_and_bytes_behind_a_bare_datagram_are) {
  Octets frame = octets(vector("eth_udp").hex), datagram = crafted("ip / udp dport=9");
  frame.resize(60);
  datagram.push_back(0);
  EXPECT_EQ(Seen(protocol_named("eth"), frame).fault_codes(), "");
  EXPECT_EQ(Seen(protocol_named("ip"), datagram).fault_codes(), "trailing-bytes ip.len");
}

TEST(Lint, udp_over_ipv4_may_have_no_checksum) { EXPECT_EQ(faults_of("ip / udp dport=9 checksum=0 / zeros=4"), ""); }

TEST(Lint, quoted_packets_are_not_judged) {
  Octets b = octets(vector("icmp_unreach").hex);
  b[36] = 0;  // the quoted packet's time to live: it was zero when the error was made
  b[10] = b[11] = 0, b[22] = b[23] = 0;
  const Repaired r = repair(standard_registry(), protocol_named("ip"), b, {.original_length = static_cast<u32>(b.size())});
  EXPECT_EQ(r.bytes[36], 0);
  EXPECT_EQ(Seen(protocol_named("ip"), r.bytes).fault_codes(), "");
}

TEST(Lint, super_frames_have_no_final_lengths_and_sums) {
  EXPECT_EQ(faults_of("ip len=0 / tcp dport=80 checksum=1 / zeros=3000", {.super_frame = true}), "");
  const Octets b = crafted("ip / tcp dport=80 checksum=1 / zeros=3000");
  EXPECT_EQ(Seen(protocol_named("ip"), b).fault_codes({.super_frame = true}), "");
}

TEST(Lint, a_dhcp_client_without_address_is_no_fault) { EXPECT_EQ(faults_of("ip src=0.0.0.0 dst=255.255.255.255 / udp sport=68 / dhcp"), ""); }

TEST(Lint, unfinished_headers_are_named_with_what_they_need) {
  const Seen seen(protocol_named("ip"), octets("4500001800000000 4006fffc c6120001 c6120002 9c400050"));
  const auto all = seen.faults();
  const auto short_one = std::ranges::find(all, std::string_view("truncated"), &Fault::code);
  ASSERT_NE(short_one, all.end()) << seen.fault_codes();
  EXPECT_EQ(short_one->offset, 20u);
  EXPECT_NE(short_one->text.find("needs 20, 4 are left"), std::string::npos) << short_one->text;
}

TEST(Lint, a_header_longer_than_its_fixed_part_says_what_it_really_needs) {
  const Seen seen(protocol_named("arcnet"), octets("00000000d4"));
  for (const Fault& f : seen.faults()) EXPECT_EQ(f.text.find("needs 5, 5 are left"), std::string::npos) << f.text;
}

// ---- findings as text and JSON ------------------------------------------------------------------------

TEST(Findings, have_the_keys_that_are_promised) {
  const Fault f{Severity::warning, "a-code", "tcp.flags", 12, 2, "a \"text\"", "RFC 1", std::vector<u8>{0, 0xff}};
  TextBuffer json, text;
  append_finding_json(json, 7, f);
  EXPECT_EQ(json.view(), R"({"n":7,"severity":"warning","code":"a-code","field":"tcp.flags","offset":12,"length":2,"text":"a \"text\"","reference":"RFC 1","repair":"00ff"})");
  append_finding_text(text, 7, f);
  EXPECT_EQ(text.view(), "#7 warning a-code tcp.flags, bytes 12..13: a \"text\" (RFC 1); repair: 00ff");
  TextBuffer none, gone;
  append_finding_json(none, 1, {Severity::note, "c", {}, 0, 1, "t", "r"});
  EXPECT_EQ(JsonObject(none.view())["repair"], "null");
  append_finding_text(gone, 1, {Severity::error, "c", {}, 4, 1, "t", "r", std::vector<u8>{}});
  EXPECT_EQ(gone.view(), "#1 error c, byte 4: t (r); repair: remove it");
}

TEST(Findings, come_in_the_order_of_the_bytes) {
  const Seen seen(protocol_named("ip"), crafted("ip ttl=0 version=5 / tcp dport=0 flags=SF checksum=1"));
  u32 at = 0;
  for (const Fault& f : seen.faults()) {
    EXPECT_GE(f.offset, at);
    at = f.offset;
  }
}

}  // namespace
}  // namespace rawket
