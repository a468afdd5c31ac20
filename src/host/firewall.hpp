// The firewall of the calling thread's network namespace (nftables), through libnftables, opened when it is first needed.
#pragma once
#include <memory>
#include <string>

#include "rawket/base/error.hpp"

struct nft_ctx;

namespace rawket {

class Firewall {
 public:
  /// Fails where the library is not installed.
  static Result<Firewall> open();
  /// Commands as `nft -f` reads them; all are done, or none. Returns what it prints. Errors carry what nft says.
  Result<std::string> run(const std::string& commands);

 private:
  struct Closing {
    void operator()(nft_ctx* context) const;
  };
  explicit Firewall(nft_ctx* context) : context_(context) {}

  std::unique_ptr<nft_ctx, Closing> context_;
};

}  // namespace rawket
