// --decode-as: numbers that lead to other protocols than usual.
#pragma once
#include <memory>
#include <span>
#include <string>

#include "rawket/base/error.hpp"
#include "rawket/proto/registry.hpp"

namespace rawket::cli {

/// The standard registry, or a copy of it with bindings like "udp.port=9999,vxlan". Stays where it is when moved.
class ChosenRegistry {
 public:
  static Result<ChosenRegistry> create(std::span<const std::string> bindings);
  const Registry& get() const { return own_ == nullptr ? standard_registry() : *own_; }

 private:
  std::unique_ptr<Registry> own_;
};

}  // namespace rawket::cli
