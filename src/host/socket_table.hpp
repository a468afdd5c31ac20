// The kernel's sockets and their processes, from /proc: proc(5), proc_pid_fd(5).
#pragma once
#include <string>
#include <unordered_map>

#include "rawket/host/process_finder.hpp"

namespace rawket {

/// How a socket's end is written in /proc/net: "6 1F90 0100007F:D159".
std::string socket_key(const SocketEnd& end, bool as_ipv6, bool with_remote);

class SocketTable {
 public:
  /// Reads all tables, and looks for the processes of sockets that are new.
  void refresh();
  /// Null when not known.
  const ProcessFacts* find(const SocketEnd& end) const;

 private:
  void read_table(const std::string& name, int protocol);
  void find_owners();
  void look_into(const std::string& process);

  std::unordered_map<std::string, u64> inodes_;   ///< by key, with and without the other end
  std::unordered_map<u64, ProcessFacts> owners_;  ///< id 0: looked for, and not found
  bool some_new_ = false;
};

}  // namespace rawket
