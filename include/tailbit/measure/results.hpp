// Everything that is measured of a run, group by group, from samples that lie on the host or on a device.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <vector>

#include "tailbit/engine/scenario_range.hpp"
#include "tailbit/measure/estimates.hpp"

namespace tailbit::measure {

// A group is a range of leaves; its profit is the sum of theirs.
struct GroupRange {
  std::uint32_t first_leaf, last_leaf;  // [first, last)
  std::int64_t base_quanta;             // value now
};

// Thrown by sources: a group's profit in some scenario is 512 times the book's scale or more, and would not be
// exact.
class SumTooLarge : public std::exception {
 public:
  // Among these scenarios.
  explicit SumTooLarge(ScenarioRange range) : range_(range) {}
  ScenarioRange range() const { return range_; }
  const char* what() const noexcept override {
    return "a group's profit or loss leaves the range of exact sums, 512 times the book's scale,";
  }

 private:
  ScenarioRange range_;
};

struct Request {
  std::vector<GroupRange> groups;              // the book first
  std::vector<std::int64_t> node_seconds;      // revaluation dates; the last is the horizon
  std::vector<std::int64_t> exposure_seconds;  // those of them to report exposure at
  std::vector<Level> levels;                   // ascending
  std::uint32_t worst = 0;                     // how many worst scenarios of the book
  Clusters clusters;                           // where scenarios are not independent; then full groups only
  bool full_groups = true;  // every group's exposure and losses; else the book's alone, and of groups the tails
  double unit = 1.0;        // USD per quantum
};

struct GroupResult {
  double base_value;  // USD
  Moments pnl;
  std::vector<TailEstimate> tails;  // [levels]
};

// One line of exposure.csv.
struct ExposureRow {
  std::uint32_t group;
  std::int64_t seconds;
  const char* measure;  // mean | EE | ENE | PFE | quantile
  double level;         // of PFE and quantile, else 0
  Estimate estimate;    // USD
};

struct WorstScenario {
  std::uint64_t scenario;
  double loss;  // USD
};

struct Results {
  std::vector<GroupResult> groups;          // [groups], at the horizon
  std::vector<ExposureRow> exposure;        // by group, date, measure
  std::vector<WorstScenario> worst;         // worst first, ties by scenario
  std::vector<std::vector<double>> losses;  // [groups, or the book alone][scenarios] at the horizon, USD, never -0
};

// Exposure V_t + cash of one group at one date. PFE and EE look at its positive part, ENE at its negative part.
template <class Sample>
void append_exposure(std::vector<ExposureRow>& rows, const Sample& sample, std::uint32_t group, std::int64_t seconds,
                     std::int64_t base, const Request& request, const ClusteredLosses* clusters = nullptr) {
  const auto add = [&](const char* name, double level, Estimate e) {
    rows.push_back({group, seconds, name, level, e});
  };
  add("mean", 0.0, mean_of(sample, Part::whole, base, request.unit, clusters));
  add("EE", 0.0, mean_of(sample, Part::positive, base, request.unit, clusters));
  add("ENE", 0.0, mean_of(sample, Part::negative, base, request.unit, clusters));
  for (const Level& level : request.levels) {
    add("PFE", level.value(), quantile(sample, level, Part::positive, base, request.unit, clusters));
  }
  for (const std::uint64_t percent : {1, 5, 25, 50, 75, 95, 99}) {
    const Level level{percent, 100};
    add("quantile", level.value(), quantile(sample, level, Part::whole, base, request.unit, clusters));
  }
}

// What is measured of a group at a date.
struct Wanted {
  bool exposure;  // every quantile
  bool measures;  // at the horizon
  bool losses;    // at the horizon, as they are
  bool any() const { return exposure || measures; }
};
inline Wanted wanted(const Request& request, std::uint32_t node, std::uint32_t group) {
  const bool full = group == 0 || request.full_groups;
  const auto& dates = request.exposure_seconds;
  const bool exposed = std::find(dates.begin(), dates.end(), request.node_seconds[node]) != dates.end();
  const bool horizon = node + 1 == request.node_seconds.size();
  return {full && exposed, horizon, full && horizon};
}

// `source.with_sample(node, group, call)` calls with a Sample (see estimates.hpp) of the group's profit at a date: for
// the dates that are wanted, group by group, once each.
template <class Source>
Results measure_all(Source& source, std::uint64_t scenarios, const Request& request) {
  Results results;
  std::vector<LevelRanks> levels;
  for (const Level& level : request.levels) levels.push_back(level_ranks(scenarios, level));
  for (std::uint32_t g = 0; g < request.groups.size(); ++g) {
    const std::int64_t base = request.groups[g].base_quanta;
    for (std::uint32_t node = 0; node < request.node_seconds.size(); ++node) {
      const Wanted want = wanted(request, node, g);
      if (!want.any()) continue;
      source.with_sample(node, g, [&](const auto& sample) {
        constexpr bool whole = requires { sample.losses(1.0); };
        std::optional<ClusteredLosses> clustered;
        if constexpr (whole) {
          if (request.clusters.any()) clustered.emplace(sample.losses(1.0), request.clusters);
        }
        const ClusteredLosses* clusters = clustered ? &*clustered : nullptr;
        if constexpr (whole) {
          if (want.exposure)
            append_exposure(results.exposure, sample, g, request.node_seconds[node], base, request, clusters);
        }
        if (!want.measures) return;
        GroupResult result{static_cast<double>(base) * request.unit, moments(sample, request.unit, clusters), {}};
        for (const LevelRanks& level : levels)
          result.tails.push_back(tail_estimate(sample, level, request.unit, clusters));
        results.groups.push_back(std::move(result));
        if constexpr (whole) {
          if (want.losses) results.losses.push_back(sample.losses(request.unit));
          if (g != 0) return;
          for (const auto& [scenario, quanta] : sample.worst_scenarios(request.worst))
            results.worst.push_back({scenario, loss_of(quanta, request.unit)});
        }
      });
    }
  }
  return results;
}

}  // namespace tailbit::measure
