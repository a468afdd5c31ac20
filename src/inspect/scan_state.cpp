// One line for each number, then the marks, with how often each is repeated.
#include "rawket/inspect/scan_state.hpp"

#include <algorithm>

#include "rawket/base/digest.hpp"
#include "rawket/base/text.hpp"

namespace rawket {
namespace {

constexpr std::string_view first_line = "rawket scan 1";
constexpr std::string_view letters = "-ocfu.";  // of the verdicts, in their order; then of what was not asked

char letter_of(u8 mark) { return mark == ScanState::not_asked ? letters.back() : letters[mark]; }

/// Calls `each` with the name and the value of each number that is kept, for writing and reading alike.
void each_number(ScanState& s, ScanTraffic& t, const std::function<void(std::string_view, u64&)>& each) {
  each("sent", t.sent), each("seen", t.seen_leaving), each("dropped", t.dropped);
  each("probes", s.account.sent), each("failed", s.account.failed), each("answered", s.account.answered), each("duplicates", s.account.duplicates);
  for (unsigned i = 0; i < s.pass; ++i) each("sent_in_pass", s.account.sent_by_pass[i]), each("found_in_pass", s.account.found_by_pass[i]);
}

Failure broken(std::string_view what) { return fail(Errc::malformed, "scan state", what, "remove the file to begin anew"); }

class StateReader {
 public:
  explicit StateReader(std::string_view text) : lines_(split(text, '\n')) {}
  std::string_view line() { return at_ < lines_.size() ? lines_[at_++] : std::string_view(); }
  /// The number behind a name.
  std::optional<u64> number(std::string_view name) {
    const std::string_view l = line();
    return l.starts_with(name) && l.size() > name.size() && l[name.size()] == ' ' ? parse_number(l.substr(name.size() + 1)) : std::nullopt;
  }

 private:
  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
};

/// "120-3o": false when it says something else, or not of exactly so many.
bool read_marks(std::string_view text, u64 probes, std::vector<u8>& marks) {
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(letters);
    const auto times = end == text.npos ? std::nullopt : parse_number(text.substr(0, end));
    if (!times || *times > probes - marks.size()) return false;
    const std::size_t which = letters.find(text[end]);
    marks.insert(marks.end(), static_cast<std::size_t>(*times), which + 1 == letters.size() ? ScanState::not_asked : static_cast<u8>(which));
    text.remove_prefix(end + 1);
  }
  return marks.size() == probes;
}

}  // namespace

std::string scan_key(const ScanTargets& targets, ScanKind kind) {
  std::vector<u8> all{static_cast<u8>(kind)};
  for (const IpAddress& h : targets.hosts) all.insert(all.end(), h.bytes().begin(), h.bytes().end());
  for (const u16 p : targets.ports) all.push_back(static_cast<u8>(p >> 8)), all.push_back(static_cast<u8>(p));
  return hex_text(sha256(all));
}

std::string scan_state_text(const ScanState& state, const ScanTraffic& traffic, const std::string& key) {
  ScanState s = state;
  ScanTraffic t = traffic;
  std::string text = std::string(first_line) + "\n" + key + "\npass " + std::to_string(s.pass) + "\n";
  each_number(s, t, [&text](std::string_view name, u64& value) { text += std::string(name) + " " + std::to_string(value) + "\n"; });
  for (std::size_t i = 0; i < s.marks.size();) {
    const std::size_t begin = i;
    while (i < s.marks.size() && s.marks[i] == s.marks[begin]) ++i;
    text += std::to_string(i - begin) + letter_of(s.marks[begin]);
  }
  return text + "\nend\n";
}

Result<std::pair<ScanState, ScanTraffic>> read_scan_state(std::string_view text, u64 probes, const std::string& key) {
  StateReader in(text);
  if (in.line() != first_line) return broken("the file is none");
  if (in.line() != key) return fail(Errc::refused, "scan state", "it is of a scan of other targets or ports", "give what was given then, or another file");
  std::pair<ScanState, ScanTraffic> all;
  auto& [s, t] = all;
  const auto pass = in.number("pass");
  constexpr u64 most_passes = 100;
  if (!pass || *pass > most_passes) return broken("it says no pass");
  s.pass = static_cast<unsigned>(*pass);
  s.account.sent_by_pass.resize(s.pass), s.account.found_by_pass.resize(s.pass);
  bool whole = true;
  each_number(s, t, [&](std::string_view name, u64& value) {
    const auto n = in.number(name);
    whole = whole && n.has_value();
    value = n.value_or(0);
  });
  if (!whole || !read_marks(in.line(), probes, s.marks) || in.line() != "end") return broken("it is cut off or damaged");
  return all;
}

}  // namespace rawket
