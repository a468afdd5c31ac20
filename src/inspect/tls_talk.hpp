// A TLS handshake as a machine without a socket: told what came, it says what leaves. By OpenSSL's library, which is opened
// when it is first asked for.
#pragma once
#include <memory>

#include "rawket/inspect/service_talk.hpp"

namespace rawket {

class TlsTalk {
 public:
  /// False when the library is not there. Opens files: call it before they are closed off.
  static bool available();
  /// `name`: of the server, as it is told who it is asked for; may be empty. The certificate is not checked: it is only told.
  static std::unique_ptr<TlsTalk> begin(const std::string& name);
  virtual ~TlsTalk() = default;

  /// What came; returns what is to be sent.
  virtual std::string step(std::string_view came) = 0;
  virtual bool over() const = 0;   ///< also when it failed
  /// What the server told; nothing when there was no handshake.
  virtual std::optional<TlsFacts> facts() const = 0;
};

}  // namespace rawket
