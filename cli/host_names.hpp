// Names beside addresses, unless -n: asked for while other things go on, and never waited for long.
#pragma once
#include <deque>
#include <set>

#include "rawket/base/text_buffer.hpp"
#include "rawket/host/name_finder.hpp"

namespace rawket::cli {

class HostNames {
 public:
  /// While rights are there, and before threads are. Where no process can be started there are just no names.
  explicit HostNames(bool wanted);
  /// Empty: not known, or not yet. Of the first few hundred addresses, as many as people look at.
  std::string of(const IpAddress& address) const { return find(address).value_or(""); }
  /// "198.18.0.2 (r1)"
  std::string beside(const IpAddress& address) const;
  /// A third of a second at most.
  void wait() const;

  /// For output that goes on: the name of this address is to be told.
  void about(const IpAddress& address);
  /// Those that have become known meanwhile, a line or an event each, once.
  void tell(TextBuffer& t, bool json, std::string_view indent = {});

 private:
  std::optional<std::string> find(const IpAddress& address) const;

  std::unique_ptr<NameFinder> finder_;
  mutable std::set<IpAddress> asked_;
  std::set<IpAddress> noted_;
  std::deque<IpAddress> untold_;  ///< in the order in which they were asked for
};

}  // namespace rawket::cli
