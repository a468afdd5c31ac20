// Joins UDP datagrams that share their headers, as the device or the kernel takes them apart again (RFC 768, GSO).
#include <algorithm>
#include <cstring>

#include "outlet.hpp"
#include "rawket/io/super_frame_socket.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/udp.hpp"
#include "rawket/wire/checksum.hpp"

namespace rawket {
namespace {

constexpr std::size_t udp_length_at = 4, udp_checksum_at = 6, udp_header = 8;

/// Where the headers of a frame begin; nothing when it is not plain UDP in IP in Ethernet that the kernel would make again.
struct Shape {
  std::size_t network = 0, transport = 0, data = 0;
  bool ipv6 = false;
  bool operator==(const Shape&) const = default;
};

std::optional<Shape> shape_of(Bytes frame, Dissection& d) {
  dissect(standard_registry(), info<Ethernet>, frame, d);
  const auto layers = d.layers();
  if (layers.size() < 3) return std::nullopt;
  const Layer &network = layers[1], &transport = layers[2];
  const bool ipv6 = network.protocol == &info<Ipv6>;
  if ((!ipv6 && network.protocol != &info<Ipv4>) || transport.protocol != &info<Udp> || transport.end != frame.size()) return std::nullopt;
  const u8* udp = frame.data() + transport.offset;
  if (udp[udp_checksum_at] == 0 && udp[udp_checksum_at + 1] == 0) return std::nullopt;  // none: the kernel would fill one in
  const bool right = std::ranges::none_of(lint(d, {.original_length = static_cast<u32>(frame.size())}), [](const Fault& f) { return f.severity == Severity::error; });
  if (!right || (!ipv6 && (udp[-1 * static_cast<std::ptrdiff_t>(network.length) + 6] & 0x3f) != 0)) return std::nullopt;  // a fragment
  return Shape{network.offset, transport.offset, transport.offset + udp_header, ipv6};
}

void put_big_endian(u8* at, std::size_t value) { at[0] = static_cast<u8>(value >> 8), at[1] = static_cast<u8>(value); }

class SuperFrames final : public Outlet {
 public:
  explicit SuperFrames(std::unique_ptr<SuperFrameSocket> socket) : socket_(std::move(socket)) {}

  Result<u64> send(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, u64 count, const std::atomic<bool>& stop) override {
    u64 sent = 0;
    groups_.clear();
    shaped_ = {};  // the store may have other packets in the same place
    while (sent < count && !stop) {
      RAWKET_TRY(compose(store, packets, sent, count));
      const auto left = socket_->send(permit, frames_);
      if (!left && sent == 0) return Failure{left.error()};
      const std::size_t now = left.value_or(0);
      for (std::size_t i = 0; i < now; ++i) groups_.push_back(sent += sizes_[i]);
      if (now < frames_.size()) break;
    }
    return sent;
  }

  /// Identifications count up from a group's first packet.
  Bytes as_sent(const PreparedPackets& store, std::span<const Prepared> packets, u64 position) override {
    const auto group = std::ranges::upper_bound(groups_, position);
    const u64 first = group == groups_.begin() ? 0 : *(group - 1);
    const Bytes original = store.bytes(packets[static_cast<std::size_t>(position % packets.size())]), leader = store.bytes(packets[static_cast<std::size_t>(first % packets.size())]);
    sent_.assign(original.begin(), original.end());
    const auto shape = shape_of(original, dissection_);
    if (!shape || shape->ipv6) return sent_;
    u8* ip = sent_.data() + shape->network;
    put_big_endian(ip + 4, load_word(leader.data() + shape->network + 4) + static_cast<std::size_t>(position - first));
    put_ip_checksum(ip, shape->transport - shape->network);
    return sent_;
  }
  u64 waits() const override { return socket_->waits(); }

 private:
  static std::size_t load_word(const u8* at) { return static_cast<std::size_t>(at[0] << 8 | at[1]); }
  static void put_ip_checksum(u8* ip, std::size_t size) {
    put_big_endian(ip + 10, 0);
    put_big_endian(ip + 10, internet_checksum(Bytes(ip, size)));
  }

