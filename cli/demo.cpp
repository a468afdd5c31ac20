// rawket lab demo: placeholder main until the narrative is linked.
#include "options.hpp"
namespace rawket::cli {
int run_demo(const LabOptions&) { return ok; }
}  // namespace rawket::cli
