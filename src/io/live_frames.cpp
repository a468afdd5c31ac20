// Frames that the kernel makes itself: a program copies the next one of an array into each buffer and sends it back out.
//
// Buffers come round again with what their last user left in them, so each frame is written whole. The program counts what
// it gave out, and drops the rest of a run that is longer than what was asked for.
#include <linux/if_ether.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "bpf.hpp"
#include "send_engines.hpp"

namespace rawket {
namespace {

constexpr u32 longest_frame = 2048;                  // of a page with the kernel's own room in it
constexpr std::size_t most_memory = std::size_t{16} << 20;
constexpr u64 longest_run = 4'000'000;               // well below a second, and each run costs some 30 ms to set up

/// What the program and its owner share, at index 0 of an array.
struct Progress {
  u64 next = 0;   ///< frame, counted over all that were sent
  u64 limit = 0;  ///< where to stop
};

using namespace bpf;

/// r6 context, r7 data, r8 frame number, r9 progress.
Program program_for(int progress, int frames, u32 count, u32 length) {
  Program p;
  p.move(BPF_REG_6, BPF_REG_1);
  p.load(BPF_W, BPF_REG_7, BPF_REG_6, offsetof(xdp_md, data));
  p.load(BPF_W, BPF_REG_8, BPF_REG_6, offsetof(xdp_md, data_end));
  p.move(BPF_REG_2, BPF_REG_7);
  p.add_number(BPF_REG_2, static_cast<std::int32_t>(length));
  const auto too_short = p.jump_if(BPF_JGT, BPF_REG_2, BPF_REG_8);
  const auto look_up = [&p](int array) {
    p.map(BPF_REG_1, array);
    p.move(BPF_REG_2, BPF_REG_10);
    p.add_number(BPF_REG_2, -4);
    p.call(BPF_FUNC_map_lookup_elem);
    return p.jump_if_zero(BPF_REG_0);
  };
  p.store_number(BPF_W, BPF_REG_10, -4, 0);
  const auto none = look_up(progress);
  p.move(BPF_REG_9, BPF_REG_0);
  p.load(BPF_DW, BPF_REG_8, BPF_REG_9, offsetof(Progress, next));
  p.load(BPF_DW, BPF_REG_2, BPF_REG_9, offsetof(Progress, limit));
  const auto done = p.jump_if(BPF_JGE, BPF_REG_8, BPF_REG_2);
  p.move(BPF_REG_2, BPF_REG_8);
  p.add_number(BPF_REG_2, 1);
  p.store(BPF_DW, BPF_REG_9, offsetof(Progress, next), BPF_REG_2);
  if (count > 1) p.remainder(BPF_REG_8, static_cast<std::int32_t>(count));
  else p.set(BPF_REG_8, 0);
  p.store(BPF_W, BPF_REG_10, -4, BPF_REG_8);
  const auto no_frame = look_up(frames);
  u32 at = 0;
  for (const auto& [size, bytes] : {std::pair<u8, u32>{BPF_DW, 8}, {BPF_W, 4}, {BPF_H, 2}, {BPF_B, 1}})
    for (; length - at >= bytes; at += bytes) {
      p.load(size, BPF_REG_1, BPF_REG_0, static_cast<std::int16_t>(at));
      p.store(size, BPF_REG_7, static_cast<std::int16_t>(at), BPF_REG_1);
    }
  p.leave(XDP_TX);
  for (const auto jump : {too_short, none, done, no_frame}) p.here(jump);
  p.leave(XDP_DROP);
  return p;
}

/// What this engine can take; an error says why not.
Result<void> check(std::span<const Bytes> frames) {
  constexpr std::string_view advice = "use another --engine";
  if (frames.empty()) return fail(Errc::unsupported, "live frames", "the frames have to be known before", advice);
  const std::size_t length = frames.front().size();
  if (std::ranges::any_of(frames, [&](Bytes f) { return f.size() != length; })) return fail(Errc::unsupported, "live frames", "the frames are not all of one length", advice);
  if (length < ETH_HLEN || length > longest_frame) return fail(Errc::unsupported, "live frames", "a frame of " + std::to_string(length) + " bytes: 14 to 2048 are possible", advice);
  if (length * frames.size() > most_memory) return fail(Errc::unsupported, "live frames", "more than 16 MiB of different frames", advice);
  return {};
}

class LiveFrameSender final : public FrameSender {
 public:
  LiveFrameSender(u32 interface, Descriptor progress, Descriptor frames, Descriptor program) : interface_(interface), progress_(std::move(progress)), frames_(std::move(frames)), program_(std::move(program)) {}

  Result<u64> send(SendPermit, std::span<const Bytes> frames, u64 count, const std::atomic<bool>& stop) override {
    u64 sent = 0;
    while (sent < count && !stop) {
      const u64 now = std::min(count - sent, longest_run), start = sent % frames.size();
      const Progress before{start, start + now};
      RAWKET_TRY(write_map(progress_.number(), 0, &before));
      const auto ran = run_with_live_frames(program_.number(), frames.front(), interface_, static_cast<u32>(now));
      Progress after;
      RAWKET_TRY(read_map(progress_.number(), 0, &after));
      sent += after.next - before.next;
      if (!ran && ran.error().errno_value != EINTR) return sent > 0 ? Result<u64>(sent) : Result<u64>(Failure{ran.error()});
    }
    return sent;
  }
  u64 waits() const override { return 0; }

 private:
  u32 interface_;
  Descriptor progress_, frames_, program_;
};

}  // namespace

Result<std::unique_ptr<FrameSender>> open_live_frame_sender(const Interface& interface, std::span<const Bytes> frames) {
  RAWKET_TRY(check(frames));
  const auto length = static_cast<u32>(frames.front().size()), count = static_cast<u32>(frames.size());
  std::vector<u8> value((length + 7) / 8 * 8);
  Descriptor progress = RAWKET_TRY(make_map(BPF_MAP_TYPE_ARRAY, sizeof(Progress), 1));
  Descriptor array = RAWKET_TRY(make_map(BPF_MAP_TYPE_ARRAY, static_cast<u32>(value.size()), count));
  for (u32 i = 0; i < count; ++i) {
    std::memcpy(value.data(), frames[i].data(), length);
    RAWKET_TRY(write_map(array.number(), i, value.data()));
  }
  Descriptor program = RAWKET_TRY(program_for(progress.number(), array.number(), count, length).load(BPF_PROG_TYPE_XDP));
  return std::make_unique<LiveFrameSender>(interface.index, std::move(progress), std::move(array), std::move(program));
}

}  // namespace rawket
