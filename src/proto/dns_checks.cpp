// Whether a DNS message holds what it counts, and its names and records keep their bounds.
#include "checking.hpp"
#include "rawket/proto/dns.hpp"
#include "rawket/proto/tcp.hpp"

namespace rawket {
namespace {

class DnsWalk {
 public:
  explicit DnsWalk(const Telling& tell) : tell_(tell), m_(tell.v.message()) {}

  void run() {
    static constexpr std::string_view counts[] = {"dns.count.queries", "dns.count.answers", "dns.count.auth_rr", "dns.count.add_rr"};
    for (u32 section = 0; section < std::size(counts); ++section) {
      const u64 told = load<0, 16>(m_.data() + 4 + 2 * section);
      for (u64 i = 0; i < told; ++i) {
        if (at_ == m_.size())
          return tell_.error("count", counts[section], 4 + 2 * section, 2, "it counts " + std::to_string(told) + ", but " + std::to_string(i) + " are there", "RFC 1035, 4.1.1");
        if (!(section == 0 ? question() : record())) return;
      }
    }
    if (at_ < m_.size() && tell_.v.index > 0 && tell_.v.layers[tell_.v.index - 1].protocol->name == "udp")
      tell_.warn("trailing-bytes", {}, static_cast<u32>(at_), static_cast<u32>(m_.size() - at_), std::to_string(m_.size() - at_) + " bytes stand behind the last record that is counted", "RFC 1035, 4.1");
  }

 private:
  bool stop(std::string_view code, std::size_t at, std::size_t length, std::string text, std::string_view reference) {
    tell_.error(code, {}, static_cast<u32>(at), static_cast<u32>(std::min(length, m_.size() - at)), std::move(text), reference);
    return false;
  }
  /// Skips a name: labels, then a zero or a pointer to a name that came before.
  bool name() {
    constexpr std::size_t most = 255, most_hops = 126;   // more would be pointers to pointers, and work for whoever reads them
    std::size_t bytes = 0, hops = 0, i = at_, behind = 0, lowest = m_.size();
    for (;;) {
      if (i >= m_.size()) return stop("name-bounds", at_, m_.size() - at_, "a name runs past the end of the message", "RFC 1035, 3.1");
      const u8 n = m_[i];
      if (n == 0) break;
      if ((n & 0xc0) == 0xc0) {
        if (i + 2 > m_.size()) return stop("name-bounds", i, 1, "a pointer runs past the end of the message", "RFC 1035, 4.1.4");
        const std::size_t to = (n & 0x3fu) << 8 | m_[i + 1];
        if (to >= m_.size()) return stop("name-pointer", i, 2, "a name's rest shall stand at " + std::to_string(to) + ", behind the end of the message", "RFC 1035, 4.1.4");
        if (to >= i || to >= lowest) return stop("name-pointer", i, 2, "a name points to itself or forward, not to a name that came before: it may never end", "RFC 1035, 4.1.4");
        if (++hops > most_hops) return stop("name-pointer", at_, 2, "a name of more than 126 pieces has pointers to pointers", "RFC 1035, 4.1.4");
        if (behind == 0) behind = i + 2;
        lowest = i = to;
        continue;
      }
      if (n > 63) return stop("name-label", i, 1, "no label begins with 0x40 or 0x80: these kinds were never used", "RFC 6891, 5");
      if ((bytes += n + 1u) > most - 1) return stop("name-length", at_, i - std::min(i, at_), "a name has at most 255 bytes", "RFC 1035, 2.3.4");
      if (i + 1 + n > m_.size()) return stop("name-bounds", i, 1, "a label of " + std::to_string(n) + " bytes runs past the end of the message", "RFC 1035, 3.1");
      i += n + 1u;
    }
    at_ = behind != 0 ? behind : i + 1;
    return true;
  }
  bool question() {
    if (!name()) return false;
    if (m_.size() - at_ < 4) return stop("count", at_, m_.size() - at_, "a question has a type and a class behind its name", "RFC 1035, 4.1.2");
    at_ += 4;
    return true;
  }
  bool record() {
    constexpr u64 address = 1, address6 = 28, options = 41;
    const std::size_t begin = at_;
    if (!name()) return false;
    if (m_.size() - at_ < 10) return stop("record-length", at_, m_.size() - at_, "a record has ten bytes behind its name", "RFC 1035, 4.1.3");
    const u64 type = load<0, 16>(m_.data() + at_), size = load<64, 16>(m_.data() + at_);
    const std::size_t length_at = at_ + 8;
    at_ += 10;
    if (size > m_.size() - at_) return stop("record-length", length_at, 2, "a record claims " + std::to_string(size) + " bytes, but " + std::to_string(m_.size() - at_) + " are there", "RFC 1035, 4.1.3");
    const u64 want = type == address ? 4 : type == address6 ? 16 : size;
    const bool update = (m_[2] & 0x78) == 0x28;   // RFC 2136: records without data there mean something else
    if (size != want && !(update && size == 0)) stop("record-length", length_at, 2, "an address of " + std::to_string(want) + " bytes, but the record has " + std::to_string(size), "RFC 1035, 3.4.1; RFC 3596, 2.2");
    if (type == options && ++options_ > 1) tell_.error("option-twice", {}, static_cast<u32>(begin), static_cast<u32>(at_ - begin), "OPT stands here twice: receivers refuse the message", "RFC 6891, 6.1.1");
    at_ += static_cast<std::size_t>(size);
    return true;
  }

  const Telling& tell_;
  Bytes m_;
  std::size_t at_ = 12;
  unsigned options_ = 0;
};

}  // namespace

void Dns::check(const LayerView& v, Faults& faults) {
  const Bytes m = v.message();
  if (m.size() < 12) return;
  const Telling tell{v, faults};
  if ((m[3] & 0x40) != 0) tell.tell(Severity::note, "reserved-bit", "dns.flags.z", 2, 2, "the reserved bit Z is set", "RFC 1035, 4.1.1");
  // What has another form than DNS's, like DNSCrypt on its port, is not read as one.
  const bool plausible = (m[2] & 0x70) <= 0x30 && load<32, 16>(m.data()) <= 32 && load<48, 16>(m.data()) <= 1024 && load<64, 16>(m.data()) <= 1024 && load<80, 16>(m.data()) <= 1024;
  if (is_whole(v) && plausible) DnsWalk(tell).run();
}

}  // namespace rawket
