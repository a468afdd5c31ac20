// Messages with descriptors between a process and one that it started, over a socket pair.
#pragma once
#include <string>
#include <vector>

#include "descriptor.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// One message: a letter that says what it is, a number, a text, descriptors.
struct Message {
  char kind = 0;
  int number = 0;
  std::string text{};
  std::vector<Descriptor> descriptors{};
  int sender = 0;  ///< filled in on receipt: who sent it, in the receiver's process numbering; 0 when not told
};

inline constexpr int answer_patience = 20'000;  ///< for the other side to do its part of a start

struct ChannelEnds {
  Descriptor here, there;
};
/// A SOCK_SEQPACKET pair: messages keep their borders, and the death of one end is seen at the other. `here` is told senders.
Result<ChannelEnds> open_channel();

/// In a helper process: closes all else that is open. Its owner's sockets, pipes and terminal are not its business.
/// With `standard_streams` these too stay open.
void keep_only(int channel, bool standard_streams = false);

/// False when the other end is gone.
bool send_message(int channel, const Message& message);
/// Waits at most `milliseconds`, or without end when negative; `timed_out` when nothing came, `system` when the other end is gone.
Result<Message> receive_message(int channel, int milliseconds);

}  // namespace rawket
