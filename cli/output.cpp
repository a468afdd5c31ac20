// Writing, complaining, exit codes.
#include "output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "live_block.hpp"
#include "rawket/base/text.hpp"

namespace rawket::cli {

Output::~Output() { flush(true); }

bool Output::flush(bool now) {
  constexpr std::size_t block = 1u << 16;
  if (failed_ || closed_) {
    text_.clear();
    return false;
  }
  if (text_.size() < block && !now) return true;
  if (!widened_) {  // into a wide pipe, writer and reader run longer between their waits; what is no pipe refuses, and may
    ::fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20);
    widened_ = true;
  }
  std::string_view left = text_.view();
  while (!left.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      closed_ = errno == EPIPE;
      failed_ = !closed_;
      if (failed_) complain(Error{.code = Errc::system, .where = "standard output", .what = "cannot be written", .advice = {}, .errno_value = errno});
      break;
    }
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  text_.clear();
  return !failed_ && !closed_;
}

int Output::exit_code(int code) {
  flush(true);
  return failed_ ? io_error : code;
}

void complain(std::string_view text) {
  LiveBlock::clear_shown();
  std::string out = "rawket: ";
  for (std::string_view line : split(text, '\n')) out += clean_text(line) + '\n';  // names in it are anybody's
  std::fwrite(out.data(), 1, out.size(), stderr);
}

void tell_line(std::string_view line) {
  LiveBlock::clear_shown();
  const std::string out = std::string(line) + '\n';
  std::fwrite(out.data(), 1, out.size(), stderr);
}

void complain(const Error& error) {
  Error shown = error;
  shown.where = clean_text(error.where);
  shown.what = clean_text(error.what);
  complain(shown.text());
}

int exit_for(const Error& error) {
  switch (error.code) {
    case Errc::no_permission: return no_permission;
    case Errc::truncated: return malformed_input;
    case Errc::malformed: return error.located && error.where != "hex" && error.where != "craft" ? malformed_input : usage;  // words are usage
    case Errc::unknown_name: return error.errno_value != 0 ? io_error : usage;
    case Errc::out_of_range:
    case Errc::refused: return usage;
    case Errc::timed_out: return negative;
    default: return io_error;
  }
}

int complain_and_exit(const Error& error) {
  complain(error);
  return exit_for(error);
}

bool use_color(std::string_view choice, int descriptor) {
  if (choice == "always") return true;
  if (choice == "never") return false;
  const char* no = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (no == nullptr || *no == '\0') && isatty(descriptor) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

bool read_time(std::string_view option, std::string_view text, Nanoseconds& out) {
  if (text.empty() || parse_duration(text, out)) return true;
  complain(std::string(option) + ": '" + clean_text(text) + "' is no time like 200ms or 10s");
  return false;
}

Result<std::string> read_whole(const std::string& path) {
  constexpr std::size_t most = 64u << 20;
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail_system(clean_text(path));
  std::string text;
  char block[1u << 16];
  for (;;) {
    const ssize_t n = ::read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = errno;
      if (fd != STDIN_FILENO) ::close(fd);
      if (n < 0) return fail_system(path == "-" ? "standard input" : clean_text(path), error);
      return text;
    }
    text.append(block, static_cast<std::size_t>(n));
    if (text.size() > most) {
      if (fd != STDIN_FILENO) ::close(fd);
      return fail(Errc::out_of_range, clean_text(path), "is longer than 64 MiB", "rawket read takes captures of any size");
    }
  }
}

}  // namespace rawket::cli
