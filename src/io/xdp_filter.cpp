// A and X live in r7 and r8, the sixteen words of memory on the stack. A load outside of the packet refuses it, as in the original.
#include "xdp_filter.hpp"

#include <algorithm>
#include <utility>

namespace rawket {
namespace {

using namespace bpf;

constexpr u8 context = BPF_REG_6, a = BPF_REG_7, x = BPF_REG_8;
constexpr u32 memory_words = 16;              // BPF_MEMWORDS
constexpr std::int16_t loaded = -72;          // on the stack, below the memory
constexpr u32 first_extension = 0xfffff000u;  // SKF_AD_OFF and below: a packet socket's knowledge

// The classic modes and the others that only classic BPF has; the kernel's two headers cannot be included together.
constexpr u16 mode_immediate = 0x00, mode_absolute = 0x20, mode_indirect = 0x40, mode_memory = 0x60, mode_length = 0x80, mode_header_length = 0xa0;
constexpr u16 class_load = 0, class_load_x = 1, class_store = 2, class_store_x = 3, class_alu = 4, class_jump = 5, class_return = 6, class_other = 7;

constexpr std::int16_t slot(u32 word) { return static_cast<std::int16_t>(-4 * (static_cast<std::int32_t>(word) + 1)); }

class Translation {
 public:
  Translation(Program& program, std::span<const BpfInstruction> filter) : p_(program), filter_(filter) {}

  Result<RefusalJumps> run() {
    p_.word_number(BPF_MOV, a, 0);
    p_.word_number(BPF_MOV, x, 0);
    for (u32 word = 0; word < memory_words; ++word)
      if (uses_memory(word)) p_.store_number(BPF_W, BPF_REG_10, slot(word), 0);
    for (std::size_t i = 0; i < filter_.size(); ++i) {
      land(i);
      at_ = i;
      if (!one(filter_[i])) return fail(Errc::unsupported, "filter", "AF_XDP cannot run instruction " + std::to_string(i) + " of it", "use --engine ring");
    }
    constexpr std::size_t farthest = 32000;  // a jump has 16 bits
    if (p_.size() > farthest) return fail(Errc::out_of_range, "filter", "AF_XDP's program would have " + std::to_string(p_.size()) + " instructions", "use fewer words, or --engine ring");
    for (const Program::Label jump : accept_) p_.here(jump);
    return RefusalJumps{std::move(refuse_)};
  }

 private:
  bool uses_memory(u32 word) const {
    return std::ranges::any_of(filter_, [word](const BpfInstruction& i) { return BPF_CLASS(i.code) <= class_load_x && (i.code & 0xe0) == mode_memory && i.k == word; });
  }

  void land(std::size_t instruction) {
    std::erase_if(pending_, [&](const std::pair<Program::Label, std::size_t>& jump) {
      if (jump.second != instruction) return false;
      p_.here(jump.first);
      return true;
    });
  }

  bool one(const BpfInstruction& i) {
    switch (BPF_CLASS(i.code)) {
      case class_load: return load(i, a);
      case class_load_x: return load(i, x);
      case class_store: return store(i, a);
      case class_store_x: return store(i, x);
      case class_alu: return arithmetic(i);
      case class_jump: return jump(i);
      case class_return: return end(i);
      default: break;
    }
    i.code == class_other ? p_.word(BPF_MOV, x, a) : p_.word(BPF_MOV, a, x);  // TAX, TXA
    return true;
  }

  bool load(const BpfInstruction& i, u8 to) {
    const u8 size = BPF_SIZE(i.code);
    switch (i.code & 0xe0) {
      case mode_immediate: p_.word_number(BPF_MOV, to, i.k); return true;
      case mode_memory: return i.k < memory_words && (p_.load(BPF_W, to, BPF_REG_10, slot(i.k)), true);
      case mode_length: return length(to);
      case mode_absolute: return i.k < first_extension && (packet(size, i.k, false), p_.move(to, BPF_REG_0), true);
      case mode_indirect: packet(size, i.k, true); p_.move(to, BPF_REG_0); return true;
      case mode_header_length: return header_length(i.k);
      default: return false;
    }
  }

