// Whole programs: the processor time that each takes, start to end.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "harness.hpp"

extern char** environ;

namespace rawket::bench {
namespace {

enum class Into { null, pipe };
using Words = std::vector<std::string>;

pid_t start(const Words& words, int input, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> arguments;
  for (const std::string& w : words) arguments.push_back(const_cast<char*>(w.c_str()));
  arguments.push_back(nullptr);
  pid_t child = -1;
  if (posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) child = -1;
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

/// Processor nanoseconds of a program; a huge number when it fails.
double run(const Words& words, Into into) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  int ends[2] = {-1, -1};
  pid_t reader = -1;
  if (into == Into::pipe && pipe2(ends, O_CLOEXEC) == 0) reader = start({"cat"}, ends[0], null);
  const pid_t child = start(words, null, into == Into::pipe ? ends[1] : null);
  for (int fd : {null, ends[0], ends[1]})
    if (fd >= 0) close(fd);
  int status = -1;
  rusage used{};
  if (child > 0) wait4(child, &status, 0, &used);
  if (reader > 0) waitpid(reader, nullptr, 0);
  if (child <= 0 || status != 0) {
    std::fprintf(stderr, "%s failed\n", words[0].c_str());
    return 1e300;
  }
  const auto ns = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_usec) * 1e3; };
  return ns(used.ru_utime) + ns(used.ru_stime);
}

std::function<double()> per_packet(Words words, Into into, u64 packets) {
  return [=] { return run(words, into) / static_cast<double>(packets); };
}

/// Start-up is what a person waits for: by the clock on the wall.
std::function<double()> start_up(Words words) {
  return [=] {
    constexpr int times = 10;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) run(words, Into::null);
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / times;
  };
}

}  // namespace

std::vector<Task> command_tasks(const Options& options, const std::string& file, u64 packets) {
  setenv("TZ", "UTC0", 1);  // tcpdump is two to five times slower without
  const std::string& rawket = options.rawket;
  const Words text{rawket, "read", file}, json{rawket, "read", "-o", "json", file}, peer_text{"tcpdump", "-nn", "-r", file};
  const Words count{rawket, "read", file, "--count", "tcp", "port", "80"}, peer_count{"tcpdump", "-nn", "-r", file, "--count", "tcp", "port", "80"};
  const Words display{rawket, "read", file, "-Y", "tcp.dstport == 80 && ip.ttl > 9"}, peer_display{"tshark", "-n", "-r", file, "-Y", "tcp.dstport == 80 && ip.ttl > 9"};
  constexpr double million_per_second = 1000, ten_milliseconds = 10e6;
  return {{"read as text, to /dev/null", per_packet(text, Into::null, packets), {{"tcpdump -nn", per_packet(peer_text, Into::null, packets), 10}}},
          {"read as text, to a pipe", per_packet(text, Into::pipe, packets), {{"tcpdump -nn", per_packet(peer_text, Into::pipe, packets), 10}}},
          {"read as JSON, to /dev/null", per_packet(json, Into::null, packets), {}, million_per_second},
          {"read as JSON, to a pipe", per_packet(json, Into::pipe, packets), {}, million_per_second},
          {"count what passes a filter", per_packet(count, Into::null, packets), {{"tcpdump --count", per_packet(peer_count, Into::null, packets)}}},
          {"read what a display filter lets through", per_packet(display, Into::null, packets), {{"tshark -n -Y", per_packet(peer_display, Into::null, packets), 20}}},
          {"start: rawket --help", start_up({rawket, "--help"}), {{"tcpdump --version", start_up({"tcpdump", "--version"})}}, ten_milliseconds}};
}

}  // namespace rawket::bench
