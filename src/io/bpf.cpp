// bpf(2) without a library: seven commands.
#include "bpf.hpp"

#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

#include "rawket/base/text.hpp"

namespace rawket::bpf {
namespace {

long command_call(bpf_cmd command, bpf_attr& attributes) { return ::syscall(SYS_bpf, command, &attributes, sizeof attributes); }

u64 address(const void* p) { return reinterpret_cast<u64>(p); }

constexpr std::string_view rights = "it needs CAP_BPF and CAP_NET_ADMIN: sudo, or do without it";

}  // namespace

Result<Descriptor> make_map(bpf_map_type type, u32 value_bytes, u32 count) {
  bpf_attr a{};
  a.map_type = type;
  a.key_size = 4, a.value_size = value_bytes, a.max_entries = count;
  Descriptor map(static_cast<int>(command_call(BPF_MAP_CREATE, a)));
  if (!map.open()) return fail_system("bpf(BPF_MAP_CREATE)", errno, errno == EPERM ? rights : "");
  return map;
}

Result<void> write_map(int map, u32 index, const void* value) {
  bpf_attr a{};
  a.map_fd = static_cast<u32>(map), a.key = address(&index), a.value = address(value), a.flags = BPF_ANY;
  if (command_call(BPF_MAP_UPDATE_ELEM, a) != 0) return fail_system("bpf(BPF_MAP_UPDATE_ELEM)");
  return {};
}

Result<void> read_map(int map, u32 index, void* value) {
  bpf_attr a{};
  a.map_fd = static_cast<u32>(map), a.key = address(&index), a.value = address(value);
  if (command_call(BPF_MAP_LOOKUP_ELEM, a) != 0) return fail_system("bpf(BPF_MAP_LOOKUP_ELEM)");
  return {};
}

Result<void> freeze_map(int map) {
  bpf_attr a{};
  a.map_fd = static_cast<u32>(map);
  if (command_call(BPF_MAP_FREEZE, a) != 0) return fail_system("bpf(BPF_MAP_FREEZE)");
  return {};
}

void Program::map(u8 to, int descriptor) {
  add(BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, descriptor);
  add(0, 0, 0, 0, 0);
}

Result<Descriptor> Program::load(bpf_prog_type type) const {
  std::vector<char> log(1u << 16);
  const auto attempt = [&](bool talkative) {
    bpf_attr a{};
    a.prog_type = type;
    a.insns = address(code_.data()), a.insn_cnt = static_cast<u32>(code_.size());
    a.license = address("GPL");
    if (talkative) a.log_buf = address(log.data()), a.log_size = static_cast<u32>(log.size()), a.log_level = 1;
    return static_cast<int>(command_call(BPF_PROG_LOAD, a));
  };
  Descriptor program(attempt(false));
  if (program.open()) return program;
  const int why = errno;
  if (why == EPERM) return fail_system("bpf(BPF_PROG_LOAD)", why, rights);
  attempt(true);
  return fail_system("bpf(BPF_PROG_LOAD)", why, trim(std::string_view(log.data())));
}

Result<Descriptor> attach_xdp(int program, u32 interface, u32 flags) {
  bpf_attr a{};
  a.link_create.prog_fd = static_cast<u32>(program), a.link_create.target_ifindex = interface;
  a.link_create.attach_type = BPF_XDP, a.link_create.flags = flags;
  Descriptor link(static_cast<int>(command_call(BPF_LINK_CREATE, a)));
  if (!link.open()) return fail_system("bpf(BPF_LINK_CREATE)", errno, errno == EPERM ? rights : errno == EBUSY || errno == EEXIST ? "another program is at this interface: see 'ip link show'" : "");
  return link;
}

Result<u32> try_xdp(int program, Bytes frame) {
  bpf_attr a{};
  a.test.prog_fd = static_cast<u32>(program);
  a.test.data_in = address(frame.data()), a.test.data_size_in = static_cast<u32>(frame.size());
  a.test.repeat = 1;
  if (command_call(BPF_PROG_TEST_RUN, a) != 0) return fail_system("bpf(BPF_PROG_RUN)");
  return a.test.retval;
}

Result<void> run_with_live_frames(int program, Bytes frame, u32 interface, u32 times) {
  xdp_md context{};
  context.data_end = static_cast<u32>(frame.size());
  context.ingress_ifindex = interface;
  bpf_attr a{};
  a.test.prog_fd = static_cast<u32>(program);
  a.test.data_in = address(frame.data()), a.test.data_size_in = static_cast<u32>(frame.size());
  a.test.ctx_in = address(&context), a.test.ctx_size_in = sizeof context;
  a.test.repeat = times;
  a.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
  if (command_call(BPF_PROG_TEST_RUN, a) != 0) return fail_system("bpf(BPF_PROG_RUN)");
  return {};
}

}  // namespace rawket::bpf
