// rawket lint: faults, and packets without them.
#include "rawket/packet/lint.hpp"

#include "bytes_input.hpp"
#include "output.hpp"
#include "rawket/io/capture_file.hpp"

namespace rawket::cli {
namespace {

class Linting {
 public:
  explicit Linting(const LintOptions& options) : options_(options) {}

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

  int finish() {
    out_.flush(true);
    if (sink_)
      if (auto r = sink_->close({packets_, 0, 0}); !r) return complain_and_exit(r.error());
    complain(std::to_string(packets_) + (packets_ == 1 ? " packet, " : " packets, ") + std::to_string(faults_) + (faults_ == 1 ? " finding" : " findings") +
             (options_.fix.empty() ? "" : ", " + std::to_string(repairs_) + " repaired, " + std::to_string(left_) + " left for you to decide"));
    return out_.exit_code(faults_ == 0 ? ok : negative);
  }

 private:
  Result<void> fix(const InputPacket& p, const LintContext& context, bool clean) {
    if (!sink_) {
      InterfaceDescription interface{.name = "repaired", .description = {}, .filter = {}, .link_type = p.packet.info.link_type};
      sink_ = RAWKET_TRY(create_capture(options_.fix, {.format = format_of(options_.fix), .interfaces = {interface}}));
    }
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
  u64 packets_ = 0, faults_ = 0, repairs_ = 0, left_ = 0;
};

}  // namespace

int run_lint(const LintOptions& options) {
  Linting linting(options);
  const auto done = each_packet(options.words, options.link, [&](const InputPacket& p) { return linting.one(p); });
  const int code = linting.finish();
  return done ? code : complain_and_exit(done.error());
}

}  // namespace rawket::cli
