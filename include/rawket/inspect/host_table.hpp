// Who is there: hosts as their packets tell of them, whether they were asked or not.
#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"
#include "rawket/packet/columns.hpp"

namespace rawket {

/// By what a host was heard of.
enum class HeardBy : u8 { arp, neighbour_discovery, echo, dhcp, mdns, lldp, ssdp, tcp };
inline constexpr std::string_view heard_by_names[] = {"arp", "ndp", "echo", "dhcp", "mdns", "lldp", "ssdp", "tcp"};

struct KnownHost {
  IpAddress address{};             ///< all zero: known by its link address only (LLDP)
  std::vector<Mac> macs{};         ///< more than one: several machines claim the address
  std::string name{};
  std::string link{};              ///< the interface, of a link-local address: another link may have the same
  unsigned heard_by = 0;           ///< bits of HeardBy
  bool ours = false;               ///< it is this machine's own address, and another machine has it too
  Nanoseconds first = 0, last = 0;

  bool is_duplicate() const { return ours || macs.size() > 1; }
  bool has(HeardBy way) const { return (heard_by >> static_cast<unsigned>(way) & 1) != 0; }
};

/// An address of this machine with its subnet, and the interface that has it.
struct OwnAddress {
  Prefix prefix;
  std::string link;
};

class HostTable {
 public:
  static constexpr std::size_t most_hosts = 70'000, most_macs = 8;
  static Result<HostTable> create();

  /// The hosts of which a packet told something new: their number, addresses, names or ways. Empty for most packets.
  std::vector<const KnownHost*> observe(const Dissection& d, Nanoseconds time, std::string_view link = {});
  /// The same for one that answered a probe, whatever the packet was.
  std::vector<const KnownHost*> answered(const IpAddress& host, HeardBy way, Nanoseconds time);
  std::vector<const KnownHost*> hosts() const;  ///< in the order of their addresses, IPv4 first
  bool empty() const { return hosts_.empty(); }
  u64 without_room() const { return without_room_; }  ///< packets of hosts that were one too many
  /// On these subnets a link address belongs to who sends; elsewhere it is a router's.
  void is_near(std::vector<OwnAddress> own) { near_ = std::move(own); }

 private:
  explicit HostTable(ColumnPrinter names) : names_(std::move(names)) {}
  void learn(const IpAddress& address, std::optional<Mac> mac, HeardBy way, const std::string& name, Nanoseconds time);
  void observe_names(const Dissection& d, const std::optional<Mac>& sender, Nanoseconds time);
  bool has_near(const IpAddress& a) const;

  /// An address; of who has none its link address; of one that is valid on a link alone the link.
  struct Key {
    IpAddress address;
    Mac mac;
    std::string link;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const {
      static const u64 seed = hash_seed();
      return static_cast<std::size_t>(hash_bytes(hash_bytes(hash_bytes(seed, k.address.bytes()), k.mac.octets), Bytes(reinterpret_cast<const u8*>(k.link.data()), k.link.size())));
    }
  };
  std::unordered_map<Key, KnownHost, KeyHash> hosts_;
  std::vector<OwnAddress> near_;
  std::string_view link_;          ///< of the packet that is looked at
  ColumnPrinter names_;
  std::vector<const KnownHost*> news_;
  u64 without_room_ = 0;
};

}  // namespace rawket
