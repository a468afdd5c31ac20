// The few bpf(2) commands that work inside the kernel needs, and its programs as instructions. bpf(2), bpf/standardization.
#pragma once
#define bpf_insn kernel_bpf_insn  // libpcap has another struct of this name
#include <linux/bpf.h>
#undef bpf_insn

#include <cstdint>
#include <vector>

#include "../host/descriptor.hpp"
#include "rawket/base/error.hpp"

namespace rawket::bpf {

/// An array in the kernel of `count` values, of a type whose keys are indexes.
Result<Descriptor> make_map(bpf_map_type type, u32 value_bytes, u32 count);
Result<void> write_map(int map, u32 index, const void* value);
Result<void> read_map(int map, u32 index, void* value);
/// From now on no process can write to it.
Result<void> freeze_map(int map);

/// A program, written one instruction after the other.
class Program {
 public:
  using Label = std::size_t;

  void move(u8 to, u8 from) { add(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0); }
  void set(u8 to, std::int32_t value) { add(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value); }
  void add_number(u8 to, std::int32_t value) { add(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, value); }
  void remainder(u8 to, std::int32_t divisor) { add(BPF_ALU64 | BPF_MOD | BPF_K, to, 0, 0, divisor); }
  void shift_right(u8 to, std::int32_t bits) { add(BPF_ALU64 | BPF_RSH | BPF_K, to, 0, 0, bits); }
  void exclusive_or(u8 to, u8 from) { add(BPF_ALU64 | BPF_XOR | BPF_X, to, from, 0, 0); }
  /// Of the packet in r6, into r0; a packet that ends before ends the program with 0.
  void read_packet(u8 size, std::int32_t offset) { add(static_cast<u8>(BPF_LD | BPF_ABS | size), 0, 0, 0, offset); }
  void load(u8 size, u8 to, u8 from, std::int16_t offset) { add(static_cast<u8>(BPF_LDX | BPF_MEM | size), to, from, offset, 0); }
  void store(u8 size, u8 to, std::int16_t offset, u8 from) { add(static_cast<u8>(BPF_STX | BPF_MEM | size), to, from, offset, 0); }
  void store_number(u8 size, u8 to, std::int16_t offset, std::int32_t value) { add(static_cast<u8>(BPF_ST | BPF_MEM | size), to, 0, offset, value); }
  /// Of 32 bits, as classic BPF's; the upper half becomes 0. `what`: BPF_ADD ... BPF_MOV.
  void word(u8 what, u8 to, u8 from) { add(static_cast<u8>(BPF_ALU | BPF_X | what), to, from, 0, 0); }
  void word_number(u8 what, u8 to, u32 value) { add(static_cast<u8>(BPF_ALU | BPF_K | what), to, 0, 0, static_cast<std::int32_t>(value)); }
  void from_network_order(u8 reg, std::int32_t bits) { add(BPF_ALU | BPF_END | BPF_TO_BE, reg, 0, 0, bits); }
  void map(u8 to, int descriptor);
  void call(std::int32_t helper) { add(BPF_JMP | BPF_CALL, 0, 0, 0, helper); }
  void leave() { add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0); }
  void leave(std::int32_t value) { set(BPF_REG_0, value), leave(); }
  /// A jump ahead, to where `here` is called with what it returns.
  Label jump_if(u8 comparison, u8 left, u8 right) { return add(static_cast<u8>(BPF_JMP | BPF_X | comparison), left, right, 0, 0); }
  Label jump_if_equal(u8 reg, std::int32_t value) { return add(BPF_JMP | BPF_K | BPF_JEQ, reg, 0, 0, value); }
  Label jump_if_zero(u8 reg) { return jump_if_equal(reg, 0); }
  Label jump_unless_zero(u8 reg) { return add(BPF_JMP | BPF_K | BPF_JNE, reg, 0, 0, 0); }
  Label jump() { return add(BPF_JMP | BPF_JA, 0, 0, 0, 0); }
  Label jump_if_word(u8 comparison, u8 left, u8 right) { return add(static_cast<u8>(BPF_JMP32 | BPF_X | comparison), left, right, 0, 0); }
  Label jump_if_word_number(u8 comparison, u8 left, u32 value) { return add(static_cast<u8>(BPF_JMP32 | BPF_K | comparison), left, 0, 0, static_cast<std::int32_t>(value)); }
  void here(Label jump) { code_[jump].off = static_cast<std::int16_t>(code_.size() - jump - 1); }

  std::size_t size() const { return code_.size(); }

  /// The kernel's verdict; what it objects to is the error's text.
  Result<Descriptor> load(bpf_prog_type type) const;

 private:
  std::size_t add(u8 code, u8 to, u8 from, std::int16_t offset, std::int32_t value) {
    code_.push_back({code, static_cast<u8>(to & 15), static_cast<u8>(from & 15), offset, value});
    return code_.size() - 1;
  }
  std::vector<kernel_bpf_insn> code_;
};

/// The XDP program sees each frame that comes in by the interface, as long as the descriptor is open. `flags`: XDP_FLAGS_.
Result<Descriptor> attach_xdp(int program, u32 interface, u32 flags);
/// What the XDP program says of `frame` (XDP_PASS ...), which comes from nowhere and goes nowhere.
Result<u32> try_xdp(int program, Bytes frame);

/// Runs an XDP program `times` times on copies of `frame`, as if each had come in by the interface. Frames that it turns
/// back (XDP_TX) leave by the interface. An error keeps the errno; EINTR when a signal came.
Result<void> run_with_live_frames(int program, Bytes frame, u32 interface, u32 times);

}  // namespace rawket::bpf
