// The files of a set, opened one after the other for a process that may open none itself any more: by a small process of
// its own, which keeps the right to write into one folder and never sees a packet.
#pragma once
#include <memory>
#include <string>

#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

class FileKeeper {
 public:
  /// `pattern` is a path; %-letters of strftime(3) in its last part stand for the local time of opening, else a number
  /// goes before the ending (or its endings: "a.pcapng.gz"): a-000001.pcapng. With `keep` above 0 only the newest so many
  /// files stay. Call it before privileges are given up and before threads are started.
  static Result<std::unique_ptr<FileKeeper>> start(const std::string& pattern, u64 keep);
  virtual ~FileKeeper() = default;

  struct Opened {
    int descriptor = -1;  ///< the caller's
    std::string path;
  };
  /// A new file: never one that was there before.
  virtual Result<Opened> next() = 0;
};

/// The path of the `number`th file (from 1). Without %-letters, or with `again`, the number is part of it.
std::string numbered_path(const std::string& pattern, u64 number, Nanoseconds now, bool again);

}  // namespace rawket
