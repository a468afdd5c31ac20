// Questions that hosts answer, whatever listens there: one to each address, or one to all at once.
#pragma once
#include "rawket/host/interfaces.hpp"
#include "rawket/inspect/address_index.hpp"
#include "rawket/inspect/scan.hpp"

namespace rawket {

enum class HostQuestion : u8 {
  echo,           ///< ICMP echo, routed
  arp,            ///< IPv4 on the link
  solicitation,   ///< IPv6 on the link
  tcp,            ///< SYN, routed: a reset is an answer too. Of `ScanProbes`, not of these
  group_echo,     ///< an echo request to all nodes of the link (ff02::1): any number of hosts answers one probe
};

class HostProbes final : public SweepProbes {
 public:
  /// `from` is the interface that the link's questions leave by. The secret tells answers to this run from others.
  HostProbes(HostQuestion question, std::vector<IpAddress> hosts, Interface from, const IpAddress& source, u16 identifier, u32 secret);

  u64 count() const override { return hosts_.size(); }
  Packet make(u64 probe) const override;
  std::optional<Match> match(const Dissection& answer) const override;
  bool is_ours(const Dissection& packet) const override;
  HostQuestion question() const { return question_; }
  std::string filter() const override { return std::string(host_words); }  ///< all that tells of hosts
  static constexpr std::string_view host_words = "arp or icmp or icmp6 or udp port 67 or udp port 68 or udp port 5353 or udp port 1900 or ether proto 0x88cc";

 private:
  std::optional<u64> probe_of(const IpAddress& host) const;

  HostQuestion question_;
  std::vector<IpAddress> hosts_;
  Interface from_;
  IpAddress source_;
  u16 identifier_;
  u32 secret_;
  AddressIndex by_address_;
};

}  // namespace rawket
