#include "host/ops/replay_output.hpp"

#include <algorithm>

#include "tailbit/core/exact_sum.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// Of each period within the horizon, `value_of(period)` under `key`.
template <class ValueOf>
Json periods_json(std::size_t periods, const Inputs& inputs, const char* key, ValueOf&& value_of) {
  Json list = Json::array();
  const std::int64_t horizon = inputs.config.horizon_seconds, period = period_seconds(inputs.model);
  for (std::size_t p = 0; p < periods; ++p) {
    const std::int64_t start = static_cast<std::int64_t>(p) * period;
    list.push_back({{"start_seconds", start}, {"end_seconds", std::min(start + period, horizon)}, {key, value_of(p)}});
  }
  return list;
}

Json mixing_json(const cpu::Replay& replay, const Inputs& inputs) {
  return periods_json(replay.period_variances.size(), inputs, "variance",
                      [&](std::size_t p) { return replay.period_variances[p]; });
}

Json regimes_json(const cpu::Replay& replay, const Inputs& inputs) {
  return periods_json(replay.regimes.size(), inputs, "regime",
                      [&](std::size_t p) { return inputs.model.regimes->states[replay.regimes[p]].name; });
}

// Where the model says of each process that it is there, in the order of compile/jumps.hpp.
std::vector<std::string> jump_places(const Model& model) {
  std::vector<std::string> places;
  for (const auto& [name, underlying] : model.underlyings) {
    for (std::size_t i = 0; i < underlying.jumps.size(); ++i)
      places.push_back("/underlyings/" + name + "/jumps/" + std::to_string(i));
  }
  for (std::size_t i = 0; i < model.common_jumps.size(); ++i) places.push_back("/common_jumps/" + std::to_string(i));
  return places;
}

Json jumps_json(const cpu::Replay& replay, const Inputs& inputs, const Plan& plan) {
  const std::vector<std::string> places = jump_places(inputs.model);
  Json jumps = Json::array();
  for (const cpu::JumpSeen& seen : replay.jumps) {
    const FactorId spot = plan.paths.jump_effects[seen.effect].spot;
    jumps.push_back({{"seconds", seen.seconds},
                     {"underlying", std::next(inputs.model.underlyings.begin(), spot)->first},
                     {"log_size", seen.log_size},
                     {"process", places[seen.process]}});
  }
  return jumps;
}

Json dates_json(const cpu::Replay& replay, const Inputs& inputs, const FactorScale& scale) {
  const std::vector<std::string>& factors = inputs.model.correlation.factors;
  Json dates = Json::array();
  for (const cpu::DateSeen& seen : replay.dates) {
    Json spots = Json::object(), states = Json::object(), deviations = Json::object();
    std::size_t u = 0;
    for (const auto& [name, unused] : inputs.model.underlyings) {
      const double spot = seen.spots[u++];
      if (inputs.market.underlyings.contains(name)) spots[name] = spot;  // others move, but have no price today
    }
    for (FactorId f = 0; f < factors.size(); ++f) {
      states[factors[f]] = seen.states[f];
      const auto deviation = scale.deviations(f, seen.states[f], seen.seconds / kSecondsPerYear);
      deviations[factors[f]] = deviation ? Json(*deviation) : Json(nullptr);
    }
    dates.push_back({{"seconds", seen.seconds},
                     {"inside_step", seen.inside_step},
                     {"spots", std::move(spots)},
                     {"states", std::move(states)},
                     {"deviations", std::move(deviations)}});
  }
  return dates;
}

// What a group made with a contract.
struct Contribution {
  std::uint32_t contract;
  double quantity;
  std::int64_t quanta;
};

std::vector<Contribution> contributions_of(const std::vector<cpu::TermSeen>& terms, const Group& group) {
  std::vector<Contribution> result;
  for (auto term = terms.begin(); term != terms.end();) {
    const std::uint32_t contract = term->contract;
    ExactSum quantity;
    std::int64_t quanta = 0;
    bool held = false;
    for (; term != terms.end() && term->contract == contract; ++term) {
      if (term->leaf < group.first_leaf || term->leaf >= group.last_leaf) continue;
      quantity.add(term->quantity);
      quanta += term->quanta;
      held = true;
    }
    if (held) result.push_back({contract, quantity.value(), quanta});
  }
  return result;
}

// The sum of all that gained (sign 1), or lost (-1), and how many they were.
struct Side {
  std::int64_t quanta = 0;
  std::uint64_t contracts = 0;
};
Side side_of(const std::vector<Contribution>& contributions, std::int64_t sign) {
  Side side;
  for (const Contribution& c : contributions) {
    if (c.quanta * sign <= 0) continue;
    side.quanta += c.quanta;
    ++side.contracts;
  }
  return side;
}

}  // namespace

Json seen_json(const cpu::Replay& replay, const Inputs& inputs, const CompiledJob& job, const FactorScale& scale,
               const Group& group, std::optional<std::uint64_t> top) {
  std::vector<Contribution> contributions = contributions_of(replay.terms, group);
  std::stable_sort(contributions.begin(), contributions.end(),
                   [](const Contribution& a, const Contribution& b) { return a.quanta < b.quanta; });
  const Side gains = side_of(contributions, 1), losses = side_of(contributions, -1);
  const double unit = job.plan.quantum.unit;
  const auto usd = [unit](std::int64_t quanta) { return static_cast<double>(quanta) * unit; };
  Json contracts = Json::array();
  for (std::size_t i = 0; i < contributions.size(); ++i) {
    const auto& [contract, quantity, quanta] = contributions[i];
    const bool listed = !top || (quanta < 0 && i < *top) || (quanta > 0 && contributions.size() - i <= *top);
    if (!listed) continue;
    const std::int64_t side = quanta > 0 ? gains.quanta : losses.quanta;
    contracts.push_back({{"contract", job.contracts[contract]},
                         {"quantity", quantity},
                         {"pnl", usd(quanta)},
                         {"share", quanta == 0 ? 0.0 : static_cast<double>(quanta) / static_cast<double>(side)}});
  }
  return {{"mixing", mixing_json(replay, inputs)},
          {"regimes", regimes_json(replay, inputs)},
          {"jumps", jumps_json(replay, inputs, job.plan)},
          {"moves_limited", replay.tally.moves_limited},
          {"vols_at_floor", replay.tally.vols_at_floor},
          {"dates", dates_json(replay, inputs, scale)},
          {"gained", {{"pnl", usd(gains.quanta)}, {"contracts", gains.contracts}}},
          {"lost", {{"pnl", usd(losses.quanta)}, {"contracts", losses.contracts}}},
          {"contracts", std::move(contracts)}};
}

}  // namespace tailbit
