// What the kernel's network stack has counted since it began: proc(5), /proc/net/snmp, snmp6, netstat, dev, stat/nf_conntrack.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "rawket/base/bytes.hpp"

namespace rawket {

/// By name: "Ip.InReceives", "TcpExt.IPReversePathFilter", "Ip6.InDiscards", "conntrack.drop", "eth0.rx_dropped". Of the calling
/// thread's network namespace; what cannot be read is not in it.
using NetworkCounters = std::map<std::string, u64, std::less<>>;
NetworkCounters network_counters();

/// Those that are greater in `after`, and by how much.
NetworkCounters growth(const NetworkCounters& before, const NetworkCounters& after);

/// The parsers, for files as they are written by the kernel.
namespace counter_files {
void read_snmp(std::string_view text, NetworkCounters& out);       ///< also netstat: a line of names, a line of numbers
void read_snmp6(std::string_view text, NetworkCounters& out);      ///< a name and a number each
void read_devices(std::string_view text, NetworkCounters& out);    ///< /proc/net/dev
void read_conntrack(std::string_view text, NetworkCounters& out);  ///< names, then hexadecimal numbers for each processor
}  // namespace counter_files

}  // namespace rawket
