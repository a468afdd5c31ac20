// Privileges first: afterwards the sandbox could only be made smaller.
#include "confining.hpp"

#include <ctime>

#include "output.hpp"
#include "rawket/host/privileges.hpp"

namespace rawket::cli {

Result<void> confine(const SandboxOptions& options) {
  RAWKET_TRY(drop_privileges());
  ::tzset();  // local times need a file that cannot be read later
  const SandboxReport report = enter_sandbox(options);
  if (!report.instrumented && !report.why_not.empty()) complain("not closed off as far as it could be: " + report.why_not);
  return {};
}

}  // namespace rawket::cli
