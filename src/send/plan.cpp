// Making, judging and approving plans.
#include "rawket/send/plan.hpp"

#include <random>

#include "own_faults.hpp"

#include "rawket/base/text.hpp"
#include "rawket/base/text_buffer.hpp"
#include "rawket/proto/arp.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/send/pacer.hpp"

namespace rawket {
namespace {

constexpr u64 most_looked_at = 4096, most_random = 65536;

/// Of ARP whom it asks for; else, without an IP header, 0.0.0.0.
IpAddress whom(const Dissection& d) {
  if (const auto ip = destination_of(d)) return *ip;
  const auto arp = d.header<Arp>();
  return arp ? IpAddress(arp->target) : IpAddress(Ipv4Address());
}

IpAddress destination_of(const Packet& p) {
  Dissection d;
  dissect(standard_registry(), p.first_protocol(), p.bytes(), d);
  return whom(d);
}

bool is_ip(const Protocol& p) { return &p == &info<Ipv4> || &p == &info<Ipv6>; }

/// True when the kernel would change an IPv4 header that was given on purpose (raw_socket.hpp says what it rewrites).
bool kernel_would_rewrite(const Packet& p) {
  if (&p.first_protocol() != &info<Ipv4> || p.size() < 20) return false;
  const Ipv4 ip = decode<Ipv4>(p.bytes().data());
  const u32 header = ip.ihl.value * 4u;
  return ip.version != 4 || header < 20 || header > p.size() || ip.length.value != p.size() || (ip.id == 0 && (ip.flags & 2) == 0) || ip.src == Ipv4Address() ||
         internet_checksum(p.bytes().first(header)) != 0;
}

Result<Interface> interface_of(const Policy& policy, u32 index) {
  for (const Interface& i : policy.own)
    if (i.index == index) return i;
  return fail(Errc::unknown_name, "route", "leads to interface " + std::to_string(index) + ", which is gone");
}

Result<Interface> interface_towards(const Policy& policy, const IpAddress& destination) {
  const Route route = RAWKET_TRY(route_to(destination));
  return interface_of(policy, route.interface);
}

/// By the interface that was named, or else the kernel's choice. What is for this machine goes its own way.
Result<Route> choose_route(Plan& plan, const IpAddress& destination, const std::string& named, const Policy& policy) {
  const Route route = RAWKET_TRY(route_to(destination, {.interface = named}));
  plan.interface = RAWKET_TRY(interface_of(policy, route.interface));
  plan.bound = !named.empty() && !route.loopback;
  return route;
}

/// Fresh numbers, so that two runs do not mistake each other's answers.
void supply_identifiers(Recipe& r) {
  std::random_device random;
  const auto number = [&](u32 low, u32 high) { return std::to_string(std::uniform_int_distribution<u32>(low, high)(random)); };
  r.supply("ip", "id", number(1, 0xffff));
  for (std::string_view transport : {"tcp", "udp"}) r.supply(transport, "sport", number(49152, 65535));
  r.supply("tcp", "seq", number(0, ~u32{}));
  for (std::string_view echo : {"icmp_echo", "icmpv6_echo"}) r.supply(echo, "id", number(1, 0xffff));
  r.supply("dns", "id", number(1, 0xffff));
}

/// The link address of a group or of everybody; nothing for one host.
std::optional<Mac> group_mac(const IpAddress& a) {
  if (a == IpAddress(Ipv4Address("255.255.255.255"))) return Mac("ff:ff:ff:ff:ff:ff");
  return a.is_multicast() ? std::optional(link_group(a)) : std::nullopt;
}

/// The interface for packets to a group: the one named, else the first that is up and no loopback.
Result<Interface> interface_for_group(const Policy& policy, const std::string& named) {
  if (!named.empty()) return interface_named(named);
  for (const Interface& i : policy.own)
    if (i.up && !i.loopback && i.hardware_type == 1) return i;
  return fail(Errc::refused, "send", "no Ethernet interface is up for a packet to a group", "name one: -i eth0");
}

/// Whole frames to a group: no route is needed, and no neighbour has to answer.
void address_group(Recipe& r, Plan& plan, const IpAddress& destination, const Mac& mac) {
  for (const Prefix& p : plan.interface.addresses)
    if (p.address.is_v6 == destination.is_v6) {
      r.supply(destination.is_v6 ? "ipv6" : "ip", "src", p.address.text());
      break;
    }
  r.prepend(info<Ethernet>);
  r.supply("eth", "dst", mac.text());
  r.supply("eth", "src", plan.interface.mac.text());
  plan.way = Way::packet_socket;
  plan.why = "a group has no route";
}

/// Puts Ethernet before an IP packet: the neighbour's address, asked for if need be.
Result<void> add_link_header(Recipe& r, const Interface& i, const Route& route) {
  const auto mac = RAWKET_TRY(resolve_neighbour(i.index, route.next_hop, 1000));
  if (!mac) return fail(Errc::timed_out, i.name, "no host answers for " + route.next_hop.text() + ", so the frame has no destination", "give it: eth dst=02:00:00:00:00:02 / ...");
  r.prepend(info<Ethernet>);
  r.supply("eth", "dst", mac->text());
  r.supply("eth", "src", i.mac.text());
  return {};
}

void judge(Plan& plan, const Policy& policy) {
  Dissection d;
  const u64 step = plan.supply.count <= most_looked_at ? 1 : plan.supply.count / most_looked_at;
  for (u64 k = 0; k < plan.supply.count; ++k) {
    const auto p = plan.supply.make(k);
    if (!p) continue;
    dissect(standard_registry(), p->first_protocol(), p->bytes(), d);
    plan.needs = plan.needs | policy.needs_of(d);  // of every packet; only the linting below is of a sample
    const std::string to = whom(d).text();
    if (policy.is_forbidden(d) && plan.forbidden++ == 0) plan.first_forbidden = to;
    if (k == 0) plan.first_destination = to;
    plan.last_destination = to;
    plan.smallest = plan.smallest == 0 ? p->size() : std::min(plan.smallest, p->size());
    plan.largest = std::max(plan.largest, p->size());
    if (k % step != 0) continue;
    auto faults = own_faults(*p, d);
    if (has_errors(faults)) {
      if (plan.faulty++ == 0) plan.faults = std::move(faults);
      plan.needs.add(Need::faulty);
    }
    ++plan.looked_at;
  }
}

/// Without a fraction where there is none.
std::string rounded(double number) {
  std::string text = std::to_string(number);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

/// The most packets that a capture's own times let leave in one second, its rounds one after the other.
double busiest_second(const Supply& supply, double speed, u64 rounds) {
  constexpr u64 enough = 10'000'000;  // more in a second are not sent this way
  const Nanoseconds round = supply.round();
  const u64 all = std::min(supply.count * std::max<u64>(rounds, 1), std::max(supply.count, enough));
  const auto when = [&](u64 i) { return static_cast<double>(supply.offset(i % supply.count) + static_cast<Nanoseconds>(i / supply.count) * round) / speed; };
  u64 most = 1;
  for (u64 first = 0, last = 0; last < all; ++last) {
    while (first < last && when(last) - when(first) >= 1e9) ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<double>(most);
}

void set_pace(Plan& plan, const PlanOptions& options, const Policy& policy) {
  if (plan.count == 0) plan.count = plan.supply.count * options.repeat;
  plan.engine = options.engine;
  plan.ramp = options.ramp;
  plan.away = plan.needs.has(Need::away);
  const bool away = plan.needs.has(Need::away);
  plan.rate = options.rate > 0 ? options.rate : away ? policy.public_rate : policy.rate;
  if (options.unlimited) {
    plan.rate = Pacer::unlimited;
  } else if (options.bit_rate > 0) {
    plan.bit_rate = options.bit_rate;
    plan.rate = options.bit_rate / static_cast<double>(8 * std::max<std::size_t>(plan.smallest, 1));
  } else if (options.rate == 0 && plan.supply.offset) {
    plan.speed = options.speed;
    plan.rate = busiest_second(plan.supply, plan.speed, options.repeat);
  }
  Needs needs = plan.needs;
  const bool few = static_cast<double>(plan.count * (1 + u64{options.retries})) <= policy.public_burst() && plan.rate <= policy.rate;
  if (away && plan.count <= 1000 && (plan.rate <= policy.public_rate || few)) {  // a human rate needs no permission
    Needs only;
    only.add(Need::away);
    needs = needs.without(only);
  }
  if (plan.rate > policy.rate) needs.add(Need::fast);
  if (plan.count * (1 + u64{options.retries}) > policy.most_packets) needs.add(Need::many);
  plan.needs = needs;
}

/// The next hop of the first packet, when it has answered lately: what stays silent from the start says nothing.
std::optional<Plan::Watched> watched_of(const Plan& plan) {
  const auto first = plan.supply.make(0);
  if (!first || plan.interface.loopback || plan.interface.hardware_type != 1) return std::nullopt;
  const auto route = route_to(destination_of(*first), {.interface = plan.bound ? plan.interface.name : ""});
  if (!route || route->interface != plan.interface.index || route->loopback || route->next_hop.is_multicast()) return std::nullopt;
  const auto mac = neighbour(plan.interface.index, route->next_hop);
  if (!mac || !*mac) return std::nullopt;
  return Plan::Watched{.next_hop = route->next_hop, .own = route->source, .mac = **mac, .own_mac = plan.interface.mac};
}

std::string_view way_words(Way way, bool ipv6) {
  if (way == Way::raw_socket) return ipv6 ? "raw IPv6 socket, own header" : "raw IPv4 socket, own header";
  return way == Way::packet_socket ? "packet socket, whole frames" : "the kernel's own TCP connections";
}

Result<Plan> finish(Plan plan, const PlanOptions& options, const Policy& policy) {
  constexpr double slowest = 1e-3;
  const bool whole_frames = options.engine != SendEngine::automatic && options.engine != SendEngine::messages;
  if (whole_frames && plan.way != Way::packet_socket) return fail(Errc::refused, "engine", "this one sends whole frames, and the packets have no link header", "put one before them: eth dst=... / ..., with -i");
  if (options.ramp > 0 && (options.unlimited || (options.rate == 0 && plan.supply.offset))) return fail(Errc::refused, "--ramp", "it leads to a rate, and none is given", "--rate 10k");
  const bool known_rate = options.rate == 0 && options.bit_rate == 0;
  if (options.engine == SendEngine::live_frames && options.retries > 0) return fail(Errc::unsupported, "live frames", "questions are single packets", "use another --engine");
  if (options.engine == SendEngine::live_frames && !options.unlimited) return fail(Errc::unsupported, "live frames", "the kernel makes them as fast as it can", "--rate max, or another --engine");
  if (!known_rate && std::max(options.rate, options.bit_rate) < slowest) return fail(Errc::out_of_range, "--rate", "less than a packet in 1000 seconds is no rate");
  constexpr u32 least_fragment = 88;  // an IPv6 header, one for fragments, and some data
  if (options.fragment != 0 && plan.way != Way::raw_socket) return fail(Errc::refused, "--fragment", "only packets that the kernel routes are cut up");
  if (options.fragment != 0 && options.fragment < least_fragment) return fail(Errc::out_of_range, "--fragment", "a fragment has 88 bytes at least");
  plan.fragment = options.fragment;
  judge(plan, policy);
  set_pace(plan, options, policy);
  if (options.watch && plan.rate > policy.rate && plan.way != Way::connections) plan.watched = watched_of(plan);
  return plan;
}

}  // namespace

Result<Plan> make_plan(Recipe recipe, const PlanOptions& options, const Policy& policy) {
  supply_identifiers(recipe);
  Plan plan;
  const Packet sample = RAWKET_TRY(recipe.make(0));
  const IpAddress destination = destination_of(sample);
  if (&recipe.first_protocol() == &info<Arp>) recipe.prepend(info<Ethernet>);
  if (const auto mac = group_mac(destination); mac && is_ip(recipe.first_protocol())) {
    plan.interface = RAWKET_TRY(interface_for_group(policy, options.interface));
    address_group(recipe, plan, destination, *mac);
  } else if (is_ip(recipe.first_protocol())) {
    const Route route = RAWKET_TRY(choose_route(plan, destination, options.interface, policy));
    recipe.supply(destination.is_v6 ? "ipv6" : "ip", "src", (route.loopback ? destination : route.source).text());
    plan.ipv6 = destination.is_v6;
    const Packet completed = RAWKET_TRY(recipe.make(0));
    if (kernel_would_rewrite(completed) && !plan.interface.loopback) {
      if (auto r = add_link_header(recipe, plan.interface, route); !r) return Failure{r.error()};
      plan.way = Way::packet_socket;
      plan.why = "a raw socket would rewrite this IPv4 header";
    } else {
      plan.why = std::string("the kernel routes it; with ") + (plan.ipv6 ? "IPV6_HDRINCL" : "IP_HDRINCL") + " it adds no second IP header";
    }
  } else if (&recipe.first_protocol() == &info<Ethernet> || &recipe.first_protocol() == &info<Ieee8023>) {
    if (!options.interface.empty()) plan.interface = RAWKET_TRY(interface_named(options.interface));
    else if (destination != IpAddress(Ipv4Address())) plan.interface = RAWKET_TRY(interface_towards(policy, destination));
    else return fail(Errc::refused, "send", "a frame without an IP destination says not which interface it is for", "name it: -i eth0");
    recipe.supply(recipe.first_protocol().name, "src", plan.interface.mac.text());
    for (const Prefix& p : plan.interface.addresses)
      if (!p.address.is_v6) {
        recipe.supply("arp", "source", p.address.text());
        recipe.supply("ip", "src", p.address.text());
        break;
      }
    recipe.supply("arp", "source_mac", plan.interface.mac.text());
    plan.way = Way::packet_socket;
    plan.why = "the packet has a link header";
  } else {
    return fail(Errc::refused, "send", "a packet begins with eth, ip or ipv6, not with " + std::string(recipe.first_protocol().name), "put the layer before it: ip dst=... / " + std::string(recipe.first_protocol().name));
  }
  recipe.seed(std::random_device()() | u64{std::random_device()()} << 32);
  plan.supply.count = recipe.count();
  if (recipe.is_random()) {  // repeats are packets of their own, as many as are worth keeping
    plan.count = recipe.count() * options.repeat;
    plan.supply.count = std::min(plan.count, std::max(recipe.count(), most_random));
  }
  plan.supply.fixed = !recipe.is_random();
  plan.supply.make = [r = std::move(recipe)](u64 i) { return r.make(i); };
  return finish(std::move(plan), options, policy);
}

Result<Plan> make_plan(Supply supply, const PlanOptions& options, const Policy& policy) {
  if (supply.count == 0) return fail(Errc::refused, "send", "there is no packet to send");
  Plan plan;
  const Packet sample = RAWKET_TRY(supply.make(0));
  if (is_ip(sample.first_protocol())) {
    const IpAddress destination = destination_of(sample);
    plan.ipv6 = destination.is_v6;
    RAWKET_TRY(choose_route(plan, destination, options.interface, policy));
    plan.why = options.connect ? "it takes no right" : "the kernel routes it";
    if (options.connect) plan.way = Way::connections;
  } else {
    if (options.interface.empty()) return fail(Errc::refused, "send", "recorded frames say not which interface they are for", "name it: -i eth0");
    plan.interface = RAWKET_TRY(interface_named(options.interface));
    plan.way = Way::packet_socket;
    plan.why = "the packets have a link header";
  }
  plan.supply = std::move(supply);
  return finish(std::move(plan), options, policy);
}

Nanoseconds Supply::round() const {
  if (!offset || count == 0) return 0;
  const Nanoseconds last = offset(count - 1);
  return last + (count > 1 ? std::max<Nanoseconds>(last / static_cast<Nanoseconds>(count - 1), 1) : second);
}

bool Plan::unlimited() const { return rate >= Pacer::unlimited; }

std::string Plan::pace() const {
  if (unlimited()) return ", as fast as they can leave";
  if (timed()) return ", at the capture's own times" + (speed != 1 ? " " + rounded(speed) + " times as fast" : std::string()) + ", at most " + rounded(rate) + " in a second";
  if (in_bits()) return ", " + rounded(bit_rate) + " bits a second, at most " + rounded(rate) + " packets";
  if (rate <= 0) return {};
  return ", " + rounded(rate) + " a second at most, about " + std::to_string(static_cast<u64>(static_cast<double>(count) / rate) + 1) + " s";
}

std::string Plan::text(const Policy& policy) const {
  TextBuffer t;
  const auto line = [&](std::string_view name, std::string_view value) {
    const std::size_t start = t.size();
    t.append("  "), t.append(name);
    t.pad(start + 16), t.append(value), t.append('\n');
  };
  t.append("plan\n");
  line("packets", std::to_string(count) + pace());
  line("to", first_destination == last_destination ? first_destination : first_destination + " ... " + last_destination);
  if (fragment != 0 && largest > fragment) line("fragments", "of at most " + std::to_string(fragment) + " bytes each");
  line("by", std::string(way_words(way, ipv6)) + " on " + interface.name + ": " + why);
  if (forbidden > 0) line("forbidden", std::to_string(forbidden) + " of them, the first to " + first_forbidden);
  if (!watched && rate > policy.rate && !interface.loopback) line("watched", "no: the next hop is not known to answer");
  if (watched) line("watched", watched->next_hop.text() + " is asked each 250 ms; sending stops when it falls silent, slows down, or ICMP errors pour in");
  for (const Fault& f : faults) {
    TextBuffer fault;
    append_finding_text(fault, 1, f);
    line("fault", fault.view());
  }
  for (std::size_t i = 0; i < std::size(need_names); ++i)
    if (needs.has(static_cast<Need>(i))) line("needs", std::string("--allow ") + std::string(need_names[i]) + (policy.permitted.has(static_cast<Need>(i)) ? " (given)" : " (missing)"));
  return std::string(t.view());
}

Result<ApprovedPlan> approve(Plan plan, const Policy& policy) {
  if (!policy.is_open(wall_clock())) return fail(Errc::refused, "send", "the policy lets packets be sent only at " + policy.hours_text(), "come back then, or change the policy's hours");
  if (plan.forbidden > 0)
    return fail(Errc::refused, "send", std::to_string(plan.forbidden) + " of " + std::to_string(plan.supply.count) + " packets go where the policy forbids, the first to " + plan.first_forbidden,
                "leave them out; see the policy file, --only-to and --never-to");
  const Needs missing = plan.needs.without(policy.permitted);
  if (!missing.empty()) {
    std::string names;
    for (std::size_t i = 0; i < std::size(need_names); ++i)
      if (missing.has(static_cast<Need>(i))) names += (names.empty() ? "" : ",") + std::string(need_names[i]);
    return fail(Errc::refused, "send", "the policy does not permit this plan", "if it is meant: --allow " + names + "; --dry-run shows the plan and the bytes");
  }
  return ApprovedPlan(std::move(plan), policy);
}

}  // namespace rawket
