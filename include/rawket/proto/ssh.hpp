// Secure shell: what both ends say before they encrypt, and the fingerprints that follow from it.
#pragma once
#include "rawket/proto/tcp.hpp"

namespace rawket {

/// The line that opens a connection, then packets that can be read up to the new keys; what follows those is encrypted.
struct Ssh {
  static constexpr Name messages[] = {{1, "disconnect"}, {2, "ignore"}, {3, "unimplemented"}, {4, "debug"}, {20, "key exchange init"}, {21, "new keys"}, {30, "key exchange request"}, {31, "key exchange reply"},
                                      {32, "group exchange init"}, {33, "group exchange reply"}, {34, "group exchange request"}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&tcp_port, 22}};
  static constexpr Extra extras[] = {{"protocol", Show::text, "Version and program"},
                                     {"message_code", Show::names, "Kind of a message that is not encrypted", false, messages},
                                     {"kex_algorithms", Show::text, "Key exchanges, the best first", true},
                                     {"server_host_key_algorithms", Show::text, "Kinds of host keys", true},
                                     {"encryption_algorithms_client_to_server", Show::text, "Ciphers", true},
                                     {"encryption_algorithms_server_to_client", Show::text, "Ciphers", true},
                                     {"mac_algorithms_client_to_server", Show::text, "Authentication codes", true},
                                     {"mac_algorithms_server_to_client", Show::text, "Authentication codes", true},
                                     {"compression_algorithms_client_to_server", Show::text, "Compressions", true},
                                     {"compression_algorithms_server_to_client", Show::text, "Compressions", true},
                                     {"kex.hassh", Show::text, "HASSH, a fingerprint of the client"},
                                     {"kex.hassh_algorithms", Show::text, "What HASSH is the digest of", true},
                                     {"kex.hasshserver", Show::text, "HASSH of the server"},
                                     {"kex.hasshserver_algorithms", Show::text, "What the server's HASSH is the digest of", true}};
  static u32 message(Bytes stream);
  static bool begins(Bytes stream);
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() { return protocol<Ssh>("ssh", "Secure shell", "RFC 4253, 4.2, 6 and 7.1"); }
};

}  // namespace rawket
