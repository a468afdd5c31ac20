// What packets mean together, in one object: reassembly, and facts that other packets tell.
#pragma once
#include <optional>

#include "rawket/session/questions.hpp"
#include "rawket/session/quic_handshakes.hpp"
#include "rawket/session/reassembler.hpp"
#include "rawket/session/tcp_analysis.hpp"

namespace rawket {

class Sessions {
 public:
  struct Wanted {
    bool datagrams = false;   ///< fragments are put together,
    bool messages = false;    ///< and what came in several segments; datagrams too, then
    bool facts = false;
    ReassemblyOptions how{};
  };
  Sessions(const Registry& registry, const Wanted& wanted);

  /// Takes the next packet, dissected, and changes both to what is to be shown. What they refer to lasts until the next call.
  void add(PacketHead& head, Dissection& d);
  /// What was lost or is left open, in words; empty when there is nothing to tell.
  std::string told() const;

 private:
  std::optional<Reassembler> reassembler_;
  std::optional<QuicHandshakes> quic_;
  std::optional<TcpAnalysis> analysis_;
  std::optional<Questions> questions_;
  std::vector<FactValue> facts_;
};

}  // namespace rawket
