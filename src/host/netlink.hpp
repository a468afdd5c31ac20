// rtnetlink(7) requests: built attribute by attribute, answered message by message.
#pragma once
#include <linux/netlink.h>

#include <array>
#include <functional>

#include "descriptor.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// One message to the kernel. It has room for 4 KiB, far more than any request of this library.
class NetlinkRequest {
 public:
  /// `header` is the fixed part that the message type wants (ifinfomsg, ifaddrmsg, rtmsg, ndmsg).
  template <class Header>
  NetlinkRequest(u16 type, u16 flags, const Header& header) : NetlinkRequest(type, flags, &header, sizeof header) {}

  NetlinkRequest& put(u16 attribute, Bytes value);
  NetlinkRequest& put_u8(u16 attribute, u8 value);
  NetlinkRequest& put_u32(u16 attribute, u32 value);
  NetlinkRequest& put_text(u16 attribute, const std::string& text);
  /// Opens a nested attribute; `fixed` are bytes that stand before its own attributes.
  NetlinkRequest& begin(u16 attribute, Bytes fixed = {});
  NetlinkRequest& end();
  nlmsghdr* message() { return reinterpret_cast<nlmsghdr*>(storage_.data()); }

 private:
  NetlinkRequest(u16 type, u16 flags, const void* header, std::size_t size);

  alignas(nlmsghdr) std::array<char, 4096> storage_{};
  std::array<nlattr*, 8> open_{};
  std::size_t depth_ = 0;
};

/// A route socket of the calling thread's network namespace; it stays in that one.
class Netlink {
 public:
  using Visit = std::function<void(const nlmsghdr&)>;
  static Result<Netlink> open();

  /// Sends the request and hands each answer to `visit`, up to the acknowledgement or the end of the dump.
  /// A refusal is a `system` error whose `errno_value` is the kernel's. `where` names the request in errors.
  Result<void> run(NetlinkRequest& request, std::string_view where, const Visit& visit = {});

 private:
  explicit Netlink(Descriptor socket) : socket_(std::move(socket)) {}

  Descriptor socket_;
  u32 sequence_ = 0;
};

/// Calls `visit(type, bytes)` for each attribute after a fixed header of `header_size` bytes.
void each_attribute(const nlmsghdr& message, std::size_t header_size, const std::function<void(u16, Bytes)>& visit);

/// The same inside an attribute.
void each_nested(Bytes attributes, const std::function<void(u16, Bytes)>& visit);

/// The first four bytes in the machine's order, or 0 when there are fewer.
u32 attribute_u32(Bytes value);

}  // namespace rawket
