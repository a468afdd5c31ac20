// rawket craft: words to bytes.
#include "output.hpp"
#include "rawket/io/capture_file.hpp"
#include "rawket/packet/craft.hpp"
#include "rawket/packet/lint.hpp"
#include "show.hpp"

namespace rawket::cli {
namespace {

/// Faults of a crafted packet are told on standard error: it may well be meant to be wrong.
void tell_faults(u64 number, const Packet& packet) {
  Dissection d;
  dissect(standard_registry(), packet.first_protocol(), packet.bytes(), d);
  TextBuffer t;
  for (const Fault& f : lint(d, {.original_length = static_cast<u32>(packet.size())})) {
    t.clear();
    append_finding_text(t, number, f);
    complain(t.view());
  }
}

}  // namespace

int run_craft(const CraftOptions& options) {
  auto show = Show::create(options.show);
  if (!show) return complain_and_exit(show.error());
  auto recipe = Recipe::parse(standard_registry(), options.words);
  if (!recipe) {
    complain(recipe.error());
    return usage;
  }
  const u16 link = link_type_of(recipe->first_protocol());
  std::unique_ptr<Sink> sink;
  if (!options.write.empty()) {
    auto created = create_capture(options.write, {.format = format_of(options.write), .interfaces = {{.name = "crafted", .description = {}, .filter = {}, .link_type = static_cast<LinkType>(link)}}});
    if (!created) return complain_and_exit(created.error());
    sink = std::move(*created);
  }
  Output out;
  if (!sink) show->header(out.text());
  for (u64 i = 0; i < recipe->count(); ++i) {
    const auto packet = recipe->make(i);
    if (!packet) {
      complain(packet.error());
      return usage;
    }
    if (!options.bad && i < 8) tell_faults(i + 1, *packet);
    const u32 size = static_cast<u32>(packet->size());
    if (sink) {
      if (auto r = sink->write({packet->bytes(), {.time = wall_clock(), .original_length = size, .link_type = static_cast<LinkType>(link)}}); !r) return complain_and_exit(r.error());
      continue;
    }
    show->packet({.number = i + 1, .original_length = size, .link_type = link}, packet->first_protocol(), packet->bytes(), out.text());
    if (!out.flush()) break;
  }
  if (sink)
    if (auto r = sink->close({.received = recipe->count()}); !r) return complain_and_exit(r.error());
  return out.exit_code(ok);
}

}  // namespace rawket::cli
