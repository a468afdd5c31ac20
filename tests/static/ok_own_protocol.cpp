// A protocol of one's own: one struct with one table, stacked and read like the others.
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

struct Beacon {
  rawket::u8 version = 1;
  rawket::u8 sort = 0;
  rawket::Auto<rawket::u16> length = rawket::computed;
  rawket::u32 serial = 0;

  static constexpr rawket::Number numbers[] = {{&rawket::udp_port, 40404}};
  // clang-format off
  static constexpr auto layout() {
    return rawket::protocol<Beacon>("beacon", "Beacon", "none",
        rawket::field<&Beacon::version>("version", 3, "Version, always 1", rawket::always(1)),
        rawket::field<&Beacon::sort>   ("sort", 5, "Kind of message"),
        rawket::field<&Beacon::length> ("length", 16, "Bytes of the payload", rawket::payload_length),
        rawket::field<&Beacon::serial> ("serial", 24, "Counts messages"));
  }
  // clang-format on
};
constexpr auto beacon = rawket::build(rawket::Ipv4{} / rawket::Udp{} / Beacon{.sort = 9, .serial = 0x123456} / "ab");
static_assert(beacon.get<&rawket::Udp::dport>() == 40404 && beacon.get<&Beacon::length>() == 2 && beacon.get<&Beacon::serial>() == 0x123456);
static_assert(beacon.bytes()[28] == 0x29 && rawket::info<Beacon>.fixed == 6 && rawket::info<Beacon>.fields[1].name == "sort");
