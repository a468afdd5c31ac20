// Labelled faulty packets kept beside the checkout: each is found, and the good one is not.
#include <filesystem>
#include <fstream>

#include "../packet_test.hpp"

namespace rawket {
namespace {

using namespace test;

/// The folder beside the checkout, wherever the tests run from; empty when there is none.
std::filesystem::path folder() {
  const std::filesystem::path source = std::filesystem::path(__FILE__).parent_path();
  for (const auto& checkout : {source / "../../..", std::filesystem::path("."), std::filesystem::path("..")})
    if (std::filesystem::exists(checkout / "../shared/faults/faults.pcap")) return checkout / "../shared/faults";
  return {};
}

TEST(LabelledFaults, each_faulty_packet_has_a_finding_and_the_good_one_has_none) {
  const auto where = folder();
  if (where.empty()) GTEST_SKIP() << "the labelled packets are not beside this checkout";
  std::ifstream labels(where / "cases.txt"), file(where / "faults.pcap", std::ios::binary);
  const Octets pcap((std::istreambuf_iterator<char>(file)), {});
  const auto little = [&](std::size_t at) { return static_cast<u32>(pcap[at] | pcap[at + 1] << 8 | pcap[at + 2] << 16 | pcap[at + 3] << 24); };
  std::string label;
  std::size_t at = 24, count = 0;
  for (; std::getline(labels, label); ++count) {
    ASSERT_LE(at + 16, pcap.size());
    const u32 captured = little(at + 8), original = little(at + 12);
    const Octets bytes(pcap.begin() + static_cast<std::ptrdiff_t>(at + 16), pcap.begin() + static_cast<std::ptrdiff_t>(at + 16 + captured));
    at += 16 + captured;
    const Seen seen(protocol_named("eth"), bytes, original);
    const std::string found = seen.fault_codes({.original_length = original});
    EXPECT_EQ(found.empty(), label.starts_with("ok")) << label << ": " << found;
  }
  EXPECT_EQ(at, pcap.size());
  EXPECT_EQ(count, 32u);
}

}  // namespace
}  // namespace rawket
