// The filter program as a packet socket's kernel side runs it, and what is left to be judged in user space.
#pragma once
#include "rawket/io/filter.hpp"

namespace rawket {

struct KernelFilterOptions {
  const Filter* filter = nullptr;  ///< compiled for the link type that is delivered; may be null
  bool cooked = false;             ///< the kernel then shows the program no link header
  u32 snapshot_length = longest_snapshot;
  u32 loopback_index = 0;  ///< of `lo` when its frames may come: each would be seen leaving and coming back; 0: none
};

enum class Judge : u8 { kernel, user_for_tagged, user };  ///< who has the last word on which packets

struct KernelFilter {
  std::vector<BpfInstruction> program;  ///< empty: nothing to attach
  Judge judge = Judge::kernel;
};

Result<KernelFilter> plan_kernel_filter(const KernelFilterOptions& options);

/// SO_ATTACH_FILTER, and locked.
Result<void> attach_filter(int socket, std::span<const BpfInstruction> program);
/// For the time being no packet comes; `attach_filter` ends it, with an empty program too.
Result<void> make_deaf(int socket);

}  // namespace rawket
