// Host names and addresses, by the system's resolver: getaddrinfo(3).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

enum class Family : u8 { any, v4, v6 };

/// All addresses of a name, or the address that the text is; in the system's order. `unknown_name` when there is none.
Result<std::vector<IpAddress>> addresses_of(const std::string& host, Family family = Family::any);

/// What /etc/services calls ports, like "http". Reads the file: call it before rights are given up.
std::map<u16, std::string> service_names(bool udp);
/// The port of a service, by its name or another one that it goes by, in small letters.
std::optional<u16> port_of_service(const std::string& name, bool udp);

}  // namespace rawket
