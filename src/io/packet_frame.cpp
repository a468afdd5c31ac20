// packet(7)'s ancillary data, turned into PacketInfo and bytes as they were on the wire.
#include "packet_frame.hpp"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace rawket {
namespace {

constexpr std::size_t tag_bytes = 4, mac_pair = 12;
constexpr u32 status_gso_tcp = 1 << 8;  // TP_STATUS_GSO_TCP, Linux 6.0

struct Tag {
  u16 type = ETH_P_8021Q;
  u16 control = 0;
};

std::optional<Tag> stripped_tag(const KernelFrame& frame) {
  if ((frame.status & TP_STATUS_VLAN_VALID) == 0) return std::nullopt;
  Tag tag{ETH_P_8021Q, frame.tag_control};
  if ((frame.status & TP_STATUS_VLAN_TPID_VALID) != 0) tag.type = frame.tag_type;
  return tag;
}

void put_word(u8* at, u16 word) {
  at[0] = static_cast<u8>(word >> 8);
  at[1] = static_cast<u8>(word);
}

// The addresses move into the headroom, and the tag into the gap.
void restore_tag(u8*& start, std::size_t& size, const Tag& tag) {
  std::memmove(start - tag_bytes, start, mac_pair);
  start -= tag_bytes;
  put_word(start + mac_pair, tag.type);
  put_word(start + mac_pair + 2, tag.control);
  size += tag_bytes;
}

// Cooked, the tag stands between the header, which then says what it is, and the payload, with the payload's own type.
void restore_cooked_tag(u8*& start, std::size_t& size, const Tag& tag, u16& protocol) {
  start -= tag_bytes;
  put_word(start, tag.control);
  put_word(start + 2, protocol);
  protocol = tag.type;
  size += tag_bytes;
}

void put_cooked_header(u8*& start, std::size_t& size, const sockaddr_ll& from, u16 protocol) {
  start -= cooked_header_bytes;
  std::memset(start, 0, cooked_header_bytes);
  put_word(start, protocol);
  const auto index = static_cast<u32>(from.sll_ifindex);
  put_word(start + 4, static_cast<u16>(index >> 16));
  put_word(start + 6, static_cast<u16>(index));
  put_word(start + 8, from.sll_hatype);
  start[10] = from.sll_pkttype;
  start[11] = from.sll_halen;
  std::memcpy(start + 12, from.sll_addr, std::min<std::size_t>(from.sll_halen, 8));
  size += cooked_header_bytes;
}

// A super-frame is told for TCP; any other shows by its length. The exact size of its pieces stays the kernel's secret.
u16 pieces_of(u32 status, const FrameContext& context, u32 original_length) {
  const u32 most = context.mtu + ETH_HLEN + 2 * tag_bytes;
  const bool joined = (status & status_gso_tcp) != 0 || (context.mtu != 0 && original_length > most);
  const u32 piece = context.mtu != 0 ? context.mtu : u32{ETH_DATA_LEN};
  return joined ? static_cast<u16>(std::min(piece, u32{65535})) : u16{0};
}

}  // namespace

KernelFrame frame_of(ReceiveBatch& batch, unsigned slot) {
  KernelFrame frame{.start = batch.start(slot), .captured = batch.captured(slot), .original = static_cast<u32>(batch.real_length(slot))};
  std::memcpy(&frame.from, &batch.sender(slot), sizeof frame.from);
  batch.ancillary(slot, [&frame](int level, int type, Bytes bytes) {
    if (level == SOL_SOCKET && type == SCM_TIMESTAMPNS) frame.time = time_of(bytes), frame.time_source = TimeSource::kernel;
    if (level == SOL_SOCKET && type == SO_RXQ_OVFL) frame.drop_count = value_of<u32>(bytes);
    if (level != SOL_PACKET || type != PACKET_AUXDATA) return;
    const auto aux = value_of<tpacket_auxdata>(bytes);
    frame.status = aux.tp_status, frame.original = aux.tp_len;
    frame.tag_control = aux.tp_vlan_tci, frame.tag_type = aux.tp_vlan_tpid;
  });
  return frame;
}

CapturedPacket read_frame(const KernelFrame& frame, FrameContext& context) {
  u8* start = frame.start;
  std::size_t size = frame.captured;
  CapturedPacket packet;
  packet.info.link_type = context.link_type;
  packet.info.time = frame.time != 0 ? frame.time : wall_clock();
  packet.info.time_source = frame.time_source;
  packet.info.direction = frame.from.sll_pkttype == PACKET_OUTGOING ? Direction::out : Direction::in;
  packet.info.checksum_not_ready = (frame.status & TP_STATUS_CSUMNOTREADY) != 0;
  const auto tag = stripped_tag(frame);
  if (context.link_type == LinkType::linux_sll2) {
    u16 protocol = ntohs(frame.from.sll_protocol);
    if (tag) restore_cooked_tag(start, size, *tag, protocol);
    put_cooked_header(start, size, frame.from, protocol);
    packet.info.vlan_restored = tag.has_value();
  } else if (tag && context.link_type == LinkType::ethernet && size >= mac_pair) {
    restore_tag(start, size, *tag);
    packet.info.vlan_restored = true;
  }
  packet.info.original_length = static_cast<u32>(frame.original + (size - frame.captured));
  packet.info.gso_size = frame.segment ? *frame.segment : pieces_of(frame.status, context, packet.info.original_length);
  packet.bytes = Bytes(start, std::min<std::size_t>(size, context.snapshot_length));
  if (!frame.drop_count) return packet;
  // The kernel's count has 32 bits; differences survive its wrapping.
  packet.info.dropped_before = *frame.drop_count - context.drop_count;
  context.drop_count = *frame.drop_count;
  return packet;
}

}  // namespace rawket
