// Making packets once where memory allows, and a few at a time where it does not.
#include "prepared.hpp"

#include <algorithm>

#include "own_faults.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

constexpr u64 most_bytes = u64{64} << 20;  // kept: afterwards repeats cost nothing

bool fits(const Plan& plan, const Protocol& first) {
  if (plan.way == Way::packet_socket) return &first == &info<Ethernet> || &first == &info<Ieee8023>;
  return &first == (plan.ipv6 ? &info<Ipv6> : &info<Ipv4>);
}

Error refusal(u64 index, std::string_view what, std::string_view advice = {}) {
  return {.code = Errc::refused, .where = "send", .what = "packet " + std::to_string(index + 1) + std::string(what), .advice = std::string(advice)};
}

}  // namespace

PacketJudge::PacketJudge(const ApprovedPlan& approved) : approved_(approved), permitted_(approved.plan().needs | approved.policy().permitted) {
  if (approved.plan().away) permitted_.add(Need::away);  // whose rate the plan already holds
}

std::optional<Error> PacketJudge::refuses(u64 index, const Packet& packet) {
  const Plan& plan = approved_.plan();
  dissect(standard_registry(), packet.first_protocol(), packet.bytes(), dissection_);
  if (!fits(plan, packet.first_protocol())) return refusal(index, " begins with another layer than the plan's socket takes");
  const bool linted_before = plan.looked_at >= plan.supply.count;
  if (!permitted_.has(Need::faulty) && !linted_before && has_errors(own_faults(packet, dissection_)))
    return refusal(index, " has faults", "if they are meant: --allow faulty");
  if (approved_.policy().is_forbidden(dissection_)) {
    const auto to = destination_of(dissection_);
    return refusal(index, to ? " goes to " + to->text() + ", which the policy forbids" : " has no destination that the policy allows", "see the policy file, --only-to and --never-to");
  }
  if (!approved_.policy().needs_of(dissection_).without(permitted_).empty()) return refusal(index, " is outside the policy");
  return std::nullopt;
}

bool PreparedPackets::add(u64 index) {
  auto made = make(index);
  if (made) return packets_.push_back(*made), true;
  ++(made.error().code == Errc::refused ? each_round_.refused : each_round_.failed);
  if (!why_) why_ = std::move(made).error();
  return false;
}

Result<Prepared> PreparedPackets::make(u64 index) {
  const Packet packet = RAWKET_TRY(approved_.plan().supply.make(index));
  if (auto why = judge_.refuses(index, packet)) return Failure{std::move(*why)};
  const Prepared p{index, bytes_.size(), packet.size(), judge_.destination(), static_cast<LinkType>(link_type_of(packet.first_protocol()))};
  bytes_.insert(bytes_.end(), packet.bytes().begin(), packet.bytes().end());
  return p;
}

void PreparedPackets::prepare_all() {
  const u64 count = approved_.plan().supply.count;
  for (u64 i = 0; i < count; ++i) {
    add(i);
    if (bytes_.size() + packets_.size() * sizeof(Prepared) <= most_bytes) continue;
    packets_.clear(), bytes_.clear();  // too many: a few at a time, then
    each_round_ = {};
    return;
  }
  complete_ = true;
  begin_round();
}

/// What is rejected once is rejected each time.
void PreparedPackets::begin_round() {
  at_ = 0;
  reject(each_round_);
}

/// Never more than the plan has left: its last round may be a part of one.
void PreparedPackets::reject(const Rejected& some) {
  const u64 refused = std::min(some.refused, left()), failed = std::min(some.failed, left() - refused);
  rejected_.refused += refused, rejected_.failed += failed;
  passed_ += refused + failed;
}

void PreparedPackets::refill(std::size_t most) {
  packets_.clear(), bytes_.clear();
  at_ = 0;
  const u64 supply = approved_.plan().supply.count;
  while (packets_.size() < most && left() > packets_.size()) {
    each_round_ = {};
    add(made_);
    made_ = (made_ + 1) % supply;
    reject(each_round_);
    if (made_ == 0 && !packets_.empty()) break;
  }
}

std::span<const Prepared> PreparedPackets::next(std::size_t most) {
  if (at_ == packets_.size() && left() > 0) {
    if (!complete_) refill(most);
    else if (!packets_.empty()) begin_round();
    while (complete_ && packets_.empty() && left() > 0) begin_round();
  }
  return std::span(packets_).subspan(at_).first(static_cast<std::size_t>(std::min<u64>({most, packets_.size() - at_, left()})));
}

void PreparedPackets::pass(u64 count) {
  const u64 there = packets_.size();
  if (there == 0) return;
  const u64 to = at_ + count, rounds = to == 0 ? 0 : (to - 1) / there;  // the end of a round belongs to it
  passed_ += std::min(count, left());
  for (u64 i = 0; i < rounds; ++i) begin_round();
  at_ = static_cast<std::size_t>(to - rounds * there);
}

}  // namespace rawket
