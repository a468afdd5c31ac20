// rawket doctor: what will work here, what will not, and the smallest fix.
#include "output.hpp"
#include "rawket/host/facts.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/host/sandbox.hpp"
#include "rawket/io/packet_socket.hpp"
#include "rawket/lab/lab.hpp"

namespace rawket::cli {
namespace {

enum class Verdict : u8 { good, warning, bad };

struct Check {
  std::string name;
  Verdict verdict = Verdict::good;
  std::string text, fix;
};

std::string support(Support s) { return s == Support::yes ? "yes" : s == Support::no ? "no" : "unknown without the right"; }

std::vector<Check> rights_checks(const Privileges& p, const std::string& no_lab) {
  std::vector<Check> checks;
  const bool raw = p.has(cap_net_raw);
  checks.push_back({"CAP_NET_RAW", raw ? Verdict::good : Verdict::bad, raw ? (p.in_user_namespace ? "yes, inside this user namespace" : "yes") : "missing: no raw or packet socket can be opened",
                    raw ? "" : advice_for_net_raw()});
  checks.push_back({"lab", no_lab.empty() ? Verdict::good : Verdict::bad, no_lab.empty() ? "user namespaces work: rawket lab needs no right at all" : "no network of your own", no_lab});
  if (const std::string helper = socket_helper(); !raw && !helper.empty()) {
    const auto opened = PacketSocket::open({.interface = "lo", .receive = false});
    checks.push_back({"socket helper", opened ? Verdict::good : Verdict::warning, helper + (opened ? " opens sockets for this user: capture, send and ask work" : " cannot open sockets"),
                      opened ? "" : "sudo setcap cap_net_raw=ep '" + helper + "'"});
  }
  const BinaryFacts b = binary_facts();
  checks.push_back({"binary", b.nosuid ? Verdict::warning : Verdict::good, b.path + (b.has_net_raw ? " has cap_net_raw" : " has no file capability"),
                    b.nosuid ? "its file system is mounted nosuid, which switches file capabilities off: copy it to another place" : ""});
  return checks;
}

std::vector<Check> kernel_checks() {
  const KernelFacts k = kernel_facts();
  std::vector<Check> checks;
  const auto add = [&](std::string name, std::string text, Verdict v = Verdict::good, std::string fix = {}) { checks.push_back({std::move(name), v, std::move(text), std::move(fix)}); };
  add("kernel", k.release);
  add("packet sockets", support(k.packet_sockets), k.packet_sockets == Support::no ? Verdict::bad : Verdict::good);
  add("TPACKET_V3 ring", support(k.packet_ring));
  add("AF_XDP", support(k.xdp_sockets));
  const SandboxReport s = probe_sandbox();
  add("sandbox", std::string(s.system_calls_limited ? "system calls are limited" : "system calls cannot be limited (seccomp)") +
          (s.files_closed_off ? ", files closed off" : ", files cannot be closed off (Landlock, Linux 5.13)"),
      s.system_calls_limited && s.files_closed_off ? Verdict::good : Verdict::warning, s.instrumented ? "this build has sanitizers and is never closed off" : "");
  add("BTF", k.btf ? "yes" : "no");
  const bool small = k.rmem_max != 0 && k.rmem_max < (8u << 20);
  add("receive buffer", "at most " + std::to_string(k.rmem_max >> 10) + " KiB (net.core.rmem_max)", small ? Verdict::warning : Verdict::good,
      small ? "bursts may be lost; as root: sysctl -w net.core.rmem_max=67108864" : "");
  add("ICMP sockets", k.ping_allowed ? "this user may ping without a right" : "not for this user's groups (net.ipv4.ping_group_range)");
  return checks;
}

std::vector<Check> interface_checks() {
  std::vector<Check> checks;
  const auto all = interfaces();
  if (!all) return {{"interfaces", Verdict::bad, all.error().text(), ""}};
  for (const Interface& i : *all) {
    const auto o = offloads(i.name);
    if (!o || i.loopback) continue;
    std::string text, off;
    const auto add = [&](bool on, std::string_view what, std::string_view flag) {
      if (!on) return;
      text += (text.empty() ? "" : ", ") + std::string(what);
      off += " " + std::string(flag) + " off";
    };
    add(o->tx_checksum, "own checksums not filled in", "tx");
    add(o->gso || o->tso, "own segments not yet cut", "gso");
    add(o->gro || o->lro, "received segments joined", "gro");
    if (text.empty()) {
      checks.push_back({"interface " + i.name, Verdict::good, "captures are as on the wire", ""});
      continue;
    }
    checks.push_back({"interface " + i.name, Verdict::warning, "captures differ from the wire: " + text, "to see the wire, as root: ethtool -K " + i.name + off});
  }
  return checks;
}

std::vector<Check> command_checks(const Privileges& p, const std::string& no_lab) {
  const bool raw = p.has(cap_net_raw);
  const auto live = [&](std::string name) {
    return Check{std::move(name), raw ? Verdict::good : Verdict::bad, raw ? "works" : no_lab.empty() ? "only inside rawket lab run -- ..." : "does not work", ""};
  };
  return {{"read craft explain lint fields iface", Verdict::good, "work", ""}, live("capture"), live("send"), live("replay"), live("ask"),
          {"lab", no_lab.empty() ? Verdict::good : Verdict::bad, no_lab.empty() ? "works" : "does not work", ""}};
}

void show_text(TextBuffer& out, std::string_view title, const std::vector<Check>& checks) {
  out.append(title), out.append('\n');
  for (const Check& c : checks) {
    const std::size_t start = out.size();
    out.append(c.verdict == Verdict::good ? "  ok    " : c.verdict == Verdict::warning ? "  note  " : "  NO    ");
    out.clean(c.name);
    out.pad(start + 30), out.append(' '), out.clean(c.text), out.append('\n');
    for (std::size_t at = 0; at < c.fix.size();) {
      const std::size_t end = std::min(c.fix.find('\n', at), c.fix.size());
      out.append("          "), out.clean(std::string_view(c.fix).substr(at, end - at)), out.append('\n');
      at = end + 1;
    }
  }
}

void show_json(TextBuffer& out, std::string_view title, const std::vector<Check>& checks) {
  for (const Check& c : checks) {
    const auto text = [&](std::string_view key, std::string_view value) { out.append('"'), out.append(key), out.append("\":\""), out.json_escaped(value), out.append('"'); };
    out.append('{'), text("group", title), out.append(','), text("name", c.name), out.append(',');
    text("verdict", c.verdict == Verdict::good ? "ok" : c.verdict == Verdict::warning ? "note" : "no"), out.append(',');
    text("text", c.text), out.append(','), text("fix", c.fix), out.append("}\n");
  }
}

}  // namespace

int run_doctor(const FactsOptions& options) {
  const Privileges p = privileges();
  const std::string no_lab = why_no_lab();
  Output out;
  const auto show = [&](std::string_view title, const std::vector<Check>& checks) { options.format == "json" ? show_json(out.text(), title, checks) : show_text(out.text(), title, checks); };
  show("rights", rights_checks(p, no_lab));
  show("kernel", kernel_checks());
  show("interfaces", interface_checks());
  show("commands", command_checks(p, no_lab));
  return out.exit_code(p.has(cap_net_raw) || no_lab.empty() ? ok : negative);
}

}  // namespace rawket::cli
