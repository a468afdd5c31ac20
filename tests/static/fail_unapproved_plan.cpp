// A plan that no policy approved.
// expect: private
#include "rawket/send/sender.hpp"

rawket::ApprovedPlan forge(rawket::Plan plan, rawket::Policy policy) { return rawket::ApprovedPlan(plan, policy); }
