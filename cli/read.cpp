// rawket read: packets of a capture file, shown, counted or written again.
#include "filtering.hpp"
#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/io/capture_file.hpp"
#include "show.hpp"

namespace rawket::cli {
namespace {

class Reading {
 public:
  Reading(const ReadOptions& options, Source& source, Sink* sink, Show& show, PacketFilter& filter)
      : options_(options), source_(source), sink_(sink), show_(show), filter_(filter) {}

  int run() {
    show_header();
    int code = ok;
    for (bool more = true; more;) {
      const auto batch = source_.next(second);
      if (!batch) {
        code = complain_and_exit(batch.error());
        break;
      }
      if (batch->empty()) {
        if (source_.ended()) break;
        output_.flush(true);
        continue;
      }
      for (const CapturedPacket& p : *batch) {
        const auto wanted = one(p);
        if (!wanted) return complain_and_exit(wanted.error());
        if (!(more = *wanted)) break;
      }
    }
    if (const std::string told = show_.sessions_told(); !told.empty()) output_.flush(true), complain(told);
    if (options_.count_only) output_.text().decimal(matched_), output_.text().append('\n');
    if (sink_ != nullptr)
      if (auto r = sink_->close({.received = number_, .filtered = number_ - matched_}); !r) return complain_and_exit(r.error());
    return output_.exit_code(code);
  }

 private:
  void show_header() {
    if (shows()) show_.header(output_.text());
  }
  bool shows() const { return !options_.count_only && sink_ == nullptr; }

  /// False when enough was read.
  Result<bool> one(const CapturedPacket& original) {
    CapturedPacket p = original;
    ++number_;
    if (!RAWKET_TRY(filter_.matches(p))) return true;
    if (options_.snapshot_length != 0) p.bytes = slice(p.bytes, 0, options_.snapshot_length);
    const auto interfaces = source_.interfaces();
    const std::string_view name = p.info.interface < interfaces.size() ? std::string_view(interfaces[p.info.interface].name) : std::string_view();
    if (!show_.wants(head_of(number_, p, name), p.bytes)) return true;
    ++matched_;
    if (sink_ != nullptr) {
      if (auto r = sink_->write(p); !r) return Failure{r.error()};
    } else if (shows()) {
      show_.wanted(output_.text());
      if (!output_.flush()) return false;
    }
    return options_.count_limit == 0 || matched_ < options_.count_limit;
  }

  const ReadOptions& options_;
  Source& source_;
  Sink* sink_;
  Show& show_;
  PacketFilter& filter_;
  Output output_;
  u64 number_ = 0, matched_ = 0;
};

}  // namespace

int run_read(const ReadOptions& given) {
  ReadOptions options = given;
  if (options.file.empty() && !options.words.empty()) {
    options.file = options.words.front();
    options.words.erase(options.words.begin());
  }
  if (options.file.empty()) {
    complain("read: which file? Use - for standard input\n  rawket read capture.pcapng");
    return usage;
  }
  if (options.show.reassemble && !options.write.empty()) {
    complain("read: --reassemble shows what packets mean together; files keep them as they were (leave out -w)");
    return usage;
  }
  auto show = Show::create(options.show);
  if (!show) return complain_and_exit(show.error());
  PacketFilter filter(options.words);
  // A file to write can be made only when the interfaces are known, and so the first block has been read.
  auto source = open_capture(options.file, [&options] { return options.write.empty() ? drop_privileges() : Result<void>(); });
  if (!source) {
    const int code = complain_and_exit(source.error());
    return source.error().code == Errc::malformed ? malformed_input : code;
  }
  const auto interfaces = (*source)->interfaces();
  if (!filter.empty()) {  // a wrong expression is told also when no packet comes
    const auto f = filter.compiled(interfaces.empty() ? LinkType::ethernet : interfaces.front().link_type);
    if (!f) {
      complain(f.error());
      if (DisplayFilter::compile(standard_registry(), filter.expression())) complain("this is a display filter; those are given with -Y '" + clean_text(filter.expression()) + "'");
      return usage;
    }
    if ((*f)->needs_kernel()) {
      complain("filter: 'inbound' and 'outbound' are known to the kernel alone: they work with rawket capture");
      return usage;
    }
  }
  std::unique_ptr<Sink> sink;
  if (!options.write.empty()) {
    WriterOptions w{.format = format_of(options.write), .interfaces = {interfaces.begin(), interfaces.end()}};
    auto created = create_capture(options.write, std::move(w));
    if (!created) return complain_and_exit(created.error());
    sink = std::move(*created);
    if (auto dropped = drop_privileges(); !dropped) return complain_and_exit(dropped.error());
  }
  return Reading(options, **source, sink.get(), *show, filter).run();
}

}  // namespace rawket::cli
