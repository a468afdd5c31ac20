// rawket lint: faults, and packets without them.
#include "rawket/packet/lint.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "bytes_input.hpp"
#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/io/capture_file.hpp"

namespace rawket::cli {
namespace {

class Linting {
 public:
  explicit Linting(const LintOptions& options) : options_(options) {}
  ~Linting() {
    if (fix_descriptor_ >= 0) ::close(fix_descriptor_);
  }
  Linting(const Linting&) = delete;
  Linting& operator=(const Linting&) = delete;

  /// Opens the file for repaired packets while the rights to it are still there.
  Result<void> open_fix() {
    if (options_.fix.empty()) return {};
    struct stat in{}, out{};
    if (options_.words.size() == 1 && ::stat(options_.words[0].c_str(), &in) == 0 && ::stat(options_.fix.c_str(), &out) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
      return fail(Errc::refused, "--fix", "the file that is read cannot be written at the same time", "name another file");
    fix_is_new_ = options_.fix != "-" && ::access(options_.fix.c_str(), F_OK) != 0;
    // Emptied only with the first packet: what is there is not lost when there is nothing to write.
    fix_descriptor_ = options_.fix == "-" ? ::dup(STDOUT_FILENO) : ::open(options_.fix.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fix_descriptor_ < 0) return fail_system(clean_text(options_.fix));
    return {};
  }

  Result<bool> one(const InputPacket& p) {
    const LintContext context{.original_length = p.packet.info.original_length, .checksum_not_ready = p.packet.info.checksum_not_ready, .super_frame = p.packet.info.gso_size != 0};
    dissect(standard_registry(), *p.first, p.packet.bytes, dissection_, context.original_length);
    const std::vector<Fault> faults = lint(dissection_, context);
    for (const Fault& f : faults) {
      if (options_.format == "json") append_finding_json(out_.text(), p.number, f);
      else append_finding_text(out_.text(), p.number, f);
      out_.text().append('\n');
    }
    ++packets_;
    faults_ += faults.size();
    if (!options_.fix.empty())
      if (auto r = fix(p, context, faults.empty()); !r) return Failure{r.error()};
    return out_.flush() || !options_.fix.empty();
  }

  u64 packets() const { return packets_; }
  /// `whole`: all of the input was read.
  int finish(bool whole) {
    out_.flush(true);
    if (whole && !sink_ && !options_.fix.empty())  // of no packets a file without packets
      if (auto begun = begin_fix(LinkType::ethernet); !begun) return complain_and_exit(begun.error());
    if (sink_)
      if (auto r = sink_->close({.received = packets_}); !r) return complain_and_exit(r.error());
    complain(std::to_string(packets_) + (packets_ == 1 ? " packet, " : " packets, ") + std::to_string(faults_) + (faults_ == 1 ? " finding" : " findings") +
             (options_.fix.empty() ? "" : ", " + std::to_string(repairs_) + " repaired, " + std::to_string(left_) + " left for you to decide"));
    return out_.exit_code(faults_ == 0 ? ok : negative);
  }

  /// Nothing was read: a file that was made for its repairs goes.
  void give_up() {
    if (fix_is_new_) ::unlink(options_.fix.c_str());
  }

 private:
  Result<void> begin_fix(LinkType link_type) {
    if (options_.fix != "-" && ::ftruncate(fix_descriptor_, 0) != 0 && errno != EINVAL) return fail_system(clean_text(options_.fix));
    InterfaceDescription interface{.name = "repaired", .description = {}, .filter = {}, .link_type = link_type};
    sink_ = RAWKET_TRY(create_capture_descriptor(std::exchange(fix_descriptor_, -1), options_.fix, {.format = format_of(options_.fix), .interfaces = {interface}}));
    return {};
  }

  Result<void> fix(const InputPacket& p, const LintContext& context, bool clean) {
    if (!sink_)
      if (auto begun = begin_fix(p.packet.info.link_type); !begun) return begun;
    if (clean) return sink_->write(p.packet);
    const Repaired r = repair(standard_registry(), *p.first, p.packet.bytes, context);
    repairs_ += r.repairs;
    left_ += r.left.size();
    CapturedPacket fixed = p.packet;
    fixed.bytes = r.bytes;
    const bool was_cut = p.packet.info.original_length > p.packet.bytes.size();
    if (!was_cut) fixed.info.original_length = static_cast<u32>(r.bytes.size());
    return sink_->write(fixed);
  }

  const LintOptions& options_;
  Output out_;
  Dissection dissection_;
  std::unique_ptr<Sink> sink_;
  int fix_descriptor_ = -1;
  bool fix_is_new_ = false;
  u64 packets_ = 0, faults_ = 0, repairs_ = 0, left_ = 0;
};

}  // namespace

int run_lint(const LintOptions& options) {
  Linting linting(options);
  if (auto opened = linting.open_fix(); !opened) return complain_and_exit(opened.error());
  const auto done = each_packet(options.words, options.link, [&](const InputPacket& p) { return linting.one(p); });
  if (!done && linting.packets() == 0) return linting.give_up(), complain_and_exit(done.error());
  const int code = linting.finish(done.has_value());
  return done ? code : complain_and_exit(done.error());
}

}  // namespace rawket::cli
