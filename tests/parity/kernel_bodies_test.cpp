// The kernels' bodies, run on the host, against the CPU backend: equal bits for every pricer, precision, batch and
// ragged size.
#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/fit/correlation.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/selftest.hpp"
#include "host/ops/simulate.hpp"
#include "host/report/measure.hpp"
#include "tests/support/equal_results.hpp"
#include "tests/support/host_device.hpp"
#include "tests/support/wide_book.hpp"
#if TAILBIT_HAS_CUDA
#include "kernels/cuda_backend.hpp"
#endif

namespace tailbit {
namespace {

using test::difference;
using test::HostDevice;

class KernelBodies : public testing::TestWithParam<Precision> {};

TEST_P(KernelBodies, EqualTheCpuBackendForRaggedBatches) {
  for (Inputs inputs :
       {known_answer_inputs(GetParam()), known_factor_inputs(GetParam()), known_part_inputs(GetParam()),
        known_regime_inputs(GetParam()), known_period_inputs(GetParam()), known_history_inputs(GetParam())}) {
    inputs.config.scenarios = 1013;  // a prime: no block, batch or vector is ever full at the end
    const CompiledJob job = compile(inputs);
    const Pnl expected = cpu::run(job.plan, {});
    for (const std::size_t batch : {1013u, 512u, 300u, 129u}) {
      HostDevice<random::Philox4x32> device(job.plan, batch);
      EXPECT_EQ(difference(device.run(), expected), "") << "batch " << batch;
      EXPECT_EQ(device.first_bad(), ~0ull);
    }
  }
}

// Pairs and points, of every kind of innovations, across batches and tiles that cut pairs and randomisations in two.
TEST_P(KernelBodies, SampleAlike) {
  for (Inputs inputs : {known_factor_inputs(GetParam()), known_part_inputs(GetParam()), known_regime_inputs(GetParam()),
                        known_period_inputs(GetParam()), known_history_inputs(GetParam())}) {
    inputs.config.scenarios = 1008;
    for (const Sampling sampling : {Sampling::antithetic, Sampling::sobol}) {
      inputs.config.sampling = sampling;
      const CompiledJob job = compile(inputs);
      const Pnl expected = cpu::run(job.plan, {});
      for (const std::size_t batch : {1008u, 300u, 129u}) {
        HostDevice<random::Philox4x32> device(job.plan, batch);
        EXPECT_EQ(difference(device.run(), expected), "") << "batch " << batch;
      }
      inputs.config.sampling = Sampling::independent;
      EXPECT_NE(difference(cpu::run(compile(inputs).plan, {}), expected), "");
    }
  }
}

TEST_P(KernelBodies, CoverEveryPricer) {
  std::vector<bool> used(Pricers::size, false);
  for (const Inputs& inputs : {known_answer_inputs(GetParam()), known_factor_inputs(GetParam())}) {
    const CompiledJob job = compile(inputs);
    for (const tailbit::Run& run : job.plan.runs) used[run.pricer] = true;
  }
  for (std::size_t id = 0; id < Pricers::size; ++id)
    EXPECT_TRUE(used[id]) << "pricer " << id << " is in no known-answer job";
}

// Accumulation by leaf: chunks held by one leaf, by two now and then, by hundreds; runs of several chunks, the last one
// ragged.
struct Width {
  std::uint32_t strikes, accounts, sparsity;
  bool one_leaf, several_leaves;  // whether there are chunks held so
};
constexpr Width kWidths[] = {{34, 1, 1, true, false}, {34, 2, 500, true, true}, {8, 300, 1, false, true}};

void expect_chunks(const LeafTerms& leaves, const Width& width, std::uint32_t rows) {
  bool one_leaf = false, several_leaves = false, whole = false, ragged = false;
  std::size_t most_holdings = 0;
  for (const Chunk& chunk : leaves.chunks) {
    const bool one = cuda::held_by_one(chunk, leaves.holdings.data());
    one_leaf |= one;
    several_leaves |= !one;
    whole |= chunk.row_count == rows;
    ragged |= chunk.row_count < rows && chunk.first_row != 0;
    most_holdings = std::max<std::size_t>(most_holdings, chunk.holding_count);
  }
  EXPECT_EQ(one_leaf, width.one_leaf);
  EXPECT_EQ(several_leaves, width.several_leaves);
  EXPECT_TRUE(whole && ragged);
  EXPECT_GE(most_holdings, width.accounts / 2);
}

TEST_P(KernelBodies, SumUpLeafByLeaf) {
  for (const Width& width : kWidths) {
    for (const Inputs& narrow : {known_answer_inputs(GetParam()), known_factor_inputs(GetParam())}) {
      Inputs inputs = test::wide_book(narrow, width.strikes, width.accounts, width.sparsity);
      inputs.config.scenarios = 307;
      const CompiledJob job = compile(inputs);
      const std::uint32_t rows = cuda::chunk_rows(job.plan);
      expect_chunks(leaf_terms(job.plan, rows), width, rows);
      const Pnl expected = cpu::run(job.plan, {});
      for (const std::size_t batch : {307u, 130u}) {
        HostDevice<random::Philox4x32> device(job.plan, batch);
        EXPECT_EQ(difference(device.run(), expected), "") << width.accounts << " accounts, batch " << batch;
        EXPECT_EQ(device.first_bad(), ~0ull);
      }
    }
  }
}

// Which the CPU backend, given that scenario alone, traces to the same contract.
void expect_the_cpus_bad_scenario(const CompiledJob& job, HostDevice<random::Philox4x32>& device) {
  device.run();
  ASSERT_NE(device.first_bad(), ~0ull);
  try {
    cpu::run(job.plan, {});
    FAIL() << "the CPU backend found no bad term";
  } catch (const cpu::BadTermError& error) {
    EXPECT_EQ(error.term().scenario, device.first_bad());
    EXPECT_EQ(cpu::find_bad_term(job.plan, device.first_bad(), 1).contract, error.term().contract);
  }
}

TEST_P(KernelBodies, NameTheFirstBadScenarioOfManyLeaves) {
  Inputs inputs = test::wide_book(known_answer_inputs(GetParam()), 8, 20, 1);
  inputs.config.scenarios = 1000;
  CompiledJob job = compile(inputs);
  for (double& loading : job.plan.paths.loading) loading *= 100.0;
  HostDevice<random::Philox4x32> device(job.plan, 700);
  expect_the_cpus_bad_scenario(job, device);
}

// One contract that is held too much of, before others in its chunk.
TEST_P(KernelBodies, SeeABadTermAmongGoodOnes) {
  for (const std::uint32_t accounts : {1u, 20u}) {
    Inputs inputs = test::wide_book(known_answer_inputs(GetParam()), 34, accounts, 1);
    inputs.config.scenarios = 300;
    CompiledJob job = compile(inputs);
    const Row* dearest = job.plan.rows.data();
    for (const tailbit::Run& run : job.plan.runs) {
      const Row& first = job.plan.rows[run.first_row];
      if (run.row_count > 16 && first.counted_from > dearest->counted_from) dearest = &first;
    }
    job.plan.weights[dearest->first_weight].quantity *= 1e12;
    HostDevice<random::Philox4x32> device(job.plan, 300);
    expect_the_cpus_bad_scenario(job, device);
  }
}

// What the comments of revaluation.hpp reckon with.
TEST(RevaluationChunks, FitWhatTheyWereChosenFor) {
  using Double = cuda::Revaluation<double, Pricer<European, market::FixedVol>>;
  using Single = cuda::Revaluation<float, Pricer<European, market::FixedVol>>;
  EXPECT_EQ(Double::column_pairs(cuda::rows_in_columns(sizeof(double))) * sizeof(Double::Pair), cuda::kColumnBytes);
  EXPECT_EQ(Single::column_pairs(cuda::rows_in_columns(sizeof(float))) * sizeof(Single::Pair), cuda::kColumnBytes);
  // 5,000 contracts in 10,000 scenarios: blocks for an H200's 132 multiprocessors, at eight resident on each.
  const std::uint32_t chunks = (5000 + cuda::kChunkRows - 1) / cuda::kChunkRows;
  EXPECT_GE(chunks * Double::scenario_blocks(10'000), 3 * 132 * 8);
  EXPECT_GE(chunks * Single::scenario_blocks(10'000), 2 * 132 * 8);
}

TEST_P(KernelBodies, NameTheFirstBadScenario) {
  Inputs inputs = known_answer_inputs(GetParam());
  inputs.config.scenarios = 2000;
  CompiledJob job = compile(inputs);
  // Moves thirty times those the quantum was chosen for leave the range of exact sums in a few scenarios.
  for (double& loading : job.plan.paths.loading) loading *= 30.0;
  HostDevice<random::Philox4x32> device(job.plan, 700);
  expect_the_cpus_bad_scenario(job, device);
}

// Coins of `extra` further underlyings, and of what the book holds only what needs no step of its own: no fixing, no
// funding.
Inputs unobserved_book(Inputs inputs, std::uint32_t extra) {
  const std::int64_t horizon = inputs.market.as_of.seconds + inputs.config.horizon_seconds;
  std::erase_if(inputs.instruments, [&](const Instrument& instrument) {
    const auto* option = std::get_if<European::Terms>(&instrument.terms);
    return !std::holds_alternative<Spot::Terms>(instrument.terms) &&
           (option == nullptr || option->expiry.seconds <= horizon);
  });
  for (std::uint32_t i = 0; i < extra; ++i) {
    const std::string name = "X" + std::to_string(i);
    inputs.market.underlyings[name].spot = 10.0;
    inputs.model.underlyings[name] = {0.0, 0.5};
    inputs.instruments.push_back({name, name, 1.0, Spot::Terms{}});
  }
  if (extra != 0) {
    Problems problems;
    fit_correlation(inputs.model, "further coins", problems);
    problems.throw_if_any();
  }
  inputs = test::wide_book(inputs, 1, 3, 8);
  inputs.config.exposure_seconds.clear();
  inputs.config.steps = 12;
  inputs.config.scenarios = 300;
  return inputs;
}

// Steps that nobody looks between are one launch: not at exposure dates, nor, where moves are limited, as at the end of
// the first day, step 5.
TEST_P(KernelBodies, TakeSeveralStepsAtOnce) {
  Inputs inputs = unobserved_book(known_factor_inputs(GetParam()), 0);
  const std::int64_t step = inputs.config.horizon_seconds / inputs.config.steps;
  struct Case {
    std::vector<std::int64_t> exposure_dates;
    std::uint32_t launches_limited, launches;
  };
  for (const Case& c : {Case{{}, 2, 1}, Case{{5 * step}, 3, 2}, Case{{5 * step, 5 * step + 1000, 7 * step}, 4, 4}}) {
    inputs.config.exposure_seconds = c.exposure_dates;
    for (const bool limited : {true, false}) {
      inputs.model.student_t->max_move = limited ? std::optional(0.08) : std::nullopt;
      const CompiledJob job = compile(inputs);
      HostDevice<random::Philox4x32> device(job.plan, 300);
      EXPECT_EQ(difference(device.run(), cpu::run(job.plan, {})), "");
      EXPECT_EQ(device.advances(), limited ? c.launches_limited : c.launches) << c.exposure_dates.size();
    }
  }
}

// Several steps in a launch, with states that change where periods end, and jumps.
TEST_P(KernelBodies, AdvanceEveryPart) {
  Inputs gaussian = known_part_inputs(GetParam());
  gaussian.model.student_t.reset();
  for (const Inputs& known : {known_part_inputs(GetParam()), gaussian, known_regime_inputs(GetParam()),
                              known_period_inputs(GetParam()), known_history_inputs(GetParam())}) {
    const CompiledJob job = compile(unobserved_book(known, 0));
    HostDevice<random::Philox4x32> device(job.plan, 170);
    EXPECT_EQ(difference(device.run(), cpu::run(job.plan, {})), "");
    EXPECT_LT(device.advances(), 12u * 2u);
  }
}

// More factors than shared memory has columns for are advanced, and fixed, where they lie.
TEST_P(KernelBodies, AdvanceManyFactors) {
  for (const std::uint32_t extra : {1u, 60u}) {
    Inputs inputs = unobserved_book(known_part_inputs(GetParam()), extra);
    inputs.config.exposure_seconds = {inputs.config.horizon_seconds / 12 + 1000};
    const CompiledJob job = compile(inputs);
    EXPECT_EQ(cuda::shared_bytes(cuda::Factors::columns(view(job.plan))) == 0,
              extra == 60 || !job.plan.paths.jumps.empty());
    EXPECT_EQ(cuda::shared_bytes(job.plan.factors + 1) == 0, extra == 60);
    HostDevice<random::Philox4x32> device(job.plan, 170);
    EXPECT_EQ(difference(device.run(), cpu::run(job.plan, {})), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, KernelBodies, testing::Values(Precision::double_, Precision::single),
                         [](const auto& info) { return info.param == Precision::double_ ? "double" : "single"; });

// On a real device, through the whole backend: simulation, reduction, measures.
class DeviceParity : public testing::TestWithParam<Precision> {};

#if TAILBIT_HAS_CUDA
Inputs sampled(Inputs inputs, Sampling sampling) {
  inputs.config.sampling = sampling;
  return inputs;
}

TEST_P(DeviceParity, ResultsEqualTheCpu) {
  const CudaProbe probe = probe_cuda();
  if (probe.devices.empty()) GTEST_SKIP() << "needs a CUDA device: " << probe.reason;
  for (Inputs inputs : {known_answer_inputs(GetParam()), known_factor_inputs(GetParam()), known_part_inputs(GetParam()),
                        known_regime_inputs(GetParam()), known_period_inputs(GetParam()),
                        known_history_inputs(GetParam()), sampled(known_part_inputs(GetParam()), Sampling::antithetic),
                        sampled(known_part_inputs(GetParam()), Sampling::sobol),
                        sampled(known_period_inputs(GetParam()), Sampling::sobol)}) {
    inputs.config.scenarios = inputs.config.sampling == Sampling::independent ? 100'003 : 100'000;
    const CompiledJob job = compile(inputs);
    for (const bool full : {true, false}) {
      measure::Request request = make_request(job, inputs.config);
      request.full_groups = full || request.clusters.any();
      RunFlags flags;
      flags.device = "cpu";
      const Simulation on_cpu = simulate(job, request, flags);
      std::vector<int> ids;
      for (const CudaDevice& device : probe.devices) {
        SCOPED_TRACE(device.name);
        ids.push_back(device.id);
        flags.device = "cuda:" + std::to_string(device.id);
        test::expect_equal(simulate(job, request, flags).results, on_cpu.results);
      }
      flags.device = "cuda:all";
      test::expect_equal(simulate(job, request, flags).results, on_cpu.results);
      // So many batches that they are recorded and played again.
      measure::Collector collector(request, job.plan.leaves, job.plan.scenarios);
      cuda::run(job.plan, {0, job.plan.scenarios}, collector, ids, {1024});
      test::expect_equal(measure::measure_all(collector, job.plan.scenarios, request), on_cpu.results);
    }
  }
}
#else
TEST_P(DeviceParity, ResultsEqualTheCpu) { GTEST_SKIP() << "needs a CUDA device: " << probe_cuda().reason; }
#endif

INSTANTIATE_TEST_SUITE_P(Precisions, DeviceParity, testing::Values(Precision::double_, Precision::single),
                         [](const auto& info) { return info.param == Precision::double_ ? "double" : "single"; });

}  // namespace
}  // namespace tailbit
