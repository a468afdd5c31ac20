// What may be sent without being asked twice, and what needs a word of permission.
#pragma once
#include "rawket/base/clock.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/packet/dissect.hpp"

namespace rawket {

/// Kinds of sending that can harm a network; each is permitted by its name.
enum class Need : u8 {
  broadcast,  ///< all hosts of a link get it
  multicast,  ///< all members of a group get it
  forged,     ///< a source address that is not ours: answers go to somebody else
  away,       ///< ("public") more than a human rate to a host outside our own subnets
  many,       ///< more packets than the policy's budget
  fast,       ///< a higher rate than the policy's
  faulty,     ///< packets the linter finds errors in
};
inline constexpr std::string_view need_names[] = {"broadcast", "multicast", "forged", "public", "many", "fast", "faulty"};

/// A set of needs.
class Needs {
 public:
  constexpr void add(Need n) { bits_ |= 1u << static_cast<unsigned>(n); }
  constexpr bool has(Need n) const { return (bits_ >> static_cast<unsigned>(n) & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr Needs without(const Needs& o) const { return Needs(bits_ & ~o.bits_); }
  constexpr Needs operator|(const Needs& o) const { return Needs(bits_ | o.bits_); }
  constexpr Needs() = default;

 private:
  constexpr explicit Needs(u32 bits) : bits_(bits) {}
  u32 bits_ = 0;
};

/// A part of each day, in local time; from and to are minutes since midnight, and it may go past midnight.
struct Hours {
  int from = 0, to = 0;  ///< equal: always

  bool contains(Nanoseconds wall_time) const;
  std::string text() const;  ///< "22:00-06:00"
  static std::optional<Hours> parse(std::string_view text);
};

struct Policy {
  double rate = 1000;              ///< packets a second
  double public_rate = 10;         ///< to hosts outside our own subnets
  u64 most_packets = 100000;
  Needs permitted;                 ///< what was allowed by name
  std::vector<std::vector<Prefix>> allowed;  ///< destinations: each list, if there are any, has to have it
  std::vector<Prefix> forbidden;   ///< never, whatever is permitted
  std::vector<Hours> hours;        ///< outside of any of them nothing is sent
  std::vector<Interface> own;      ///< whose addresses and subnets are ours

  /// So few packets in all may go there faster, ten seconds' worth: as a route to a host takes to be traced.
  double public_burst() const { return 10 * public_rate; }
  /// What one packet needs, by its addresses alone.
  Needs needs_of(const Dissection& d) const;
  /// Takes the smaller of all rates and budgets: a second file may not loosen what the first one said.
  void no_looser_than(const Policy& other);
  bool is_open(Nanoseconds wall_time) const;
  std::string hours_text() const;  ///< "22:00-06:00, 23:00-24:00"
  /// Its destination is forbidden, or is not among those allowed. Of ARP the target is the destination; a frame without
  /// any is forbidden where only some are allowed.
  bool is_forbidden(const Dissection& d) const;
  /// Loopback or a subnet of one of our interfaces.
  bool is_near(const IpAddress& a) const;
  bool is_ours(const IpAddress& a) const;
};

/// "198.18.0.0/15", or one address.
std::optional<Prefix> parse_destination(std::string_view text);

/// Of the outermost IP header; nothing when there is none.
std::optional<IpAddress> destination_of(const Dissection& d);

/// The defaults, with this machine's interfaces.
Result<Policy> default_policy();
/// Changes what the file says: a TOML table with any of allow, to, never, rate, public_rate, budget, hours. An unknown key
/// or a wrong value is an error that names the line.
Result<void> read_policy(std::string_view toml, std::string_view name, Policy& policy);

/// "broadcast", "forged", ...; an unknown word is an error that names the right ones.
Result<Needs> parse_needs(std::span<const std::string> words);

}  // namespace rawket
