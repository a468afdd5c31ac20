// rawket read: forms of output, limits, filters, pipes, compressed files, cut files.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

const std::vector<std::string> eight_segments = {"eth", "/", "ip", "dst=198.18.0.0/29", "/", "tcp", "dport=8001", "flags=S", "/", "hello"};

TEST(read, shows_one_line_for_each_packet) {
  Folder f;
  const Outcome o = run_tool({"read", f.craft("a.pcap", eight_segments), "--time", "none"});
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 8u);
  EXPECT_NE(o.line(3).find("198.18.0.3"), std::string::npos) << o.line(3);
  EXPECT_EQ(o.err, "");
}

TEST(read, shows_and_counts_only_what_the_display_filter_lets_through) {
  Folder f;
  const std::string file = f.craft("a.pcap", eight_segments);
  const Outcome o = run_tool({"read", file, "-Y", "ip.dst in {198.18.0.2..198.18.0.4}", "-o", "fields:n"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.out, "3\n4\n5\n");
  EXPECT_EQ(run_tool({"read", file, "dst host 198.18.0.3", "-Y", "tcp.dstport == 8001", "--count"}).out, "1\n");
  const Outcome hint = run_tool({"read", file, "tcp.port == 80"});
  EXPECT_NE(hint.err.find("-Y 'tcp.port == 80'"), std::string::npos) << hint.err;
}

TEST(filter, explains_and_counts_the_parts) {
  Folder f;
  const Outcome o = run_tool({"filter", "ip.dst == 198.18.0.3 || tcp.flags.syn == 1", f.craft("a.pcap", eight_segments)});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("8 of 8 packets match\n  1  ip.dst == 198.18.0.3\n  8  tcp.flags.syn == 1\n"), std::string::npos) << o.out;
}

TEST(read, gives_one_valid_json_object_for_each_packet) {
  Folder f;
  const Outcome o = run_tool({"read", f.craft("a.pcapng", eight_segments), "-o", "json"});
  ASSERT_EQ(o.lines().size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    const JsonObject p = json_object(o.line(i));
    EXPECT_EQ(p.at("n"), std::to_string(i + 1));
    EXPECT_EQ(p.at("ip.dst"), "\"198.18.0." + std::to_string(i) + "\"");
    EXPECT_EQ(p.at("layers"), R"(["eth","ip","tcp","data"])");
    EXPECT_EQ(p.at("tcp.checksum.status"), "1");
  }
}

TEST(read, gives_only_the_chosen_columns) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"eth", "/", "ip", "dst=198.18.0.2", "/", "tcp", "dport=80", "/", "x"});
  EXPECT_EQ(run_tool({"read", file, "-o", "json:ip.dst,tcp.dstport"}).out, "{\"ip.dst\":\"198.18.0.2\",\"tcp.dstport\":80}\n");
  EXPECT_EQ(run_tool({"read", file, "-o", "csv:ip.dst,tcp.dstport,udp.dstport"}).out, "ip.dst,tcp.dstport,udp.dstport\n198.18.0.2,80,\n");
  EXPECT_EQ(run_tool({"read", file, "-o", "fields:ip.dst,tcp.dstport,udp.dstport"}).out, "198.18.0.2\t80\t\n");
}

TEST(read, quotes_csv_values_that_have_commas) {
  Folder f;
  const Outcome o = run_tool({"read", f.craft("a.pcap", {"eth", "/", "ip", "/", "tcp"}), "-o", "csv"});
  ASSERT_EQ(o.lines().size(), 2u);
  EXPECT_NE(o.line(1).find("\"eth,ip,tcp\""), std::string::npos) << o.line(1);
}

TEST(read, shows_hex_and_c_that_are_the_packet) {
  Folder f;
  const std::string capture = f.craft("a.pcap", {"ip", "/", "hex=00ff10"});
  const std::string hex = run_tool({"read", capture, "-o", "hex"}).out;
  EXPECT_TRUE(hex.starts_with("45000017")) << hex;
  EXPECT_TRUE(hex.ends_with("00ff10\n")) << hex;
  const std::string c = run_tool({"read", capture, "-o", "c"}).out;
  EXPECT_TRUE(c.starts_with("const unsigned char packet_1[] = {")) << c;
  EXPECT_NE(c.find("0x00, 0xff, 0x10"), std::string::npos) << c;
}

TEST(read, shows_a_tree_with_the_bytes_of_each_field) {
  Folder f;
  const Outcome o = run_tool({"read", f.craft("a.pcap", {"ip", "ttl=9", "/", "udp", "dport=9"}), "-o", "tree"});
  EXPECT_NE(o.out.find("ip.ttl"), std::string::npos);
  EXPECT_NE(o.out.find("udp.dstport"), std::string::npos);
  EXPECT_EQ(run_tool({"read", f.path("a.pcap"), "-v"}).out, o.out) << "-v is -o tree";
}

TEST(read, adds_what_the_flags_ask_for) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"eth", "src=02:00:00:00:00:07", "/", "ip", "/", "udp", "/", "needle"});
  EXPECT_EQ(run_tool({"read", file}).out.find("02:00:00:00:00:07"), std::string::npos);
  EXPECT_NE(run_tool({"read", file, "-e"}).out.find("02:00:00:00:00:07"), std::string::npos);
  EXPECT_NE(run_tool({"read", file, "-X"}).out.find("needle"), std::string::npos);
  EXPECT_TRUE(run_tool({"read", file, "--number"}).out.starts_with("#1 "));
  EXPECT_EQ(run_tool({"read", file, "-n"}).out, run_tool({"read", file}).out);
}

