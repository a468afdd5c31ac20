// rawket sandbox-trial: what a packet's author would try, tried from where packets are looked at.
#include "confining.hpp"
#include "output.hpp"
#include "rawket/host/sandbox.hpp"

namespace rawket::cli {

int run_sandbox_trial() {
  if (auto r = confine(); !r) return complain_and_exit(r.error());
  Output out;
  bool all_refused = true;
  for (const Attempt& a : try_forbidden()) {
    all_refused = all_refused && a.refused;
    out.text().append(a.refused ? "refused  " : "ALLOWED  "), out.text().append(a.what), out.text().append('\n');
  }
  return out.exit_code(all_refused ? ok : negative);
}

}  // namespace rawket::cli
