// Each protocol of the registry is read from worked-out bytes by some test: told when all tests have run.
#include "packet_test.hpp"

namespace rawket::test {
namespace {

class EveryProtocol : public testing::Environment {
 public:
  void TearDown() override {
    if (testing::UnitTest::GetInstance()->test_to_run_count() != testing::UnitTest::GetInstance()->total_test_count()) return;
    for (const Protocol* p : standard_registry().protocols())
      EXPECT_TRUE(protocols_seen().contains(p->name)) << p->name << " is read by no test: give it a vector, from its specification or from the lab";
  }
};

const testing::Environment* const environment = testing::AddGlobalTestEnvironment(new EveryProtocol);

}  // namespace
}  // namespace rawket::test
