// A field that the protocol does not have.
// expect: dprot
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

constexpr auto packet = rawket::build(rawket::Ipv4{} / rawket::Tcp{.dprot = 80});
