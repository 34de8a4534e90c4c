// The kernels' bodies, run on the host, against the CPU backend: equal bits for every pricer, precision, batch and
// ragged size.
#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/selftest.hpp"
#include "host/ops/simulate.hpp"
#include "host/report/measure.hpp"
#include "tests/support/equal_results.hpp"
#include "tests/support/host_device.hpp"
#if TAILBIT_HAS_CUDA
#include "kernels/cuda_backend.hpp"
#endif

namespace tailbit {
namespace {

using test::difference;
using test::HostDevice;

class KernelBodies : public testing::TestWithParam<Precision> {};

TEST_P(KernelBodies, EqualTheCpuBackendForRaggedBatches) {
  for (Inputs inputs : {known_answer_inputs(GetParam()), known_factor_inputs(GetParam())}) {
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

TEST_P(KernelBodies, CoverEveryPricer) {
  std::vector<bool> used(Pricers::size, false);
  for (const Inputs& inputs : {known_answer_inputs(GetParam()), known_factor_inputs(GetParam())}) {
    const CompiledJob job = compile(inputs);
    for (const tailbit::Run& run : job.plan.runs) used[run.pricer] = true;
  }
  for (std::size_t id = 0; id < Pricers::size; ++id)
    EXPECT_TRUE(used[id]) << "pricer " << id << " is in no known-answer job";
}

TEST_P(KernelBodies, NameTheFirstBadScenario) {
  Inputs inputs = known_answer_inputs(GetParam());
  inputs.config.scenarios = 2000;
  CompiledJob job = compile(inputs);
  // Moves thirty times those the quantum was chosen for leave the range of exact sums in a few scenarios.
  for (double& loading : job.plan.paths.loading) loading *= 30.0;
  HostDevice<random::Philox4x32> device(job.plan, 700);
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

INSTANTIATE_TEST_SUITE_P(Precisions, KernelBodies, testing::Values(Precision::double_, Precision::single),
                         [](const auto& info) { return info.param == Precision::double_ ? "double" : "single"; });

// On a real device, through the whole backend: simulation, reduction, measures.
class DeviceParity : public testing::TestWithParam<Precision> {};

#if TAILBIT_HAS_CUDA
TEST_P(DeviceParity, ResultsEqualTheCpu) {
  const CudaProbe probe = probe_cuda();
  if (probe.devices.empty()) GTEST_SKIP() << "needs a CUDA device: " << probe.reason;
  for (Inputs inputs : {known_answer_inputs(GetParam()), known_factor_inputs(GetParam())}) {
    inputs.config.scenarios = 100'003;
    const CompiledJob job = compile(inputs);
    for (const bool full : {true, false}) {
      measure::Request request = make_request(job, inputs.config);
      request.full_groups = full;
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
      test::expect_equal(cuda::run(job.plan, request, ids, {1024}).results, on_cpu.results);
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
