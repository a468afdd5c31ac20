// The hellos of a TLS handshake, told as facts: also what QUIC carries.
#pragma once
#include <vector>

#include "rawket/wire/table.hpp"

namespace rawket {

/// The facts of a hello, in the order of `hello_extras`.
enum HelloFact : u32 { hello_version, hello_suite, hello_extension, hello_server_name, hello_protocol, hello_supported_version, hello_ja3, hello_ja3_full, hello_ja3s, hello_ja4, hello_fact_count };

/// Tells a client hello (`type` 1) or server hello (2). `body` begins behind the message's length and may be cut; `at` is its place
/// in the packet; `first_fact` is the index of `hello_version` among the protocol's extras. Fingerprints are told of whole
/// hellos only. `over_quic`: sealed in a packet of QUIC's.
void tell_hello(u8 type, Bytes body, bool whole, u32 at, u32 first_fact, bool over_quic, Facts& out);

}  // namespace rawket
