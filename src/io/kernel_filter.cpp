// Classic BPF put together from three parts: copies on lo, tagged frames, the user's program.
#include "kernel_filter.hpp"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>

#include "packet_frame.hpp"

namespace rawket {
namespace {

constexpr u32 extension(int what) { return static_cast<u32>(SKF_AD_OFF + what); }

BpfInstruction load_extension(int what) { return {BPF_LD | BPF_W | BPF_ABS, 0, 0, extension(what)}; }
BpfInstruction give(u32 bytes) { return {BPF_RET | BPF_K, 0, 0, bytes}; }
BpfInstruction skip_unless(u32 value, u8 count) { return {BPF_JMP | BPF_JEQ | BPF_K, 0, count, value}; }

// A frame on lo is seen twice, leaving and coming in; as everywhere, the one that leaves is not shown.
void refuse_leaving_loopback(std::vector<BpfInstruction>& program, u32 loopback_index) {
  program.push_back(load_extension(SKF_AD_PKTTYPE));
  program.push_back(skip_unless(PACKET_OUTGOING, 3));
  program.push_back(load_extension(SKF_AD_IFINDEX));
  program.push_back(skip_unless(loopback_index, 1));
  program.push_back(give(0));
}

// Their tag is not in the bytes that the program sees; it is put back before the filter is asked again.
void accept_tagged(std::vector<BpfInstruction>& program, u32 snapshot_length) {
  program.push_back(load_extension(SKF_AD_VLAN_TAG_PRESENT));
  program.push_back(skip_unless(1, 1));
  program.push_back(give(snapshot_length));
}

bool is_load(const BpfInstruction& i) { return BPF_CLASS(i.code) == BPF_LD || BPF_CLASS(i.code) == BPF_LDX; }

// The fields of the cooked header that the kernel knows as extensions. False for those that it does not.
bool translate_field(BpfInstruction& i) {
  const u16 size = BPF_SIZE(i.code);
  if (i.k == 0 && size == BPF_H)
    i.k = extension(SKF_AD_PROTOCOL);
  else if (i.k == 4 && size == BPF_W)
    i.k = extension(SKF_AD_IFINDEX);
  else if (i.k == 8 && size == BPF_H)
    i.k = extension(SKF_AD_HATYPE);
  else if (i.k == 10 && size == BPF_B)
    i.k = extension(SKF_AD_PKTTYPE);
  else
    return false;
  i.code = BPF_LD | BPF_W | BPF_ABS;
  return true;
}

// A program for LINUX_SLL2 becomes one for the bare network header. False when user space has to run it.
bool translate_cooked(std::vector<BpfInstruction>& program) {
  for (BpfInstruction& i : program) {
    if (!is_load(i)) continue;
    const u16 mode = BPF_MODE(i.code);
    if (mode == BPF_LEN) return false;  // the length would lack the cooked header
    if (mode != BPF_ABS && mode != BPF_IND && mode != BPF_MSH) continue;
    if (mode == BPF_ABS && i.k >= extension(0)) continue;
    if (i.k >= cooked_header_bytes)
      i.k -= cooked_header_bytes;
    else if (mode != BPF_ABS || !translate_field(i))
      return false;
  }
  return true;
}

void cut_to(std::vector<BpfInstruction>& program, u32 snapshot_length) {
  for (BpfInstruction& i : program)
    if (i.code == (BPF_RET | BPF_K) && i.k != 0) i.k = snapshot_length;
}

}  // namespace

Result<KernelFilter> plan_kernel_filter(const KernelFilterOptions& options) {
  KernelFilter plan;
  std::vector<BpfInstruction> user;
  if (options.filter != nullptr) user.assign(options.filter->program().begin(), options.filter->program().end());
  const bool tags = options.filter != nullptr && !options.cooked && options.filter->looks_at_vlan_tag();
  if (tags && options.filter->needs_kernel())
    return fail(Errc::unsupported, "filter", "'inbound' and 'outbound' cannot be joined with 'vlan' on a live capture",
                "leave one of them out and select the rest with -Y");
  if (tags) plan.judge = Judge::user_for_tagged;
  if (options.cooked && !translate_cooked(user)) {
    plan.judge = Judge::user;
    user.clear();
  }
  if (options.loopback_index != 0) refuse_leaving_loopback(plan.program, options.loopback_index);
  if (tags) accept_tagged(plan.program, options.snapshot_length);
  cut_to(user, options.snapshot_length);
  std::ranges::copy(user, std::back_inserter(plan.program));
  const bool ends = !user.empty();
  if (!ends && (!plan.program.empty() || options.snapshot_length < longest_snapshot)) plan.program.push_back(give(options.snapshot_length));
  return plan;
}

Result<void> make_deaf(int socket) {
  sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &nothing};
  if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) return fail_system("SO_ATTACH_FILTER");
  return {};
}

Result<void> attach_filter(int socket, std::span<const BpfInstruction> program) {
  if (program.empty()) {
    const int unused = 0;  // but the kernel wants to see one
    if (::setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) != 0) return fail_system("SO_DETACH_FILTER");
    return {};
  }
  static_assert(sizeof(BpfInstruction) == sizeof(sock_filter) && offsetof(BpfInstruction, k) == offsetof(sock_filter, k));
  if (program.size() > BPF_MAXINSNS)
    return fail(Errc::out_of_range, "filter", "its program has " + std::to_string(program.size()) + " instructions; the kernel takes 4096",
                "use fewer words");
  sock_fprog attached{};
  attached.len = static_cast<u16>(program.size());
  attached.filter = const_cast<sock_filter*>(reinterpret_cast<const sock_filter*>(program.data()));
  if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) != 0) return fail_system("SO_ATTACH_FILTER");
  const int on = 1;  // for good: whoever takes this process over sees no more than it was meant to
  if (::setsockopt(socket, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) != 0) return fail_system("SO_LOCK_FILTER");
  return {};
}

}  // namespace rawket
