// Kernel facts: settings read from /proc, socket families tried in a child.
#include "rawket/host/facts.hpp"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"

namespace rawket {
namespace {

constexpr int address_family_xdp = 44;  // AF_XDP, younger than some C libraries

u64 number_of(const char* path) { return parse_number(trim(read_small_file(path))).value_or(0); }

Support support_of(int descriptor) {
  const int reason = errno;
  if (Descriptor(descriptor).open()) return Support::yes;
  return reason == EPERM || reason == EACCES ? Support::unknown : Support::no;
}

Support ring_support() {
  const Descriptor s(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!s.open()) return support_of(-1);
  const int version = TPACKET_V3;
  return ::setsockopt(s.number(), SOL_PACKET, PACKET_VERSION, &version, sizeof version) == 0 ? Support::yes : Support::no;
}

struct SocketFacts {
  Support packet = Support::unknown, ring = Support::unknown, xdp = Support::unknown;
};

SocketFacts try_sockets() {
  return {support_of(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)), ring_support(),
          support_of(::socket(address_family_xdp, SOCK_RAW | SOCK_CLOEXEC, 0))};
}

// Runs in the child: a user namespace gives the right that the sockets ask for.
SocketFacts try_sockets_with_right() {
  SocketFacts facts = try_sockets();
  if (facts.packet != Support::unknown) return facts;
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) facts = try_sockets();
  return facts;
}

SocketFacts socket_facts() {
  SocketFacts facts;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return facts;
  Descriptor read_end(ends[0]), write_end(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return facts;
  if (child == 0) {
    facts = try_sockets_with_right();
    const ssize_t written = ::write(write_end.number(), &facts, sizeof facts);
    ::_exit(written == sizeof facts ? 0 : 1);
  }
  write_end.reset();
  ssize_t got = 0;
  while ((got = ::read(read_end.number(), &facts, sizeof facts)) < 0 && errno == EINTR) {
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return got == sizeof facts ? facts : SocketFacts{};
}

void read_ping_groups(KernelFacts& facts) {
  const std::string text = read_small_file("/proc/sys/net/ipv4/ping_group_range");
  const std::string_view range = trim(text);
  const std::size_t gap = range.find_first_of(" \t");
  if (gap == range.npos) return;
  facts.ping_group_low = static_cast<u32>(parse_number(range.substr(0, gap)).value_or(1));
  facts.ping_group_high = static_cast<u32>(parse_number(trim(range.substr(gap))).value_or(0));
  const Descriptor s(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP));
  facts.ping_allowed = s.open();
}

}  // namespace

std::vector<std::string> why_no_raw_sockets() {
  std::vector<std::string> all;
  const Privileges p = privileges();
  const BinaryFacts binary = binary_facts();
  if (!p.has(cap_net_raw)) all.emplace_back(p.user == 0 ? "CAP_NET_RAW is not among this process's capabilities, though its user is 0" : "this process, of user " + std::to_string(p.user) + ", has no CAP_NET_RAW");
  else if (p.in_user_namespace) all.emplace_back("its CAP_NET_RAW is of a user namespace, and the network is not that one's");
  if (p.no_new_privileges) all.emplace_back("it was started with no_new_privs: no program it starts can have more rights");
  if (binary.nosuid) all.emplace_back("its file system is mounted nosuid: a file capability would have no effect");
  else if (binary.has_net_raw && !p.has(cap_net_raw)) all.emplace_back("its file has cap_net_raw, and it did not take effect: a tracer, or a bounding set without it");
  KernelFacts kernel;
  read_ping_groups(kernel);
  const std::string range = "net.ipv4.ping_group_range is '" + std::to_string(kernel.ping_group_low) + " " + std::to_string(kernel.ping_group_high) + "'";
  all.emplace_back(kernel.ping_allowed ? range + ": `rawket ping` and `rawket trace` need no right" : range + ": its groups may not ask by echo without rights either");
  return all;
}

KernelFacts kernel_facts() {
  KernelFacts facts;
  utsname name{};
  if (::uname(&name) == 0) facts.release = name.release;
  facts.rmem_default = number_of("/proc/sys/net/core/rmem_default");
  facts.rmem_max = number_of("/proc/sys/net/core/rmem_max");
  facts.wmem_max = number_of("/proc/sys/net/core/wmem_max");
  const SocketFacts sockets = socket_facts();
  facts.packet_sockets = sockets.packet;
  facts.packet_ring = sockets.ring;
  facts.xdp_sockets = sockets.xdp;
  facts.btf = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  read_ping_groups(facts);
  return facts;
}

}  // namespace rawket
