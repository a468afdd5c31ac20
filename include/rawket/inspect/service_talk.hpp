// What services say of themselves: their first words, HTTP's answer, and whom a TLS certificate is for.
//
// Only ports that are HTTP's or TLS's are asked; others are listened to, as what is a question to one is harm to another (a
// printer prints it).
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "rawket/inspect/scan.hpp"
#include "rawket/send/connections.hpp"

namespace rawket {

struct TlsFacts {
  std::string version;             ///< "TLSv1.3"
  std::vector<std::string> names{};  ///< of the certificate, as the server gives them: not checked
  std::string until{};             ///< its last day, like 2027-01-31
};

struct ServiceWords {
  std::string banner;              ///< as it came, at most 512 bytes
  std::optional<TlsFacts> tls{};

  bool empty() const { return banner.empty() && !tls; }
};

class ServiceTalk {
 public:
  /// `name` is what servers are told they are asked for; may be empty. `rate`: conversations begun a second; `patience`: how long one may be silent.
  static std::unique_ptr<ServiceTalk> open(std::unique_ptr<Connections> connections, std::string name, double rate, Nanoseconds patience);
  virtual ~ServiceTalk() = default;
  /// Talks to the ports of some probes, several at once; tells what each said, also when it said nothing. `stop` ends it early.
  virtual Result<void> talk(std::span<const u64> probes, const ScanTargets& targets, const std::atomic<bool>& stop, const std::function<void(u64 probe, const ServiceWords&)>& told) = 0;
  virtual u64 begun() const = 0;   ///< connections
  /// Empty, or why certificates cannot be read.
  virtual const std::string& why_no_tls() const = 0;
};

}  // namespace rawket
