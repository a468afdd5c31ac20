// What `discover` tells: hosts as they are found, in objects, or all in a table at the end.
#pragma once
#include <unistd.h>

#include "host_names.hpp"
#include "live_block.hpp"
#include "options.hpp"
#include "output.hpp"
#include "rawket/host/mac_vendors.hpp"
#include "rawket/inspect/host_table.hpp"

namespace rawket::cli {

struct DiscoverAccount {
  u64 asked = 0, answered = 0, dropped = 0;
  Nanoseconds took = 0;
};

class DiscoverReport {
 public:
  DiscoverReport(const DiscoverCommand& options, MacVendors vendors)
      : names_(!options.numbers && !options.passive), json_(options.format == "json"), passive_(options.passive), vendors_(std::move(vendors)), live_(!json_ && !passive_, STDOUT_FILENO) {}

  /// Then it is told which one a link-local address is valid on.
  void of_several_links() { several_links_ = true; }
  void news(const KnownHost& host);
  void summary(const HostTable& table, const DiscoverAccount& account);
  void flush() {
    if (json_) names_.tell(out_.text(), true);
    out_.flush(true);
  }
  /// The table as it is, on a terminal.
  void live(const HostTable& table, Nanoseconds now);
  bool closed() const { return out_.closed(); }
  int exit_code(int code) { return out_.exit_code(code); }

 private:
  void object(const KnownHost& host, TextBuffer& t);
  void line(const KnownHost& host, TextBuffer& t);

  std::string name_of(const KnownHost& host) const;

  HostNames names_;
  bool json_, passive_, several_links_ = false;
  MacVendors vendors_;
  Output out_;
  LiveBlock live_;
};

}  // namespace rawket::cli
