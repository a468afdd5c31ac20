// A capture's packets as something to send.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "rawket/send/plan.hpp"

namespace rawket::cli {

struct CaptureSupplyOptions {
  std::vector<std::string> rewrite{};  ///< "ip.dst=198.18.0.2": in each packet that has the field, with its checksums
  bool times = false;                  ///< with the capture's own times
  std::function<Result<void>()> opened{};  ///< called when the file is open, before its first byte is looked at
};

/// All in memory: they are sent again and again. Packets that the capture has only in part are told.
Result<Supply> supply_from_capture(const std::string& path, const CaptureSupplyOptions& options);

}  // namespace rawket::cli
