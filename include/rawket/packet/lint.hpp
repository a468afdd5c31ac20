// The linter: what is wrong with a packet, why, by which clause, and the bytes that mend it.
#pragma once
#include "rawket/packet/dissect.hpp"

namespace rawket {

/// What has to be known to tell a fault from an effect of capturing.
struct LintContext {
  u32 original_length = 0;          ///< more than captured: the rest was cut, and nothing can be said about it
  bool checksum_not_ready = false;  ///< the sender's device fills it in
  bool super_frame = false;         ///< GSO: longer than it will be on the wire
};

/// All faults, in the order of the bytes. Layers quoted by error messages are not judged: they were cut elsewhere.
std::vector<Fault> lint(const Dissection& d, const LintContext& context);

struct Repaired {
  std::vector<u8> bytes;
  std::size_t repairs = 0;           ///< how many were applied
  std::vector<Fault> left;           ///< what has no single right repair
};
/// Applies repairs until nothing changes any more: checksums follow lengths, lengths follow a byte that was removed.
Repaired repair(const Registry& registry, const Protocol& first, Bytes packet, const LintContext& context);

/// One JSON object per finding, without a newline; keys as in the command's documentation.
class TextBuffer;
void append_finding_json(TextBuffer& out, u64 number, const Fault& fault);
/// "#1 error bad-checksum ip.checksum at 10..12: text (RFC 791); right: 6e2f", without a newline.
void append_finding_text(TextBuffer& out, u64 number, const Fault& fault);
std::string_view severity_name(Severity s);

}  // namespace rawket
