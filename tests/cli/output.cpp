// What reaches a terminal, a pipe that closes, a disk that is full.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "rawket/base/text.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

const std::vector<std::string> forms = {"text", "tree", "json", "csv", "fields", "hex", "c"};

/// A DNS query whose name has an escape sequence, line ends, a C1 control, a right-to-left override and no UTF-8.
std::string hostile_query() {
  const std::string label = std::string("\x1b[31m\r\n\x07\xc2\x9b\xe2\x80\xae\xff\"\\,\t\x7f", 19);
  std::string hex = "000101000001000000000000";
  const auto add = [&hex](std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    for (char c : bytes) hex += digits[static_cast<unsigned char>(c) >> 4], hex += digits[static_cast<unsigned char>(c) & 15];
  };
  add(std::string(1, static_cast<char>(label.size())));
  add(label);
  return hex + "0000010001";
}

void expect_safe(std::string_view text, std::string_view allowed, const std::string& where) {
  while (!text.empty()) {
    const Utf8 c = decode_utf8(text);
    EXPECT_TRUE(c.valid) << where << ": no UTF-8";
    if (!c.valid) return;
    const bool fine = (c.code < 0x80 && allowed.find(static_cast<char>(c.code)) != std::string_view::npos) || !is_unsafe(c.code);
    EXPECT_TRUE(fine) << where << ": character " << std::hex << c.code;
    if (!fine) return;
    text.remove_prefix(c.length);
  }
}

TEST(output, never_has_control_bytes_of_a_packet) {
  Folder f;
  const std::string file = f.craft("a.pcapng", {"ip", "/", "udp", "dport=53", "/", "hex=" + hostile_query()});
  for (const std::string& form : forms) {
    const Outcome o = run_tool({"read", file, "-o", form, "-X", "-e"});
    EXPECT_EQ(o.code, 0) << o.err;
    expect_safe(o.out, form == "fields" ? "\n\t" : "\n", form);
    if (form == "json") json_object(o.lines().at(0));
  }
  for (const char* form : {"json:dns.qry.name", "csv:dns.qry.name", "fields:dns.qry.name"}) {
    const Outcome o = run_tool({"read", file, "-o", form});
    expect_safe(o.out, "\n", form);
    EXPECT_EQ(o.lines().size(), form[0] == 'c' ? 2u : 1u) << form << ": a name must not make lines";
  }
  expect_safe(run_tool({"lint", file}).out, "\n", "lint");
  expect_safe(run_tool({"lint", file, "-o", "json"}).out, "\n", "lint json");
}

TEST(output, never_has_control_bytes_of_a_name) {
  const std::vector<std::string> lines[] = {{"read", "no\x1b[31m\nfile"}, {"craft", "t\x1b[31mcp"}, {"craft", "ip", "-w", "/no/\x1b[1m"}, {"fields", "\x07"}, {"\x1b]0;x\x07"}, {"read", "--\x1b[1m"},
                                            {"explain", "\x1b[31m"}, {"iface", "\x1b[31m"}, {"craft", "ip", "-o", "\x1b[31m"}, {"lab", "run", "--", "\x1b[31m"}};
  for (const std::vector<std::string>& line : lines) {
    const Outcome o = run_tool(line);
    EXPECT_NE(o.code, 0);
    expect_safe(o.err, "\n", o.err);
  }
}

TEST(output, has_colour_only_where_it_is_wanted) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "/", "udp", "dport=9"});
  EXPECT_EQ(run_tool({"read", file}).out.find('\x1b'), std::string::npos) << "a pipe is no terminal";
  EXPECT_NE(run_tool({"read", file, "--color", "always"}).out.find("\x1b["), std::string::npos);
  EXPECT_NE(run_tool({"read", file, "--color=always"}).out.find("\x1b["), std::string::npos);
  EXPECT_EQ(run_tool({"read", file, "--color", "never"}).out.find('\x1b'), std::string::npos);
  EXPECT_EQ(run_shell("NO_COLOR=1 script -qec 'rawket read " + file + "' /dev/null").out.find("\x1b["), std::string::npos) << "NO_COLOR on a terminal";
}

TEST(output, ends_quietly_when_the_reader_has_enough) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "dst=198.18.0.0/20", "/", "udp", "dport=9"});
  for (const std::string& form : forms) {
    const Outcome o = run_shell("rawket read " + file + " -o " + form + " | head -n 1; echo ${PIPESTATUS[0]}");
    ASSERT_EQ(o.lines().size(), 2u) << form << o.out;
    EXPECT_TRUE(o.line(1) == "0" || o.line(1) == "141") << form << ": exit code " << o.line(1);
    EXPECT_EQ(o.err, "") << form;
    if (form == "json") json_object(o.line(0));
  }
  EXPECT_EQ(run_shell("rawket craft ip dst=198.18.0.0/18 / udp dport=9 | head -n 1").err, "");
  EXPECT_EQ(run_shell("rawket --help | head -n 1").err, "");
}

TEST(output, says_when_it_cannot_be_written) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "/", "udp", "dport=9"});
  for (const std::string command : {"read FILE", "read FILE --count", "read FILE -w -", "read FILE -o json", "craft ip / udp dport=9", "explain FILE", "fields", "fields -o json", "--help", "--version", "doctor", "iface"}) {
    std::string line = "rawket " + command + " >/dev/full";
    const Outcome o = run_shell("set -- " + file + "; " + (line.find("FILE") == line.npos ? line : line.replace(line.find("FILE"), 4, "$1")));
    EXPECT_EQ(o.code, 4) << command;
    EXPECT_NE(o.err.find("No space left"), std::string::npos) << command << ": " << o.err;
    EXPECT_EQ(o.out, "");
  }
}

TEST(output, says_when_a_file_cannot_be_written) {
  const Outcome o = run_tool({"craft", "ip", "/", "udp", "dport=9", "-w", "/dev/full"});
  EXPECT_EQ(o.code, 4) << o.err;
  EXPECT_NE(o.err.find("/dev/full"), std::string::npos) << o.err;
}

TEST(output, of_help_goes_to_standard_output_and_has_examples) {
  for (const std::string command : {"read", "capture", "craft", "explain", "lint", "send", "ask", "doctor", "iface", "fields", "lab", "lab run", "lab demo"}) {
    const Outcome o = run_shell("rawket " + command + " --help");
    EXPECT_EQ(o.code, 0) << command;
    EXPECT_EQ(o.err, "") << command;
    EXPECT_NE(o.out.find("xample"), std::string::npos) << command;
    EXPECT_NE(o.out.find("  rawket "), std::string::npos) << command;
  }
  const Outcome all = run_tool({});
  EXPECT_EQ(all.code, 0);
  EXPECT_EQ(all.out, run_tool({"--help"}).out);
}

TEST(output, that_is_closed_is_told_and_never_becomes_a_socket) {
  const Outcome out = run_shell("rawket fields tcp >&-");
  EXPECT_EQ(out.code, 4) << out.err;
  EXPECT_NE(out.err.find("standard output: cannot be written"), std::string::npos) << out.err;
  EXPECT_EQ(run_shell("rawket fields tcp 2>&- <&-").code, 0);
}

}  // namespace
}  // namespace rawket::test
