// Which ports of which hosts answer, and how: by SYN or by UDP, every verdict with its reason, all packets accounted for.
#pragma once
#include <deque>
#include <random>
#include <string>

#include "rawket/base/address.hpp"
#include "rawket/inspect/address_index.hpp"
#include "rawket/inspect/inspection.hpp"
#include "rawket/inspect/rate_guide.hpp"
#include "rawket/packet/packet.hpp"

namespace rawket {

enum class ScanKind : u8 {
  syn,   ///< SYN-ACK: open, reset: closed
  udp,   ///< a datagram: open, port unreachable: closed
  ack,   ///< reset: nothing filters; whether something listens is not told
  null,  ///< no flags, or FIN, or FIN, PSH and URG: reset: closed; nothing: open or filtered (RFC 9293, 3.10.7)
  fin,
  xmas,
  connect,  ///< the kernel's own connections: probes are SYN, for the plan alone
};
inline constexpr std::string_view scan_kind_names[] = {"syn", "udp", "ack", "null", "fin", "xmas", "connect"};

enum class PortVerdict : u8 {
  unknown,      ///< no answer (yet)
  open,         ///< SYN-ACK, or a datagram
  closed,       ///< reset, or port unreachable from the host itself
  filtered,     ///< an ICMP error from whoever does not let it through
  unfiltered,   ///< a reset to an ACK
};
inline constexpr std::string_view verdict_names[] = {"no-answer", "open", "closed", "filtered", "unfiltered"};

/// What a sweep asks, and how it knows the answers again.
class SweepProbes {
 public:
  struct Match {
    u64 probe = 0;
    PortVerdict verdict = PortVerdict::unknown;
    std::string_view reason;
  };
  virtual ~SweepProbes() = default;
  virtual u64 count() const = 0;
  virtual Packet make(u64 probe) const = 0;
  /// The probe that a packet answers; nothing when it answers none, or its number is not the one that was sent.
  virtual std::optional<Match> match(const Dissection& answer) const = 0;
  /// True for a probe of ours on its way out.
  virtual bool is_ours(const Dissection& packet) const = 0;
  /// What answers look like, so that nothing else is heard: pcap-filter(7).
  virtual std::string filter() const = 0;
  /// True where silence means something, or answers are limited: what did not answer was not lost.
  virtual bool silence_is_an_answer() const { return false; }
};

/// What is scanned: probe i is for host i / ports and port i % ports.
struct ScanTargets {
  std::vector<IpAddress> hosts;   ///< of one family
  std::vector<u16> ports;

  u64 count() const { return u64{hosts.size()} * ports.size(); }
  const IpAddress& host(u64 probe) const { return hosts[static_cast<std::size_t>(probe / ports.size())]; }
  u16 port(u64 probe) const { return ports[static_cast<std::size_t>(probe % ports.size())]; }
};

/// The probes: one source port for a run, and sequence numbers that only this run knows, so that nothing has to be kept of a
/// probe in order to know its answer.
class ScanProbes final : public SweepProbes {
 public:
  /// `secret` should be random, `source_port` too.
  ScanProbes(ScanTargets targets, ScanKind kind, const IpAddress& source, u16 source_port, u64 secret);

  u64 count() const override { return targets_.count(); }
  Packet make(u64 probe) const override;
  std::optional<Match> match(const Dissection& answer) const override;
  bool is_ours(const Dissection& packet) const override;
  std::string filter() const override;
  bool silence_is_an_answer() const override { return kind_ != ScanKind::syn && kind_ != ScanKind::ack && kind_ != ScanKind::connect; }
  const ScanTargets& targets() const { return targets_; }
  ScanKind kind() const { return kind_; }

 private:
  u32 number_of(const IpAddress& host, u16 port) const;
  std::optional<u64> probe_of(const IpAddress& host, u16 port) const;
  std::optional<Match> match_quoted(const Dissection& answer, std::size_t quoted) const;

