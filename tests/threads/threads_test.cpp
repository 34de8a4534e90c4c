// The same bits whatever the threads, the tile and the instruction set; and what threads do to errors and progress.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/selftest.hpp"

namespace tailbit::threads_test {
namespace {

CompiledJob job_of(Precision precision, std::uint64_t scenarios, Inputs (*known)(Precision) = known_answer_inputs) {
  Inputs inputs = known(precision);
  inputs.config.scenarios = scenarios;
  return compile(inputs);
}

// Every factor, on smiles that stick to moneyness and to strikes, with coins sold when they are received, vols at their
// floor and moves at their limit.
Inputs wild_factor_inputs(Precision precision) {
  Inputs inputs = known_factor_inputs(precision);
  inputs.config.cash_conversion = CashConversion::at_receipt;
  inputs.model.underlyings["AAA"].sticky = Sticky::strike;
  inputs.model.underlyings["AAA"].skew->vol = 30.0;
  inputs.model.underlyings["BBB"].sticky = Sticky::moneyness;
  inputs.model.underlyings["BBB"].spot_vol = SpotVolKind::constant;
  inputs.model.underlyings["BBB"].vol = 0.9;
  inputs.model.student_t = StudentT{2.5, 86'400, 0.03};
  return inputs;
}

cpu::Options options_of(unsigned threads, std::size_t tile, cpu::Isa isa = cpu::best_isa()) {
  cpu::Options options;
  options.threads = threads;
  options.tile = tile;
  options.isa = isa;
  return options;
}

std::vector<std::int64_t> quanta(const Pnl& pnl) { return {pnl.quanta.begin(), pnl.quanta.end()}; }

struct Known {
  const char* name;
  Inputs (*inputs)(Precision);
};
class Threads : public testing::TestWithParam<std::tuple<Known, Precision>> {
 protected:
  static CompiledJob job(std::uint64_t scenarios) {
    const auto& [known, precision] = GetParam();
    return job_of(precision, scenarios, known.inputs);
  }
  static void expect_same(const Pnl& actual, const Pnl& expected, const std::string& how) {
    EXPECT_TRUE(quanta(actual) == quanta(expected)) << how;
    EXPECT_EQ(actual.tally.vols_at_floor, expected.tally.vols_at_floor) << how;
    EXPECT_EQ(actual.tally.moves_limited, expected.tally.moves_limited) << how;
  }
};

TEST_P(Threads, NorTilesNorInstructionSetsChangeABit) {
  const CompiledJob job = Threads::job(1100);
  const Pnl expected = cpu::run(job.plan, options_of(1, 1100));
  for (const cpu::Isa isa : cpu::available_isas()) {
    if (isa == cpu::Isa::baseline) continue;  // slow: below
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
      for (const std::size_t tile : {1u, 7u, 64u, 512u, 1024u}) {
        expect_same(cpu::run(job.plan, options_of(threads, tile, isa)), expected,
                    std::string(cpu::isa_name(isa)) + ", threads " + std::to_string(threads) + ", tile " +
                        std::to_string(tile));
      }
    }
  }
}

TEST_P(Threads, NorThePlainProcessorChangeABit) {
  const CompiledJob job = Threads::job(100);
  const Pnl expected = cpu::run(job.plan, options_of(1, 100));
  for (const unsigned threads : {1u, 3u}) {
    for (const std::size_t tile : {1u, 7u, 64u, 512u}) {
      expect_same(cpu::run(job.plan, options_of(threads, tile, cpu::Isa::baseline)), expected,
                  "threads " + std::to_string(threads) + ", tile " + std::to_string(tile));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Jobs, Threads,
                         testing::Combine(testing::Values(Known{"Spots", known_answer_inputs},
                                                          Known{"Factors", known_factor_inputs},
                                                          Known{"WildFactors", wild_factor_inputs}),
                                          testing::Values(Precision::double_, Precision::single)),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param).name) +
                                  (std::get<1>(info.param) == Precision::double_ ? "Double" : "Single");
                         });

TEST(WildFactors, MeetFloorsAndLimits) {
  const Tally tally = cpu::run(job_of(Precision::double_, 1100, wild_factor_inputs).plan, {}).tally;
  EXPECT_GT(tally.vols_at_floor, 100u);
  EXPECT_GT(tally.moves_limited, 100u);
}

// The first by scenario, not by time.
TEST(ThreadErrors, NameTheSameScenarioWhateverTheThreads) {
  Inputs inputs = known_answer_inputs(Precision::double_);
  inputs.config.scenarios = 1500;
  CompiledJob job = compile(inputs);
  for (double& loading : job.plan.paths.loading) loading *= 30.0;  // wilder than the quantum was chosen for
  std::vector<std::pair<std::uint64_t, std::uint32_t>> found;
  for (const unsigned threads : {1u, 2u, 8u}) {
    for (const std::size_t tile : {7u, 64u, 1024u}) {
      try {
        cpu::run(job.plan, options_of(threads, tile));
        ADD_FAILURE() << "no bad term was found";
      } catch (const cpu::BadTermError& error) {
        found.emplace_back(error.term().scenario, error.term().contract);
      }
    }
  }
  ASSERT_EQ(found.size(), 9u);
  EXPECT_EQ(std::count(found.begin(), found.end(), found[0]), 9);
}

// A callback that throws is an exception in whichever worker called it.
TEST(ThreadErrors, ReachTheCallerAndStopTheRun) {
  const CompiledJob job = job_of(Precision::double_, 2000);
  for (const unsigned threads : {1u, 2u, 8u}) {
    int calls = 0;
    cpu::Options options = options_of(threads, 10);
    options.progress = [&](std::uint64_t) {
      if (++calls == 3) throw std::runtime_error("stop here");
    };
    try {
      cpu::run(job.plan, options);
      ADD_FAILURE() << "the exception was lost";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "stop here");
    }
    EXPECT_LE(calls, 3 + 8);  // others finish the tile they are in
  }
}

TEST(Progress, RisesToTheNumberOfScenarios) {
  const CompiledJob job = job_of(Precision::double_, 1001);
  for (const unsigned threads : {1u, 2u, 8u}) {
    for (const std::size_t tile : {7u, 64u, 1024u}) {
      std::vector<std::uint64_t> done;  // not guarded: one thread at a time may call
      cpu::Options options = options_of(threads, tile);
      options.progress = [&](std::uint64_t scenarios) { done.push_back(scenarios); };
      cpu::run(job.plan, options);
      ASSERT_FALSE(done.empty());
      EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
      EXPECT_EQ(std::adjacent_find(done.begin(), done.end()), done.end());
      EXPECT_EQ(done.back(), 1001u);
    }
  }
}

// More threads than tiles, and as many as the machine has.
TEST(ThreadCount, MayExceedTheTiles) {
  const CompiledJob job = job_of(Precision::double_, 5);
  const std::vector<std::int64_t> expected = quanta(cpu::run(job.plan, options_of(1, 512)));
  EXPECT_EQ(quanta(cpu::run(job.plan, options_of(64, 512))), expected);
  EXPECT_EQ(quanta(cpu::run(job.plan, options_of(0, 1))), expected);
  EXPECT_EQ(quanta(cpu::run(job.plan, options_of(2, 0))), expected);
}

}  // namespace
}  // namespace tailbit::threads_test
