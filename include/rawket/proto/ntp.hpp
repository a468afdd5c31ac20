// Network time protocol.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

inline constexpr Name ntp_modes[] = {{1, "symmetric active"}, {2, "symmetric passive"}, {3, "client"}, {4, "server"}, {5, "broadcast"}, {6, "control"}, {7, "private"}};
inline constexpr Name ntp_leaps[] = {{0, "no warning"}, {1, "61 seconds"}, {2, "59 seconds"}, {3, "not synchronized"}};

/// Control and private messages, which share the first byte only.
struct NtpControl {
  u8 leap = 0;
  u8 version = 2;
  u8 mode = 6;

  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return protocol<NtpControl>("ntp_control", "Network time protocol, control and private modes", "RFC 1305, B",
        field<&NtpControl::leap>   ("flags.li", 2, "Zero, or response and more bits", quiet),
        field<&NtpControl::version>("flags.vn", 3, "Version"),
        field<&NtpControl::mode>   ("flags.mode", 3, "Kind of message", Values{ntp_modes}, brief)).with_prefix("ntp").with_label("ntp");
  }
};

struct Ntp {
  u8 leap = 0;
  u8 version = 4;
  u8 mode = 3;
  u8 stratum = 0;
  u8 poll = 0;
  u8 precision = 0;
  u32 root_delay = 0;
  u32 root_dispersion = 0;
  u32 reference_id = 0;
  u64 reference = 0;
  u64 origin = 0;
  u64 receive = 0;
  u64 transmit = 0;

  using other = NtpControl;
  static constexpr bool is_other(Bytes b) { return !b.empty() && (b[0] & 7) >= 6; }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }  // extension fields and a code may follow
  static constexpr Number numbers[] = {{&udp_port, 123}};
  static constexpr bool answers(Bytes a, Bytes q) { return (a[0] & 7) == 4 && (q[0] & 7) == 3 && std::equal(a.data() + 24, a.data() + 32, q.data() + 40); }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Ntp>("ntp", "Network time protocol", "RFC 5905, 7.3",
        field<&Ntp::leap>           ("flags.li", 2, "Leap second to come", Values{ntp_leaps}),
        field<&Ntp::version>        ("flags.vn", 3, "Version"),
        field<&Ntp::mode>           ("flags.mode", 3, "Kind of message", Values{ntp_modes}, brief),
        field<&Ntp::stratum>        ("stratum", 8, "Steps from a reference clock", brief),
        field<&Ntp::poll>           ("ppoll", 8, "Longest time between messages, as a power of two seconds"),
        field<&Ntp::precision>      ("precision", 8, "Of the clock, as a signed power of two seconds"),
        field<&Ntp::root_delay>     ("rootdelay", 32, "Round trip to the reference clock, 16.16 seconds", Show::hex),
        field<&Ntp::root_dispersion>("rootdispersion", 32, "Error against the reference clock, 16.16 seconds", Show::hex),
        field<&Ntp::reference_id>   ("refid", 32, "Reference clock: four letters or an address", Show::hex),
        field<&Ntp::reference>      ("reftime", 64, "When the clock was last set, 32.32 seconds since 1900", Show::hex),
        field<&Ntp::origin>         ("org", 64, "When the request left the client", Show::hex),
        field<&Ntp::receive>        ("rec", 64, "When the request arrived", Show::hex),
        field<&Ntp::transmit>       ("xmt", 64, "When this message left", Show::hex));
  }
};

}  // namespace rawket
