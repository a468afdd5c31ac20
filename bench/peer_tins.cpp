// libtins: a heap object per layer.
#include <tins/tcp_ip/stream_follower.h>
#include <tins/tins.h>

#include <algorithm>

#include "peers.hpp"

namespace rawket::bench::tins {

u64 decode_tcp(Bytes frame) {
  const Tins::EthernetII packet(frame.data(), static_cast<u32>(frame.size()));
  const auto& ip = packet.rfind_pdu<Tins::IP>();
  const auto& tcp = packet.rfind_pdu<Tins::TCP>();
  return u32{ip.src_addr()} + u64{u32{ip.dst_addr()}} + tcp.sport() + tcp.dport() + static_cast<u64>(tcp.flags());
}

u64 decode_mixed(Bytes frame) {
  const Tins::EthernetII packet(frame.data(), static_cast<u32>(frame.size()));
  if (const auto* tcp = packet.find_pdu<Tins::TCP>()) return tcp->sport() + u64{tcp->dport()};
  if (const auto* udp = packet.find_pdu<Tins::UDP>()) return udp->sport() + u64{udp->dport()};
  return 0;
}

u64 decode_file(const std::string& path) {
  Tins::FileSniffer file(path);
  u64 packets = 0;
  file.sniff_loop([&packets](const Tins::PDU&) { return ++packets, true; });
  return packets;
}

u64 build(const Given& v) {
  Tins::EthernetII packet = Tins::EthernetII(Tins::EthernetII::address_type(v.dst_mac), Tins::EthernetII::address_type(v.src_mac)) /
                            Tins::IP(Tins::IPv4Address(__builtin_bswap32(v.dst)), Tins::IPv4Address(__builtin_bswap32(v.src))) / Tins::TCP(80, v.sport);
  auto& ip = packet.rfind_pdu<Tins::IP>();
  auto& tcp = packet.rfind_pdu<Tins::TCP>();
  ip.id(v.id);
  ip.ttl(64);
  tcp.seq(v.seq);
  tcp.flags(Tins::TCP::PSH | Tins::TCP::ACK);
  tcp.window(64240);
  const auto bytes = packet.serialize();
  return u64{bytes[24]} << 8 | bytes[50];
}

u16 checksum(Bytes bytes) {
  u32 sum = Tins::Utils::do_checksum(bytes.data(), bytes.data() + bytes.size());
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<u16>(~sum);
}

struct Streams::State {
  Tins::TCPIP::StreamFollower follower;
  u64 bytes = 0;
};
Streams::Streams() : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.follower.new_stream_callback([&s](Tins::TCPIP::Stream& stream) {
    stream.auto_cleanup_payloads(true);
    stream.client_data_callback([&s](Tins::TCPIP::Stream& of) { s.bytes += of.client_payload().size(); });
    stream.server_data_callback([&s](Tins::TCPIP::Stream& of) { s.bytes += of.server_payload().size(); });
  });
}
Streams::~Streams() = default;
void Streams::add(Bytes frame) {
  Tins::EthernetII packet(frame.data(), static_cast<u32>(frame.size()));
  state_->follower.process_packet(packet);
}
u64 Streams::bytes() const { return state_->bytes; }

}  // namespace rawket::bench::tins
