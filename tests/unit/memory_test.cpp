// A job that cannot be held is refused before it is begun.
#include "host/ops/memory.hpp"

#include <gtest/gtest.h>

namespace tailbit::memory_test {
namespace {

// What is said of a need of so many bytes; "" where it fits.
std::string said(double bytes, const MemoryFacts& memory) {
  try {
    require_memory(bytes, ExitCode::bad_config, "run.json: the job", "use less", memory);
    return "";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::bad_config);
    return failure.what();
  }
}

TEST(RequiredMemory, IsHeldAgainstTheMachine) {
  const MemoryFacts memory{16'000'000'000, 1, std::nullopt};
  EXPECT_EQ(said(16e9, memory), "");
  EXPECT_EQ(said(16.1e9, memory), "run.json: the job needs 17 GB and this machine has 16; use less");
}

TEST(RequiredMemory, IsHeldAgainstTheLimitOfAContainer) {
  const MemoryFacts memory{16'000'000'000, 1, 4'500'000'000};
  EXPECT_EQ(said(4.5e9, memory), "");
  EXPECT_EQ(said(4.6e9, memory), "run.json: the job needs 5 GB and this process may use 4; use less");
  EXPECT_EQ(said(17e9, {16'000'000'000, 1, 32'000'000'000}),
            "run.json: the job needs 17 GB and this machine has 16; use less");
}

TEST(RequiredMemory, IsTakenOnTrustWhereNothingIsKnown) { EXPECT_EQ(said(1e18, {}), ""); }

}  // namespace
}  // namespace tailbit::memory_test
