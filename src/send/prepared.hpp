// The packets of an approved plan, made and judged one by one, in the order in which they leave.
#pragma once
#include <vector>

#include "rawket/send/sender.hpp"

namespace rawket {

/// One packet that may leave; its bytes are in `PreparedPackets`.
struct Prepared {
  u64 index = 0;  ///< in the plan's supply
  std::size_t at = 0, size = 0;
  IpAddress destination{};
  LinkType link_type = LinkType::ethernet;
};

/// How many did not get so far.
struct Rejected {
  u64 refused = 0, failed = 0;
};

/// Judges single packets by the plan and its policy: what the plan's sample did not show must not leave either.
class PacketJudge {
 public:
  explicit PacketJudge(const ApprovedPlan& approved);
  /// Nothing, or why it may not leave.
  std::optional<Error> refuses(u64 index, const Packet& packet);
  IpAddress destination() const { return destination_of(dissection_).value_or(IpAddress()); }  ///< of the last packet

 private:
  const ApprovedPlan& approved_;
  Needs permitted_;
  Dissection dissection_;
};

class PreparedPackets {
 public:
  explicit PreparedPackets(const ApprovedPlan& approved) : approved_(approved), judge_(approved) {}

  /// Makes all packets now when they fit into memory: afterwards none has to be made again, whatever the repeat.
  void prepare_all();
  /// The next ones, at most `most` and not past the end of the supply. Valid until `next` is called after all of them have
  /// been passed. Empty when nothing is left.
  std::span<const Prepared> next(std::size_t most);
  /// So many of them have left, or never will. More than there were: they went round.
  void pass(u64 count);
  /// One packet by itself; the error says why not.
  Result<Prepared> make(u64 index);
  void forget() { packets_.clear(), bytes_.clear(); }

  Bytes bytes(const Prepared& p) const { return Bytes(bytes_).subspan(p.at, p.size); }
  bool has_all() const { return complete_; }
  std::span<const Prepared> all() const { return packets_; }  ///< when `has_all`
  bool at_start() const { return at_ == 0; }
  u64 left() const { return approved_.plan().count - passed_; }  ///< of the plan, with its repeats and those that will be rejected
  const Rejected& rejected() const { return rejected_; }
  const std::optional<Error>& first_rejection() const { return why_; }

 private:
  bool add(u64 index);
  void refill(std::size_t most);
  void begin_round();
  void reject(const Rejected& some);

  const ApprovedPlan& approved_;
  PacketJudge judge_;
  std::vector<u8> bytes_;
  std::vector<Prepared> packets_;  ///< all of the supply, or the next few
  std::size_t at_ = 0;             ///< the next of them
  u64 made_ = 0;                   ///< where in the supply they end
  u64 passed_ = 0;
  bool complete_ = false;
  Rejected rejected_, each_round_;
  std::optional<Error> why_;
};

}  // namespace rawket
