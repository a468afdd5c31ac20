// Every protocol of this library.
#pragma once
#include "rawket/proto/arp.hpp"
#include "rawket/proto/dns.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/link.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/tunnel.hpp"
#include "rawket/proto/udp.hpp"
#include "rawket/proto/vlan.hpp"
