// Who makes a device, by the first bytes of its link address, from a table that the system's packages bring.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "rawket/base/address.hpp"

namespace rawket {

class MacVendors {
 public:
  /// The first of these that is there: IEEE's list (package ieee-data), nmap's, Wireshark's. Empty without any.
  static MacVendors load();
  /// Lines of any of the three: "00-00-0C   (hex)  Cisco Systems, Inc", "00000C Cisco Systems", "00:00:0C  Cisco  Cisco Systems, Inc".
  static MacVendors parse(std::string_view text);

  bool empty() const { return names_.empty(); }
  /// "" when it is not known; "(made up)" for addresses that a machine chose itself (the locally administered bit).
  std::string_view name_of(const Mac& mac) const;

 private:
  std::unordered_map<u32, std::string> names_;
};

}  // namespace rawket
