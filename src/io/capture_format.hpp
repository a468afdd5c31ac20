// The numbers of the capture file formats: pcap (draft-ietf-opsawg-pcap), pcapng (draft-ietf-opsawg-pcapng), snoop (RFC 1761).
#pragma once
#include <cstddef>

#include "rawket/base/bytes.hpp"

namespace rawket {

inline constexpr std::size_t io_block_bytes = std::size_t{256} << 10;  ///< read and written at once

inline constexpr u32 pcap_magic_microseconds = 0xa1b2c3d4, pcap_magic_nanoseconds = 0xa1b23c4d, pcap_magic_kuznetzov = 0xa1b2cd34;
inline constexpr std::size_t pcap_file_header = 24, pcap_record_header = 16, pcap_kuznetzov_record_header = 24;

inline constexpr u32 pcapng_byte_order_magic = 0x1a2b3c4d;
inline constexpr u32 pcapng_longest_block = u32{16} << 20;
inline constexpr std::size_t pcapng_block_overhead = 12;  ///< type, length and the length again
inline constexpr std::size_t interface_fixed = 8;         ///< of an interface block, before its options

namespace block {
inline constexpr u32 section = 0x0a0d0d0a;  ///< reads the same in both byte orders
inline constexpr u32 interface = 1, packet = 2, simple_packet = 3, statistics = 5, enhanced_packet = 6;
}  // namespace block

namespace option {
inline constexpr u16 end = 0, comment = 1;
inline constexpr u16 application = 4;                                                                      // section
inline constexpr u16 if_name = 2, if_description = 3, if_tsresol = 9, if_filter = 11, if_tsoffset = 14;    // interface
inline constexpr u16 flags = 2, drop_count = 4;                                                            // packet
inline constexpr u16 if_received = 4, if_dropped = 5, filter_accepted = 6, os_dropped = 7, delivered = 8;  // statistics
}  // namespace option

/// Bits of the packet flags option; those of checksum and segmentation are new in the later drafts.
namespace packet_flag {
inline constexpr u32 inbound = 1, outbound = 2, direction_mask = 3, checksum_not_ready = 1u << 9, segmentation_offload = 1u << 11;
}  // namespace packet_flag

inline constexpr std::size_t snoop_file_header = 16, snoop_record_header = 24;
inline constexpr std::string_view snoop_magic{"snoop\0\0\0", 8};

}  // namespace rawket
