// Text tables into maps; what is gone from them stays known for a while.
#include "socket_table.hpp"

#include <dirent.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <vector>

#include "descriptor.hpp"
#include "rawket/base/text.hpp"
#include "rawket/base/text_buffer.hpp"

namespace rawket {
namespace {

constexpr std::size_t most_remembered = 200'000;

/// The kernel prints addresses as 32-bit words of the machine.
void append_address(TextBuffer& t, const IpAddress& a, bool as_ipv6) {
  const auto word = [&t](const u8* octets) {
    u32 w = 0;
    __builtin_memcpy(&w, octets, 4);
    for (int shift = 28; shift >= 0; shift -= 4) t.append("0123456789ABCDEF"[w >> shift & 15]);
  };
  if (as_ipv6 && !a.is_v6) {
    constexpr u8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    for (int i = 0; i < 3; ++i) word(mapped + 4 * i);
  }
  for (std::size_t i = 0; i < (a.is_v6 ? 16u : 4u); i += 4) word(a.octets.data() + i);
}

void append_port(TextBuffer& t, u16 port) {
  for (int shift = 12; shift >= 0; shift -= 4) t.append("0123456789ABCDEF"[port >> shift & 15]);
}

/// Docker, Podman and Kubernetes name their control groups after the container.
std::string container_of(const std::string& process) {
  const std::string groups = read_small_file(("/proc/" + process + "/cgroup").c_str());
  std::size_t run = 0;
  for (std::size_t i = 0; i <= groups.size(); ++i) {
    const char c = i < groups.size() ? groups[i] : ' ';
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) ++run;
    else if (run == 64) return groups.substr(i - 64, 12);
    else run = 0;
  }
  return {};
}

}  // namespace

std::string socket_key(const SocketEnd& end, bool as_ipv6, bool with_remote) {
  TextBuffer t;
  t.decimal(end.protocol), t.append(' '), append_port(t, end.port);
  if (with_remote) t.append(' '), append_address(t, end.remote, as_ipv6), t.append(':'), append_port(t, end.remote_port);
  return std::string(t.view());
}

void SocketTable::read_table(const std::string& name, int protocol) {
  constexpr std::size_t local_at = 1, remote_at = 2, inode_at = 9;
  std::ifstream file("/proc/self/net/" + name);
  std::string line;
  for (std::getline(file, line); std::getline(file, line);) {
    const auto words = split_words(line);
    if (words.size() <= inode_at) continue;
    u64 inode = 0;
    std::from_chars(words[inode_at].data(), words[inode_at].data() + words[inode_at].size(), inode);
    const std::size_t colon = words[local_at].rfind(':');
    if (inode == 0 || colon == std::string_view::npos) continue;
    const std::string key = std::to_string(protocol) + " " + std::string(words[local_at].substr(colon + 1));
    inodes_[key] = inode;
    inodes_[key + " " + std::string(words[remote_at])] = inode;
    some_new_ = some_new_ || !owners_.contains(inode);
  }
}

void SocketTable::refresh() {
  if (inodes_.size() > most_remembered) inodes_.clear(), owners_.clear();
  const std::pair<const char*, int> tables[] = {{"tcp", 6}, {"tcp6", 6}, {"udp", 17}, {"udp6", 17}, {"icmp", 1}, {"icmp6", 58}};
  for (const auto& [name, protocol] : tables) read_table(name, protocol);
  if (std::exchange(some_new_, false)) find_owners();
}

void SocketTable::find_owners() {
  for (const auto& [key, inode] : inodes_) owners_.try_emplace(inode);
  const std::unique_ptr<DIR, int (*)(DIR*)> all(::opendir("/proc"), ::closedir);
  if (all == nullptr) return;
  while (const dirent* entry = ::readdir(all.get()))
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') look_into(entry->d_name);
}

void SocketTable::look_into(const std::string& process) {
  const std::string folder = "/proc/" + process + "/fd/";
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (open == nullptr) return;
  while (const dirent* entry = ::readdir(open.get())) {
    char target[64];
    const ssize_t size = ::readlink((folder + entry->d_name).c_str(), target, sizeof target);
    const std::string_view text(target, size > 0 ? static_cast<std::size_t>(size) : 0);
    if (!text.starts_with("socket:[")) continue;
    u64 inode = 0;
    std::from_chars(text.data() + 8, text.data() + text.size(), inode);
    const auto owner = owners_.find(inode);
    if (owner == owners_.end() || owner->second.id != 0) continue;
    owner->second = {static_cast<u32>(parse_number(process).value_or(0)), std::string(trim(read_small_file(("/proc/" + process + "/comm").c_str()))), container_of(process)};
  }
}

const ProcessFacts* SocketTable::find(const SocketEnd& end) const {
  for (const std::string& key : {socket_key(end, false, true), socket_key(end, true, true), socket_key(end, false, false)}) {
    const auto inode = inodes_.find(key);
    if (inode == inodes_.end()) continue;
    const auto owner = owners_.find(inode->second);
    if (owner != owners_.end() && owner->second.id != 0) return &owner->second;
  }
  return nullptr;
}

}  // namespace rawket
