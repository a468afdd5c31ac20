// Whole records, collected and written to a descriptor a block at a time.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../host/descriptor.hpp"
#include "encoder.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// Whether a record is one of the packets that are counted.
enum class RecordKind : u8 { other, packet };

/// Where a record is being put; the writer has reserved all of it.
class RecordBuilder {
 public:
  explicit RecordBuilder(u8* at) : at_(at) {}
  template <class Number>
  void number(Number value) {
    __builtin_memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  void bytes(Bytes b) {
    if (!b.empty()) __builtin_memcpy(at_, b.data(), b.size());
    at_ += b.size();
  }
  /// Followed by zeros up to a multiple of four.
  void padded(Bytes b) {
    bytes(b);
    for (std::size_t i = b.size(); i % 4 != 0; ++i) *at_++ = 0;
  }

 private:
  u8* at_;
};

constexpr std::size_t padded_size(std::size_t size) { return (size + 3) / 4 * 4; }

class RecordWriter {
 public:
  /// A pipe that takes nothing for `patience` is an error; 0 waits for ever.
  RecordWriter(Descriptor descriptor, std::string name, std::unique_ptr<Encoder> encoder = nullptr, Nanoseconds patience = 0);
  ~RecordWriter();  ///< writes what is left; errors are lost, so call `close`
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  const std::string& name() const { return name_; }
  /// Room for one record of exactly `size` bytes, which the caller fills before any other call.
  Result<RecordBuilder> record(std::size_t size, RecordKind kind = RecordKind::other) {
    if (failed_ || size > capacity_ - used_) RAWKET_TRY(make_room(size));
    u8* at = block_.get() + used_;
    used_ += size;
    ends_.push_back({static_cast<u32>(used_), kind});
    return RecordBuilder(at);
  }
  Result<void> flush();
  /// Only the first call does anything.
  Result<void> close();
  bool closed() const { return !descriptor_.open(); }
  u64 packets_written() const { return packets_; }        ///< those that the descriptor has taken as a whole
  /// Bytes of the file so far, and those collected where they will be as many.
  u64 size() const { return written_ + (encoder_ == nullptr ? used_ : 0); }

 private:
  struct End {
    u32 at;
    RecordKind kind;
  };

  Result<void> make_room(std::size_t size);
  Result<void> write_block();
  Result<void> put(Bytes bytes);
  int write_all(Bytes bytes, std::size_t& done) const;
  bool may_write_now() const;
  void keep_whole_records(std::size_t done);
  void cut_back(std::size_t excess) const;
  Failure failure(int errno_value);

  std::string name_;
  Descriptor descriptor_;
  std::unique_ptr<Encoder> encoder_;
  std::vector<u8> packed_;       ///< a block, compressed
  Nanoseconds patience_;
  bool regular_ = false, pipe_ = false;
  std::unique_ptr<u8[]> block_;
  std::size_t capacity_ = 0, used_ = 0;
  std::vector<End> ends_;        ///< where records in the block end
  u64 written_ = 0;              ///< bytes that reached the descriptor, of whole records where nothing is compressed
  u64 packets_ = 0;
  std::optional<Error> failed_;  ///< after it nothing is written: a gap would look like a whole file
};

}  // namespace rawket
