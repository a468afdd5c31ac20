// Layers are paired by name, then their fields by name and order.
#include "rawket/packet/diff.hpp"

#include <algorithm>
#include <map>

#include "rawket/base/text.hpp"
#include "rawket/packet/value.hpp"
#include "rawket/packet/walk.hpp"
#include "rawket/proto/arp.hpp"
#include "rawket/proto/dns.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/vlan.hpp"

namespace rawket {
namespace {

/// One value of a packet as text; parts of a field are left out, as the field itself is there.
struct Named {
  const Field* field = nullptr;
  std::string text;
};

class Listing final : public Visitor {
 public:
  void layer(const Layer&, std::size_t) override {}
  void option(const Protocol*, u64, u32, u32) override {}
  void field(const Field& f, const u8* header, u32, u32) override {
    if (f.is_part) return;
    TextBuffer t;
    append_field(t, f, header);
    add(f, t);
  }
  void number(const Field& f, u64 value, u32, u32) override {
    if (f.is_status) return;
    TextBuffer t;
    append_number(t, f, value);
    add(f, t);
  }
  void octets(const Field& f, Bytes value, u32, u32) override {
    TextBuffer t;
    append_octets(t, f, value);
    add(f, t);
  }
  std::vector<std::string_view> names;   ///< in the order they came first
  std::map<std::string_view, std::vector<Named>> values;

 private:
  void add(const Field& f, const TextBuffer& t) {
    std::vector<Named>& list = values[f.full_name()];
    if (list.empty()) names.push_back(f.full_name());
    list.push_back({&f, std::string(t.view())});
  }
};

/// Layers from `begin` on that belong to the comparison.
struct Side {
  const Dissection* d = nullptr;
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
  const Layer& at(std::size_t i) const { return d->layers()[begin + i]; }
};

std::optional<std::size_t> quoting_layer(const Dissection& d) {
  for (std::size_t i = 0; i + 1 < d.layers().size(); ++i)
    if (d.layers()[i].protocol->quotes) return i;
  return std::nullopt;
}

std::size_t first_ip(const Dissection& d) {
  for (std::size_t i = 0; i < d.layers().size(); ++i)
    if (d.layers()[i].protocol == &info<Ipv4> || d.layers()[i].protocol == &info<Ipv6>) return i;
  return 0;
}

bool is_link(const Protocol& p) { return p.number_in(link_layer.id) != nullptr; }

class Comparing {
 public:
  Comparing(Side a, Side b, bool quoted) : a_(a), b_(b), quoted_(quoted) {}

  std::vector<Difference> run() {
    for (const auto& [i, k] : pairs()) {
      if (k == none) only(a_.at(i), true);
      else if (i == none) only(b_.at(k), false);
      else layer(i, k);
    }
    return std::move(found_);
  }

 private:
  static constexpr std::size_t none = ~std::size_t{};

  /// The longest run of equal layers, and what stands between them.
  std::vector<std::pair<std::size_t, std::size_t>> pairs() const {
    const std::size_t n = a_.size(), m = b_.size();
    std::vector<std::vector<std::size_t>> common(n + 1, std::vector<std::size_t>(m + 1));
    const auto same = [&](std::size_t i, std::size_t k) { return a_.at(i).protocol == b_.at(k).protocol; };
    for (std::size_t i = n; i-- > 0;)
      for (std::size_t k = m; k-- > 0;) common[i][k] = same(i, k) ? common[i + 1][k + 1] + 1 : std::max(common[i + 1][k], common[i][k + 1]);
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (std::size_t i = 0, k = 0; i < n || k < m;) {
      if (i < n && k < m && same(i, k)) out.emplace_back(i++, k++);
      else if (k == m || (i < n && common[i + 1][k] >= common[i][k + 1])) out.emplace_back(i++, none);
      else out.emplace_back(none, k++);
    }
    return out;
  }

  void only(const Layer& l, bool before) {
    if (l.protocol == &data && l.length == 0) return;
    if (quoted_ && before) return;  // an error quotes only the beginning
    const std::string name(l.protocol->label);
    const bool tag = l.protocol == &info<Vlan> || l.protocol == &info<ServiceVlan> || is_link(*l.protocol);
    found_.push_back({tag ? Difference::expected : Difference::suspicious, name, before ? "there" : "", before ? "" : "there", before ? "layer removed" : "layer added"});
  }

