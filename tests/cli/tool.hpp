// Runs the tool as a user would: arguments, standard input, and what comes of it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace rawket::test {

struct Outcome {
  int code = -1;          ///< exit code, or 128 + signal
  std::string out, err;
  std::vector<std::string> lines() const;  ///< of `out`
  /// One of them; empty where there are not so many, for a test that fails and does not crash.
  std::string line(std::size_t index) const;
  std::string last_line(std::size_t before = 0) const;
};

/// Waits at most twenty seconds; a tool that takes longer is ended and gives code 137. Local time is UTC.
Outcome run_tool(const std::vector<std::string>& arguments, std::string_view input = {});
/// The same through a shell, with the tool's folder in front of PATH.
Outcome run_shell(const std::string& line);
/// Through a shell on host h1 of a lab.
Outcome run_in_lab(const std::string& line);
/// Why there can be no lab here; empty where there can be one.
const std::string& no_lab();

/// A folder for one test, removed at its end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, std::string_view content) const;
  /// A capture file with what `rawket craft` makes of the words.
  std::string craft(const std::string& name, std::vector<std::string> words) const;

 private:
  std::string path_;
};
std::string read_file(const std::string& path);

/// A server in Python for a host of a lab; whoever starts it goes on only when it listens.
class LabServer {
 public:
  /// `python` runs behind `import socket, time`; the server is ready when it calls `ready()`.
  explicit LabServer(const std::string& python);
  /// Accepts TCP connections on a port, of both families.
  static LabServer on_port(int port);
  std::string command() const;                                ///< for a shell
  std::string on(const std::string& host) const { return "--on '" + host + ": " + command() + "' "; }

 private:
  Folder folder_;
};

}  // namespace rawket::test
