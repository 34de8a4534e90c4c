#include "host/compile/sampling.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "host/compile/joe_kuo.hpp"
#include "host/compile/path_splits.hpp"
#include "tailbit/random/philox.hpp"

namespace tailbit {
namespace {

// Of a path that has dimensions for its steps too: later mixing variables matter less than the first sums.
constexpr std::uint32_t kMixingPeriods = 64;

[[noreturn]] void refuse_factors(std::uint32_t factors) {
  throw Failure(ExitCode::bad_config, "sampling: the model has " + std::to_string(factors) +
                                          " factors, more than Sobol points have dimensions; take \"independent\"");
}

SobolUse dimensions_for(const Paths& paths) {
  const auto factors = static_cast<std::uint32_t>(paths.transitions.size());
  const std::uint32_t periods = paths.shares.back().period + 1;
  switch (paths.period_moves) {
    case PeriodMoves::bootstrap: return {std::min(periods, random::kSobolDimensions), 1, 0};
    case PeriodMoves::grouped_t: {
      const std::uint32_t of_period = factors + 1;
      if (of_period > random::kSobolDimensions) refuse_factors(factors);
      return {std::min(periods, random::kSobolDimensions / of_period), of_period, 0};
    }
    case PeriodMoves::none: break;
  }
  const std::uint32_t mixing = paths.mixing.empty() ? 0 : std::min(periods, kMixingPeriods);
  const std::uint32_t rest = random::kSobolDimensions - mixing;
  if (factors > rest) refuse_factors(factors);
  return {mixing, 1, std::min(static_cast<std::uint32_t>(paths.steps.size()), rest / factors)};
}

std::vector<std::uint32_t> make_scrambles(std::uint64_t seed, std::uint32_t dimensions, std::uint32_t randomisations) {
  const random::Key key = random::make_key(seed);
  std::vector<std::uint32_t> seeds;
  for (std::uint32_t dimension = 0; dimension < dimensions; ++dimension) {
    for (std::uint32_t r = 0; r < randomisations; ++r)
      seeds.push_back(random::Philox4x32::generate(random::make_counter(r, 0, dimension, random::kScrambles), key).x0);
  }
  return seeds;
}

}  // namespace

void add_sampling(const RunConfig& config, Paths& paths) {
  paths.sampling = config.sampling;
  if (config.sampling != Sampling::sobol) return;
  paths.sobol_use = dimensions_for(paths);
  const SobolUse& use = paths.sobol_use;
  const auto factors = static_cast<std::uint32_t>(paths.transitions.size());
  paths.sobol.dimensions = use.periods * use.of_period + use.nodes * factors;
  paths.sobol.log2_randomisations = static_cast<std::uint32_t>(std::countr_zero(config.randomisations));
  paths.directions = reversed_directions(paths.sobol.dimensions);
  paths.scrambles = make_scrambles(config.seed, paths.sobol.dimensions, config.randomisations);
  if (paths.period_moves != PeriodMoves::none) return;
  PathSplits splits = path_splits(static_cast<std::uint32_t>(paths.steps.size()));
  paths.path_steps = std::move(splits.steps);
  paths.path_splits = std::move(splits.splits);
  paths.path_stack = splits.stack;
}

}  // namespace tailbit
