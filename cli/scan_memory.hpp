// The file of `scan --resume`: opened while files can be, written now and then, empty once the scan is complete.
#pragma once
#include <memory>

#include "rawket/inspect/scan_state.hpp"

namespace rawket::cli {

class ScanMemory {
 public:
  /// Reads what is there; an empty or a new file is a scan that begins. Nobody else can use it meanwhile.
  static Result<std::unique_ptr<ScanMemory>> open(const std::string& path, const ScanTargets& targets, ScanKind kind);
  ~ScanMemory();
  ScanMemory(const ScanMemory&) = delete;
  ScanMemory& operator=(const ScanMemory&) = delete;

  /// What an earlier run left; nothing when there was none.
  const std::optional<ScanState>& found() const { return found_; }
  const ScanTraffic& before() const { return before_; }
  /// Once a second; `traffic` is this run's.
  Result<void> keep_now_and_then(const Scan& scan, const ScanTraffic& traffic, Nanoseconds now);
  Result<void> keep(const Scan& scan, const ScanTraffic& traffic);
  Result<void> complete();

 private:
  ScanMemory(int descriptor, std::string path, std::string key) : descriptor_(descriptor), path_(std::move(path)), key_(std::move(key)) {}
  Result<void> write(std::string_view text);

  int descriptor_;
  std::string path_, key_;
  std::optional<ScanState> found_;
  ScanTraffic before_;
  Nanoseconds kept_ = 0;
};

}  // namespace rawket::cli
