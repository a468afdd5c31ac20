// A file, pipe or memory as one stream of bytes, decompressed on the way, seen through a window that grows as needed.
#pragma once
#include <cstdlib>
#include <memory>
#include <string>

#include "../host/descriptor.hpp"
#include "decoder.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// Memory that grows in place where the system can (a large realloc moves pages, not bytes).
class GrowingBlock {
 public:
  u8* data() const { return data_.get(); }
  std::size_t capacity() const { return capacity_; }
  bool grow(std::size_t capacity);  ///< keeps the content; false when there is no memory

 private:
  struct Free {
    void operator()(u8* p) const { std::free(p); }
  };
  std::unique_ptr<u8, Free> data_;
  std::size_t capacity_ = 0;
};

class ByteStream {
 public:
  enum class Fill : u8 { enough, ended, nothing_yet };
  static constexpr Nanoseconds forever = -1;

  /// Looks at the first bytes for a known compression. `bytes` must outlive the stream.
  static Result<ByteStream> from_memory(Bytes bytes, std::string name);
  static Result<ByteStream> from_descriptor(Descriptor descriptor, std::string name);

  /// The bytes at hand, valid until `fill`.
  Bytes window() const { return {data_ + begin_, end_ - begin_}; }
  void consume(std::size_t count) { begin_ += count, offset_ += count; }
  u64 offset() const { return offset_; }  ///< of the window's first byte in the decompressed file
  const std::string& name() const { return name_; }

  /// Reads until the window has `wanted` bytes: `ended` when the file has fewer, `nothing_yet` when a pipe
  /// had not enough within `wait` (negative: forever) or a signal came.
  Result<Fill> fill(std::size_t wanted, Nanoseconds wait);

 private:
  enum class Pull : u8 { some, ended, nothing_yet };

  Result<void> detect_compression();
  Result<void> make_room();
  Result<Pull> pull(Nanoseconds wait);
  Result<Pull> pull_decoded(Nanoseconds wait);
  Result<Pull> pull_input(Nanoseconds wait);
  Result<Pull> read_some(u8* into, std::size_t room, std::size_t& count, Nanoseconds wait) const;

  std::string name_;
  Descriptor descriptor_;
  bool live_ = false;          ///< a pipe, socket or terminal: bytes come when they come
  GrowingBlock window_block_;  ///< unused for plain memory
  const u8* data_ = nullptr;
  std::size_t begin_ = 0, end_ = 0;
  u64 offset_ = 0;
  std::unique_ptr<Decoder> decoder_;
  GrowingBlock input_block_;  ///< compressed bytes of a descriptor
  Bytes input_;
  bool output_pending_ = false;  ///< the decoder filled all its room and may hold more
};

}  // namespace rawket
