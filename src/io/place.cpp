// Names become indexes, kinds of device become link types.
#include "place.hpp"

#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/socket.h>

#include "rawket/host/interfaces.hpp"

namespace rawket {
namespace {

// Other kinds of device have link headers that this library does not read: they are captured cooked.
LinkType link_type_of(u16 hardware_type, bool cooked) {
  constexpr u16 raw_ip = 519;  // ARPHRD_RAWIP
  if (cooked) return LinkType::linux_sll2;
  if (hardware_type == ARPHRD_ETHER || hardware_type == ARPHRD_LOOPBACK) return LinkType::ethernet;
  if (hardware_type == ARPHRD_NONE || hardware_type == raw_ip) return LinkType::raw;
  return LinkType::linux_sll2;
}

}  // namespace

Result<Place> find_place(const PacketSocketOptions& options) {
  Place place;
  const bool any = options.interface.empty() || options.interface == "any";
  if (any) {
    for (const Interface& i : RAWKET_TRY(interfaces()))
      if (i.loopback) place.loopback_index = i.index;
    return place;
  }
  const Interface found = RAWKET_TRY(interface_named(options.interface));
  place.index = found.index;
  place.name = found.name;
  place.mtu = found.mtu;
  place.link_type = link_type_of(found.hardware_type, options.cooked);
  place.loopback_index = found.loopback ? found.index : 0;
  place.receive_queues = found.receive_queues;
  return place;
}

Failure removed_while_listening(const Place& place, int errno_value) {
  return fail_system("interface " + place.name + ": it was removed while it was listened to", errno_value, "see 'rawket iface' for the interfaces there are now");
}

Result<void> make_promiscuous(int packet_socket, const Place& place) {
  packet_mreq membership{};
  membership.mr_ifindex = static_cast<int>(place.index);
  membership.mr_type = PACKET_MR_PROMISC;
  if (::setsockopt(packet_socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) != 0) return fail_system("promiscuous mode of " + place.name);
  return {};
}

}  // namespace rawket
