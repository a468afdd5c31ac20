// The sender takes approved plans only.
// expect: ApprovedPlan
#include "rawket/send/sender.hpp"

auto hurry(const rawket::Plan& plan) { return rawket::Sender::open(plan); }
