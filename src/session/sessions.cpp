// The order counts: segments are judged as they came, before messages are put together from them.
#include "rawket/session/sessions.hpp"

namespace rawket {

Sessions::Sessions(const Registry& registry, const Wanted& wanted) {
  if (wanted.datagrams || wanted.messages) reassembler_.emplace(registry, wanted.how);
  if (wanted.messages) quic_.emplace(registry);
  if (wanted.facts) analysis_.emplace(), questions_.emplace();
}

void Sessions::add(PacketHead& head, Dissection& d) {
  facts_.clear();
  if (reassembler_) {
    reassembler_->add_fragment(head, d, facts_);
    if (analysis_) analysis_->add(head, d, facts_);
    if (quic_) reassembler_->recognize(d), reassembler_->add_segment(head, d, facts_), quic_->add(head, d);
  } else if (analysis_) {
    analysis_->add(head, d, facts_);
  }
  if (questions_)
    if (const auto q = questions_->add(head, d)) {
      head.answers = q->number, head.round_trip = elapsed(q->time, head.time);
      facts_.push_back({SessionFact::answers, q->number});
      if (head.round_trip >= 0) facts_.push_back({SessionFact::round_trip, static_cast<u64>(head.round_trip)});
    }
  head.facts = facts_;
}

std::string Sessions::told() const {
  std::string text;
  const auto tell = [&text](u64 n, std::string_view what) {
    if (n != 0) text += (text.empty() ? "" : ", ") + std::to_string(n) + ' ' + std::string(what);
  };
  if (reassembler_) {
    const DefragmentCounters& f = reassembler_->fragments();
    tell(f.fragments, "fragments"), tell(f.datagrams, "datagrams put together"), tell(f.overlaps, "fragments overlap others"), tell(f.conflicts, "of these with other bytes");
    tell(f.unusable, "fragments unusable"), tell(f.dropped, "datagrams dropped for their overlaps"), tell(f.expired, "datagrams not complete in time"), tell(f.evicted, "datagrams given up for room");
    tell(reassembler_->fragments_waiting(), "datagrams never complete");
    tell(reassembler_->streams_evicted(), "TCP streams given up for room"), tell(reassembler_->messages_given_up(), "messages given up"), tell(reassembler_->messages_unfinished(), "messages without an end");
  }
  if (quic_) tell(quic_->evicted(), "QUIC connections forgotten for room");
  if (analysis_) tell(analysis_->evicted(), "TCP streams forgotten for room");
  if (questions_) tell(questions_->evicted(), "questions forgotten for room");
  return text;
}

}  // namespace rawket
