#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>

#include "host/io/json_file.hpp"
#include "host/io/limits.hpp"
#include "host/io/readers.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"
#include "tailbit/random/sobol.hpp"

namespace tailbit {

template <>
struct Spelling<Precision> {
  static constexpr std::array<std::string_view, 2> names{"double", "single"};
};

template <>
struct Spelling<GreekUnits> {
  static constexpr std::array<std::string_view, 2> names{"standard", "deribit"};
};

template <>
struct Spelling<GroupDetail> {
  static constexpr std::array<std::string_view, 2> names{"full", "tails"};
};

namespace {

// Scenario ids are 40 bits of the random numbers' counter.
constexpr std::uint64_t kMostScenarios = (std::uint64_t{1} << 40) - 1;

template <class T>
void sort_and_refuse_repeats(const JsonNode& node, std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  if (std::adjacent_find(values.begin(), values.end()) != values.end()) {
    node.problem("a value is there twice", "list each once");
  }
}

void refuse_empty(const JsonNode& list) {
  if (list.value().is_array() && list.value().empty()) {
    list.problem("the list is empty", "give at least one value, or leave the key out");
  }
}

// m = N(1 - level) is the number of losses beyond the level; it must be exact, and at least one.
bool check_level(const JsonNode& node, double level, std::uint64_t scenarios) {
  constexpr double kUnits = 1e9;
  const double units = std::round(level * kUnits);
  if (!(level > 0.0 && level < 1.0)) {
    node.problem(node.shown() + " is not between 0 and 1", "write 0.99 for 99 %");
    return false;
  }
  if (units / kUnits != level) {
    node.problem(node.shown() + " has more than 9 decimals", "round it");
    return false;
  }
  // Of 10^9 losses; at least 1, as the level is below 1 and has 9 decimals.
  const auto beyond = static_cast<std::uint64_t>(kUnits - units);
  const auto whole = static_cast<std::uint64_t>(kUnits);
  const std::uint64_t least = (whole + beyond - 1) / beyond;
  if (scenarios != 0 && scenarios < least) {
    node.problem("fewer than one of " + std::to_string(scenarios) + " losses lies beyond the level " + node.shown(),
                 "give at least " + std::to_string(least) + " scenarios or a lower level");
    return false;
  }
  return true;
}

void read_levels(JsonObject& config, RunConfig& out) {
  out.levels = {0.95, 0.99, 0.999};
  const auto node = config.find("levels");
  if (node) {
    out.levels.clear();
    if (refuse_too_many(*node, limits::kMostLevels, "levels")) return;
    for (const JsonNode& element : node->elements()) {
      double level = 0.0;
      if (read_json(element, level) && check_level(element, level, out.scenarios)) out.levels.push_back(level);
    }
    refuse_empty(*node);
    sort_and_refuse_repeats(*node, out.levels);
  } else if (out.scenarios > 0 && out.scenarios < 1000) {
    config.problem("fewer than one of " + std::to_string(out.scenarios) + " losses lies beyond the default level 0.999",
                   "give at least 1000 scenarios, or lower levels");
  }
}

void read_group_by(JsonObject& config, RunConfig& out) {
  const auto node = config.find("group_by");
  if (!node) return;
  for (const JsonNode& element : node->elements()) {
    std::size_t index = 0;
    if (read_name(element, kGroupKeys, index)) out.group_by.push_back(kGroupKeys[index]);
  }
  auto sorted = out.group_by;  // the order of the keys is the user's
  sort_and_refuse_repeats(*node, sorted);
}

void read_exposure_dates(JsonObject& config, RunConfig& out) {
  const auto node = config.find("exposure_dates");
  if (!node) {
    out.exposure_seconds = {out.horizon_seconds};
    return;
  }
  if (refuse_too_many(*node, limits::kMostExposureDates, "dates")) return;
  for (const JsonNode& element : node->elements()) {
    Duration date;
    if (!read_json(element, date)) continue;
    if (out.horizon_seconds > 0 && date.seconds > out.horizon_seconds) {
      element.problem(element.shown() + " is beyond the horizon", "give dates up to the horizon");
    }
    out.exposure_seconds.push_back(date.seconds);
  }
  refuse_empty(*node);
  sort_and_refuse_repeats(*node, out.exposure_seconds);
}

void read_sizes(JsonObject& config, const Overrides& overrides, RunConfig& out) {
  Duration horizon;
  config.required("horizon", horizon);
  out.horizon_seconds = horizon.seconds;
  const bool has_steps = config.defaulted("steps", out.steps, Within<std::uint32_t>{1, 0xffffffffu});
  if (has_steps && horizon.seconds > 0 && out.steps > horizon.seconds) {
    config.find("steps")->problem(std::to_string(out.steps) + " steps are shorter than a second", "take fewer steps");
  } else if (has_steps && out.steps > limits::kMostSteps) {
    config.find("steps")->problem(std::to_string(out.steps) + " steps are more than the " +
                                      std::to_string(limits::kMostSteps) + " that are taken",
                                  "take fewer steps");
  }
  const Within<std::uint64_t> scenario_range{1, kMostScenarios};
  if (overrides.scenarios) {
    config.defaulted("scenarios", out.scenarios, scenario_range);
    out.scenarios = *overrides.scenarios;
  } else {
    config.required("scenarios", out.scenarios, scenario_range);
  }
  config.defaulted("seed", out.seed);
  out.seed = overrides.seed.value_or(out.seed);
  config.defaulted("precision", out.precision);
  out.precision = overrides.precision.value_or(out.precision);
  config.defaulted("greek_units", out.greek_units);
  out.greek_units = overrides.greek_units.value_or(out.greek_units);
  config.defaulted("group_detail", out.group_detail);
  config.defaulted("worst", out.worst, Within<std::uint32_t>{0, 1000});
}

void read_stop(JsonObject& config, RunConfig& out) {
  JsonObject stop(config.find("stop"));
  if (!stop) return;
  StopRule rule;
  if (stop.defaulted("level", rule.level)) check_level(*stop.find("level"), rule.level, out.scenarios);
  stop.required("relative_error", rule.relative_error, Within<double>{1e-6, 1.0});
  stop.no_other_keys();
  out.stop = rule;
}

// Fewer clusters do not tell their error (measure/clusters.hpp).
constexpr std::uint32_t kFewestClusters = 16;

// Errors come from whole pairs and from whole sets of randomisations.
void check_scenarios(const JsonObject& sampling, const RunConfig& config) {
  const bool pairs = config.sampling == Sampling::antithetic;
  const std::uint64_t together = pairs ? 2 : config.randomisations;
  const std::string what = std::to_string(config.scenarios) + " scenarios are ";
  if (config.scenarios % together != 0) {
    sampling.problem(
        what + "no multiple of " + std::to_string(together),
        pairs ? "take an even number" : "take a multiple, best " + std::to_string(together) + " times a power of two");
  } else if (pairs && config.scenarios < 2 * kFewestClusters) {
    sampling.problem(what + "fewer than " + std::to_string(kFewestClusters) + " pairs", "take more scenarios");
  } else if (!pairs && config.scenarios / together > std::uint64_t{1} << random::kSobolBits) {
    sampling.problem("a randomisation has 2^32 points at most", "take fewer scenarios or more randomisations");
  }
}

void read_sampling(JsonObject& config, RunConfig& out) {
  JsonObject sampling(config.find("sampling"));
  if (!sampling) return;
  const bool has_method = sampling.required("method", out.sampling);
  const bool has_count =
      sampling.defaulted("randomisations", out.randomisations, Within<std::uint32_t>{kFewestClusters, 512});
  sampling.no_other_keys();
  if (has_count && has_method && out.sampling != Sampling::sobol) {
    sampling.find("randomisations")->problem("only Sobol points have randomisations", R"(remove it, or take "sobol")");
  } else if (!std::has_single_bit(out.randomisations)) {
    sampling.find("randomisations")
        ->problem(std::to_string(out.randomisations) + " is no power of two", "take 16, 32, 64, 128, 256 or 512");
  } else if (out.sampling != Sampling::independent && out.scenarios != 0) {
    check_scenarios(sampling, out);
  }
  // And from all losses.
  if (out.sampling != Sampling::independent && out.group_detail == GroupDetail::tails) {
    sampling.problem("its errors need all losses of a group", R"(leave "group_detail": "tails" out)");
  }
}

// Paths in a config are relative to its folder.
void read_paths(JsonObject& config, const Overrides& overrides, RunConfig& out) {
  const std::filesystem::path folder = std::filesystem::path(out.path).parent_path();
  const auto resolve = [&](const char* key, std::string& path) {
    if (path.empty()) return config.find(key)->problem("the path is empty", "name a file");
    if (path.find('\0') != std::string::npos) {
      path.clear();
      return config.find(key)->problem("the path holds a zero byte", "name a file");
    }
    path = (folder / path).lexically_normal().string();
  };
  if (config.required("book", out.book)) resolve("book", out.book);
  if (config.defaulted("instruments", out.instruments)) resolve("instruments", out.instruments);
  if (config.required("market", out.market)) resolve("market", out.market);
  if (config.required("model", out.model)) resolve("model", out.model);
  out.out = (folder / "results").string();
  if (config.defaulted("out", out.out)) resolve("out", out.out);
  out.out = overrides.out.value_or(out.out);
  out.market = overrides.market.value_or(out.market);
  out.model = overrides.model.value_or(out.model);
  out.trades = overrides.trades;
}

}  // namespace

RunConfig read_config(const std::string& path, const Overrides& overrides, Problems& problems) {
  RunConfig out;
  out.path = path;
  if (overrides.scenarios && (*overrides.scenarios < 1 || *overrides.scenarios > kMostScenarios)) {
    problems.add(ExitCode::usage,
                 {"command line", "--scenarios", std::to_string(*overrides.scenarios) + " is out of range",
                  "give a number from 1 to " + std::to_string(kMostScenarios)});
  }
  const JsonFile file(path, ExitCode::bad_config, problems);
  JsonObject config(file.root());
  config.schema("tailbit.run/1");
  read_paths(config, overrides, out);
  read_sizes(config, overrides, out);
  read_levels(config, out);
  read_group_by(config, out);
  read_exposure_dates(config, out);
  read_stop(config, out);
  read_sampling(config, out);
  config.defaulted("cash_conversion", out.cash_conversion);
  config.not_in_this_version("limits");
  config.no_other_keys();
  file.check_schema("tailbit.run/1");
  return out;
}

}  // namespace tailbit
