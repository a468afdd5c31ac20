// What must hold for the table of every protocol and option: each is checked by being registered.
#include <set>

#include "../packet_test.hpp"
#include "rawket/packet/value.hpp"

namespace rawket {
namespace {

using namespace test;

/// Every registered protocol and every option reachable from one.
const std::vector<const Protocol*>& tables() {
  static const std::vector<const Protocol*> all = [] {
    std::vector<const Protocol*> list(standard_registry().protocols().begin(), standard_registry().protocols().end());
    const std::size_t registered = list.size();
    for (std::size_t i = 0; i < registered; ++i)
      if (list[i]->options != nullptr)
        for (const Protocol* o : list[i]->options->known)
          if (std::ranges::find(list, o) == list.end()) list.push_back(o);
    return list;
  }();
  return all;
}

std::vector<const Field*> whole_fields(const Protocol& p) {
  std::vector<const Field*> list;
  for (const Field& f : p.fields)
    if (!f.is_part && !f.is_status) list.push_back(&f);
  return list;
}

bool is_word(std::string_view s, std::string_view also) {
  return !s.empty() && std::ranges::all_of(s, [&](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || also.find(c) != also.npos; });
}

TEST(Tables, protocol_names_are_words_and_unique) {
  std::set<std::string_view> seen;
  for (const Protocol* p : standard_registry().protocols()) {
    EXPECT_TRUE(is_word(p->name, ".")) << p->name;
    EXPECT_TRUE(is_word(p->prefix, ".")) << p->name;
    EXPECT_TRUE(is_word(p->label, ".")) << p->name;
    EXPECT_TRUE(seen.insert(p->name).second) << p->name << " is registered twice";
    EXPECT_EQ(standard_registry().named(p->name), p);
  }
}

TEST(Tables, option_names_are_words_and_unique_in_their_list) {
  for (const Protocol* p : standard_registry().protocols()) {
    if (p->options == nullptr) continue;
    std::set<std::string_view> names;
    std::set<u64> kinds;
    for (const Protocol* o : p->options->known) {
      EXPECT_TRUE(is_word(o->name, "")) << o->name;
      EXPECT_TRUE(names.insert(o->name).second) << p->name << "." << o->name;
      EXPECT_TRUE(kinds.insert(o->kind).second) << p->name << "." << o->name << " shares its kind";
      EXPECT_EQ(p->options->find(o->kind), o);
      EXPECT_EQ(p->find(o->name), nullptr) << p->name << " has a field and an option named " << o->name;
    }
  }
}

TEST(Tables, everything_is_documented_without_a_final_full_stop) {
  const auto documented = [](std::string_view doc) { return !doc.empty() && doc.back() != '.' && doc.back() != ' ' && doc.front() != ' '; };
  for (const Protocol* p : tables()) {
    EXPECT_TRUE(documented(p->title)) << p->name;
    EXPECT_TRUE(documented(p->spec)) << p->name;
    for (const std::span<const Field> list : {p->fields, p->extras})
      for (const Field& f : list) EXPECT_TRUE(documented(f.doc)) << p->name << " " << f.name << ": " << f.doc;
  }
}

TEST(Tables, field_names_are_unique_and_found_by_each_of_their_names) {
  for (const Protocol* p : tables()) {
    std::set<std::string> seen;
    for (const std::span<const Field> list : {p->fields, p->extras})
      for (const Field& f : list) {
        EXPECT_TRUE(is_word(f.name, ".-ABCDEFGHIJKLMNOPQRSTUVWXYZ")) << p->name << "." << f.name;  // Wireshark's names, capitals included
        if (list.data() == p->extras.data() && f.is_part) continue;  // told of further messages what the table tells of the first
        EXPECT_TRUE(seen.insert(std::string(f.full_name())).second) << p->name << " has " << f.full_name() << " twice";
        EXPECT_TRUE(f.full_name().ends_with(f.name));
        EXPECT_NE(standard_registry().field_named(f.full_name()), nullptr) << f.full_name();
      }
    for (const Field& f : p->fields) {
      EXPECT_EQ(p->find(f.name), &f) << f.full_name();
      EXPECT_EQ(p->find(f.full_name()), &f) << f.full_name();
      if (!f.alias.empty() && p->find(f.alias) != &f) ADD_FAILURE() << p->name << ": the member's name " << f.alias << " finds " << p->find(f.alias)->full_name();
    }
  }
}

TEST(Tables, fields_cover_the_header_exactly_once) {
  for (const Protocol* p : tables()) {
    unsigned at = 0;
    for (const Field* f : whole_fields(*p)) {
      EXPECT_EQ(f->offset, at) << f->full_name();
      EXPECT_GT(f->width, 0) << f->full_name();
      at += f->width;
    }
    EXPECT_EQ(at, p->fixed * 8u) << p->name;
    EXPECT_EQ(p->defaults.size(), p->fixed) << p->name;
  }
}

TEST(Tables, parts_follow_their_field_and_cover_it) {
  for (const Protocol* p : tables()) {
    for (std::size_t i = 0; i < p->fields.size(); ++i) {
      const Field& f = p->fields[i];
      if (f.parts.empty()) continue;
      unsigned at = f.offset;
      for (std::size_t k = 0; k < f.parts.size(); ++k) {
        ASSERT_LT(i + 1 + k, p->fields.size());
        const Field& part = p->fields[i + 1 + k];
        EXPECT_TRUE(part.is_part) << part.full_name();
        EXPECT_EQ(part.name, f.parts[k].name);
        EXPECT_EQ(part.offset, at) << part.full_name();
        at += part.width;
      }
      EXPECT_EQ(at, unsigned{f.offset} + f.width) << f.full_name();
    }
  }
}

TEST(Tables, writing_a_field_leaves_its_neighbours) {
  auto random = random_source();
  for (const Protocol* p : tables())
    for (const Field& f : p->fields) {
      if (f.width == 0 || f.width > 64) continue;
      for (int round = 0; round < 20; ++round) {
        const Octets before = random_octets(random, p->fixed);
        Octets after = before;
        const u64 value = random() & detail::ones(f.width);
        f.write(after.data(), value);
        ASSERT_EQ(f.read(after.data()), value) << f.full_name();
        for (unsigned bit = 0; bit < p->fixed * 8u; ++bit)
          if (bit < f.offset || bit >= unsigned{f.offset} + f.width) {
            ASSERT_EQ(load(after.data(), bit, 1), load(before.data(), bit, 1)) << f.full_name() << " changed bit " << bit;
          }
      }
    }
}

TEST(Tables, the_text_of_every_field_parses_back) {
  auto random = random_source();
  for (const Protocol* p : tables())
    for (const Field& f : p->fields) {
      if (f.is_status) continue;
      for (int round = 0; round < 40; ++round) {
        Octets header = random_octets(random, p->fixed);
        if (f.show == Show::flags) {  // letters tell the named bits
          u64 named = 0;
          for (const Name& n : f.names) named |= n.value;
          f.write(header.data(), f.read(header.data()) & named);
        } else if (!f.names.empty() && static_cast<std::size_t>(round) < f.names.size()) {
          f.write(header.data(), f.names[static_cast<std::size_t>(round)].value);
        }
        TextBuffer text;
        append_field(text, f, header.data());
        Octets back = header;
        for (unsigned b = 0; b < f.width; ++b) store(back.data(), f.offset + b, 1, ~load(header.data(), f.offset + b, 1) & 1);  // nothing may be left by chance
        const auto r = parse_field(f, text.view(), back.data());
        ASSERT_TRUE(r) << f.full_name() << " = " << text.view() << ": " << r.error().text();
        ASSERT_EQ(hex_of(back), hex_of(header)) << f.full_name() << " = " << text.view();
      }
    }
}

TEST(Tables, a_value_that_does_not_fit_is_refused_and_nothing_is_written) {
  for (const Protocol* p : tables())
    for (const Field& f : p->fields) {
      if (f.is_status || !f.is_number() || f.width >= 64) continue;
      const Octets before(p->fixed, 0xa5);
      for (const std::string& text : {std::to_string((detail::ones(f.width) + 1) * f.scale), std::string("no such value"), std::string("-1"), std::string()}) {
        Octets after = before;
        const auto r = parse_field(f, text, after.data());
        if (text.empty() && f.show == Show::flags) continue;
        EXPECT_FALSE(r) << f.full_name() << " = '" << text << "'";
        EXPECT_EQ(after, before) << f.full_name();
        if (r) continue;
        EXPECT_EQ(r.error().where, f.full_name());
      }
    }
}

TEST(Tables, names_of_values_fit_their_field_and_differ) {
  for (const Protocol* p : tables())
    for (const Field& f : p->fields) {
      std::set<u64> values;
      std::set<std::string_view> words;
      for (const Name& n : f.names) {
        EXPECT_LE(n.value, detail::ones(f.width)) << f.full_name() << " " << n.text;
        EXPECT_TRUE(values.insert(n.value).second) << f.full_name() << " names " << n.value << " twice";
        EXPECT_TRUE(words.insert(n.text).second) << f.full_name() << " uses '" << n.text << "' twice";
      }
    }
}

TEST(Tables, computed_fields_have_a_rule_that_can_fill_them) {
  for (const Protocol* p : tables()) {
    u64 bit = 1;
    for (const Field* f : whole_fields(*p)) {
      EXPECT_FALSE((p->autos & bit) != 0 && f->rule.kind == Rule::given) << f->full_name() << " is left open, and nothing fills it";
      bit <<= 1;
    }
  }
}

TEST(Registry, every_number_finds_a_protocol_that_has_it) {
  for (const Protocol* p : standard_registry().protocols())
    for (const Number& n : p->numbers) {
      const Protocol* found = standard_registry().find(n.space->id, n.value);
      ASSERT_NE(found, nullptr) << p->name << " " << n.space->name << " " << n.value;
      EXPECT_NE(found->number_in(n.space->id), nullptr);
    }
  EXPECT_EQ(standard_registry().find(ether_type.id, 0xfffe), nullptr);
  EXPECT_EQ(standard_registry().find(tcp_port.id, 4789), nullptr);
}

TEST(Registry, a_copy_is_changed_without_the_original) {
  Registry mine = standard_registry();
  const Protocol& dns = protocol_named("dns");
  mine.bind(udp_port, 5353, dns);
  mine.bind(udp_port, 9953, dns);
  EXPECT_EQ(mine.find(udp_port.id, 5353), &dns);
  EXPECT_EQ(mine.find(udp_port.id, 9953), &dns);
  EXPECT_EQ(standard_registry().find(udp_port.id, 9953), nullptr);
  EXPECT_EQ(standard_registry().find(udp_port.id, 5353)->name, "mdns");
}

TEST(Registry, an_added_protocol_takes_its_numbers_over) {
  static constexpr Number numbers[] = {{&udp_port, 53}, {&udp_port, 50053}};
  static constexpr Protocol mine{.name = "mine", .prefix = "mine", .label = "mine", .title = "Mine", .spec = "none", .numbers = numbers};
  Registry r = standard_registry();
  r.add(mine);
  EXPECT_EQ(r.find(udp_port.id, 53), &mine);
  EXPECT_EQ(r.find(udp_port.id, 50053), &mine);
  EXPECT_EQ(r.named("mine"), &mine);
  EXPECT_EQ(standard_registry().named("mine"), nullptr);
}

TEST(Registry, many_bindings_are_all_found) {
  Registry r = standard_registry();
  const Protocol &dns = protocol_named("dns"), &vxlan = protocol_named("vxlan");
  for (u64 port = 10000; port < 20000; ++port) r.bind(udp_port, port, port % 2 != 0 ? dns : vxlan);
  for (u64 port = 10000; port < 20000; ++port) ASSERT_EQ(r.find(udp_port.id, port), port % 2 != 0 ? &dns : &vxlan) << port;
  EXPECT_EQ(r.find(tcp_port.id, 10000), nullptr);
  EXPECT_EQ(r.find(ether_type.id, 0x0800)->name, "ip");
}

TEST(Registry, unknown_words_and_fields_are_nothing) {
  EXPECT_EQ(standard_registry().named("tpc"), nullptr);
  EXPECT_EQ(standard_registry().named(""), nullptr);
  EXPECT_EQ(standard_registry().field_named("tcp.dprot"), nullptr);
  EXPECT_NE(standard_registry().field_named("tcp.options.mss_val"), nullptr);
  EXPECT_NE(standard_registry().field_named("dns.qry.name"), nullptr);
  EXPECT_EQ(standard_registry().words().size(), standard_registry().protocols().size());
}

}  // namespace
}  // namespace rawket
