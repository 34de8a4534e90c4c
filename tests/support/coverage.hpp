// How often the reported 95 % intervals hold the exact VaR and ES of a book on one asset, over many seeds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/compile/compile.hpp"
#include "host/ops/run.hpp"
#include "host/ops/simulate.hpp"
#include "host/report/measure.hpp"
#include "tests/support/job_files.hpp"

namespace tailbit::test {

struct Coverage {
  double level;
  std::uint32_t seeds = 0, var = 0, es = 0;  // how many, and in how many of them the interval held the exact value

  double var_share() const { return static_cast<double>(var) / seeds; }
  double es_share() const { return static_cast<double>(es) / seeds; }
};

inline const std::vector<Leg> kShortCall{{"call", 100.0, 0.5, -1.0, 0.3}};

// Read once from files, then simulated with seeds first_seed, first_seed + 1, ...
inline std::vector<Coverage> measure_coverage(const std::vector<Leg>& legs, std::uint64_t scenarios,
                                              std::uint64_t first_seed, std::uint32_t seeds,
                                              Sampling sampling = Sampling::independent) {
  const std::vector<double> levels{0.95, 0.99};
  const World world{0.04, 0.3, 0.0};
  const ScratchFolder folder;
  Inputs inputs = resolve(write_one_asset_job(folder, legs, world, {scenarios, first_seed, 1, levels}), {}).inputs;
  inputs.config.sampling = sampling;
  RunFlags flags;
  flags.device = "cpu";
  flags.threads = 1;

  const ExactLosses exact(legs, world);
  std::vector<ExactTail> tails;
  std::vector<Coverage> coverage;
  for (const double level : levels) {
    tails.push_back(exact.tail(level));
    coverage.push_back({level});
  }
  const auto holds = [](const measure::Interval& interval, double value) {
    return (!interval.low || *interval.low <= value) && (!interval.high || value <= *interval.high);
  };
  for (std::uint32_t s = 0; s < seeds; ++s) {
    inputs.config.seed = first_seed + s;
    const CompiledJob job = compile(inputs);
    const Simulation simulation = simulate(job, make_request(job, inputs.config), flags);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const measure::TailEstimate& tail = simulation.results.groups.at(0).tails.at(i);
      ++coverage[i].seeds;
      coverage[i].var += holds(tail.var_ci95, tails[i].var);
      coverage[i].es += holds(tail.es_ci95, tails[i].es);
    }
  }
  return coverage;
}

}  // namespace tailbit::test
