// Names beside addresses, unless -n: asked for while other things go on, and never waited for long.
#pragma once
#include "rawket/host/name_finder.hpp"

namespace rawket::cli {

class HostNames {
 public:
  /// While rights are there, and before threads are. Where no process can be started there are just no names.
  explicit HostNames(bool wanted);
  /// Empty: not known, or not yet.
  std::string of(const IpAddress& address) const { return finder_ ? finder_->name_of(address) : std::string(); }
  /// "198.18.0.2 (r1)"
  std::string beside(const IpAddress& address) const;
  /// A third of a second at most.
  void wait() const;

 private:
  std::unique_ptr<NameFinder> finder_;
};

}  // namespace rawket::cli
