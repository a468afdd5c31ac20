// Names, the keeping process, and the messages between it and its owner.
#include "rawket/host/file_keeper.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <deque>

#include "capabilities.hpp"
#include "helper_process.hpp"
#include "rawket/host/sandbox.hpp"

namespace rawket {
namespace {

constexpr char please = 'n', opened = 'f', refused = 'e';

/// Where the endings begin: of "a.b/c.pcapng.gz" those behind "c".
std::size_t endings_at(const std::string& path) {
  const std::size_t slash = path.rfind('/'), name = slash == path.npos ? 0 : slash + 1;
  std::size_t at = path.size();
  for (int endings = 0; endings < 2; ++endings) {
    const std::size_t dot = path.rfind('.', at - 1);
    if (dot == path.npos || dot <= name) break;
    const std::string_view ending = std::string_view(path).substr(dot, at - dot);
    const bool packed = ending == ".gz" || ending == ".zst" || ending == ".lz4";
    at = dot;
    if (!packed) break;
  }
  return at;
}

std::string in_local_time(const std::string& pattern, Nanoseconds now) {
  const auto seconds = static_cast<time_t>(now / second);
  tm local{};
  ::localtime_r(&seconds, &local);
  char text[4096];
  const std::size_t size = std::strftime(text, sizeof text, pattern.c_str(), &local);
  std::string name = size == 0 ? pattern : std::string(text, size);
  std::ranges::replace(name, '/', '-');  // of %D: no folder is meant
  return name;
}

/// The process behind `channel`: opens a file for each wish, and ends with its owner.
class Keeping {
 public:
  Keeping(int channel, const std::string& pattern, u64 keep) : channel_(channel), pattern_(pattern), keep_(keep), name_at_(pattern.rfind('/') + 1) {}

  void run() {
    const std::string folder = name_at_ == 0 ? std::string(".") : pattern_.substr(0, name_at_);
    folder_ = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const int why = errno;
    ::setenv("TZ", ":/etc/localtime", 0);  // named, it is read once; unnamed, %s would look for it again
    ::tzset();
    keep_only_capabilities(1u << CAP_DAC_OVERRIDE);  // to write where only root, or only somebody else, may
    enter_sandbox({.folder = folder_.number()});
    while (receive_message(channel_, -1))
      if (!answer(why)) break;
  }

 private:
  bool answer(int why) {
    if (!folder_.open()) return send_message(channel_, {refused, why, pattern_.substr(0, name_at_)});
    std::string path;
    Descriptor file = open_next(path);
    if (!file.open()) return send_message(channel_, {refused, errno, path});
    Message message{opened, 0, path};
    message.descriptors.push_back(std::move(file));
    names_.push_back(path.substr(name_at_));
    if (keep_ != 0 && names_.size() > keep_) {
      ::unlinkat(folder_.number(), names_.front().c_str(), 0);
      names_.pop_front();
    }
    return send_message(channel_, message);
  }

  /// What is there already stays: the next free number is taken.
  Descriptor open_next(std::string& path) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
    Descriptor file;
    const bool timed = pattern_.find('%', name_at_) != pattern_.npos;
    for (bool again = false; !file.open(); again = true) {
      if (!timed || again) ++number_;
      path = numbered_path(pattern_, number_, wall_clock(), again);
      file = Descriptor(::openat(folder_.number(), path.c_str() + name_at_, flags, 0644));
      if (!file.open() && errno != EEXIST) break;
    }
    return file;
  }

  int channel_;
  const std::string& pattern_;
  u64 keep_, number_ = 0;
  std::size_t name_at_;
  Descriptor folder_;
  std::deque<std::string> names_;
};

class ProcessFileKeeper final : public FileKeeper {
 public:
  explicit ProcessFileKeeper(HelperProcess helper) : helper_(std::move(helper)) {}

  Result<Opened> next() override {
    if (!send_message(helper_.channel(), {please})) return fail(Errc::system, "opening the next file", "the process that opens files has ended");
    Message answer = RAWKET_TRY(receive_message(helper_.channel(), answer_patience));
    if (answer.kind != opened || answer.descriptors.empty()) return fail_system(answer.text, answer.number, answer.number == ENOENT ? "create the folder first" : "");
    return Opened{answer.descriptors[0].release(), answer.text};
  }

 private:
  HelperProcess helper_;
};

}  // namespace

std::string numbered_path(const std::string& pattern, u64 number, Nanoseconds now, bool again) {
  const std::size_t slash = pattern.rfind('/'), name = slash == pattern.npos ? 0 : slash + 1;
  const bool timed = pattern.find('%', name) != pattern.npos;
  std::string path = timed ? pattern.substr(0, name) + in_local_time(pattern.substr(name), now) : pattern;
  if (timed && !again) return path;
  std::string digits = std::to_string(number);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return path.insert(endings_at(path), "-" + digits);
}

Result<std::unique_ptr<FileKeeper>> FileKeeper::start(const std::string& pattern, u64 keep) {
  return std::make_unique<ProcessFileKeeper>(RAWKET_TRY(HelperProcess::start([&](int channel) { Keeping(channel, pattern, keep).run(); })));
}

}  // namespace rawket
