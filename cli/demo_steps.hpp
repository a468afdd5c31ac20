// The steps of the demo, as run on the first host of a lab.
#pragma once
#include <span>
#include <string>

#include "rawket/io/source.hpp"
#include "rawket/lab/lab.hpp"

namespace rawket::cli {

/// What the demo's process on h1 needs; pointers stay valid across the fork.
struct DemoContext {
  std::span<const LabHost> hosts;
  Sink* record = nullptr;      ///< all packets seen on eth0
  std::string record_name;
  bool color = false;
};

/// Runs on h1. The exit code of the demo.
int demo_on_host(void* context);
/// Runs on h2 until it is ended: listens on TCP port 80 and sends h1 a few datagrams.
int demo_neighbour(void* context);

}  // namespace rawket::cli
