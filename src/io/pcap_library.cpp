// Opening libpcap and finding its functions.
#include "pcap_library.hpp"

#include <dlfcn.h>

namespace rawket {
namespace {

template <class Function> bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool open(PcapLibrary& pcap) {
  void* library = nullptr;
  for (const char* name : {"libpcap.so.0.8", "libpcap.so.1"})  // as Debian calls it, and as its makers do
    if (library == nullptr) library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  return library != nullptr && find(library, "pcap_close", pcap.close) && find(library, "pcap_fopen_offline", pcap.fopen_offline) &&
         find(library, "pcap_datalink", pcap.datalink) && find(library, "pcap_open_dead", pcap.open_dead) && find(library, "pcap_compile", pcap.compile) &&
         find(library, "pcap_freecode", pcap.freecode) && find(library, "pcap_geterr", pcap.geterr) && find(library, "pcap_offline_filter", pcap.offline_filter);
}

}  // namespace

Result<const PcapLibrary*> pcap_library() {
  static PcapLibrary pcap;
  static const bool opened = open(pcap);
  if (!opened) return fail(Errc::unsupported, "filter", "libpcap is not installed, which compiles filters", "install it: apt-get install libpcap0.8");
  return &pcap;
}

}  // namespace rawket
