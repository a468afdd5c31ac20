// What `send`, `replay` and `ask` share: from words to an approved plan, and a record of what left.
#pragma once
#include <expected>

#include "options.hpp"
#include "output.hpp"
#include "rawket/host/socket_keeper.hpp"
#include "rawket/io/source.hpp"
#include "rawket/send/sender.hpp"

namespace rawket::cli {

struct ReadyToSend {
  ApprovedPlan plan;
  std::unique_ptr<Sink> record;
};

class Planning {
 public:
  /// `command` is what messages begin with. `supply`: these packets instead of the options' words or file.
  Planning(const SendOptions& options, std::string_view command, Supply supply = {}) : options_(options), command_(command), supply_(std::move(supply)) {}

  /// The plan; shows it when it is a dry run or unusual. An exit code when it ends here.
  std::expected<Plan, int> plan();
  /// Shows what would be sent.
  int dry_run(const Plan& plan);
  std::expected<ReadyToSend, int> approve_plan(Plan plan);
  /// All sockets are open: nobody opens another.
  void sockets_are_open() { sockets_.reset(); }

 private:
  Result<void> read_policies();
  Result<PlanOptions> plan_options() const;
  Result<Plan> make();
  Result<void> give_up_rights();
  Result<std::unique_ptr<Sink>> create_record(const Plan& plan);
  void complain_plan(const Plan& plan) const;

  const SendOptions& options_;
  std::string command_;
  Supply supply_;
  Policy policy_;
  std::unique_ptr<SocketKeeper> sockets_;
  int record_ = -1;  ///< descriptor: opened while it may be, where the plan is made without rights
};

/// For packets that are made one by one: the plan, approved. An exit code when it ends here, also after a dry run.
std::expected<ReadyToSend, int> ready_to_send(const SendOptions& options, std::string_view command, Supply supply);

/// "1000", "10k", "50Mbit", "max".
Result<void> parse_rate(std::string_view text, PlanOptions& options);
/// Ends the record, if there is one; `code`, unless that fails.
int close_record(Sink* record, u64 sent, int code);

}  // namespace rawket::cli
