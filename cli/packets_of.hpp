// The packets of a file or an interface, dissected, one after the other: what commands that look at many packets share.
#pragma once
#include <functional>

#include "filtering.hpp"
#include "output.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/io/capture_file.hpp"
#include "rawket/io/packet_socket.hpp"
#include "show.hpp"
#include "stopping.hpp"

namespace rawket::cli {

/// What such a command was told.
struct PacketsWanted {
  std::string command;              ///< for messages
  std::vector<std::string> words;   ///< file, then filter words; with an interface only the filter
  std::string interface{};
  std::string duration{};
  std::string display_filter{};
  std::vector<std::string> decode_as{};
  bool datagrams = false;           ///< fragments are put together: a datagram comes with its last one
  bool facts = false;               ///< from other packets, also when the display filter does not ask for them
};

/// Opens, gives up rights, reads to the end, and ends well on signals.
class PacketsOf {
 public:
  /// An exit code instead of a value: the message was given.
  static std::expected<PacketsOf, int> open(PacketsWanted wanted);

  /// Calls `one` with every packet that the filters let through, and `batch_done`, if any, now and then.
  int each(const std::function<void(const PacketHead&, const Dissection&)>& one, const std::function<void()>& batch_done = {});
  u64 packets() const { return packets_; }  ///< received, whatever the filters said
  std::string told() const { return sessions_ == nullptr ? "" : sessions_->told(); }   ///< what was lost of packets looked at together

 private:
  explicit PacketsOf(std::vector<std::string> filter) : filter_(filter) {}

  ChosenRegistry registry_;
  PacketFilter filter_;
  std::optional<DisplayFilter> display_;
  std::unique_ptr<Sessions> sessions_;   ///< when packets are looked at together
  std::unique_ptr<Source> source_;
  Nanoseconds duration_ = 0;
  u64 packets_ = 0;
  std::unique_ptr<Dissection> d_ = std::make_unique<Dissection>();
};

}  // namespace rawket::cli
