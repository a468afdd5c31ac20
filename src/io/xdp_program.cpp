// Few instructions a frame: the filter, two stores, a redirection.
#include "xdp_program.hpp"

#include <linux/if_link.h>

#include <cstring>

#include "xdp_filter.hpp"

namespace rawket {
namespace {

using namespace bpf;

/// r6 context; r9 is the stamp. A driver that leaves no room for it delivers without.
void append_stamp(Program& p, u64 mark) {
  constexpr std::int32_t size = sizeof(XdpStamp);
  p.move(BPF_REG_1, BPF_REG_6);
  p.set(BPF_REG_2, -size);
  p.call(BPF_FUNC_xdp_adjust_meta);
  const auto no_room = p.jump_unless_zero(BPF_REG_0);
  p.call(BPF_FUNC_ktime_get_ns);
  p.load(BPF_W, BPF_REG_9, BPF_REG_6, offsetof(xdp_md, data_meta));
  p.load(BPF_W, BPF_REG_2, BPF_REG_6, offsetof(xdp_md, data));
  p.move(BPF_REG_1, BPF_REG_9);
  p.add_number(BPF_REG_1, size);
  const auto outside = p.jump_if(BPF_JGT, BPF_REG_1, BPF_REG_2);
  p.store(BPF_DW, BPF_REG_9, offsetof(XdpStamp, time), BPF_REG_0);
  std::int32_t halves[2];
  std::memcpy(halves, &mark, sizeof mark);
  p.store_number(BPF_W, BPF_REG_9, offsetof(XdpStamp, mark), halves[0]);
  p.store_number(BPF_W, BPF_REG_9, offsetof(XdpStamp, mark) + 4, halves[1]);
  p.here(no_room), p.here(outside);
}

}  // namespace

Result<Program> xdp_program(int sockets, const Filter* filter, u64 mark) {
  Program p;
  p.move(BPF_REG_6, BPF_REG_1);
  RefusalJumps refused;
  if (filter != nullptr) {
    if (filter->needs_kernel()) return fail(Errc::unsupported, "filter", "AF_XDP hears only what comes in, and does not know 'inbound' or 'ifindex'", "leave them out, or use --engine ring");
    refused = RAWKET_TRY(append_filter(p, filter->program()));
  }
  append_stamp(p, mark);
  p.load(BPF_W, BPF_REG_2, BPF_REG_6, offsetof(xdp_md, rx_queue_index));
  p.map(BPF_REG_1, sockets);
  p.set(BPF_REG_3, XDP_PASS);  // where the queue has no socket
  p.call(BPF_FUNC_redirect_map);
  p.leave();
  for (const Program::Label jump : refused.all) p.here(jump);
  if (!refused.all.empty()) p.leave(XDP_PASS);  // the kernel takes no instruction that is never reached
  return p;
}

Result<XdpAttachment> attach_xdp_program(u32 interface, Descriptor sockets, const Program& program, bool generic) {
  const Descriptor loaded = RAWKET_TRY(program.load(BPF_PROG_TYPE_XDP));
  Descriptor link = RAWKET_TRY(attach_xdp(loaded.number(), interface, generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE));
  return XdpAttachment{std::move(sockets), std::move(link)};
}

}  // namespace rawket
