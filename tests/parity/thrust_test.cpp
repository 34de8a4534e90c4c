// The device's collector, compiled with Thrust's sequential CPP system and fed by the kernels' bodies: the same results
// as the CPU's, to the bit, however the scenarios are cut into batches.
#include <gtest/gtest.h>

#if TAILBIT_HAS_THRUST
#include <tuple>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/selftest.hpp"
#include "host/report/measure.hpp"
#include "kernels/device_collector.hpp"
#include "tests/support/equal_results.hpp"
#include "tests/support/host_device.hpp"
#include "tests/support/host_system.hpp"

namespace tailbit {
namespace {

using test::expect_equal;
using test::HostSystem;
using HostCollector = cuda::DeviceCollector<HostSystem>;

// (precision, are groups measured in full)
class ThrustMeasures : public testing::TestWithParam<std::tuple<Precision, bool>> {};

TEST_P(ThrustMeasures, EqualTheCpusForRaggedBatches) {
  const auto [precision, full] = GetParam();
  for (Inputs inputs :
       {known_answer_inputs(precision), known_factor_inputs(precision), known_part_inputs(precision),
        known_regime_inputs(precision), known_period_inputs(precision), known_history_inputs(precision)}) {
    inputs.config.scenarios = 4001;  // eight blocks of moments, the last ragged
    const CompiledJob job = compile(inputs);
    measure::Request request = make_request(job, inputs.config);
    request.full_groups = full;
    ASSERT_GT(request.groups.size(), 2u);

    measure::Collector on_cpu(request, job.plan.leaves, job.plan.scenarios);
    cpu::run(job.plan, {0, job.plan.scenarios}, {}, on_cpu);
    const measure::Results expected = measure::measure_all(on_cpu, job.plan.scenarios, request);
    for (const std::size_t batch : {512u, 1536u, 4096u}) {
      SCOPED_TRACE(batch);
      measure::Collector collector(request, job.plan.leaves, job.plan.scenarios);
      const cuda::DeviceRows rows(collector);
      EXPECT_EQ(rows.tails != 0, !full);
      HostSystem system;
      HostCollector device(system, collector, rows, job.plan.leaves, batch);
      test::HostDevice<random::Philox4x32> simulation(job.plan, batch);
      std::size_t batches = 0;
      simulation.for_each_batch([&](std::uint64_t first, std::uint32_t lanes, const std::int64_t* sums) {
        device.take(sums, batch, first, lanes);
        ++batches;
      });
      EXPECT_EQ(batches, (4001 + batch - 1) / batch);
      expect_equal(measure::measure_all(collector, job.plan.scenarios, request), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, ThrustMeasures,
                         testing::Combine(testing::Values(Precision::double_, Precision::single), testing::Bool()),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param) == Precision::double_ ? "Double" : "Single") +
                                  (std::get<1>(info.param) ? "Full" : "Tails");
                         });

// A book of two leaves, and each of them a group, at one date.
measure::Request two_leaves(bool full) {
  measure::Request request;
  request.groups = {{0, 2, 0}, {0, 1, 0}, {1, 2, 0}};
  request.node_seconds = {3600};
  request.levels = {measure::Level{99, 100}};
  request.full_groups = full;
  request.worst = 4;
  return request;
}

// Counts the candidates that are copied.
struct Counting : HostSystem {
  std::size_t candidates = 0;
  template <class T>
  void copy(T* to, const T* from, std::size_t count) {
    if constexpr (std::is_same_v<T, cuda::Candidate>) candidates += count;
    HostSystem::copy(to, from, count);
  }
};

TEST(DeviceCollector, LeavesWhatIsNotInATailOnTheDevice) {
  constexpr std::size_t kBatch = 512, kBatches = 40;
  const measure::Request request = two_leaves(false);
  measure::Collector collector(request, 2, kBatches * kBatch);
  const cuda::DeviceRows rows(collector);
  ASSERT_EQ(rows.tails, 2u);

  Counting system;
  cuda::DeviceCollector<Counting> device(system, collector, rows, 2, kBatch);
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    std::vector<std::int64_t> sums(2 * kBatch);
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] = static_cast<std::int64_t>((batch * sums.size() + i) * 7919 % 40961);
    device.take(sums.data(), kBatch, batch * kBatch, kBatch);
  }
  EXPECT_LT(system.candidates, 2 * kBatches * kBatch / 4);
  EXPECT_GT(system.candidates, 2 * kBatches * kBatch / 100);
}