  bool store(const BpfInstruction& i, u8 from) {
    if (i.k >= memory_words) return false;
    p_.store(BPF_W, BPF_REG_10, slot(i.k), from);
    return true;
  }

  bool length(u8 to) {
    p_.move(BPF_REG_1, context);
    p_.call(BPF_FUNC_xdp_get_buff_len);
    p_.move(to, BPF_REG_0);
    return true;
  }

  /// Four times the lower half of a byte: an IPv4 header's length.
  bool header_length(u32 offset) {
    packet(BPF_B, offset, false);
    p_.word_number(BPF_AND, BPF_REG_0, 15);
    p_.word_number(BPF_LSH, BPF_REG_0, 2);
    p_.move(x, BPF_REG_0);
    return true;
  }

  /// Into r0, in the machine's order.
  void packet(u8 size, u32 offset, bool from_x) {
    const u32 bytes = size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
    p_.move(BPF_REG_1, context);
    p_.word_number(BPF_MOV, BPF_REG_2, offset);
    if (from_x) p_.word(BPF_ADD, BPF_REG_2, x);
    p_.move(BPF_REG_3, BPF_REG_10);
    p_.add_number(BPF_REG_3, loaded);
    p_.word_number(BPF_MOV, BPF_REG_4, bytes);
    p_.call(BPF_FUNC_xdp_load_bytes);
    refuse_.push_back(p_.jump_unless_zero(BPF_REG_0));
    p_.load(size, BPF_REG_0, BPF_REG_10, loaded);
    if (bytes > 1) p_.from_network_order(BPF_REG_0, static_cast<std::int32_t>(bytes * 8));
  }

  bool arithmetic(const BpfInstruction& i) {
    const auto what = static_cast<u8>(i.code & 0xf0);
    const bool divides = what == BPF_DIV || what == BPF_MOD;
    if (what == BPF_NEG) {
      p_.word_number(BPF_NEG, a, 0);
    } else if (BPF_SRC(i.code) == BPF_X) {
      if (divides) refuse_.push_back(p_.jump_if_word_number(BPF_JEQ, x, 0));  // classic BPF ends there with 0
      p_.word(what, a, x);
    } else {
      const bool shifts = what == BPF_LSH || what == BPF_RSH;
      if ((divides && i.k == 0) || (shifts && i.k > 31)) return false;
      p_.word_number(what, a, i.k);
    }
    return true;
  }

  bool jump(const BpfInstruction& i) {
    const auto comparison = static_cast<u8>(i.code & 0xf0);
    if (comparison == BPF_JA) return go_to(p_.jump(), i.k);
    const Program::Label taken = BPF_SRC(i.code) == BPF_X ? p_.jump_if_word(comparison, a, x) : p_.jump_if_word_number(comparison, a, i.k);
    return go_to(taken, i.jump_true) && (i.jump_false == 0 || go_to(p_.jump(), i.jump_false));
  }

  /// Only forwards, over `distance` instructions.
  bool go_to(Program::Label label, u32 distance) {
    pending_.emplace_back(label, at_ + 1 + distance);
    return pending_.back().second < filter_.size();
  }

  bool end(const BpfInstruction& i) {
    constexpr u16 returns_a = 0x10;
    if ((i.code & 0x18) == returns_a) refuse_.push_back(p_.jump_if_word_number(BPF_JEQ, a, 0)), accept_.push_back(p_.jump());
    else (i.k == 0 ? refuse_ : accept_).push_back(p_.jump());
    return true;
  }

  Program& p_;
  std::span<const BpfInstruction> filter_;
  std::size_t at_ = 0;
  std::vector<std::pair<Program::Label, std::size_t>> pending_;  ///< and the instruction that each goes to
  std::vector<Program::Label> accept_, refuse_;
};

}  // namespace

Result<RefusalJumps> append_filter(Program& program, std::span<const BpfInstruction> filter) { return Translation(program, filter).run(); }

}  // namespace rawket
