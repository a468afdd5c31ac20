// A sink that remembers the last seconds, and writes them, and all that follows, once something happened.
#pragma once
#include <memory>

#include "rawket/io/source.hpp"

namespace rawket {

class PreTrigger : public Sink {
 public:
  /// Remembers packets not older than `window` before the newest, in at most `most_bytes` of memory.
  static std::unique_ptr<PreTrigger> create(std::unique_ptr<Sink> sink, Nanoseconds window, u64 most_bytes);

  /// What is remembered is written, and from now on every packet. Only the first call does anything.
  virtual Result<void> trigger() = 0;
  virtual bool triggered() const = 0;
  virtual u64 forgotten() const = 0;  ///< packets that got too old
  virtual u64 remembered() const = 0;
  virtual bool short_of_memory() const = 0;  ///< some were forgotten before their time
};

}  // namespace rawket
