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

SobolUse dimensions_for(const Paths& paths) {
  constexpr std::uint32_t kAll = random::kSobolDimensions;
  const auto factors = static_cast<std::uint32_t>(paths.transitions.size());
  const std::uint32_t periods = paths.shares.back().period + 1;
  switch (paths.period_moves) {
    case PeriodMoves::bootstrap: return {std::min(periods, kAll), 1, 0};
    case PeriodMoves::grouped_t: return {std::min(periods, kAll / (factors + 1)), factors + 1, 0};
    case PeriodMoves::none: break;
  }
  const std::uint32_t left_by_a_node = kAll - std::min(factors, kAll);
  const std::uint32_t mixing = paths.mixing.empty() ? 0 : std::min({periods, kMixingPeriods, left_by_a_node});
  return {mixing, 1, std::min(static_cast<std::uint32_t>(paths.steps.size()), (kAll - mixing) / factors)};
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

std::vector<std::string> sampling_warnings(const RunConfig& config, const Paths& paths) {
  std::vector<std::string> warnings;
  if (config.sampling != Sampling::sobol) return warnings;
  const std::uint64_t points = config.scenarios / config.randomisations;
  if (!std::has_single_bit(points)) {
    warnings.push_back("sampling: " + std::to_string(points) + " points in each randomisation are less even than " +
                       std::to_string(std::bit_floor(points)) + " or " + std::to_string(2 * std::bit_floor(points)) +
                       "; take " + std::to_string(config.randomisations) + " times a power of two scenarios");
  }
  if (paths.sobol_use.periods == 0 && paths.sobol_use.nodes == 0) {
    warnings.push_back("sampling: the model has more factors than Sobol points have dimensions, " +
                       std::to_string(random::kSobolDimensions) + ", so none of its numbers comes from them");
  }
  return warnings;
}

}  // namespace tailbit
