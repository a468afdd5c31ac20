// rawket_bench [--rounds N] [--packets N] [--rawket PATH] [--capture FILE] [decode|build|packet|session|file|command|capture ...]: one table; exits 1 when a goal was missed.
#include <algorithm>
#include <charconv>
#include <cstdio>

#include "data.hpp"
#include "harness.hpp"

namespace {
using namespace rawket;
using namespace rawket::bench;

int usage() {
  std::fputs("usage: rawket_bench [--rounds N] [--packets N] [--rawket PATH] [--capture FILE] [decode|build|packet|session|file|command|capture ...]\n", stderr);
  return 2;
}

template <class T> bool number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0;
}

bool parse(int count, char** words, Options& options) {
  constexpr std::string_view groups[] = {"decode", "build", "packet", "session", "file", "command", "capture"};
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const std::string_view value = i + 1 < count ? words[i + 1] : "";
    if (std::ranges::find(groups, word) != std::end(groups)) {
      options.groups.emplace_back(word);
      continue;
    }
    ++i;
    if (word == "--rounds" && number(value, options.rounds)) continue;
    if (word == "--packets" && number(value, options.packets)) continue;
    if (word == "--rawket" && !value.empty()) options.rawket = value;
    else if (word == "--capture" && !value.empty()) options.capture = value;
    else return false;
  }
  return true;
}
}  // namespace

int main(int count, char** words) {
  Options options;
  if (!parse(count, words, options)) return usage();
  const auto wanted = [&](std::string_view group) { return options.groups.empty() || std::ranges::find(options.groups, group) != options.groups.end(); };
  const TemporaryDirectory directory;
  unsigned missed = 0;
  print_heading();
  if (wanted("decode")) missed += measure(decode_tasks(), options.rounds);
  if (wanted("build")) missed += measure(build_tasks(), options.rounds);
  if (wanted("packet")) missed += measure(single_packet_tasks(), options.rounds);
  if (wanted("session")) missed += measure(session_tasks(), options.rounds);
  if (!options.capture.empty() && wanted("capture")) missed += measure(captured_tasks(options.capture), options.rounds);
  if (wanted("file")) {
    const std::string file = directory.file("large.pcap");
    if (!write_capture(file, options.packets)) return 4;
    missed += measure(file_tasks(options, file), options.rounds);
    std::remove(file.c_str());
  }
  if (wanted("command")) {
    constexpr u64 packets = 500'000;
    const std::string file = directory.file("small.pcap");
    if (!write_capture(file, packets)) return 4;
    missed += measure(command_tasks(options, file, packets), options.rounds);
  }
  std::printf("%u goals missed\n", missed);
  return missed == 0 ? 0 : 1;
}
