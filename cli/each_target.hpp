// Several targets of a command that is about one: one after the other, each in a process of its own, as each gives up its rights.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace rawket::cli {

/// A single one is run right here. The exit code is 0 when all have 0, else the highest. A signal ends the one that runs, and all
/// behind it. `record`: the file of --record, which takes one.
int for_each_target(const std::vector<std::string>& targets, const std::string& record, const std::function<int(const std::string&)>& run);

}  // namespace rawket::cli
