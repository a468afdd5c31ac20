// A capture's packets as something to send.
#pragma once
#include <string>
#include <vector>

#include "rawket/send/plan.hpp"

namespace rawket::cli {

struct CaptureSupplyOptions {
  std::vector<std::string> rewrite{};  ///< "ip.dst=198.18.0.2": in each packet that has the field, with its checksums
  bool times = false;                  ///< with the capture's own times
  bool give_up_rights = false;         ///< once the file is open: nothing will be sent
};

/// All in memory: they are sent again and again. Packets that the capture has only in part are told.
Result<Supply> supply_from_capture(const std::string& path, const CaptureSupplyOptions& options);

}  // namespace rawket::cli