  /// Up to eight super-frames from packet `from` on.
  Result<void> compose(const PreparedPackets& store, std::span<const Prepared> packets, u64 from, u64 count) {
    frames_.clear(), sizes_.clear();
    for (std::size_t i = 0; i < SuperFrameSocket::most_at_once && from < count; ++i) {
      const u64 joined = RAWKET_TRY(join(store, packets, from, count, buffers_[i]));
      sizes_.push_back(joined);
      from += joined;
    }
    return {};
  }

  Result<u64> join(const PreparedPackets& store, std::span<const Prepared> packets, u64 from, u64 count, std::vector<u8>& out) {
    const Bytes first = store.bytes(packets[static_cast<std::size_t>(from % packets.size())]);
    if (first.data() != shaped_.data() || first.size() != shaped_.size()) {
      const auto shape = shape_of(first, dissection_);
      if (!shape) return fail(Errc::unsupported, "super-frames", "packet " + std::to_string(from % packets.size() + 1) + " is not UDP in IP in Ethernet with right lengths and checksums", "use another --engine");
      shape_ = *shape, shaped_ = first;
    }
    const std::size_t segment = first.size() - shape_.data;
    out.assign(first.begin(), first.end());
    u64 joined = 1;
    for (; joined < SuperFrameSocket::most_segments && from + joined < count && segment > 0; ++joined) {
      const Bytes next = store.bytes(packets[static_cast<std::size_t>((from + joined) % packets.size())]);
      if (!belongs(first, next) || out.size() + segment > SuperFrameSocket::most_bytes) break;
      out.insert(out.end(), next.begin() + static_cast<std::ptrdiff_t>(shape_.data), next.end());
    }
    complete(out);
    frames_.push_back({.bytes = out, .ether_type = static_cast<u16>(load_word(out.data() + shape_.network - 2)), .header_bytes = static_cast<u16>(shape_.data), .segment_bytes = static_cast<u16>(segment),
                       .checksum_start = static_cast<u16>(shape_.transport), .checksum_offset = udp_checksum_at});
    return joined;
  }

  /// The same headers but for what the kernel makes anew: identification, header checksum, UDP checksum.
  bool belongs(Bytes first, Bytes next) const {
    if (first.data() == next.data()) return true;
    if (first.size() != next.size()) return false;
    const auto equal = [&](std::size_t begin, std::size_t end) { return std::memcmp(first.data() + begin, next.data() + begin, end - begin) == 0; };
    const std::size_t ip = shape_.network;
    if (shape_.ipv6) return equal(0, shape_.transport + udp_checksum_at);
    return equal(0, ip + 4) && equal(ip + 6, ip + 10) && equal(ip + 12, shape_.transport + udp_checksum_at);
  }

  /// Lengths of all together, and the sum over the pseudo header that the checksums are to be built on.
  void complete(std::vector<u8>& out) const {
    u8 *ip = out.data() + shape_.network, *udp = out.data() + shape_.transport;
    const std::size_t udp_length = out.size() - shape_.transport;
    put_big_endian(udp + udp_length_at, udp_length);
    if (shape_.ipv6) {
      put_big_endian(ip + 4, out.size() - shape_.network - 40);
    } else {
      put_big_endian(ip + 2, out.size() - shape_.network);
      put_ip_checksum(ip, shape_.transport - shape_.network);
    }
    std::array<u8, 40> pseudo{};
    const std::size_t addresses = shape_.ipv6 ? 32 : 8;
    std::memcpy(pseudo.data(), ip + (shape_.ipv6 ? 8 : 12), addresses);
    pseudo[addresses + 1] = 17;
    put_big_endian(pseudo.data() + addresses + 2, udp_length);
    put_big_endian(udp + udp_checksum_at, static_cast<u16>(~internet_checksum(Bytes(pseudo.data(), addresses + 4))));
  }

  std::unique_ptr<SuperFrameSocket> socket_;
  std::array<std::vector<u8>, SuperFrameSocket::most_at_once> buffers_;
  std::vector<SuperFrame> frames_;
  std::vector<u64> sizes_;   ///< how many packets each of them has
  std::vector<u64> groups_;  ///< where the groups of the last `send` ended
  std::vector<u8> sent_;
  Shape shape_;
  Bytes shaped_;             ///< the frame whose shape that is
  Dissection dissection_;
};

}  // namespace

Result<std::unique_ptr<Outlet>> open_super_frames(const std::string& interface) { return std::make_unique<SuperFrames>(RAWKET_TRY(SuperFrameSocket::open(interface))); }

}  // namespace rawket
