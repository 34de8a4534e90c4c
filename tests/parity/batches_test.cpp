// Devices made of loops, in threads of their own, through all that the CUDA backend does but the calls of CUDA:
// scenarios from one queue, batches in flight, too little memory on the way, one collector. The CPU's results, to the
// bit.
#include <gtest/gtest.h>

#if TAILBIT_HAS_THRUST
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/selftest.hpp"
#include "host/report/measure.hpp"
#include "kernels/batch_loop.hpp"
#include "kernels/device_collector.hpp"
#include "tests/support/equal_results.hpp"
#include "tests/support/host_device.hpp"
#include "tests/support/host_system.hpp"

namespace tailbit {
namespace {

// Calls left until memory is too little; shared by a device's slots.
using CallsLeft = std::atomic<int>;

void spend(CallsLeft& calls_left) {
  if (calls_left-- == 0) throw cuda::OutOfMemory("none left");
}

class HostSlot {
 public:
  HostSlot(const Plan& plan, measure::Collector& collector, const cuda::DeviceRows& rows, std::size_t lanes,
           CallsLeft& calls_left)
      : device_(plan, lanes),
        lanes_(lanes),
        collector_(system_, collector, rows, plan.leaves, lanes),
        calls_(calls_left) {
    spend(calls_);
  }
  void start(ScenarioRange range) {
    EXPECT_FALSE(busy_);
    busy_ = true;
    range_ = range;
    spend(calls_);
  }
  Tally finish() {
    EXPECT_TRUE(busy_);
    busy_ = false;
    const Tally before = device_.tally();
    const std::int64_t* profits = device_.simulate(range_.first, range_.count);
    spend(calls_);
    collector_.take(profits, lanes_, range_.first, range_.count);
    return {device_.tally().vols_at_floor - before.vols_at_floor, device_.tally().moves_limited - before.moves_limited};
  }

 private:
  test::HostDevice<random::Philox4x32> device_;
  std::size_t lanes_;
  test::HostSystem system_;
  cuda::DeviceCollector<test::HostSystem> collector_;
  CallsLeft& calls_;
  ScenarioRange range_{};
  bool busy_ = false;
};

struct HostRun {
  HostRun(const Plan& of, const measure::Request& request)
      : plan(of), collector(request, of.leaves, of.scenarios), rows(collector), queue({0, of.scenarios}) {}

  // One device's share.
  void work(cuda::BatchPlan batches, int calls_until_failure) {
    CallsLeft calls_left{calls_until_failure};
    const auto make_slots = [&](cuda::BatchPlan now) {
      {
        const std::lock_guard lock(mutex);
        used.push_back(now);
      }
      std::vector<std::unique_ptr<HostSlot>> slots;
      for (std::size_t s = 0; s < now.slots; ++s)
        slots.push_back(std::make_unique<HostSlot>(plan, collector, rows, now.lanes, calls_left));
      return slots;
    };
    cuda::run_batches(
        queue, batches, make_slots,
        [&](ScenarioRange range, const Tally& counted) {
          const std::lock_guard lock(mutex);
          tally += counted;
          done += range.count;
        },
        [] { return false; });
  }

  const Plan& plan;
  measure::Collector collector;
  const cuda::DeviceRows rows;
  cuda::ScenarioQueue queue;
  std::mutex mutex;
  Tally tally;
  std::uint64_t done = 0;
  std::vector<cuda::BatchPlan> used;
};

struct Batches : testing::Test {
  Batches() {
    Inputs inputs = known_factor_inputs(Precision::double_);
    inputs.config.scenarios = 5001;
    job = compile(inputs);
    request = make_request(job, inputs.config);
    request.full_groups = false;
    measure::Collector on_cpu(request, job.plan.leaves, job.plan.scenarios);
    tally = cpu::run(job.plan, {0, job.plan.scenarios}, {}, on_cpu).tally;
    expected = measure::measure_all(on_cpu, job.plan.scenarios, request);
  }
  void expect_the_cpus(HostRun& run) {
    EXPECT_EQ(run.done, job.plan.scenarios);
    EXPECT_EQ(run.tally.vols_at_floor, tally.vols_at_floor);
    EXPECT_EQ(run.tally.moves_limited, tally.moves_limited);
    test::expect_equal(measure::measure_all(run.collector, job.plan.scenarios, request), expected);
  }
  CompiledJob job;
  measure::Request request;
  Tally tally;
  measure::Results expected;
};

TEST_F(Batches, ThatMemoryWasTooLittleForAreSimulatedAgain) {
  // The calls are: two slots made, batches started and finished in turns.
  for (const int failing_call : {0, 1, 2, 3, 4, 5, 8, 11}) {
    SCOPED_TRACE(failing_call);
    HostRun run(job.plan, request);
    run.work({1024, 2}, failing_call);
    EXPECT_EQ(run.used, (std::vector<cuda::BatchPlan>{{1024, 2}, {512, 2}}));
    expect_the_cpus(run);
  }
}

TEST_F(Batches, AreGivenUpOnlyWhenTheSmallestFails) {
  HostRun run(job.plan, request);
  EXPECT_THROW(run.work({512, 1}, 3), cuda::OutOfMemory);
  EXPECT_LT(run.done, job.plan.scenarios);
  // Another device has the rest, what was in flight included.
  run.work({512, 2}, -1);
  expect_the_cpus(run);
}

TEST_F(Batches, OfSeveralDevicesMakeOneResult) {
  HostRun run(job.plan, request);
  {
    std::vector<std::jthread> devices;
    devices.emplace_back([&] { run.work({512, 2}, -1); });
    devices.emplace_back([&] { run.work({1024, 2}, 7); });
    devices.emplace_back([&] { run.work({1536, 1}, -1); });
  }
  expect_the_cpus(run);
}

}  // namespace
}  // namespace tailbit
#else
TEST(Batches, OfSeveralDevicesMakeOneResult) {
  GTEST_SKIP() << "Thrust's headers are not installed (CUDA toolkit or libthrust-dev)";
}
#endif
