// rawket explain: bytes to words.
#include "bytes_input.hpp"
#include "output.hpp"
#include "show.hpp"

namespace rawket::cli {

int run_explain(const ExplainOptions& options) {
  auto show = Show::create(options.show);
  if (!show) return complain_and_exit(show.error());
  Output out;
  show->header(out.text());
  const auto done = each_packet(options.words, options.link, [&](const InputPacket& p) -> Result<bool> {
    show->packet(head_of(p.number, p.packet, {}), *p.first, p.packet.bytes, out.text());
    return out.flush();
  });
  if (!done) return out.flush(true), complain_and_exit(done.error());
  return out.exit_code(ok);
}

}  // namespace rawket::cli
