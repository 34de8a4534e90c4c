#include "host/io/read_regimes.hpp"

#include <cmath>
#include <numeric>
#include <set>

#include "host/io/known_underlying.hpp"
#include "host/io/limits.hpp"
#include "host/io/model_fields.hpp"
#include "host/io/read_correlation.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// Decimals of probabilities add up to 1 but for their rounding.
constexpr double kRounding = 1e-6;

void read_multipliers(JsonObject& state, const Model& known, RegimeModel& out) {
  const auto node = state.find("underlyings");
  if (!JsonObject{node}) return;
  for (const auto& [name, value] : node->value().items()) {
    const JsonNode at = node->member(name);
    if (!known_underlying(at, name, known)) continue;
    JsonObject underlying(at);
    underlying.required("vol_multiplier", out.underlyings[name], kMultiplier);
    underlying.no_other_keys();
  }
}

// Heston's variance is what the spot moves with: nothing else may.
void check_heston(const JsonNode& node, const Model& known, const RegimeModel& regime) {
  for (const auto& [name, underlying] : known.underlyings) {
    if (underlying.spot_vol != SpotVolKind::heston || vol_multiplier(regime, name) == 1.0) continue;
    node.problem("the regime multiplies the vol of " + name + ", whose spot_vol is Heston's",
                 "give " + name + " a vol_multiplier of 1 under `underlyings`, or another kind of spot_vol");
  }
}

RegimeModel read_state(const JsonNode& node, const Model& known) {
  RegimeModel out;
  JsonObject state(node);
  state.required("name", out.name);
  fields(state, out);
  read_multipliers(state, known, out);
  out.correlation = read_correlation(state, known);
  state.no_other_keys();
  check_heston(node, known, out);
  return out;
}

void check_probabilities(const JsonNode& node, const std::vector<double>& probabilities) {
  for (std::size_t i = 0; i < probabilities.size(); ++i) check(node.element(i), probabilities[i], kProbability);
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  if (std::abs(sum - 1.0) > kRounding) {
    node.problem("the probabilities add up to " + number_text(sum), "give one per state that add up to 1");
  }
}

void read_states(JsonObject& regimes, const Model& known, RegimesModel& out) {
  const auto list = regimes.require("states");
  if (!list || refuse_too_many(*list, limits::kMostRegimes, "regimes")) return;
  std::set<std::string> seen;
  for (const JsonNode& node : list->elements()) {
    out.states.push_back(read_state(node, known));
    const std::string& name = out.states.back().name;
    if (node.value().contains("name") && !seen.insert(name).second) {
      node.member("name").problem(in_quotes(name) + " is there twice", "give each regime a name of its own");
    } else if (node.value().contains("name") && name.empty()) {
      node.member("name").problem("the name is empty", "give the regime one");
    }
  }
  if (list->value().is_array() && out.states.size() < 2)
    list->problem("there are fewer than two regimes", "give at least two, or leave `regimes` out");
}

}  // namespace

std::optional<RegimesModel> read_regimes(JsonObject& model, const Model& known) {
  const auto node = model.find("regimes");
  if (!node) return std::nullopt;
  RegimesModel out;
  JsonObject regimes(node);
  read_states(regimes, known, out);
  const auto transition = regimes.require("transition");
  if (transition && read_square(*transition, out.states.size(), "state", out.transition)) {
    for (std::size_t i = 0; i < out.transition.size(); ++i)
      check_probabilities(transition->element(i), out.transition[i]);
  }
  if (const auto first = regimes.find("first"); first && read_json(*first, out.first)) {
    if (out.first.size() != out.states.size()) {
      first->problem(
          std::to_string(out.first.size()) + " probabilities of " + std::to_string(out.states.size()) + " states",
          "give one per state");
    } else {
      check_probabilities(*first, out.first);
    }
  }
  regimes.no_other_keys();
  return out;
}

}  // namespace tailbit
