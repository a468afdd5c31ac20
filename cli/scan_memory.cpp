// Written in place: where files can no longer be opened, none can be renamed.
#include "scan_memory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>


namespace rawket::cli {

Result<std::unique_ptr<ScanMemory>> ScanMemory::open(const std::string& path, const ScanTargets& targets, ScanKind kind) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
  if (file < 0) return fail_system(path, errno, errno == ENOENT ? "create the folder first" : "");
  std::unique_ptr<ScanMemory> memory(new ScanMemory(file, path, scan_key(targets, kind)));
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) return fail(Errc::refused, path, "another scan is using it");
  std::string text;
  char piece[65536];
  for (ssize_t n = 0; (n = ::read(file, piece, sizeof piece)) != 0;) {
    if (n < 0) return fail_system(path);
    text.append(piece, static_cast<std::size_t>(n));
    constexpr std::size_t most = std::size_t{64} << 20;
    if (text.size() > most) return fail(Errc::malformed, path, "it is no scan's state: it is too long");
  }
  if (text.empty()) return memory;
  auto [state, traffic] = RAWKET_TRY(read_scan_state(text, targets.count(), memory->key_));
  memory->found_ = std::move(state);
  memory->before_ = traffic;
  return memory;
}

ScanMemory::~ScanMemory() { ::close(descriptor_); }

Result<void> ScanMemory::keep_now_and_then(const Scan& scan, const ScanTraffic& traffic, Nanoseconds now) {
  if (kept_ != 0 && now - kept_ < second) return {};
  kept_ = now;
  return keep(scan, traffic);
}

Result<void> ScanMemory::keep(const Scan& scan, const ScanTraffic& traffic) {
  return write(scan_state_text(scan.state(), {before_.sent + traffic.sent, before_.seen_leaving + traffic.seen_leaving, before_.dropped + traffic.dropped}, key_));
}

Result<void> ScanMemory::complete() { return write({}); }

Result<void> ScanMemory::write(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::pwrite(descriptor_, text.data() + at, text.size() - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail_system(path_);
    at += static_cast<std::size_t>(n);
  }
  if (::ftruncate(descriptor_, static_cast<off_t>(text.size())) != 0) return fail_system(path_);
  return {};
}

}  // namespace rawket::cli
