// Capture filters over packets of any link type.
#pragma once
#include <map>
#include <vector>

#include "rawket/io/filter.hpp"

namespace rawket::cli {

/// One expression, compiled once for each link type that comes by.
class PacketFilter {
 public:
  explicit PacketFilter(const std::vector<std::string>& words) {
    for (const std::string& w : words) expression_ += (expression_.empty() ? "" : " ") + w;
  }
  bool empty() const { return expression_.empty(); }
  const std::string& expression() const { return expression_; }
  /// False or true; an expression that cannot be compiled is an error.
  Result<bool> matches(const CapturedPacket& packet) {
    if (expression_.empty()) return true;
    return RAWKET_TRY(compiled(packet.info.link_type))->matches(packet.bytes, packet.info.original_length);
  }
  Result<const Filter*> compiled(LinkType link_type) {
    auto found = filters_.find(link_type);
    if (found == filters_.end()) {
      auto filter = Filter::compile(expression_, link_type);
      if (!filter) return Failure{filter.error()};
      found = filters_.emplace(link_type, std::move(*filter)).first;
    }
    return &found->second;
  }

 private:
  std::string expression_;
  std::map<LinkType, Filter> filters_;
};

}  // namespace rawket::cli
