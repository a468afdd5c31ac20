// Standard output and the words on standard error.
#pragma once
#include <string_view>

#include "options.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"
#include "rawket/base/text_buffer.hpp"

namespace rawket::cli {

/// Collects text and writes it in blocks. A closed pipe ends output quietly; any other failure is told once.
class Output {
 public:
  ~Output();
  TextBuffer& text() { return text_; }
  /// Writes when a block is full, or always if `now`. False when nothing more can be written.
  bool flush(bool now = false);
  bool failed() const { return failed_; }
  bool closed() const { return closed_; }
  /// `code`, unless output failed in a way that has to be told by the exit code.
  int exit_code(int code);

 private:
  TextBuffer text_;
  bool failed_ = false, closed_ = false, widened_ = false;
};

/// "rawket: text" on standard error.
void complain(std::string_view text);
void complain(const Error& error);
/// The same without "rawket: ", for programs to read.
void tell_line(std::string_view line);
/// The exit code that fits an error.
int exit_for(const Error& error);
/// Both: tells the error and gives its code.
int complain_and_exit(const Error& error);
/// `auto` asks whether the descriptor is a terminal and NO_COLOR is unset.
bool use_color(std::string_view choice, int descriptor);
/// A time given with an option, or nothing given; false, and told, when it is none.
bool read_time(std::string_view option, std::string_view text, Nanoseconds& out);
/// A whole file, or standard input for "-"; at most 64 MiB.
Result<std::string> read_whole(const std::string& path);

}  // namespace rawket::cli
