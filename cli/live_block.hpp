// Lines on a terminal that are written over again as things change; nothing anywhere else.
#pragma once
#include <functional>

#include "output.hpp"

namespace rawket::cli {

class LiveBlock {
 public:
  /// `wanted`: the form is for people. `descriptor`: 1 or 2; when it is no terminal, nothing is ever shown.
  LiveBlock(bool wanted, int descriptor);
  ~LiveBlock() { clear(); }
  LiveBlock(const LiveBlock&) = delete;
  LiveBlock& operator=(const LiveBlock&) = delete;

  /// Five times a second at most: `lines` appends what is to be seen now.
  void show(Nanoseconds now, const std::function<void(TextBuffer&)>& lines);
  /// The lines are gone, and others can be written in their place.
  void clear();
  bool on() const { return descriptor_ >= 0; }
  /// Of the block that is seen now, if there is one: before anything else is written to the terminal.
  static void clear_shown();

 private:
  void put(std::string_view text);

  int descriptor_;
  unsigned width_ = 80, height_ = 24;
  std::size_t lines_ = 0;
  Nanoseconds shown_ = 0;
};

/// Values as a line of bars, the newest last, at most `width`; negative ones (lost) as dots.
void append_bars(TextBuffer& t, std::span<const Nanoseconds> values, std::size_t width);

}  // namespace rawket::cli
