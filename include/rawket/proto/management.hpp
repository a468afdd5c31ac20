// What networks are run with: SNMP, RADIUS, TFTP, syslog.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

inline constexpr Name snmp_versions[] = {{0, "1"}, {1, "2c"}, {2, "2u"}, {3, "3"}};
inline constexpr Name snmp_pdus[] = {{0, "get"}, {1, "get-next"}, {2, "response"}, {3, "set"}, {4, "trap"}, {5, "get-bulk"}, {6, "inform"}, {7, "trap-2"}, {8, "report"}};

/// BER from the first byte on: nothing has a fixed place.
struct Snmp {
  static constexpr bool is_other(Bytes b) { return !b.empty() && b[0] != 0x30; }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 161}, {&udp_port, 162}, {&tcp_port, 161}, {&tcp_port, 162}};
  static constexpr Extra extras[] = {{"version", Show::names, "Version", false, snmp_versions}, {"community", Show::text, "Community: a password in plain text"},
                                     {"data", Show::names, "Kind of message", false, snmp_pdus}, {"request_id", Show::decimal, "Ties an answer to its question"},
                                     {"error_status", Show::decimal, "How it went"}, {"name", Show::text, "Name of a variable"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() { return protocol<Snmp>("snmp", "Simple network management protocol", "RFC 1157, 4; RFC 3416, 3"); }
};

struct RadiusServiceType {
  u32 type = 1;
  static constexpr u8 kind = 6;
  static constexpr auto layout() {
    return protocol<RadiusServiceType>("radius_service", "Service type", "RFC 2865, 5.6", field<&RadiusServiceType::type>("Service_Type", 32, "What the user asks for")).with_prefix("radius");
  }
};
struct RadiusNasAddress {
  Ipv4Address address = {};
  static constexpr u8 kind = 4;
  static constexpr auto layout() {
    return protocol<RadiusNasAddress>("radius_nas", "NAS address", "RFC 2865, 5.4", field<&RadiusNasAddress::address>("NAS_IP_Address", 32, "The access server that asks")).with_prefix("radius");
  }
};
struct RadiusFramedAddress {
  Ipv4Address address = {};
  static constexpr u8 kind = 8;
  static constexpr auto layout() {
    return protocol<RadiusFramedAddress>("radius_framed", "Framed address", "RFC 2865, 5.8", field<&RadiusFramedAddress::address>("Framed-IP-Address", 32, "Address for the user")).with_prefix("radius");
  }
};

struct Radius {
  u8 code = 1;
  u8 id = 0;
  Auto<u16> size = computed;
  std::array<u8, 16> authenticator{};
  Options<512> options = {};

  static constexpr Name codes[] = {{1, "access-request"}, {2, "access-accept"}, {3, "access-reject"}, {4, "accounting-request"}, {5, "accounting-response"}, {11, "access-challenge"},
                                   {12, "status-server"}, {40, "disconnect-request"}, {41, "disconnect-ack"}, {42, "disconnect-nak"}, {43, "coa-request"}, {44, "coa-ack"}, {45, "coa-nak"}};
  static constexpr u32 length(Bytes b) {
    const u32 told = b.size() < 4 ? 0 : static_cast<u32>(load<16, 16>(b.data()));
    return told >= 20 && told < b.size() ? told : static_cast<u32>(b.size());
  }
  static constexpr OptionList option_list{infos<RadiusNasAddress, RadiusServiceType, RadiusFramedAddress>, 0, 1, -1, -1};
  static constexpr Number numbers[] = {{&udp_port, 1812}, {&udp_port, 1813}, {&udp_port, 1645}, {&udp_port, 1646}, {&udp_port, 3799}, {&udp_port, 1700}};
  static constexpr Extra extras[] = {{"avp.type", Show::decimal, "Kind of an attribute"}, {"User_Name", Show::text, "Who asks"}};
  static constexpr bool answers(Bytes a, Bytes q) { return a[1] == q[1] && a[0] != q[0]; }
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Radius>("radius", "Remote authentication dial-in user service", "RFC 2865, 3",
        field<&Radius::code>         ("code", 8, "Kind of message", Values{codes}, brief),
        field<&Radius::id>           ("id", 8, "Ties an answer to its request", brief),
        field<&Radius::size>         ("length", 16, "Bytes of the message", total_length),
        field<&Radius::authenticator>("authenticator", 128, "Random, or the answer's signature"));
  }
};

inline constexpr Space tftp_opcode{"tftp_opcode"};
inline constexpr Name tftp_opcodes[] = {{1, "read request"}, {2, "write request"}, {3, "data"}, {4, "acknowledgement"}, {5, "error"}, {6, "option acknowledgement"}};

struct Tftp {
  Auto<u16> opcode = computed;
  static constexpr Number numbers[] = {{&udp_port, 69}};
  static constexpr auto layout() {
    return protocol<Tftp>("tftp", "Trivial file transfer protocol", "RFC 1350, 5", field<&Tftp::opcode>("opcode", 16, "Kind of message", Values{tftp_opcodes}, selects(tftp_opcode), brief));
  }
};

/// Texts that each end in a zero byte: a file and a mode, then options.
struct TftpRequest {
  static constexpr bool is_message = true;
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&tftp_opcode, 1}, {&tftp_opcode, 2}};
  static constexpr Extra extras[] = {{"source_file", Show::text, "File to read"}, {"destination_file", Show::text, "File to write"}, {"type", Show::text, "Mode of transfer"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() { return protocol<TftpRequest>("tftp_request", "Read and write request", "RFC 1350, 5").with_prefix("tftp"); }
};

struct TftpBlock {
  u16 block = 1;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&tftp_opcode, 3}, {&tftp_opcode, 4}};
  static constexpr auto layout() {
    return protocol<TftpBlock>("tftp_block", "Data and acknowledgement", "RFC 1350, 5", field<&TftpBlock::block>("block", 16, "Counts blocks from 1", brief)).with_prefix("tftp");
  }
};

struct TftpError {
  u16 code = 0;
  static constexpr Name codes[] = {{0, "see the message"}, {1, "file not found"}, {2, "access violation"}, {3, "disk full"}, {4, "illegal operation"}, {5, "unknown transfer"}, {6, "file exists"}, {7, "no such user"}};
  static constexpr bool is_message = true;
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&tftp_opcode, 5}};
  static constexpr Extra extras[] = {{"error.message", Show::text, "What went wrong"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<TftpError>("tftp_error", "Error", "RFC 1350, 5", field<&TftpError::code>("error.code", 16, "What went wrong", Values{codes}, brief)).with_prefix("tftp");
  }
};

/// A priority in angle brackets, then text.
struct Syslog {
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 514}};
  static constexpr Extra extras[] = {{"facility", Show::decimal, "Part of the system that speaks"}, {"level", Show::decimal, "How grave it is: 0 emergency to 7 debug"}, {"msg", Show::text, "The message"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() { return protocol<Syslog>("syslog", "System log message", "RFC 3164, 4.1; RFC 5424, 6"); }
};

}  // namespace rawket