TEST(read, stops_after_the_given_number_of_packets) {
  Folder f;
  const std::string file = f.craft("a.pcap", eight_segments);
  EXPECT_EQ(run_tool({"read", file, "-c", "3"}).lines().size(), 3u);
  EXPECT_EQ(run_tool({"read", file, "-c", "3", "dst net 198.18.0.4/30", "-o", "json:ip.dst"}).last_line(), R"({"ip.dst":"198.18.0.6"})");
}

TEST(read, cuts_packets_at_the_snapshot_length) {
  Folder f;
  const JsonObject p = json_object(run_tool({"read", f.craft("a.pcap", eight_segments), "-s", "20", "-c", "1", "-o", "json"}).lines().at(0));
  EXPECT_EQ(p.at("caplen"), "20");
  EXPECT_EQ(p.at("len"), "59");
  EXPECT_EQ(p.at("short"), "1");
}

TEST(read, counts_what_matches_and_prints_the_number_alone) {
  Folder f;
  const std::string file = f.craft("a.pcap", eight_segments);
  EXPECT_EQ(run_tool({"read", file, "--count"}).out, "8\n");
  EXPECT_EQ(run_tool({"read", file, "--count", "tcp", "port", "8001"}).out, "8\n");
  EXPECT_EQ(run_tool({"read", file, "--count", "udp"}).out, "0\n");
  EXPECT_EQ(run_tool({"read", file, "--count", "host 198.18.0.3 or host 198.18.0.4"}).out, "2\n");
  EXPECT_EQ(run_tool({"read", "-r", file, "--count", "tcp"}).out, "8\n") << "-r names the file as well";
}

TEST(read, writes_what_matches_to_another_file) {
  Folder f;
  const std::string file = f.craft("a.pcap", eight_segments);
  for (const char* name : {"b.pcap", "b.pcapng"}) {
    const Outcome o = run_tool({"read", file, "host 198.18.0.5", "-w", f.path(name)});
    EXPECT_EQ(o.code, 0) << o.err;
    EXPECT_EQ(o.out, "");
    EXPECT_EQ(run_tool({"read", f.path(name), "-o", "json:ts,caplen,ip.dst"}).out, run_tool({"read", file, "host 198.18.0.5", "-o", "json:ts,caplen,ip.dst"}).out) << name;
  }
}

TEST(read, takes_and_gives_pipes) {
  Folder f;
  const std::string file = f.craft("a.pcap", eight_segments);
  EXPECT_EQ(run_tool({"read", "-", "--count"}, read_file(file)).out, "8\n");
  EXPECT_EQ(run_shell("rawket read " + file + " -w - | rawket read - --count").out, "8\n");
  EXPECT_EQ(run_shell("(head -c 100 " + file + "; sleep 0.05; tail -c +101 " + file + ") | rawket read - --count").out, "8\n");
}

TEST(read, unpacks_compressed_files) {
  Folder f;
  const std::string file = f.craft("a.pcap", eight_segments);
  for (const char* tool : {"gzip", "zstd", "lz4"}) {
    if (run_shell(std::string("command -v ") + tool + " >/dev/null").code != 0) continue;
    EXPECT_EQ(run_shell(std::string(tool) + " -c <" + file + " | rawket read - --count").out, "8\n") << tool;
  }
}

TEST(read, gives_all_whole_records_of_a_cut_file_then_says_where_it_ends) {
  Folder f;
  for (const char* name : {"a.pcap", "a.pcapng"}) {
    const std::string whole = read_file(f.craft(name, eight_segments));
    const std::string cut = f.write(std::string("cut-") + name, std::string_view(whole).substr(0, whole.size() / 2));
    const Outcome o = run_tool({"read", cut, "-o", "json"});
    EXPECT_EQ(o.code, 5) << name;
    EXPECT_GE(o.lines().size(), 3u);
    EXPECT_LT(o.lines().size(), 8u);
    for (const std::string& line : o.lines()) json_object(line);
    EXPECT_TRUE(o.err.starts_with("rawket: " + cut)) << o.err;
    EXPECT_NE(o.err.find("at byte "), std::string::npos) << o.err;
    EXPECT_EQ(run_tool({"read", cut, "--count"}).out, std::to_string(o.lines().size()) + "\n");
  }
}

TEST(read, shows_the_time_in_the_asked_form) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "/", "udp"});
  EXPECT_TRUE(run_tool({"read", file, "--time", "none"}).out.starts_with("ip ")) << "no time";
  EXPECT_GT(std::stoull(run_tool({"read", file, "--time", "epoch"}).out), 1'600'000'000u);
  EXPECT_NE(run_tool({"read", file, "--time", "utc"}).out.find(':'), std::string::npos);
  EXPECT_EQ(run_tool({"read", file, "--time", "delta"}).code, 0);
}

TEST(read, gives_every_packet_of_a_file_that_is_its_own_output) {
  Folder f;
  const std::string file = f.craft("a.pcapng", eight_segments);
  const std::string before = run_tool({"read", file, "-o", "json"}).out;
  EXPECT_EQ(run_tool({"read", file, "-w", f.path("b.pcapng")}).code, 0);
  EXPECT_EQ(run_tool({"read", f.path("b.pcapng"), "-o", "json"}).out, before);
}

}  // namespace
}  // namespace rawket::test
