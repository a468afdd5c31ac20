// The questions that are out, and which of them a packet answers.
#pragma once
#include <optional>
#include <unordered_map>

#include "rawket/io/source.hpp"
#include "rawket/packet/answer.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/send/policy.hpp"

namespace rawket {

class AskedPackets {
 public:
  explicit AskedPackets(const Policy& policy) : policy_(policy) {}

  /// The question leaves now (wall clock). The same index again is a new attempt, with no answer yet.
  void ask(u64 index, Packet packet, Nanoseconds now, u32 attempt = 0);

  /// The same packet as before; false when there was none.
  bool ask_again(u64 index, Nanoseconds now);

  struct Match {
    u64 index = 0;
    Answer kind = Answer::yes;
    Nanoseconds asked_at = 0;     ///< when the question left: by the kernel's stamp, where it told
    Nanoseconds handed_over = 0;  ///< when this program gave it to the kernel
    bool stamped = false;         ///< `asked_at` is the kernel's
    u32 attempt = 0;
    u32 before = 0;               ///< answers to it that came before
  };
  /// Of several questions that it might answer: the one that an error quotes exactly, else one that is still open, else the
  /// first. A packet that leaves tells when a question left, and answers none.
  std::optional<Match> hear(const CapturedPacket& packet);
  const Dissection& last() const { return answer_; }  ///< of the packet that was heard

  bool is_answered(u64 index) const;
  const Packet* question(u64 index) const;  ///< null when there is none; valid until it is asked again
  bool has_groups() const { return groups_; }  ///< some question is to a group: several may answer it

 private:
  struct Asked {
    Packet packet;
    Nanoseconds asked_at = 0, handed_over = 0;
    bool stamped = false;
    u32 attempt = 0, answers = 0;
    u64 key = 0;
  };
  static void leaves(Asked& asked, Nanoseconds now);
  void stamp(const CapturedPacket& packet);
  std::optional<Match> best_of(u64 key);
  int likeness(const Asked& asked, Answer kind) const;

  const Policy& policy_;
  std::unordered_map<u64, Asked> asked_;
  std::unordered_multimap<u64, u64> by_peer_;  ///< whom a question is put to, and its index
  bool groups_ = false;
  Dissection answer_, question_;
};

}  // namespace rawket