  void layer(std::size_t i, std::size_t k) {
    const Layer &x = a_.at(i), &y = b_.at(k);
    if (x.protocol == &data) return payload(x, y);
    Listing before, after;
    walk_layer(*a_.d, a_.begin + i, before);
    walk_layer(*b_.d, b_.begin + k, after);
    for (std::string_view name : before.names) compare(name, before.values[name], after.values[name]);
    if (quoted_) return;
    for (std::string_view name : after.names)
      if (!before.values.contains(name)) compare(name, {}, after.values[name]);
  }

  void compare(std::string_view name, const std::vector<Named>& x, const std::vector<Named>& y) {
    for (std::size_t i = 0; i < std::max(x.size(), y.size()); ++i) {
      const std::string before = i < x.size() ? x[i].text : "", after = i < y.size() ? y[i].text : "";
      if (before == after || (quoted_ && after.empty())) continue;
      const Field& f = i < x.size() ? *x[i].field : *y[i].field;
      Difference d{Difference::suspicious, std::string(name), before, after, ""};
      judge(f, d);
      found_.push_back(std::move(d));
    }
  }

  static void judge(const Field& f, Difference& d) {
    const auto before = parse_number(d.before), after = parse_number(d.after);
    const bool lower = before && after && *after < *before;
    if (f.rule.is_sum()) d.kind = Difference::expected;
    else if (d.field == "ip.ttl" || d.field == "ipv6.hlim") d.kind = lower ? Difference::expected : Difference::suspicious, d.meaning = lower ? std::to_string(*before - *after) + " hops" : "a hop count that grows";
    else if (f.show == Show::mac && (f.from || f.to || d.field.starts_with("eth.") || d.field.starts_with("sll."))) d.kind = Difference::expected;
    else if (d.field == "ip.dsfield" || d.field == "ipv6.tclass") d.meaning = "marked differently";
    else if (d.field == "tcp.options.mss_val") d.meaning = lower ? "MSS lowered" : d.after.empty() ? "option removed" : "MSS changed";
    else if (d.field.find("option") != d.field.npos) d.meaning = d.after.empty() ? "option removed" : d.before.empty() ? "option added" : "option changed";
    else if ((f.from || f.to) && f.width == 16) d.meaning = "port translated";
    else if (f.from || f.to) d.meaning = "address translated";
  }

  void payload(const Layer& x, const Layer& y) {
    const Bytes before = slice(a_.d->packet, x.offset, x.length), after = slice(b_.d->packet, y.offset, y.length);
    const std::size_t size = quoted_ ? std::min(before.size(), after.size()) : before.size();
    if (std::ranges::equal(before.first(size), quoted_ ? after.first(size) : after)) return;
    const std::size_t at = static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
    found_.push_back({Difference::suspicious, "data", std::to_string(before.size()) + " bytes", std::to_string(after.size()) + " bytes", "payload differs from byte " + std::to_string(at) + " on"});
  }

  Side a_, b_;
  bool quoted_ = false;
  std::vector<Difference> found_;
};

Side whole(const Dissection& d) { return {&d, 0, d.layers().size()}; }

}  // namespace

std::vector<Difference> differences(const Dissection& before, const Dissection& after) {
  const auto quoted_before = quoting_layer(before), quoted_after = quoting_layer(after);
  if (quoted_before.has_value() == quoted_after.has_value()) return Comparing(whole(before), whole(after), false).run();
  const Dissection& sent = quoted_after ? before : after;
  const Dissection& error = quoted_after ? after : before;
  const std::size_t at = (quoted_after ? *quoted_after : *quoted_before) + 1;
  return Comparing({&sent, first_ip(sent), sent.layers().size()}, {&error, at, error.layers().size()}, true).run();
}

u64 way_key(const Dissection& d) {
  u64 key = hash_start;
  const auto mix = [&](Bytes b) { key = hash_bytes(key, b); };
  const auto quoted = quoting_layer(d);
  for (std::size_t i = quoted ? *quoted + 1 : 0; i < d.layers().size(); ++i) {
    const Layer& l = d.layers()[i];
    const u8* h = d.packet.data() + l.offset;
    if (l.protocol != &data && l.length < l.protocol->fixed && l.protocol != &info<Tcp>) break;
    if (l.protocol == &info<Ipv4>) mix({h + 4, 2}), mix({h + 9, 1});
    else if (l.protocol == &info<Tcp> && l.length >= 8) mix({h + 4, 4});
    else if (l.protocol == &info<IcmpEcho> || l.protocol == &info<Icmpv6Echo>) mix({h, 4});
    else if (l.protocol == &info<Dns>) mix({h, 2});
    else if (l.protocol == &info<Arp>) mix({h + 6, 22});
    else if (l.protocol == &data && !quoted) mix(slice(d.packet, l.offset, std::min<u32>(l.length, 64)));
  }
  return key;
}

}  // namespace rawket
