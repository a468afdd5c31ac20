// Addresses as text.
#include "rawket/base/address.hpp"

#include "rawket/base/text_buffer.hpp"

namespace rawket {

std::string Mac::text() const {
  TextBuffer t;
  t.colon_hex(octets);
  return std::string(t.view());
}
std::string Ipv4Address::text() const {
  TextBuffer t;
  t.ipv4(octets.data());
  return std::string(t.view());
}
std::string Ipv6Address::text() const {
  TextBuffer t;
  t.ipv6(octets.data());
  return std::string(t.view());
}
std::string IpAddress::text() const { return is_v6 ? v6().text() : v4().text(); }
std::string Prefix::text() const { return address.text() + "/" + std::to_string(length); }

}  // namespace rawket