  ScanTargets targets_;
  ScanKind kind_;
  IpAddress source_;
  u16 source_port_;
  u64 secret_;
  AddressIndex by_address_;
  std::vector<std::int32_t> by_port_;         ///< place of each port, -1: not scanned
};

struct ScanOptions {
  double rate = 1000;                 ///< probes a second at most; slower where fewer answer because of it, and after a lossy pass
  unsigned passes = 3;                ///< how often an unanswered probe leaves at most
  Nanoseconds timeout = 500 * millisecond;  ///< without an answer, after the last probe of a pass
  u64 seed = 0;                       ///< of the order
};

/// What was asked, and what became of it.
struct ScanAccount {
  u64 sent = 0, failed = 0, answered = 0, duplicates = 0;
  std::vector<u64> sent_by_pass, found_by_pass;
  u64 open = 0, closed = 0, filtered = 0, unfiltered = 0, unanswered = 0;
  u64 not_asked = 0;                  ///< in the last pass: it was interrupted, or they could not leave; not among the unanswered
  bool answers_limited = false;       ///< hosts refuse only so often, or open ports are silent; what is missing is not a loss
  unsigned slowed = 0;                ///< how often fewer answered than before, and the rate was taken back
  double rate = 0;                    ///< at the end

  /// Loss of a question or its answer, from what later passes found: 0 to 1; 0 where there was one pass.
  double loss() const;
  /// How many of the unanswered would answer, were nothing lost: estimate, and the bounds that hold it 19 times of 20.
  double missed() const;
  double missed_at_most() const;
  /// Percent of those that would answer that did; by the upper bound of what was missed.
  double recall_at_least() const;
};

/// How far a scan has come: from it another one can go on.
struct ScanState {
  static constexpr u8 not_asked = 0xff;  ///< a mark: in this pass not yet
  unsigned pass = 0;
  ScanAccount account;                ///< its verdicts are counted from the marks
  std::vector<u8> marks;              ///< of each probe: a PortVerdict, or `not_asked`
};

class Scan final : public Inspection {
 public:
  /// `told` is called for the first answer to each probe; may be empty.
  Scan(const ScanOptions& options, const SweepProbes& probes, std::function<void(const SweepProbes::Match&)> told);
  /// Goes on from there. `state` has as many marks as there are probes.
  void resume(ScanState state);
  /// What is still waited for, and what could not leave, counts as not asked: another run hears no answer to it.
  ScanState state() const;
  void heard(const Heard& answer) override;
  /// The same, for who has no packet to show.
  void matched(const SweepProbes::Match& match);
  void failed(u64 probe) override;
  std::optional<Nanoseconds> step(Nanoseconds now, std::vector<u64>& probes) override;

  PortVerdict verdict(u64 probe) const { return static_cast<PortVerdict>(verdicts_[static_cast<std::size_t>(probe)]); }
  ScanAccount account() const;
  /// Of the pass that runs: its number, how many of its probes have left, how many there are.
  struct Progress {
    unsigned pass = 0;
    u64 asked = 0, all = 0;
    double rate = 0;
  };
  Progress progress() const { return {pass_, next_, order_.size(), guide_.rate()}; }
  u64 answered() const { return account_.answered; }
  bool all_left() const { return not_left_.empty(); }  ///< in the last pass

 private:
  bool begin_pass(Nanoseconds now);
  bool begin_order(Nanoseconds now);

  ScanOptions options_;
  const SweepProbes& probes_;
  std::function<void(const SweepProbes::Match&)> told_;
  std::vector<u8> verdicts_;
  std::vector<u32> order_;            ///< of the pass
  std::size_t next_ = 0;
  std::mt19937_64 random_;
  RateGuide guide_;
  std::vector<u16> windows_;          ///< of each probe, as the guide numbers them
  std::vector<u32> not_left_;         ///< probes of the pass that failed
  std::deque<std::pair<Nanoseconds, std::size_t>> begun_;  ///< places in the order, of the last timeout
  std::vector<u8> resumed_;           ///< marks of a pass that was interrupted; empty otherwise
  unsigned pass_ = 0;
  u64 open_in_pass_ = 0;              ///< probes of the pass that have left and have no answer
  Nanoseconds now_ = 0, last_sent_ = 0, last_answer_ = 0;
  ScanAccount account_;
};

}  // namespace rawket
