// A frame meets loss, then the rate and its queue, corruption, delay, and at last what changes its place in the order.
#include "rawket/lab/impairment.hpp"

#include <algorithm>
#include <charconv>

#include "rawket/base/text.hpp"
#include "rawket/base/text_buffer.hpp"

namespace rawket {
namespace {

constexpr std::size_t link_header_bytes = 14;

bool parse_decimal(std::string_view text, double& value, std::string_view& unit) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{} && value >= 0;
}

bool parse_share(std::string_view text, double& share) {
  std::string_view unit;
  if (!parse_decimal(text, share, unit) || (unit != "%" && !unit.empty())) return false;
  if (unit == "%") share /= 100;
  return share <= 1;
}

bool parse_bits(std::string_view text, u64& rate) {
  double value = 0;
  std::string_view unit;
  if (!parse_decimal(text, value, unit)) return false;
  constexpr std::pair<std::string_view, double> units[] = {{"", 1}, {"bit", 1}, {"kbit", 1e3}, {"Kbit", 1e3}, {"Mbit", 1e6}, {"Gbit", 1e9}};
  for (const auto& [name, scale] : units)
    if (unit == name && value * scale >= 1000 && value * scale <= 1e12) return rate = static_cast<u64>(value * scale), true;
  return false;
}

template <class Number> bool parse_count(std::string_view text, Number& number, u64 least, u64 most) {
  const auto n = parse_number(text);
  if (!n || *n < least || *n > most) return false;
  number = static_cast<Number>(*n);
  return true;
}

bool parse_delay(std::string_view text, Nanoseconds& time) { return parse_duration(text, time) && time <= 10 * second; }

}  // namespace

Result<void> set_impairment(Impairment& i, std::string_view word, std::string_view value) {
  const auto given = [&](bool read, std::string_view how) -> Result<void> {
    if (read) return {};
    return fail(Errc::malformed, std::string(word), "'" + clean_text(value) + "' is no " + std::string(how));
  };
  constexpr std::string_view share = "share like 1% or 0.01", time = "time like 5ms, up to 10 s";
  if (word == "delay") return given(parse_delay(value, i.delay), time);
  if (word == "jitter") return given(parse_delay(value, i.jitter), time);
  if (word == "loss") return given(parse_share(value, i.loss), share);
  if (word == "duplicate") return given(parse_share(value, i.duplicate), share);
  if (word == "reorder") return given(parse_share(value, i.reorder), share);
  if (word == "corrupt") return given(parse_share(value, i.corrupt), share);
  if (word == "rate") return given(parse_bits(value, i.rate), "rate like 10Mbit, 1kbit to 1000Gbit");
  if (word == "queue") return given(parse_count(value, i.queue, 1, ImpairedLink::most_waiting), "number of frames from 1 to 65536");
  if (word == "seed") return given(parse_count(value, i.seed, 0, UINT64_MAX), "number");
  return fail(Errc::unknown_name, "link", "there is no '" + clean_text(word) + "'" + did_you_mean(word, impairment_words));
}

std::string text_of(const Impairment& i) {
  TextBuffer t;
  const auto next = [&t](std::string_view word) { t.append(t.size() == 0 ? "" : " "), t.append(word), t.append(' '); };
  const auto share = [&](std::string_view word, double value) {
    if (value == 0) return;
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value * 100, std::chars_format::general, 3).ptr;
    next(word), t.append(std::string_view(digits, end)), t.append('%');
  };
  const auto time = [&](std::string_view word, Nanoseconds value) {
    if (value == 0) return;
    next(word);
    if (value % millisecond == 0) t.decimal(static_cast<u64>(value / millisecond)), t.append("ms");
    else t.decimal(static_cast<u64>(value / 1000)), t.append("us");
  };
  time("delay", i.delay), time("jitter", i.jitter);
  share("loss", i.loss), share("duplicate", i.duplicate), share("reorder", i.reorder), share("corrupt", i.corrupt);
  if (i.rate != 0) {
    next("rate");
    if (i.rate % 1'000'000 == 0) t.decimal(i.rate / 1'000'000), t.append("Mbit");
    else t.decimal(i.rate / 1000), t.append("kbit");
    if (i.queue != Impairment().queue) next("queue"), t.decimal(i.queue);
  }
  return std::string(t.view());
}

ImpairedLink::ImpairedLink(const Impairment& impairment, u64 stream) : how_(impairment), random_(impairment.seed * 0x9e3779b97f4a7c15u + stream) {}

// Not std::bernoulli_distribution: what that makes of a seed is the standard library's affair.
bool ImpairedLink::happens(double share) { return share > 0 && static_cast<double>(random_() >> 11) * 0x1p-53 < share; }

void ImpairedLink::offer(Nanoseconds now, Bytes frame) {
  ++counts_.offered;
  if (happens(how_.loss)) return void(++counts_.lost);
  if (how_.rate != 0) {
    while (!sending_.empty() && sending_.front() <= now) sending_.pop_front();
    if (sending_.size() >= how_.queue) return void(++counts_.no_room);
    sent_ = std::max(sent_, now) + static_cast<Nanoseconds>(static_cast<double>(frame.size()) * 8e9 / static_cast<double>(how_.rate));
    sending_.push_back(sent_);
    now = sent_;
  }
  if (line_.size() >= most_waiting) return void(++counts_.no_room);
  std::vector<u8> changed(frame.begin(), frame.end());
  if (happens(how_.corrupt) && changed.size() > link_header_bytes) {
    ++counts_.corrupted;
    const u64 bit = random_() % ((changed.size() - link_header_bytes) * 8);
    changed[link_header_bytes + bit / 8] ^= static_cast<u8>(1u << bit % 8);
  }
  const Nanoseconds jitter = how_.jitter == 0 ? 0 : static_cast<Nanoseconds>(random_() % static_cast<u64>(how_.jitter + 1));
  last_due_ = std::max(last_due_, now + how_.delay + jitter);
  const bool twice = happens(how_.duplicate);
  if (!held_ && happens(how_.reorder)) {
    held_ = Waiting{last_due_ + longest_hold, std::move(changed)};
    if (twice) ++counts_.duplicated, hand_on(last_due_, held_->frame);
    return;
  }
  hand_on(last_due_, changed);
  if (twice) ++counts_.duplicated, hand_on(last_due_, changed);
  if (!held_) return;
  ++counts_.overtaken;
  hand_on(last_due_, held_->frame);
  held_.reset();
}

void ImpairedLink::hand_on(Nanoseconds due, Bytes frame) { line_.push_back({due, {frame.begin(), frame.end()}}); }

bool ImpairedLink::take(Nanoseconds now, std::vector<u8>& frame) {
  if (held_ && held_->due <= now && (line_.empty() || line_.front().due > held_->due)) {
    frame.swap(held_->frame);  // nothing came that could overtake it
    held_.reset();
  } else {
    if (line_.empty() || line_.front().due > now) return false;
    frame.swap(line_.front().frame);
    line_.pop_front();
  }
  ++counts_.passed;
  return true;
}

std::optional<Nanoseconds> ImpairedLink::next() const {
  std::optional<Nanoseconds> soonest;
  if (!line_.empty()) soonest = line_.front().due;
  if (held_ && (!soonest || held_->due < *soonest)) soonest = held_->due;
  return soonest;
}

}  // namespace rawket
