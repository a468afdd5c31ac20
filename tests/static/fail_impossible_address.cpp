// A literal that is no address does not compile.
// expect: rawket::Ipv4Address
#include "rawket/base/address.hpp"

constexpr rawket::Ipv4Address wrong = "198.18.0.256";
