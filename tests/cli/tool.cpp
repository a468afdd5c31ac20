// Spawning with pipes, bounded in time.
#include "tool.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "rawket/base/clock.hpp"

namespace rawket::test {
namespace {

constexpr Nanoseconds patience = 20 * second;

[[noreturn]] void become(const std::vector<std::string>& command, const int (&in)[2], const int (&out)[2], const int (&err)[2]) {
  ::setpgid(0, 0);
  ::dup2(in[0], 0), ::dup2(out[1], 1), ::dup2(err[1], 2);
  ::setenv("TZ", "UTC0", 1);
  ::unsetenv("NO_COLOR");
  ::signal(SIGPIPE, SIG_DFL);
  std::vector<char*> words;
  for (const std::string& w : command) words.push_back(const_cast<char*>(w.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  ::_exit(127);
}

/// Feeds and reads until both outputs are closed. False when that took too long.
bool talk(int in, int out, int err, std::string_view input, Outcome& o) {
  SystemClock clock;
  const Nanoseconds end = clock.now() + patience;
  pollfd ends[3] = {{out, POLLIN, 0}, {err, POLLIN, 0}, {in, POLLOUT, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (input.empty() && ends[2].fd >= 0) ::close(ends[2].fd), ends[2].fd = -1;
    const Nanoseconds left = end - clock.now();
    if (left <= 0) break;
    ::poll(ends, 3, static_cast<int>(left / millisecond) + 1);
    if (ends[2].fd >= 0 && ends[2].revents != 0) {
      const ssize_t n = ::write(in, input.data(), input.size());
      input.remove_prefix(n < 0 ? input.size() : static_cast<std::size_t>(n));
    }
    for (int i = 0; i < 2; ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      char block[65536];
      const ssize_t n = ::read(ends[i].fd, block, sizeof block);
      if (n > 0) (i == 0 ? o.out : o.err).append(block, static_cast<std::size_t>(n));
      else ends[i].fd = -1;
    }
  }
  if (ends[2].fd >= 0) ::close(ends[2].fd);
  return ends[0].fd < 0 && ends[1].fd < 0;
}

Outcome run(const std::vector<std::string>& command, std::string_view input) {
  int in[2], out[2], err[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) return {};
  const int child = ::fork();
  if (child == 0) become(command, in, out, err);
  ::close(in[0]), ::close(out[1]), ::close(err[1]);
  ::signal(SIGPIPE, SIG_IGN);
  ::fcntl(in[1], F_SETFL, O_NONBLOCK);
  Outcome o;
  if (!talk(in[1], out[0], err[0], input, o)) ::kill(-child, SIGKILL);
  ::close(out[0]), ::close(err[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  o.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return o;
}

std::string shell_with_tool(const std::string& line) { return "PATH='" + std::filesystem::path(RAWKET_BINARY).parent_path().string() + "':$PATH; " + line; }

}  // namespace

std::vector<std::string> Outcome::lines() const {
  std::vector<std::string> all;
  std::istringstream s(out);
  for (std::string line; std::getline(s, line);) all.push_back(line);
  return all;
}

std::string Outcome::line(std::size_t index) const {
  const std::vector<std::string> all = lines();
  return index < all.size() ? all[index] : std::string();
}

std::string Outcome::last_line(std::size_t before) const { return line(lines().size() - 1 - before); }

Outcome run_tool(const std::vector<std::string>& arguments, std::string_view input) {
  std::vector<std::string> command{RAWKET_BINARY};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command, input);
}

Outcome run_shell(const std::string& line) { return run({"/bin/bash", "-c", shell_with_tool(line)}, {}); }
Outcome run_in_lab(const std::string& line) { return run({RAWKET_BINARY, "lab", "run", "--", "/bin/bash", "-c", shell_with_tool(line)}, {}); }

const std::string& no_lab() {
  static const std::string reason = [] {
    const Outcome o = run_tool({"lab", "run", "--", "true"});
    return o.code == 3 ? "no lab here: " + o.err : std::string();
  }();
  return reason;
}

Folder::Folder() {
  char name[] = "/tmp/rawket-test-XXXXXX";
  path_ = ::mkdtemp(name) == nullptr ? "/tmp" : name;
  ::chmod(path_.c_str(), 0777);  // the tool gives up its user before it writes
}
Folder::~Folder() {
  if (path_.starts_with("/tmp/rawket-test-")) std::filesystem::remove_all(path_);
}
std::string Folder::write(const std::string& name, std::string_view content) const {
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}
std::string Folder::craft(const std::string& name, std::vector<std::string> words) const {
  words.insert(words.begin(), "craft");
  words.insert(words.end(), {"-w", path(name), "--faulty"});
  const Outcome o = run_tool(words);
  EXPECT_EQ(o.code, 0) << o.err;
  return path(name);
}
std::string read_file(const std::string& path) {
  std::ostringstream s;
  s << std::ifstream(path, std::ios::binary).rdbuf();
  return s.str();
}

LabServer::LabServer(const std::string& python) {
  folder_.write("server.py", "import os, socket, time\ndef ready(): open(os.environ['READY'], 'w').close()\n" + python + "\n");
}

LabServer LabServer::on_port(int port) {
  return LabServer("s = socket.socket(socket.AF_INET6)\ns.setsockopt(41, 26, 0)\ns.bind(('::', " + std::to_string(port) + "))\ns.listen()\nready()\ntime.sleep(19)");
}

std::string LabServer::command() const {
  const std::string ready = folder_.path("ready");
  return "rm -f " + ready + "; READY=" + ready + " python3 " + folder_.path("server.py") + " & while [ ! -e " + ready + " ]; do sleep 0.05; done";
}

}  // namespace rawket::test
