// Facts about this machine: they hold on any, with or without rights.
#include "rawket/host/facts.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "rawket/host/interfaces.hpp"

namespace rawket {
namespace {

TEST(Facts, of_the_kernel_are_read_without_rights) {
  const KernelFacts facts = kernel_facts();
  EXPECT_FALSE(facts.release.empty());
  EXPECT_NE(facts.packet_sockets, Support::no);
  EXPECT_TRUE(facts.packet_ring != Support::yes || facts.packet_sockets == Support::yes);
}

TEST(Facts, of_the_binary_name_this_very_file) {
  const BinaryFacts facts = binary_facts();
  EXPECT_TRUE(facts.path.starts_with("/")) << facts.path;
  EXPECT_EQ(::access(facts.path.c_str(), X_OK), 0);
}

TEST(Facts, of_a_missing_device_are_an_error_with_its_name) {
  const auto missing = offloads("no-such-device");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::unknown_name);
  EXPECT_NE(missing.error().text().find("no-such-device"), std::string::npos);
}

TEST(Interfaces, have_numbers_and_names_of_their_own) {
  const auto all = interfaces();
  ASSERT_TRUE(all) << all.error().text();
  for (const Interface& i : *all) {
    EXPECT_GT(i.index, 0u);
    EXPECT_EQ(interface_named(i.name).value().index, i.index);
    EXPECT_EQ(i.loopback, i.hardware_type == 772) << i.name;
  }
}

TEST(Interfaces, a_wrong_name_is_answered_with_the_names_there_are) {
  const auto wrong = interface_named("l0");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::unknown_name);
  EXPECT_NE(wrong.error().advice.find("lo"), std::string::npos) << wrong.error().text();
}

TEST(Interfaces, hostile_names_are_shown_clean) {
  const auto wrong = interface_named("eth\x1b[2J");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace rawket
