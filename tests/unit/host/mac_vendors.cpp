// Makers of devices, from tables of three forms.
#include "rawket/host/mac_vendors.hpp"

#include <gtest/gtest.h>

namespace rawket::test {
namespace {

TEST(MacVendors, read_each_form_of_table) {
  for (const char* table : {"00-00-0C   (hex)\t\tExample Makers, Inc\n00000C     (base 16)\t\tExample Makers, Inc\n", "# a comment\n00000C Example Makers, Inc\n", "00:00:0C\tExample\tExample Makers, Inc\n"}) {
    const MacVendors v = MacVendors::parse(table);
    EXPECT_EQ(v.name_of("00:00:0c:12:34:56"), "Example Makers, Inc") << table;
    EXPECT_EQ(v.name_of("00:00:0d:12:34:56"), "") << table;
    EXPECT_EQ(v.name_of("02:00:0c:12:34:56"), "(made up)") << table;
  }
}

TEST(MacVendors, lines_that_are_none_are_passed_over) {
  EXPECT_TRUE(MacVendors::parse("").empty());
  EXPECT_TRUE(MacVendors::parse("00:00\nxyz\n00-00-0C\n00000C   (base 16)  x\n00000C1 Longer\n00:00:0C:00:00:00/28 Longer\n").empty());
  EXPECT_EQ(MacVendors::parse("00000C bad\x1bname\n").name_of("00:00:0c:00:00:00").find('\x1b'), std::string_view::npos);
}

}  // namespace
}  // namespace rawket::test
