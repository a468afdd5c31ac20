// Interface blocks, statistics blocks and clocks of pcapng.
#include "pcapng_section.hpp"

#include <algorithm>

namespace rawket {
namespace {

__extension__ using i128 = __int128;
__extension__ using u128 = unsigned __int128;

constexpr std::size_t longest_name = 256, longest_description = 1024, longest_filter = 4096;
constexpr std::size_t statistics_fixed = 12;

u64 power_of_ten(unsigned exponent) {
  u64 v = 1;
  while (exponent-- > 0) v *= 10;
  return v;
}

/// A text of at most `longest` bytes, whole characters, without the zeros that some writers end it with.
std::string text_of(Bytes value, std::size_t longest, std::size_t& budget) {
  std::string_view text = as_text(value);
  text = text.substr(0, text.find('\0'));
  std::size_t size = std::min({text.size(), longest, budget});
  while (size < text.size() && size > 0 && (static_cast<u8>(text[size]) & 0xc0) == 0x80) --size;
  budget -= size;
  return std::string(text.substr(0, size));
}

bool same(const InterfaceDescription& a, const InterfaceDescription& b) {
  return a.link_type == b.link_type && a.snapshot_length == b.snapshot_length && a.name == b.name && a.description == b.description &&
         a.filter == b.filter;
}

}  // namespace

bool OptionCursor::next() {
  if (rest_.size() < 4) return false;
  code_ = order_.word(rest_.data());
  const std::size_t length = order_.word(rest_.data() + 2);
  if (code_ == option::end || length > rest_.size() - 4) return false;
  value_ = rest_.subspan(4, length);
  rest_ = slice(rest_, 4 + (length + 3) / 4 * 4);
  return true;
}

void TimeScale::resolution(u8 if_tsresol) {
  const unsigned exponent = if_tsresol & 0x7f;
  plain_ = (if_tsresol & 0x80) == 0 && exponent <= 9;
  multiply_ = plain_ ? power_of_ten(9 - exponent) : static_cast<u64>(second);
  divide_ = 1;
  shift_ = 0;
  if (plain_) return;
  if ((if_tsresol & 0x80) != 0) {
    shift_ = exponent;
  } else if (exponent <= 19) {
    divide_ = power_of_ten(exponent);
  } else {  // 64 bits of such ticks are less than a second, and 10^(exponent - 9) may be more than all of them
    multiply_ = exponent <= 28 ? 1 : 0;
    divide_ = exponent <= 28 ? power_of_ten(exponent - 9) : 1;
  }
}

Nanoseconds TimeScale::slow(u64 ticks) const {
  const u128 since_offset = (u128{ticks} * multiply_ / divide_) >> shift_;
  const i128 time = static_cast<i128>(since_offset) + i128{offset_seconds_} * second;
  return static_cast<Nanoseconds>(std::clamp<i128>(time, INT64_MIN, INT64_MAX));
}

void PcapngSection::begin(FileOrder order) {
  dropped_before_ = dropped();
  previous_.clear();
  for (const SectionInterface& i : interfaces_) previous_.push_back(i.index);
  interfaces_.clear();
  order_ = order;
}

u64 PcapngSection::dropped() const {
  u64 sum = dropped_before_;
  for (const SectionInterface& i : interfaces_) sum += i.lost();
  return sum;
}

bool PcapngSection::add_interface(Bytes body, std::vector<InterfaceDescription>& all) {
  if (body.size() < interface_fixed) return false;
  SectionInterface made{.link_type = static_cast<LinkType>(order_.word(body.data())), .snapshot_length = order_.dword(body.data() + 4), .clock = {}};
  InterfaceDescription told{.link_type = made.link_type, .snapshot_length = made.snapshot_length};
  std::size_t budget = text_left_;
  for (OptionCursor o(body.subspan(interface_fixed), order_); o.next();) {
    const Bytes value = o.value();
    if (o.code() == option::if_name) told.name = text_of(value, longest_name, budget);
    if (o.code() == option::if_description) told.description = text_of(value, longest_description, budget);
    if (o.code() == option::if_filter && !value.empty() && value[0] == 0) told.filter = text_of(value.subspan(1), longest_filter, budget);
    if (o.code() == option::if_tsresol && value.size() == 1) made.clock.resolution(value[0]);
    if (o.code() == option::if_tsoffset && value.size() == 8) made.clock.offset(static_cast<i64>(order_.qword(value.data())));
  }
  const std::size_t place = interfaces_.size();
  if (place < previous_.size() && same(all[previous_[place]], told)) {
    made.index = previous_[place];
  } else {
    if (all.size() >= most_interfaces) return false;
    made.index = static_cast<u32>(all.size());
    all.push_back(std::move(told));
    text_left_ = budget;
  }
  interfaces_.push_back(made);
  return true;
}

void PcapngSection::take_statistics(Bytes body) {
  if (body.size() < statistics_fixed) return;
  const u32 id = order_.dword(body.data());
  if (id >= interfaces_.size()) return;
  u64 lost = 0;
  for (OptionCursor o(body.subspan(statistics_fixed), order_); o.next();) {
    const bool counts_loss = o.code() == option::if_dropped || o.code() == option::os_dropped;
    if (counts_loss && o.value().size() == 8 && __builtin_add_overflow(lost, order_.qword(o.value().data()), &lost)) lost = UINT64_MAX;
  }
  interfaces_[id].lost_in_total = lost;
}

}  // namespace rawket
