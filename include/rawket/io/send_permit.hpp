// The key to a socket's `send`: only the sender of approved plans makes one, so nothing is sent around a plan.
#pragma once

namespace rawket {

class SendPermit {
 private:
  friend class PlanSender;       // src/send/sender.cpp
  friend class LinkRelay;        // src/lab/relay.cpp: hands on what hosts of a lab sent
  friend struct LabTestPermit;   // the live tests of the sockets themselves; not part of the library
  SendPermit() = default;
};

}  // namespace rawket