// Fails once, at one of its first copies.
struct Lost {};
struct Failing : HostSystem {
  int copies_left;
  template <class T>
  void copy(T* to, const T* from, std::size_t count) {
    if (copies_left-- == 0) throw Lost();
    HostSystem::copy(to, from, count);
  }
};

TEST(DeviceCollector, MayTakeABatchAgainThatFailedOnTheWay) {
  constexpr std::size_t kBatch = 1024;
  std::vector<std::int64_t> sums(2 * kBatch);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<std::int64_t>(i * 7919 % 40961) - 20000;
  const measure::Request request = two_leaves(false);

  measure::Collector undisturbed(request, 2, kBatch);
  const cuda::DeviceRows rows(undisturbed);
  HostSystem system;
  HostCollector(system, undisturbed, rows, 2, kBatch).take(sums.data(), kBatch, 0, kBatch);
  const measure::Results expected = measure::measure_all(undisturbed, kBatch, request);
  int failures = 0;
  for (int copies = 1; copies < 8; ++copies) {
    measure::Collector collector(request, 2, kBatch);
    Failing failing{{}, copies};
    cuda::DeviceCollector<Failing> device(failing, collector, rows, 2, kBatch);
    try {
      device.take(sums.data(), kBatch, 0, kBatch);
    } catch (const Lost&) {
      ++failures;
      device.take(sums.data(), kBatch, 0, kBatch);
    }
    expect_equal(measure::measure_all(collector, kBatch, request), expected);
  }
  EXPECT_EQ(failures, 4);  // thresholds, whole rows, blocks, candidates
}

TEST(DeviceCollector, RefusesSumsThatAreNotExact) {
  for (const bool full : {true, false}) {
    for (const std::int64_t bad : {kMostQuanta, -kMostQuanta}) {
      const measure::Request request = two_leaves(full);
      // In the last scenario only, in a leaf whose sum with the other is small.
      std::vector<std::int64_t> sums(2 * 600);
      sums[599] = bad;
      sums[1199] = -bad;
      measure::Collector collector(request, 2, 600);
      const cuda::DeviceRows rows(collector);
      HostSystem system;
      HostCollector device(system, collector, rows, 2, 600);
      EXPECT_THROW(device.take(sums.data(), 600, 0, 600), measure::SumTooLarge);
      sums[599] -= bad > 0 ? 1 : -1;
      sums[1199] += bad > 0 ? 1 : -1;
      EXPECT_NO_THROW(device.take(sums.data(), 600, 0, 600));
    }
  }
}

TEST(DeviceCollector, SumsExactlyBeyond64Bits) {
  const std::int64_t large = kMostQuanta - 1;
  const measure::Request request = two_leaves(false);
  std::vector<std::int64_t> sums(2 * 5000);
  std::fill_n(sums.begin(), 5000, -large);
  measure::Collector collector(request, 2, 5000);
  const cuda::DeviceRows rows(collector);
  HostSystem system;
  HostCollector(system, collector, rows, 2, 5000).take(sums.data(), 5000, 0, 5000);
  const measure::Results results = measure::measure_all(collector, 5000, request);
  EXPECT_EQ(results.groups[1].pnl.mean, static_cast<double>(-static_cast<__int128>(large) * 5000) / 5000.0);
  EXPECT_EQ(results.groups[2].pnl.mean, 0.0);
}

}  // namespace
}  // namespace tailbit
#else
TEST(ThrustMeasures, EqualTheCpusForRaggedBatches) {
  GTEST_SKIP() << "Thrust's headers are not installed (CUDA toolkit or libthrust-dev)";
}
#endif
