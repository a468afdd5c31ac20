// Text for people, an object a line for programs.
#include "scan_report.hpp"

#include <unistd.h>

#include <cmath>

#include "rawket/base/text.hpp"
#include "rawket/host/names.hpp"

namespace rawket::cli {
namespace {

void hundredths(TextBuffer& t, double value) {
  const auto n = static_cast<u64>(std::floor(value * 100 + 1e-9));
  t.decimal(n / 100), t.append('.'), t.decimal_padded(n % 100, 2);
}

}  // namespace

ScanReport::ScanReport(const ScanCommand& options, const ScanProbes& probes) : o_(options), probes_(probes), names_(!options.numbers), json_(options.format == "json"), live_(true, STDERR_FILENO) {
  if (!options.numbers) services_ = service_names(options.udp);
}

void ScanReport::verdict(const ScanProbes::Match& m) {
  const bool there = m.verdict == PortVerdict::open || m.verdict == PortVerdict::unfiltered;
  if (!there && !o_.all) return;
  if (there) names_.about(probes_.targets().host(m.probe));
  TextBuffer& t = out_.text();
  const std::string_view name = verdict_names[static_cast<unsigned>(m.verdict)];
  const auto service = services_.find(probes_.targets().port(m.probe));
  if (json_) {
    t.append("{\"event\":\"port\",\"address\":\""), t.append(probes_.targets().host(m.probe).text()), t.append("\",\"port\":"), t.decimal(probes_.targets().port(m.probe));
    t.append(",\"verdict\":\""), t.append(name), t.append("\",\"reason\":\""), t.append(m.reason), t.append('"');
    if (service != services_.end()) t.append(",\"service\":\""), t.json_escaped(service->second), t.append('"');
    t.append("}\n");
  } else {
    t.append(probes_.targets().host(m.probe).text()), t.append(' '), t.decimal(probes_.targets().port(m.probe)), t.append(o_.udp ? "/udp " : "/tcp "), t.append(name);
    if (service != services_.end()) t.append(" ("), t.append(service->second), t.append(')');
    t.append(": "), t.append(m.reason), t.append('\n');
  }
}

/// Text has the first line, and of HTTP what serves.
void ScanReport::service(u64 probe, const ServiceWords& w) {
  if (w.empty()) return;
  TextBuffer& t = out_.text();
  const IpAddress& host = probes_.targets().host(probe);
  const u16 port = probes_.targets().port(probe);
  if (json_) {
    t.append("{\"event\":\"service\",\"address\":\""), t.append(host.text()), t.append("\",\"port\":"), t.decimal(port);
    if (!w.banner.empty()) t.append(",\"banner\":\""), t.json_escaped(w.banner), t.append('"');
    if (w.tls) {
      t.append(",\"tls\":{\"version\":\""), t.json_escaped(w.tls->version), t.append("\",\"names\":[");
      for (const std::string& n : w.tls->names) t.append(&n == w.tls->names.data() ? "\"" : ",\""), t.json_escaped(n), t.append('"');
      t.append("],\"until\":\""), t.json_escaped(w.tls->until), t.append("\"}");
    }
    return t.append("}\n");
  }
  t.append(host.text()), t.append(' '), t.decimal(port), t.append("/tcp says: ");
  if (w.tls) {
    t.append(w.tls->version), t.append(w.tls->names.empty() ? ", no certificate" : ", certificate of");
    for (const std::string& n : w.tls->names) t.append(&n == w.tls->names.data() ? " " : ", "), t.append(clean_text(n));
    if (!w.tls->until.empty()) t.append(", until "), t.append(clean_text(w.tls->until));
  }
  bool first = true;
  for (const std::string_view line : split(w.banner, '\n')) {
    const bool serves = line.size() > 7 && same_word(line.substr(0, 7), "server:");
    if (first || serves) t.append(first ? "" : "; "), t.append(clean_text(trim(line)));
    first = false;
  }
  t.append('\n');
}

void ScanReport::flush() {
  names_.tell(out_.text(), json_);
  if (!out_.text().empty()) live_.clear();
  out_.flush(true);
}

void ScanReport::progress(const Scan& scan, Nanoseconds now) {
  live_.show(now, [&scan](TextBuffer& t) {
    const Scan::Progress p = scan.progress();
    t.append("pass "), t.decimal(p.pass), t.append(": "), t.decimal(p.asked), t.append(" of "), t.decimal(p.all), t.append(" asked, "), t.decimal(scan.answered()), t.append(" answered in all");
    if (p.asked < p.all) t.append("; "), t.decimal(static_cast<u64>(p.rate)), t.append(" a second at most, about "), t.decimal(static_cast<u64>(static_cast<double>(p.all - p.asked) / p.rate) + 1), t.append(" s left");
    else t.append("; waiting for the last answers");
    t.append('\n');
  });
}

void ScanReport::account(const ScanAccount& a, const ScanTraffic& traffic, const ScanManner& manner, Nanoseconds took) {
  live_.clear();
  names_.wait();
  names_.tell(out_.text(), json_);
  json_ ? account_json(a, traffic, manner, took) : account_text(a, traffic, manner, took);
  flush();
}

void ScanReport::account_json(const ScanAccount& a, const ScanTraffic& traffic, const ScanManner& manner, Nanoseconds took) {
  TextBuffer& t = out_.text();
  t.append("{\"event\":\"summary\"");
  const auto number = [&t](std::string_view name, u64 value) { t.append(",\""), t.append(name), t.append("\":"), t.decimal(value); };
  number("sent", traffic.sent);
  if (!manner.connected) number("seen_leaving", traffic.seen_leaving);
  number("failed", a.failed), number("answered", a.answered), number("duplicates", a.duplicates), number("open", a.open), number("closed", a.closed), number("filtered", a.filtered);
  number("unfiltered", a.unfiltered), number("unanswered", a.unanswered), number("not_asked", a.not_asked), number("dropped_by_kernel", traffic.dropped), number("took_ms", static_cast<u64>(took / millisecond));
  if (manner.talks > 0) number("service_connections", manner.talks);
  number("slowed", a.slowed), number("rate", static_cast<u64>(a.rate));
  const bool known = a.not_asked == 0 && a.answered > 0 && !a.answers_limited;
  for (const auto& [name, value] : {std::pair{"missed", a.missed()}, {"missed_at_most", a.missed_at_most()}, {"recall_at_least", a.recall_at_least()}}) {
    t.append(",\""), t.append(name), t.append("\":");
    known ? hundredths(t, value) : t.append("null");
  }
  t.append("}\n");
}

void ScanReport::account_text(const ScanAccount& a, const ScanTraffic& traffic, const ScanManner& manner, Nanoseconds took) {
  TextBuffer& t = out_.text();
  const auto number = [&t](u64 value, std::string_view what) { t.decimal(value), t.append(what); };
  if (a.unfiltered > 0) number(a.unfiltered, " unfiltered, ");
  number(a.open, " open, "), number(a.closed, " closed, "), number(a.filtered, " filtered, "), number(a.unanswered, a.answers_limited ? " without an answer (open or filtered)" : " without an answer");
  if (a.not_asked > 0) t.append(", "), number(a.not_asked, " not asked");
  t.append('\n');
  t.append("  "), number(traffic.sent, manner.connected ? " connections begun in " : " probes sent in "), number(a.sent_by_pass.size(), a.sent_by_pass.size() == 1 ? " pass, " : " passes, ");
  if (!manner.connected) number(traffic.seen_leaving, " seen leaving, ");
  number(a.answered, " answered, ");
  if (!manner.connected) number(a.duplicates, " answered again, "), number(traffic.dropped, " packets dropped by the kernel, ");
  number(static_cast<u64>(took / millisecond), " ms\n");
  if (!manner.connected && !manner.interrupted && traffic.seen_leaving + traffic.dropped < traffic.sent)
    t.append("  "), number(traffic.sent - traffic.seen_leaving, " probes were not seen leaving: nobody has told the link address of their hosts, or this machine's firewall drops them\n");
  if (manner.talks > 0) t.append("  "), number(manner.talks, manner.talks == 1 ? " connection more, to ask what is there\n" : " connections more, to ask what is there\n");
  if (a.slowed > 0) t.append("  slowed down "), number(a.slowed, a.slowed == 1 ? " time, as fewer answered: " : " times, as fewer answered: "), number(static_cast<u64>(a.rate), " a second at the end\n");
  missed_text(a);
}

void ScanReport::missed_text(const ScanAccount& a) {
  TextBuffer& t = out_.text();
  if (a.not_asked > 0) return void(t.append("  what would have answered is not known: the scan is not complete\n"));
  if (a.answered == 0) return void(t.append("  nothing answered: what was missed is not known\n"));
  if (a.answers_limited) return void(t.append("  an open port may be silent, and hosts refuse only so often: what did not answer is not known\n"));
  t.append("  missed: about "), hundredths(t, a.missed()), t.append(", at most "), hundredths(t, a.missed_at_most());
  t.append("; at least "), hundredths(t, a.recall_at_least()), t.append(" % of what would answer was found\n");
}

}  // namespace rawket::cli
