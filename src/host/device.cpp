// Offloads of a device by ethtool's ioctl, and the file capability of this program.
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstring>

#include "descriptor.hpp"
#include "device.hpp"
#include "rawket/host/facts.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/privileges.hpp"

namespace rawket {
namespace {

// 0 for what the device does not know: it then does not do it either.
u32 ethtool(int socket, const std::string& interface, u32 command, u32 data) {
  ethtool_value value{};
  value.cmd = command;
  value.data = data;
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&value);
  return ::ioctl(socket, SIOCETHTOOL, &request) == 0 ? value.data : 0;
}

bool file_has_net_raw(const std::string& path) {
  u8 raw[sizeof(vfs_ns_cap_data)];
  const ssize_t size = ::getxattr(path.c_str(), "security.capability", raw, sizeof raw);
  if (size < static_cast<ssize_t>(sizeof(u32) * 2)) return false;
  // vfs_cap_data is little-endian on every machine; permitted is its second word.
  const u32 permitted = u32{raw[4]} | u32{raw[5]} << 8 | u32{raw[6]} << 16 | u32{raw[7]} << 24;
  return (permitted >> cap_net_raw & 1) != 0;
}

}  // namespace

void switch_off_offloads(const std::string& interface) {
  const Descriptor s(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  for (const u32 command : {u32{ETHTOOL_STSO}, u32{ETHTOOL_SGSO}, u32{ETHTOOL_SGRO}, u32{ETHTOOL_STXCSUM}}) ethtool(s.number(), interface, command, 0);
}

Result<Offloads> offloads(const std::string& interface) {
  RAWKET_TRY(interface_named(interface));
  const Descriptor s(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!s.open()) return fail_system("socket(AF_INET)");
  const auto on = [&](u32 command) { return ethtool(s.number(), interface, command, 0) != 0; };
  const u32 flags = ethtool(s.number(), interface, ETHTOOL_GFLAGS, 0);
  Offloads o;
  o.rx_checksum = on(ETHTOOL_GRXCSUM);
  o.tx_checksum = on(ETHTOOL_GTXCSUM);
  o.gro = on(ETHTOOL_GGRO);
  o.gso = on(ETHTOOL_GGSO);
  o.tso = on(ETHTOOL_GTSO);
  o.lro = (flags & ETH_FLAG_LRO) != 0;
  o.rx_vlan = (flags & ETH_FLAG_RXVLAN) != 0;
  return o;
}

BinaryFacts binary_facts() {
  BinaryFacts facts;
  char path[4096];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0) return facts;
  facts.path.assign(path, static_cast<std::size_t>(n));
  struct statvfs system{};
  facts.nosuid = ::statvfs("/proc/self/exe", &system) == 0 && (system.f_flag & ST_NOSUID) != 0;
  facts.has_net_raw = file_has_net_raw(facts.path);
  return facts;
}

std::string socket_helper() {
  const std::string own = binary_facts().path;
  const std::string folder = own.substr(0, own.rfind('/') + 1);
  for (const std::string& place : {folder, folder + "../libexec/", std::string("/usr/local/libexec/"), std::string("/usr/libexec/")})
    if (const std::string helper = place + "rawket-sockets"; ::access(helper.c_str(), X_OK) == 0) return helper;
  return {};
}

}  // namespace rawket
