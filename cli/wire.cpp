// Raw sockets first; what the kernel gives to anybody is the second choice.
#include "wire.hpp"

#include "output.hpp"

namespace rawket::cli {

Result<OpenedWire> open_wire(std::string_view command, std::span<const ApprovedPlan> plans, u64 stride, Sink* record) {
  auto raw = LiveWire::open(plans, stride, record);
  if (raw) return OpenedWire{std::move(*raw)};
  if (record != nullptr && raw.error().code == Errc::no_permission) raw.error().advice += "\n  or without --record, which shows what only raw sockets decide";
  if (raw.error().code != Errc::no_permission || record != nullptr) return Failure{raw.error()};
  auto plain = LiveWire::open_without_rights(plans, stride);
  if (!plain && plain.error().code == Errc::no_permission) raw.error().advice += "\n  or " + plain.error().advice + ": then echo requests need no right";
  else if (!plain) raw.error().advice += "\n  without rights: " + plain.error().text();
  if (!plain) return Failure{raw.error()};
  complain(std::string(command) + ": no right for raw sockets, so by those that anybody may open: times are from handing over to the kernel\n  " + raw.error().advice);
  return OpenedWire{std::move(*plain), true};
}

void tell_troubles(const LiveWire& wire) {
  if (wire.failure()) complain(*wire.failure());
  if (const u64 dropped = wire.counters().dropped; dropped > 0) complain(std::to_string(dropped) + " packets were not heard here, for want of room: answers may be among them");
}

}  // namespace rawket::cli
