// The kernel's ways, and the program for the one that takes a program: flows by their addresses, both directions alike.
#include "fanout.hpp"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "bpf.hpp"

namespace rawket {
namespace {

using namespace bpf;

/// r6 packet; the addresses' last words, together, by their remainder.
Program divide_flows(u32 members) {
  constexpr std::int32_t network = SKF_NET_OFF;
  Program p;
  p.move(BPF_REG_6, BPF_REG_1);
  p.read_packet(BPF_B, network);
  p.shift_right(BPF_REG_0, 4);
  const auto is_ipv6 = p.jump_if_equal(BPF_REG_0, 6);
  const auto both = [&p](std::int32_t source, std::int32_t destination) {
    p.read_packet(BPF_W, network + source);
    p.move(BPF_REG_7, BPF_REG_0);
    p.read_packet(BPF_W, network + destination);
    p.exclusive_or(BPF_REG_0, BPF_REG_7);
  };
  both(12, 16);
  p.remainder(BPF_REG_0, static_cast<std::int32_t>(members));
  p.leave();
  p.here(is_ipv6);
  both(20, 36);
  p.remainder(BPF_REG_0, static_cast<std::int32_t>(members));
  p.leave();
  return p;
}

}  // namespace

Result<void> join_fanout(int socket, FanoutGroup& group) {
  constexpr u32 modes[] = {PACKET_FANOUT_HASH, PACKET_FANOUT_CPU, PACKET_FANOUT_EBPF};
  const u32 mode = modes[static_cast<unsigned>(group.how)];
  const u32 wish = group.id ? u32{*group.id} | mode << 16 : (mode | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
  if (::setsockopt(socket, SOL_PACKET, PACKET_FANOUT, &wish, sizeof wish) != 0) return fail_system("PACKET_FANOUT");
  if (group.id) return {};
  u32 given = 0;
  socklen_t size = sizeof given;
  if (::getsockopt(socket, SOL_PACKET, PACKET_FANOUT, &given, &size) != 0) return fail_system("PACKET_FANOUT");
  group.id = static_cast<u16>(given);
  if (group.how != Fanout::ebpf) return {};
  const Descriptor program = RAWKET_TRY(divide_flows(group.members).load(BPF_PROG_TYPE_SOCKET_FILTER));
  const int number = program.number();
  if (::setsockopt(socket, SOL_PACKET, PACKET_FANOUT_DATA, &number, sizeof number) != 0) return fail_system("PACKET_FANOUT_DATA");
  return {};
}

}  // namespace rawket
