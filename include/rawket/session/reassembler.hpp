// Packets as their receivers understand them: IP fragments put together, and messages of TCP streams that came in several segments.
#pragma once
#include "rawket/session/defragment.hpp"
#include "rawket/session/tcp_streams.hpp"

namespace rawket {

struct ReassemblyOptions {
  DefragmentOptions fragments{};
  StreamOptions streams{};
  std::size_t longest_message = 256u << 10;   ///< of a stream; what is longer is shown as it comes
  u64 most_bytes = 64u << 20;                 ///< of unfinished messages, all streams together
};

/// What became of a packet.
enum class Reassembled : u8 {
  no,        ///< it stands for itself
  waits,     ///< its payload is a part of something that later packets complete: it is shown as data
  datagram,  ///< it completed a datagram
  message,   ///< it completed messages of a stream, or began with the end of one
};

/// Reusable; owns the bytes of what it puts together.
class Reassembler {
 public:
  explicit Reassembler(const Registry& registry, const ReassemblyOptions& options = {});
  Reassembler(const Reassembler&) = delete;
  Reassembler& operator=(const Reassembler&) = delete;

  /// Takes the next packet, dissected, and changes both arguments to what is to be shown. Until the next call `d` may
  /// refer to this object's bytes.
  Reassembled add(PacketHead& head, Dissection& d);
  /// The same in two steps, for those who look in between; they add what they put together to `facts`.
  Reassembled add_fragment(PacketHead& head, Dissection& d, std::vector<FactValue>& facts);
  Reassembled add_segment(const PacketHead& head, Dissection& d, std::vector<FactValue>& facts);

  /// What no port promises in a datagram, read as what it cannot but be.
  void recognize(Dissection& d) const;

  const DefragmentCounters& fragments() const { return defragmenter_.counters(); }
  std::size_t fragments_waiting() const { return defragmenter_.waiting(); }   ///< datagrams
  u64 streams_evicted() const { return streams_.evicted(); }
  u64 messages_given_up() const { return given_up_; }   ///< for room, as too long, or as bytes of them are missing
  u64 messages_unfinished() const;                      ///< whose end never came, those of open streams too

 private:
  struct Pending {
    std::vector<u8> client{}, server{};   ///< what came and belongs to no whole message yet
    const Protocol* recognized = nullptr;   ///< by what was said, where the ports say nothing
    std::vector<u8>& of(bool from_client) { return from_client ? client : server; }
  };
  /// Who said the bytes of the packet being added.
  struct Speaker {
    Pending* stream = nullptr;
    bool from_client = false;
    std::size_t fresh = 0;   ///< bytes that the packet brought, those that had waited for them too
    std::vector<u8>& pending() const { return stream->of(from_client); }
  };
  struct Reader {
    const Protocol* protocol = nullptr;
    bool by_port = false;
  };
  StreamEvents events();
  Speaker speaker_of_last(const PacketHead& head, const Dissection& d);
  Reassembled show(Dissection& d, std::size_t tcp, std::size_t own, bool last);
  Reader reader_of(const Dissection& d, std::size_t tcp, Bytes stream);
  void forget(std::vector<u8>& pending, std::size_t count);
  void make_room();

  const Registry& registry_;
  ReassemblyOptions options_;
  Defragmenter defragmenter_;
  TcpStreams streams_;
  std::map<u64, Pending> pending_;             ///< by stream, the oldest first
  Speaker speaker_;                            ///< no stream: the packet brought nothing new
  bool ignoring_ = false;                      ///< the packet being added is cut: what it brings stands for nothing
  std::vector<const Protocol*> recognizable_, recognizable_datagrams_;   ///< in streams; in datagrams
  std::vector<u8> shown_, datagram_;
  u64 held_ = 0, given_up_ = 0, unfinished_ = 0;
};

}  // namespace rawket
