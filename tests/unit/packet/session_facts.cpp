// What other packets tell is asked for and shown like fields.
#include "rawket/packet/session_facts.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/columns.hpp"
#include "rawket/packet/display_filter.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

TEST(SessionFacts, are_names_for_filters_and_columns) {
  auto filter = DisplayFilter::compile(standard_registry(), "tcp.analysis.retransmission && tcp.stream == 3");
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->needs_facts());
  EXPECT_FALSE(DisplayFilter::compile(standard_registry(), "tcp.port == 3")->needs_facts());
  const Packet p = Ipv4{} / Tcp{};
  Dissection d;
  dissect(standard_registry(), info<Ipv4>, p.bytes(), d);
  const std::array facts{FactValue{SessionFact::stream, 3}, FactValue{SessionFact::retransmission, 1}};
  EXPECT_TRUE(filter->matches({.facts = facts}, d));
  EXPECT_FALSE(filter->matches({.facts = std::span(facts).first(1)}, d));
  const std::array<std::string_view, 2> names{"tcp.stream", "tcp.analysis.retransmission"};
  auto columns = ColumnPrinter::create(standard_registry(), names, ColumnFormat::csv);
  ASSERT_TRUE(columns && columns->needs_facts());
  TextBuffer t;
  columns->print({.facts = facts}, d, t);
  EXPECT_EQ(t.view(), "3,1\n");
}

}  // namespace
}  // namespace rawket
