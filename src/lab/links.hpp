// Links of a lab: veth pairs and bridges, and what is set on them.
#pragma once
#include "../host/descriptor.hpp"
#include "../host/netlink.hpp"
#include "rawket/lab/lab.hpp"

namespace rawket {

/// `name` is made where `netlink` is (with a MAC of its own choice when there is none), `peer` is born in `network`, or beside it.
Result<void> add_pair(Netlink& netlink, const std::string& name, const Mac* mac, const LabInterface& peer, const Descriptor* network);
Result<void> add_bridge(Netlink& netlink, const std::string& name);
/// The kernel makes link-local addresses, and announces them, unless told not to before the link is up.
Result<void> no_own_ipv6(Netlink& netlink, u32 index);
/// And made a port of `bridge`, unless that is 0.
Result<void> set_up(Netlink& netlink, u32 index, u32 bridge = 0);

}  // namespace rawket
