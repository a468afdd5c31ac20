// What is told of a scan: each port as it answers, and at the end the account.
#pragma once
#include <map>

#include "host_names.hpp"
#include "live_block.hpp"
#include "options.hpp"
#include "output.hpp"
#include "rawket/inspect/scan_state.hpp"
#include "rawket/inspect/service_talk.hpp"

namespace rawket::cli {

struct ScanManner {
  bool connected = false;  ///< the packets were the kernel's, and nobody saw them
  bool interrupted = false;
  u64 talks = 0;           ///< connections to ask what services are
};

class ScanReport {
 public:
  /// Names are looked up now: later no file can be opened.
  ScanReport(const ScanCommand& options, const ScanProbes& probes);

  void verdict(const ScanProbes::Match& match);
  void service(u64 probe, const ServiceWords& words);
  void account(const ScanAccount& account, const ScanTraffic& traffic, const ScanManner& manner, Nanoseconds took);
  void flush();
  /// Where the scan is, on a terminal.
  void progress(const Scan& scan, Nanoseconds now);
  bool closed() const { return out_.closed(); }
  int exit_code(int code) { return out_.exit_code(code); }

 private:
  void account_json(const ScanAccount& a, const ScanTraffic& traffic, const ScanManner& manner, Nanoseconds took);
  void account_text(const ScanAccount& a, const ScanTraffic& traffic, const ScanManner& manner, Nanoseconds took);
  void missed_text(const ScanAccount& a);

  const ScanCommand& o_;
  const ScanProbes& probes_;
  std::map<u16, std::string> services_;
  HostNames names_;
  bool json_;
  Output out_;
  LiveBlock live_;
};

}  // namespace rawket::cli
