// Asking why by itself, behind a command that got no answer.
#pragma once
#include <memory>

#include "options.hpp"
#include "rawket/base/address.hpp"
#include "rawket/host/later.hpp"

namespace rawket::cli {

class WhyLater {
 public:
  static constexpr std::size_t most = 3;  ///< questions that are asked; more would only say the same again
  /// While rights are there, and before threads are. Does nothing when it is not wanted.
  WhyLater(bool wanted, std::vector<WhyCommand> questions);
  /// Question `number` of those; prints what `rawket why` prints.
  void ask(std::size_t number);

 private:
  std::vector<WhyCommand> questions_;
  std::unique_ptr<Later> later_;
  std::size_t asked_ = 0;
};

/// The question that `why` asks about a host that another command asked; ports of -1 are none; `size` as `why` has it.
WhyCommand question_about(const IpAddress& host, int tcp, int udp, const std::string& format, bool numbers, const SendOptions& plan, u32 size = 0);

}  // namespace rawket::cli
