// The kernels' bodies, run on the host, against the CPU backend: equal bits for every pricer, precision, batch and
// ragged size.
#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/selftest.hpp"
#include "host/ops/simulate.hpp"
#include "host/report/measure.hpp"
#include "tests/support/host_device.hpp"

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

// On a real device, through the whole backend: simulation, Thrust measures, losses.
class DeviceParity : public testing::TestWithParam<Precision> {};

TEST_P(DeviceParity, ResultsEqualTheCpu) {
  const CudaProbe probe = probe_cuda();
  if (probe.devices.empty()) GTEST_SKIP() << "needs a CUDA device: " << probe.reason;
  Inputs inputs = known_answer_inputs(GetParam());
  inputs.config.scenarios = 100'003;
  const CompiledJob job = compile(inputs);
  const measure::Request request = make_request(job, inputs.config);
  RunFlags flags;
  flags.device = "cpu";
  const Simulation on_cpu = simulate(job, request, flags);
  for (const CudaDevice& device : probe.devices) {
    flags.device = "cuda:" + std::to_string(device.id);
    const Simulation on_device = simulate(job, request, flags);
    EXPECT_EQ(on_device.results.losses, on_cpu.results.losses) << device.name;
    ASSERT_EQ(on_device.results.groups.size(), on_cpu.results.groups.size());
    for (std::size_t g = 0; g < on_cpu.results.groups.size(); ++g) {
      EXPECT_EQ(on_device.results.groups[g].pnl.stdev, on_cpu.results.groups[g].pnl.stdev);
      for (std::size_t l = 0; l < on_cpu.results.groups[g].tails.size(); ++l) {
        EXPECT_EQ(on_device.results.groups[g].tails[l].es, on_cpu.results.groups[g].tails[l].es);
        EXPECT_EQ(on_device.results.groups[g].tails[l].es_se, on_cpu.results.groups[g].tails[l].es_se);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, DeviceParity, testing::Values(Precision::double_, Precision::single),
                         [](const auto& info) { return info.param == Precision::double_ ? "double" : "single"; });

}  // namespace
}  // namespace tailbit
