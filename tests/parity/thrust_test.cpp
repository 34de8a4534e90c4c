// The device's measures, compiled with Thrust's sequential CPP system: the same results as the host's, to the bit.
#include <gtest/gtest.h>

#if TAILBIT_HAS_THRUST
#include <type_traits>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/selftest.hpp"
#include "host/report/measure.hpp"
#include "kernels/device_measure.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit {
namespace {

void expect_equal(const measure::Estimate& a, const measure::Estimate& b) {
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.se, b.se);
}

TEST(ThrustMeasures, EqualTheHosts) {
  Inputs inputs = known_answer_inputs(Precision::double_);
  inputs.config.scenarios = 9001;  // three blocks of moments, the last ragged
  const CompiledJob job = compile(inputs);
  const Pnl pnl = cpu::run(job.plan, {});
  const measure::Request request = make_request(job, inputs.config);

  measure::Collector host(request, pnl.leaves, pnl.scenarios);
  cpu::run(job.plan, {}, host);
  const measure::Results expected = measure::measure_all(host, pnl.scenarios, request);
  const cuda::DeviceSource device(pnl.quanta.data(), pnl.leaves, pnl.scenarios, request);
  const measure::Results actual = measure::measure_all(device, pnl.scenarios, request);

  EXPECT_EQ(actual.losses, expected.losses);
  ASSERT_EQ(actual.groups.size(), expected.groups.size());
  for (std::size_t g = 0; g < expected.groups.size(); ++g) {
    const measure::Moments &a = actual.groups[g].pnl, &b = expected.groups[g].pnl;
    EXPECT_EQ(a.mean, b.mean);
    EXPECT_EQ(a.stdev, b.stdev);
    EXPECT_EQ(a.min, b.min);
    EXPECT_EQ(a.max, b.max);
    EXPECT_EQ(a.skewness, b.skewness);
    EXPECT_EQ(a.kurtosis, b.kurtosis);
    for (std::size_t l = 0; l < expected.groups[g].tails.size(); ++l) {
      const measure::TailEstimate &x = actual.groups[g].tails[l], &y = expected.groups[g].tails[l];
      EXPECT_EQ(x.var, y.var);
      EXPECT_EQ(x.var_se, y.var_se);
      EXPECT_EQ(x.es, y.es);
      EXPECT_EQ(x.es_se, y.es_se);
    }
  }
  ASSERT_EQ(actual.exposure.size(), expected.exposure.size());
  for (std::size_t i = 0; i < expected.exposure.size(); ++i)
    expect_equal(actual.exposure[i].estimate, expected.exposure[i].estimate);
  ASSERT_EQ(actual.worst.size(), expected.worst.size());
  for (std::size_t i = 0; i < expected.worst.size(); ++i) {
    EXPECT_EQ(actual.worst[i].scenario, expected.worst[i].scenario);
    EXPECT_EQ(actual.worst[i].loss, expected.worst[i].loss);
  }
}

TEST(ThrustMeasures, BreakTiesByScenario) {
  const std::vector<std::int64_t> quanta{5, -7, 3, -7, 3, -7};
  const auto worst = cuda::DeviceSample(thrust::device_vector<std::int64_t>(quanta)).worst_scenarios(4);
  ASSERT_EQ(worst.size(), 4u);
  EXPECT_EQ(worst[0].first, 1u);
  EXPECT_EQ(worst[1].first, 3u);
  EXPECT_EQ(worst[2].first, 5u);
  EXPECT_EQ(worst[3].first, 2u);
}

TEST(ThrustMeasures, SumExactlyBeyond64Bits) {
  const std::int64_t large = kMostQuanta - 1;
  const std::vector<std::int64_t> quanta(5000, -large);
  const cuda::DeviceSample sample{thrust::device_vector<std::int64_t>(quanta)};
  EXPECT_EQ(sample.moments(measure::Part::whole, 0).mean,
            static_cast<double>(-static_cast<__int128>(large) * 5000) / 5000.0);
  EXPECT_EQ(sample.moments(measure::Part::positive, 0).mean, 0.0);
}

TEST(ThrustMeasures, RefuseSumsThatAreNotExact) {
  const std::vector<std::int64_t> quanta{1, kMostQuanta};
  measure::Request request;
  request.groups = {{0, 1, 0}};
  const cuda::DeviceSource source(quanta.data(), 1, quanta.size(), request);
  EXPECT_THROW(source.with_sample(0, 0, [](const auto&) {}), measure::SumTooLarge);
}

}  // namespace
}  // namespace tailbit
#else
TEST(ThrustMeasures, EqualTheHosts) {
  GTEST_SKIP() << "Thrust's headers are not installed (CUDA toolkit or libthrust-dev)";
}
#endif
