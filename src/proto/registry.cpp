// The registration line, one word per protocol, and look-ups by number and name.
#include "rawket/proto/registry.hpp"

#include "rawket/proto/all.hpp"

namespace rawket {

const Registry& standard_registry() {
  static const Registry registry(infos<
      Ethernet, Ieee8023, Llc, Snap, Vlan, VlanLength, ServiceVlan, RawIp, BsdLoopback, BsdLoopbackBig, BsdLoopbackType, LinuxCooked, LinuxCooked2,
      CiscoHdlc, Arcnet, FrameRelay, Radiotap, Prism, Ppi, Wlan, Mpls, PseudowireControlWord, PppFramed, Ppp, PppCompressed, Pppoe, PppoeDiscovery,
      Arp, ArpOther, Ipv4, Ipv6, HopByHop, Ipv6Routing, Ipv6Fragment, DestinationOptions, Gre, Erspan, Erspan3, Teredo, AuthenticationHeader, Geneve,
      Gtp, Icmp, IcmpEcho, IcmpError, IcmpFragmentationNeeded, IcmpRedirect, IcmpParameterProblem, IcmpTimestamp, IcmpMask, Icmpv6, Icmpv6Echo,
      Icmpv6Error, Icmpv6TooBig, Icmpv6ParameterProblem, RouterSolicitation, RouterAdvertisement, NeighbourSolicitation, NeighbourAdvertisement,
      NdRedirect, MulticastListener, Tcp, Udp, Dns, Mdns, Llmnr, DnsOverTcp, Vxlan, VxlanGpe, ETag, VnTag, BackboneTag, Nsh, Nflog, Pktap,
      Stp, StpConfiguration, Lldp, Macsec, Igmp, IgmpGroup, IgmpQuery, IgmpReport, IgmpTraceroute, Vrrp, Vrrp3, Ospf, OspfAuthenticated, Ospf3, OspfHello,
      Ospf3Hello, OspfLinkStates, Pim, Sctp, Dccp, DccpPartial, UdpLite, UdpLitePartial, Esp, UdpEncap, L2tp, L2tpLong, L2tp3, WireGuard,
      WireGuardInitiation, WireGuardResponse, WireGuardCookie, WireGuardData, WlanRadio, IcmpExtendedEcho,
      Dhcp, Bootp, Dhcpv6, Dhcpv6Relay, Ntp, NtpControl, Snmp, Radius, Tftp, TftpBlock, TftpRequest, TftpError, Syslog, Http, Ssdp, WebSocket,
      Sip, Stun, Rtp, Rtcp, Ssh, Bgp, BgpContinuation, Mqtt, Coap, ModbusTcp, Modbus, NetbiosSession, Smb2, Smb2Encrypted, Smb2Compressed, Nbns, Tls, TlsContinuation, Ssl2Hello, Quic>);
  return registry;
}

Registry::Registry(std::span<const Protocol* const> protocols) {
  entries_.resize(256);
  mask_ = entries_.size() - 1;
  for (const Protocol* p : protocols) {
    protocols_.push_back(p);
    for (const Number& n : p->numbers) put(n.space->id, static_cast<u32>(n.value), *p, false);
  }
  see_usual_numbers();
}

void Registry::add(const Protocol& protocol) {
  protocols_.push_back(&protocol);
  for (const Number& n : protocol.numbers) put(n.space->id, static_cast<u32>(n.value), protocol, true);
  see_usual_numbers();
}

void Registry::bind(const Space& space, u64 value, const Protocol& protocol) {
  put(space.id, static_cast<u32>(value), protocol, true);
  see_usual_numbers();
}

void Registry::see_usual_numbers() {
  has_usual_numbers_ = true;
  for (const Protocol* p : infos<Ipv4, Ipv6, Tcp, Udp>)
    for (const Number& n : p->numbers) has_usual_numbers_ &= find(n.space->id, n.value) == p;
}

void Registry::put(u32 space, u32 value, const Protocol& protocol, bool replace) {
  if (2 * (used_ + 1) > entries_.size()) grow();
  std::size_t i = slot(space, value);
  while (entries_[i].protocol != nullptr && (entries_[i].space != space || entries_[i].value != value)) i = (i + 1) & mask_;
  if (entries_[i].protocol == nullptr) ++used_;
  else if (!replace) return;
  entries_[i] = {space, value, &protocol};
}

void Registry::grow() {
  const std::vector<Entry> old = std::move(entries_);
  entries_ = std::vector<Entry>(old.size() * 2);
  mask_ = entries_.size() - 1;
  used_ = 0;
  for (const Entry& e : old)
    if (e.protocol != nullptr) put(e.space, e.value, *e.protocol, false);
}

const Protocol* Registry::named(std::string_view word) const {
  for (const Protocol* p : protocols_)
    if (p->name == word) return p;
  return nullptr;
}

namespace {
/// Calls `visit` with every field that has a name of its own; stops when it says so.
template <class Visit> const Field* each_field(std::span<const Protocol* const> protocols, const Visit& visit) {
  for (const Protocol* p : protocols) {
    for (const std::span<const Field> list : {p->fields, p->extras})
      for (const Field& f : list)
        if (visit(f)) return &f;
    if (p->options == nullptr) continue;
    for (const Protocol* o : p->options->known)
      for (const Field& f : o->fields)
        if (visit(f)) return &f;
  }
  return nullptr;
}
}  // namespace

const Field* Registry::field_named(std::string_view full_name) const {
  return each_field(protocols_, [&](const Field& f) { return f.full_name() == full_name; });
}

std::vector<std::string_view> Registry::words() const {
  std::vector<std::string_view> words;
  for (const Protocol* p : protocols_) words.push_back(p->name);
  return words;
}

std::vector<std::string_view> Registry::field_names() const {
  std::vector<std::string_view> names;
  each_field(protocols_, [&](const Field& f) {
    names.push_back(f.full_name());
    return false;
  });
  return names;
}

const Field* Protocol::find(std::string_view n) const {
  if (n.size() > prefix.size() && n.starts_with(prefix) && n[prefix.size()] == '.')
    if (const Field* f = find(n.substr(prefix.size() + 1))) return f;
  for (const Field& f : fields)
    if (f.name == n || (!f.alias.empty() && f.alias == n)) return &f;
  return nullptr;
}

const Protocol* OptionList::find(u64 kind) const {
  for (const Protocol* p : known)
    if (p->kind == kind) return p;
  return nullptr;
}

}  // namespace rawket
