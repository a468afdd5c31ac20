// rawket lab demo: starts two hosts and runs the four steps on one of them.
#include <csignal>
#include <cstdio>

#include "demo_steps.hpp"
#include "options.hpp"
#include "output.hpp"
#include "rawket/io/capture_file.hpp"

namespace rawket::cli {

int run_demo(const LabOptions& options) {
  if (const std::string why = why_no_lab(); !why.empty()) {
    complain("lab: " + why);
    return no_permission;
  }
  InterfaceDescription eth0{.name = "eth0", .description = "first host of the lab", .filter = {}};
  auto record = create_capture(options.write, {.format = format_of(options.write), .interfaces = {eth0}, .comment = "rawket lab demo"});
  if (!record) return complain_and_exit(record.error());
  SystemClock clock;
  const Nanoseconds start = clock.now();
  auto lab = Lab::start({.hosts = 2});
  if (!lab) return complain_and_exit(lab.error());
  std::printf("A lab: %s and %s, each in a network namespace of its own, started in %lld ms.\nNo root is needed, and no packet can leave it.\n", (*lab)->hosts()[0].name.c_str(),
              (*lab)->hosts()[1].name.c_str(), static_cast<long long>((clock.now() - start) / millisecond));
  std::fflush(stdout);
  DemoContext context{(*lab)->hosts(), record->get(), options.write, use_color(options.color, 1)};
  const auto neighbour = (*lab)->spawn(1, demo_neighbour, &context);
  if (!neighbour) return complain_and_exit(neighbour.error());
  const auto demo = (*lab)->spawn(0, demo_on_host, &context);
  if (!demo) return complain_and_exit(demo.error());
  const auto code = (*lab)->wait(*demo);
  return code ? *code : complain_and_exit(code.error());
}

}  // namespace rawket::cli
