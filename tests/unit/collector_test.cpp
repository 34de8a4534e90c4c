// Results from tails alone equal those from whole samples, to the bit; blocks may come in any order, from any thread.
#include "tailbit/measure/collector.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/selftest.hpp"
#include "host/report/measure.hpp"
#include "tests/support/equal_results.hpp"

namespace tailbit::measure::collector_test {
namespace {

struct Simulated {
  Inputs inputs;
  CompiledJob job;
  Pnl pnl;

  explicit Simulated(std::uint64_t scenarios) : inputs(known_answer_inputs(Precision::double_)) {
    inputs.config.scenarios = scenarios;
    job = compile(inputs);
    pnl = cpu::run(job.plan, {});
  }
  Request request(bool full) const {
    Request r = make_request(job, inputs.config);
    r.full_groups = full;
    return r;
  }
  // Blocks of 512 scenarios given to the collector in a scattered order.
  void give(Collector& collector, std::uint64_t from, std::uint64_t step) const {
    const std::uint64_t blocks = block_count(pnl.scenarios);
    for (std::uint64_t i = from; i < blocks; i += step) {
      const std::uint64_t first = (i * 7 % blocks) * kBlock;
      const std::size_t count = std::min<std::uint64_t>(kBlock, pnl.scenarios - first);
      collector.take(first, count, pnl.quanta.data() + first, pnl.scenarios);
    }
  }
};

using test::expect_equal;

TEST(Collector, TailsGiveTheResultsOfWholeSamples) {
  for (const std::uint64_t scenarios : {600u, 5000u, 9001u}) {
    const Simulated simulated(scenarios);
    const Request full = simulated.request(true), tails = simulated.request(false);
    Collector all(full, simulated.pnl.leaves, scenarios), some(tails, simulated.pnl.leaves, scenarios);
    simulated.give(all, 0, 1);
    simulated.give(some, 0, 1);
    const Results expected = measure_all(all, scenarios, full), actual = measure_all(some, scenarios, tails);

    ASSERT_GT(expected.groups.size(), 4u);
    ASSERT_EQ(actual.groups.size(), expected.groups.size());
    for (std::size_t g = 0; g < expected.groups.size(); ++g) expect_equal(actual.groups[g], expected.groups[g]);
    // The book's losses and exposure, and no other's.
    EXPECT_EQ(expected.losses.size(), expected.groups.size());
    ASSERT_EQ(actual.losses.size(), 1u);
    EXPECT_EQ(actual.losses[0], expected.losses[0]);
    ASSERT_FALSE(actual.exposure.empty());
    for (std::size_t i = 0; i < actual.exposure.size(); ++i) {
      EXPECT_EQ(actual.exposure[i].group, 0u);
      EXPECT_EQ(actual.exposure[i].estimate.value, expected.exposure[i].estimate.value);
    }
    ASSERT_EQ(actual.worst.size(), expected.worst.size());
    for (std::size_t i = 0; i < actual.worst.size(); ++i)
      EXPECT_EQ(actual.worst[i].scenario, expected.worst[i].scenario);
  }
}

TEST(Collector, TakesFromManyThreads) {
  const Simulated simulated(9001);
  const Request request = simulated.request(false);
  Collector one(request, simulated.pnl.leaves, 9001), many(request, simulated.pnl.leaves, 9001);
  simulated.give(one, 0, 1);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 3; ++t) threads.emplace_back([&, t] { simulated.give(many, t, 3); });
  }
  const Results expected = measure_all(one, 9001, request), actual = measure_all(many, 9001, request);
  for (std::size_t g = 0; g < expected.groups.size(); ++g) expect_equal(actual.groups[g], expected.groups[g]);
}

TEST(Collector, GroupsAreSumsOfTheirLeaves) {
  const Simulated simulated(2000);
  const Request request = simulated.request(true);
  Collector collector(request, simulated.pnl.leaves, 2000);
  simulated.give(collector, 0, 1);
  const Results results = measure_all(collector, 2000, request);
  for (std::size_t g = 0; g < request.groups.size(); ++g) {
    for (const std::uint64_t s : {0u, 1u, 511u, 512u, 1999u}) {
      std::int64_t quanta = 0;
      for (std::uint32_t leaf = request.groups[g].first_leaf; leaf < request.groups[g].last_leaf; ++leaf)
        quanta += simulated.pnl.row(simulated.pnl.nodes - 1, leaf)[s];
      EXPECT_EQ(results.losses[g][s], loss_of(quanta, request.unit)) << g << " " << s;
    }
  }
}

TEST(Collector, RefusesSumsThatAreNotExact) {
  Request request;
  request.groups = {{0, 2, 0}, {0, 1, 0}, {1, 2, 0}};
  request.node_seconds = {1};
  request.levels = {make_level(0.5)};
  for (const std::int64_t side : {std::int64_t{-1}, std::int64_t{1}}) {
    Collector collector(request, 2, 2);
    const std::int64_t half = side * (kMostQuanta / 2);
    EXPECT_NO_THROW(collector.take(0, 2, std::vector<std::int64_t>{half, 0, 0, half}.data(), 2));
    EXPECT_THROW(collector.take(0, 2, std::vector<std::int64_t>{half, 0, half, 0}.data(), 2), SumTooLarge);
  }
}

TEST(Collector, SaysWhatItWillHold) {
  const Simulated simulated(5000);
  const double full = collector_bytes(simulated.request(true), 5000),
               tails = collector_bytes(simulated.request(false), 5000);
  const double groups = static_cast<double>(simulated.job.groups.groups.size());
  EXPECT_EQ(full, groups * 2.0 * 5000 * 8);  // at two dates
  EXPECT_LT(tails, 2.0 * 5000 * 8 + (groups - 1) * 0.25 * 5000 * 8);
  EXPECT_GT(tails, 2.0 * 5000 * 8);
}

}  // namespace
}  // namespace tailbit::measure::collector_test
