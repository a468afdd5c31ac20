// Up as many lines as there were, and clear to the end: ECMA-48, 8.3.
#include "live_block.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "rawket/base/text.hpp"

namespace rawket::cli {
namespace {
LiveBlock* seen = nullptr;  // a process has one terminal
}

void LiveBlock::clear_shown() {
  if (seen != nullptr) seen->clear();
}

LiveBlock::LiveBlock(bool wanted, int descriptor) : descriptor_(wanted && ::isatty(descriptor) == 1 ? descriptor : -1) {
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::string_view(term) == "dumb") descriptor_ = -1;
  winsize size{};
  if (on() && ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 1) width_ = size.ws_col, height_ = size.ws_row;
}

/// Each line is cut to the width, so that it stays one line; those that do not fit on the screen are counted.
void LiveBlock::show(Nanoseconds now, const std::function<void(TextBuffer&)>& lines) {
  if (!on() || (shown_ != 0 && now - shown_ < second / 5)) return;
  shown_ = now;
  TextBuffer all, cut;
  lines(all);
  clear();
  const auto each = split(all.view(), '\n');
  const std::size_t count = each.empty() ? 0 : each.size() - (each.back().empty() ? 1 : 0), most = height_ - 2;
  for (std::size_t i = 0; i < std::min(count, most); ++i, ++lines_) {
    std::string_view line = each[i];
    std::size_t columns = 0, at = 0;
    while (at < line.size() && columns + 1 < width_) at += decode_utf8(line.substr(at)).length, ++columns;
    cut.append(line.substr(0, at)), cut.append('\n');
  }
  if (count > most) cut.append("... and "), cut.decimal(count - most), cut.append(" more\n"), ++lines_;
  seen = this;
  put(cut.view());
}

void LiveBlock::clear() {
  if (!on() || lines_ == 0) return;
  TextBuffer t;
  t.append("\033["), t.decimal(lines_), t.append("A\r\033[J");
  put(t.view());
  lines_ = 0;
  seen = nullptr;
}

void LiveBlock::put(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor_, text.data(), text.size());
    if (n <= 0) return void(descriptor_ = -1);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void append_bars(TextBuffer& t, std::span<const Nanoseconds> values, std::size_t width) {
  static constexpr std::string_view bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (values.size() > width) values = values.last(width);
  Nanoseconds most = 1;
  for (const Nanoseconds v : values) most = std::max(most, v);
  for (const Nanoseconds v : values) t.append(v < 0 ? "·" : bars[std::min<std::size_t>(static_cast<std::size_t>(v * 8 / most), 7)]);
}

}  // namespace rawket::cli
