// Answers to inspections: whatever comes back to a ping, a trace, a scan or the others. The first byte says how the packet begins: as the true
// answer to one of the probes, which the fuzzer's bytes then change, or as anything.
#include "rawket/inspect/answer_words.hpp"
#include "rawket/inspect/host_probes.hpp"
#include "rawket/inspect/host_table.hpp"
#include "rawket/inspect/path_mtu.hpp"
#include "rawket/inspect/ping.hpp"
#include "rawket/inspect/scan.hpp"
#include "rawket/inspect/trace.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/send/asked_packets.hpp"

using namespace rawket;

namespace {

constexpr Ipv4Address here = "198.18.0.1", there = "198.18.0.2", router = "198.18.1.1";
constexpr TraceOptions tracing{.most_hops = 8, .rounds = 1};

Packet probe(u64 i) {
  const Ipv4 ip{.ttl = static_cast<u8>(i % 8 + 1), .src = here, .dst = there};
  if (i % 3 == 0) return ip / Icmp{} / IcmpEcho{.id = 7, .seq = static_cast<u16>(i)};
  if (i % 3 == 1) return ip / Udp{.sport = 40000, .dport = 33434};
  return ip / Tcp{.sport = 40000, .dport = 80, .seq = static_cast<u32>(i), .flags = Syn};
}

std::vector<u8> answer_to(const Packet& question, u8 kind) {
  std::vector<u8> bytes(question.bytes().begin(), question.bytes().end());
  if ((kind & 1) != 0) {  // an error that quotes it
    const Packet outer = Ipv4{.src = router, .dst = here} / Icmp{.type = static_cast<u8>((kind & 2) != 0 ? 11 : 3)} / IcmpError{};
    bytes.insert(bytes.begin(), outer.bytes().begin(), outer.bytes().end());
    return bytes;
  }
  for (std::size_t i = 0; i < 4; ++i) std::swap(bytes[12 + i], bytes[16 + i]);
  if (bytes.size() >= 24) std::swap(bytes[20], bytes[22]), std::swap(bytes[21], bytes[23]);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* input, std::size_t size) {
  const Policy policy;
  AskedPackets asked(policy);
  const ScanProbes scanned({.hosts = {IpAddress(there)}, .ports = {22, 53, 80}}, static_cast<ScanKind>(size % std::size(scan_kind_names)), IpAddress(here), 40000, 1);
  Ping ping({.stride = 8, .count = 8, .interval = 1}, {});
  Trace trace(tracing, probe);
  Scan scan({.rate = 1e9}, scanned, {});
  PathMtu path({.largest = 1500, .timeout = millisecond});
  const HostProbes hosts(static_cast<HostQuestion>(size % 4), {IpAddress(there), IpAddress(Ipv6Address("2001:db8::2"))}, {}, IpAddress(here), 7, 1);
  static HostTable table = *HostTable::create();
  Dissection framed;
  std::vector<u64> probes;
  Nanoseconds now = second;
  for (u64 i = 0; i < 8; ++i) asked.ask(i, probe(i), now);
  for (Inspection* each : {static_cast<Inspection*>(&ping), static_cast<Inspection*>(&trace), static_cast<Inspection*>(&scan), static_cast<Inspection*>(&path)}) each->step(now, probes);
  for (Cursor c(Bytes(input, size)); c.left() >= 3;) {
    const u8 kind = c.byte(), length = c.byte();
    now += u64{c.byte()} * millisecond;
    std::vector<u8> bytes = (kind & 0x80) != 0 ? std::vector<u8>() : answer_to(probe(kind & 7), static_cast<u8>(kind >> 3));
    const Bytes own = c.take(std::min<std::size_t>(length, c.left()));
    for (std::size_t i = 0; i < own.size() && i < bytes.size(); ++i) bytes[i] ^= own[i];
    if (bytes.size() < own.size()) bytes.insert(bytes.end(), own.begin() + static_cast<std::ptrdiff_t>(bytes.size()), own.end());
    const CapturedPacket packet{Bytes(bytes), {.time = now, .link_type = LinkType::raw, .direction = (kind & 0x40) != 0 ? Direction::out : Direction::in}};
    if (const auto m = asked.hear(packet)) {
      const Heard heard{m->index, m->kind, m->before, elapsed(m->asked_at, now), m->stamped, 0, asked.last(), packet, asked.question(m->index)};
      ping.heard(heard), trace.heard(heard), scan.heard(heard), path.heard(heard);
      static_cast<void>(changed_words(asked.last(), *asked.question(m->index)));
    }
    static_cast<void>(answer_words(asked.last())), static_cast<void>(scanned.match(asked.last())), static_cast<void>(scanned.is_ours(asked.last()));
    static_cast<void>(hosts.match(asked.last())), static_cast<void>(hosts.is_ours(asked.last()));
    table.observe(asked.last(), now);
    dissect(standard_registry(), info<Ethernet>, bytes, framed);
    for (const KnownHost* h : table.observe(framed, now))
      if (h->macs.size() > HostTable::most_macs) __builtin_trap();
    probes.clear();
    path.step(now, probes), ping.step(now, probes), trace.step(now, probes), scan.step(now, probes);
  }
  if (path.result().up > 1500 || table.hosts().size() > HostTable::most_hosts) __builtin_trap();
  if (trace.hops().size() > tracing.most_hops || trace.loss(1) > 100 || trace.confidence() > 100 || scan.account().recall_at_least() > 100) __builtin_trap();
  return 0;
}
