// Nobody but the sender of approved plans can make a permit.
// expect: private
#include "rawket/io/packet_socket.hpp"

auto around_the_plan(rawket::PacketSocket& socket, rawket::Bytes frame) { return socket.send(rawket::SendPermit(), {&frame, 1}); }
