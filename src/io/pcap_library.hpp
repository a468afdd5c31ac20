// libpcap, opened when the first filter is compiled: it brings six more libraries with it, which would double the start time
// of every command.
#pragma once
#include <pcap/pcap.h>

#include "rawket/base/error.hpp"

namespace rawket {

struct PcapLibrary {
  decltype(&::pcap_close) close = nullptr;
  decltype(&::pcap_fopen_offline) fopen_offline = nullptr;
  decltype(&::pcap_datalink) datalink = nullptr;
  decltype(&::pcap_open_dead) open_dead = nullptr;
  decltype(&::pcap_compile) compile = nullptr;
  decltype(&::pcap_freecode) freecode = nullptr;
  decltype(&::pcap_geterr) geterr = nullptr;
  decltype(&::pcap_offline_filter) offline_filter = nullptr;
};

/// Opened once, and never closed. Fails where it is not installed.
Result<const PcapLibrary*> pcap_library();

}  // namespace rawket
