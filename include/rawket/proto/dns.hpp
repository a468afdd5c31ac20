// DNS messages: over UDP, over TCP, and the multicast kinds that share the format.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

inline constexpr Name dns_types[] = {{1, "A"}, {2, "NS"}, {5, "CNAME"}, {6, "SOA"}, {12, "PTR"}, {13, "HINFO"}, {15, "MX"}, {16, "TXT"}, {28, "AAAA"}, {33, "SRV"}, {35, "NAPTR"}, {39, "DNAME"}, {41, "OPT"},
                                     {43, "DS"}, {46, "RRSIG"}, {47, "NSEC"}, {48, "DNSKEY"}, {50, "NSEC3"}, {52, "TLSA"}, {64, "SVCB"}, {65, "HTTPS"}, {99, "SPF"}, {252, "AXFR"}, {255, "ANY"}, {257, "CAA"}};
inline constexpr Name no_or_yes[] = {{0, "no"}, {1, "yes"}};
inline constexpr Name dns_opcodes[] = {{0, "query"}, {1, "inverse query"}, {2, "status"}, {4, "notify"}, {5, "update"}};
inline constexpr Name dns_rcodes[] = {{0, "no error"}, {1, "format error"}, {2, "server failure"}, {3, "no such name"}, {4, "not implemented"}, {5, "refused"},
                                      {6, "name exists"}, {7, "record set exists"}, {8, "no such record set"}, {9, "not authoritative"}, {10, "name not in zone"}, {11, "no such type of stateful operation"}};

/// The questions and records behind the header, by value. Names may end in a dot or not.
struct DnsBody : Tail<512> {
  constexpr DnsBody() = default;
  /// One question; an impossible name (a label over 63 bytes, a name over 255) leaves the body empty.
  constexpr DnsBody(std::string_view name, u16 type) { question(name, type); }
  constexpr bool question(std::string_view name, u16 type, u16 dns_class = 1) {
    const u16 before = size;
    bool good = name.size() <= 253;
    while (good && !name.empty() && name != ".") {
      const std::string_view label = name.substr(0, name.find('.'));
      const u8 n = static_cast<u8>(label.size());
      good = !label.empty() && label.size() < 64 && append({&n, 1});
      for (char c : label) {
        const u8 b = static_cast<u8>(c);
        good = good && append({&b, 1});
      }
      name.remove_prefix(label.size() < name.size() ? label.size() + 1 : name.size());
    }
    const u8 end[5] = {0, static_cast<u8>(type >> 8), static_cast<u8>(type), static_cast<u8>(dns_class >> 8), static_cast<u8>(dns_class)};
    good = good && append(end);
    if (!good) size = before;
    return good;
  }
};

struct Dns {
  u16 id = 0;
  u16 flags = 0x0100;
  u16 questions = 0;
  u16 answers_count = 0;
  u16 authorities = 0;
  u16 additionals = 0;
  DnsBody options = {};

  static constexpr Part flag_parts[] = {{"flags.response", 1, "An answer", Show::names, no_or_yes, {}, true},
                                        {"flags.opcode", 4, "Kind of query", Show::names, dns_opcodes}, {"flags.authoritative", 1, "From the zone's server"},
                                        {"flags.truncated", 1, "Did not fit"}, {"flags.recdesired", 1, "Ask others for me"}, {"flags.recavail", 1, "Others are asked here"}, {"flags.z", 1, "Must be zero"},
                                        {"flags.authenticated", 1, "Data was verified"}, {"flags.checkdisable", 1, "Do not verify"}, {"flags.rcode", 4, "How it went", Show::names, dns_rcodes, {}, true}};
  static constexpr Extra extras[] = {{"qry.name", Show::text, "Name asked for"},        {"qry.type", Show::names, "Type asked for", false, dns_types},
                                     {"qry.class", Show::hex, "Class asked for"},       {"resp.name", Show::text, "Owner of a record"},
                                     {"resp.type", Show::names, "Type of a record", false, dns_types}, {"resp.class", Show::hex, "Class of a record", true},
                                     {"resp.ttl", Show::decimal, "Seconds a record may be kept"}, {"a", Show::ipv4, "IPv4 address"},
                                     {"aaaa", Show::ipv6, "IPv6 address"},              {"cname", Show::text, "Canonical name"},
                                     {"ns", Show::text, "Name server"},                 {"mx.mail_exchange", Show::text, "Mail server"},
                                     {"ptr.domain_name", Show::text, "Name of an address"}, {"txt", Show::text, "Text"},
                                     {"srv.target", Show::text, "Host of a service"},   {"resp.data", Show::bytes, "Data of another record", true},
                                     {"srv.owner", Show::text, "Owner of a service record"}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 53}};
  static constexpr bool answers(Bytes a, Bytes q) { return a[0] == q[0] && a[1] == q[1] && (a[2] & 0x80) != 0; }
  static bool begins(Bytes message);   ///< one question about a host, and nothing that a query or an answer to it has not
  static void describe(const LayerView& v, Facts& out);
  static void check(const LayerView& v, Faults& faults);
  /// `qname=example.com`, `qtype=AAAA`: one question. False: no such word, or a value that cannot be.
  static bool word(std::string_view key, std::string_view value, std::vector<u8>& message);

  static constexpr auto layout() {
    return protocol<Dns>("dns", "Domain name system", "RFC 1035, 4.1",
        field<&Dns::id>           ("id", 16, "Ties an answer to its question", Show::hex, brief),
        field<&Dns::flags>        ("flags", 16, "Kind of message and how it went", Show::hex, Parts{flag_parts}),
        field<&Dns::questions>    ("count.queries", 16, "Questions"),
        field<&Dns::answers_count>("count.answers", 16, "Answers"),
        field<&Dns::authorities>  ("count.auth_rr", 16, "Authority records"),
        field<&Dns::additionals>  ("count.add_rr", 16, "Additional records"));
  }
};

struct Mdns : Dns {
  static constexpr Number numbers[] = {{&udp_port, 5353}};
  static constexpr auto layout() { return renamed<Mdns>(Dns::layout(), "mdns", "Multicast DNS", "RFC 6762"); }
};
struct Llmnr : Dns {
  static constexpr Number numbers[] = {{&udp_port, 5355}};
  static constexpr auto layout() { return renamed<Llmnr>(Dns::layout(), "llmnr", "Link-local multicast name resolution", "RFC 4795"); }
};

/// The length that stands before each message on a TCP connection.
struct DnsOverTcp {
  Auto<u16> length = computed;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&tcp_port, 53}};
  using payload = Dns;
  static constexpr auto layout() {
    return protocol<DnsOverTcp>("dns_tcp", "DNS over TCP", "RFC 1035, 4.2.2", field<&DnsOverTcp::length>("length", 16, "Bytes of the message", stream_payload_length)).with_prefix("dns");
  }
};

}  // namespace rawket
