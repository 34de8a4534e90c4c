// Our Philox against cuRAND's: the header that the device compiles, and the library's host generator. Neither needs a
// GPU.
#include <gtest/gtest.h>

#if TAILBIT_HAS_CURAND
#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/selftest.hpp"
#include "kernels/curand_philox.hpp"
#include "tests/support/host_device.hpp"
#if TAILBIT_HAS_CURAND_LIBRARY
#include <curand.h>
#endif

namespace tailbit {
namespace {

TEST(Curand, HeaderGivesTheSameWords) {
  // Counters and keys walk over all words with odd strides, so that every carry and every bit is met.
  random::Words counter{0, 0, 0, 0};
  random::Key key{0, 0};
  for (int i = 0; i < 100'000; ++i) {
    const random::Words ours = random::Philox4x32::generate(counter, key);
    const random::Words theirs = cuda::CurandPhilox::generate(counter, key);
    ASSERT_EQ(ours.x0, theirs.x0);
    ASSERT_EQ(ours.x1, theirs.x1);
    ASSERT_EQ(ours.x2, theirs.x2);
    ASSERT_EQ(ours.x3, theirs.x3);
    counter = {counter.x0 + 0x9e3779b1u, counter.x1 + 0x85ebca77u, counter.x2 + 0xc2b2ae3du, counter.x3 + 0x27d4eb2fu};
    key = {key.k0 + 0x165667b1u, key.k1 + 0xd3a2646du};
  }
}

TEST(Curand, KernelBodiesWithItsGeneratorEqualTheCpu) {
  Inputs inputs = known_answer_inputs(Precision::double_);
  inputs.config.scenarios = 777;
  const CompiledJob job = compile(inputs);
  test::HostDevice<cuda::CurandPhilox> device(job.plan, 256);
  EXPECT_EQ(test::difference(device.run(), cpu::run(job.plan, {})), "");
}

TEST(Curand, HostGeneratorGivesTheSameWords) {
#if TAILBIT_HAS_CURAND_LIBRARY
  curandGenerator_t generator = nullptr;
  ASSERT_EQ(curandCreateGeneratorHost(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10), CURAND_STATUS_SUCCESS);
  constexpr std::uint64_t kSeed = 0x0123456789abcdefull;
  ASSERT_EQ(curandSetPseudoRandomGeneratorSeed(generator, kSeed), CURAND_STATUS_SUCCESS);
  std::vector<unsigned> words(4096);
  ASSERT_EQ(curandGenerate(generator, words.data(), words.size()), CURAND_STATUS_SUCCESS);
  curandDestroyGenerator(generator);
  // The host generator's order is by subsequence (counter word 2), four words each.
  for (std::uint32_t i = 0; i < words.size() / 4; ++i) {
    const random::Words x = random::Philox4x32::generate({0, 0, i, 0}, random::make_key(kSeed));
    ASSERT_EQ(x.x0, words[4 * i]) << i;
    ASSERT_EQ(x.x1, words[4 * i + 1]) << i;
    ASSERT_EQ(x.x2, words[4 * i + 2]) << i;
    ASSERT_EQ(x.x3, words[4 * i + 3]) << i;
  }
#else
  GTEST_SKIP() << "the cuRAND library is not installed (CUDA toolkit)";
#endif
}

}  // namespace
}  // namespace tailbit
#else
TEST(Curand, HeaderGivesTheSameWords) { GTEST_SKIP() << "cuRAND's headers are not installed (CUDA toolkit)"; }
#endif
