// What makes a process feel at home on a lab's host. All mounts are in the process's own mount namespace.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "spawn.hpp"

namespace rawket {
namespace {

std::string hosts_file(std::span<const LabHost> hosts) {
  std::string text = "127.0.0.1 localhost\n::1 localhost\n";
  for (const LabHost& host : hosts) text += host.ipv4.text() + ' ' + host.name + '\n' + host.ipv6.text() + ' ' + host.name + '\n';
  return text;
}

// The file lives on a memory file system that is hidden again; the bind mount keeps it alive.
void name_the_hosts(std::span<const LabHost> hosts) {
  constexpr const char* place = "/sys";
  if (::mount("rawket", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k,mode=0755") != 0) return;
  {
    const Descriptor file(::open("/sys/hosts", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    const std::string text = hosts_file(hosts);
    const bool written = file.open() && ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (written) ::mount("/sys/hosts", "/etc/hosts", nullptr, MS_BIND, nullptr);
  }
  ::umount2(place, MNT_DETACH);
}

}  // namespace

void dress_as_host(std::span<const LabHost> hosts, unsigned host) {
  // Nothing mounted here may show up outside; what is unmounted outside may vanish here.
  ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr);
  name_the_hosts(hosts);
  // Both fail where parts of the present ones are covered, as in some containers; then those stay.
  ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  ::mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  const std::string& name = hosts[host].name;
  if (::sethostname(name.data(), name.size()) != 0) ::unsetenv("HOSTNAME");
  ::setenv("RAWKET_LAB", "1", 1);
  ::setenv("RAWKET_LAB_HOST", name.c_str(), 1);
}

}  // namespace rawket
