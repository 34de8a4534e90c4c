#include "host/ops/price_by_simulation.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/fit/model.hpp"
#include "host/io/model_checks.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "host/ops/memory.hpp"
#include "host/ops/price_rows.hpp"
#include "host/ops/simulate.hpp"
#include "tailbit/measure/moments.hpp"

namespace tailbit {
namespace {

// Whether paths of the model have a mean, and the flags go with it; told before any row is read.
void check_model_alone(const Model& model, const PathFlags& flags, Problems& problems) {
  const auto problem = [&](const std::string& where, const std::string& what, const std::string& remedy) {
    problems.add(ExitCode::bad_config, {flags.model, where, what, remedy});
  };
  if (model.underlyings.size() > 1) {
    problem(
        "/underlyings",
        "there are " + std::to_string(model.underlyings.size()) + " underlyings, and a row of the list has one spot",
        "leave one");
  }
  const bool simple = model.returns == Returns::simple;
  const bool fat_tails = std::any_of(model.underlyings.begin(), model.underlyings.end(),
                                     [&](const auto& entry) { return has_t_returns(model, entry.first); });
  if (fat_tails && !simple && !max_move(model)) {
    problem("/innovations/kind",
            "with t-distributed log-returns the mean of the spot is infinite, so there is no price",
            "set `max_move`, use \"simple\" returns, or the kind \"gaussian\"");
  }
  if (simple && flags.steps != 1) {
    problem("/returns", "simple returns are simulated in one step, and --steps is " + std::to_string(flags.steps),
            "use --steps 1, or \"log\"");
  }
}

// What a contract pays at its expiry, USD.
struct PayoffMean {
  double mean, se;
};

// A payoff is the profit plus the value today, both whole numbers of quanta, so that taking today's value off and
// adding it again leaves at most one quantum of error in each payoff, whatever vol today's value was made with.
PayoffMean mean_payoff(const CompiledJob& job, const Pnl& pnl) {
  const std::int64_t today = job.base_of(job.groups.groups[0]);
  const measure::CentralMoments payoff =
      measure::central_moments(std::span(pnl.row(pnl.nodes - 1, 0), pnl.scenarios), today, measure::Part::whole);
  const double count = static_cast<double>(pnl.scenarios);
  return {payoff.mean * pnl.unit, std::sqrt(payoff.second / (count - 1.0) / count) * pnl.unit};
}

class PathPricer {
 public:
  explicit PathPricer(const PathFlags& flags) : flags_(flags) {
    require_memory(static_cast<double>(flags.paths) * sizeof(std::int64_t), ExitCode::usage,
                   "--paths " + std::to_string(flags.paths), "use fewer paths");
    Problems problems;
    model_ = read_model(flags.model, problems);
    problems.throw_if_any();
    check_model_alone(model_, flags, problems);
    fit_model(model_, flags.model, problems, warnings_);
    problems.throw_if_any();
  }

  Priced price(const PriceRow& row) {
    try {
      const Inputs inputs = make_inputs(row);
      const CompiledJob job = compile(inputs);
      const Pnl pnl = cpu::run(job.plan, {});
      moves_.moves_limited += pnl.tally.moves_limited;
      return discounted(mean_payoff(job, pnl), row, years_of(inputs.config));
    } catch (const Failure& failure) {
      throw BadRow(failure.what());
    } catch (const cpu::BadTermError& error) {
      throw BadRow("path " + std::to_string(error.term().scenario) + " changes the value by " +
                   number_text(error.term().change) +
                   " USD, which is not finite or leaves the range of exact sums: the inputs are too extreme");
    }
  }

  std::vector<std::string> warnings() const {
    std::vector<std::string> all = warnings_;
    for (std::string& warning : tally_warnings(moves_)) all.push_back(std::move(warning));
    return all;
  }

 private:
  static double years_of(const RunConfig& config) {
    return static_cast<double>(config.horizon_seconds) / kSecondsPerYear;
  }

  RunConfig make_config(const ClosedFormInputs& in) const {
    const std::optional<std::int64_t> seconds = seconds_from_years(in.years);
    if (!seconds) {
      throw BadRow("expiry_years " + number_text(in.years) +
                   " is not from half a second to 100 years: there are no paths to simulate");
    }
    if (flags_.steps > *seconds) {
      throw BadRow("--steps " + std::to_string(flags_.steps) + " over expiry_years " + number_text(in.years) +
                   " are shorter than a second; take fewer steps");
    }
    RunConfig config;
    config.path = "the command line";  // where messages say that `steps` may be changed
    config.model = flags_.model;
    config.horizon_seconds = *seconds;
    config.steps = flags_.steps;
    config.scenarios = flags_.paths;
    config.seed = flags_.seed;
    config.exposure_seconds = {*seconds};
    return config;
  }

  // The mean of the spot over `years` is to be S_0 exp(carry years). Of log-returns it is S_0 exp(drift years), of
  // simple ones S_0 (1 + drift years).
  double drift_of(double carry, double years) const {
    return model_.returns == Returns::simple ? std::expm1(carry * years) / years : carry;
  }

  // An implied spot vol is the surface's, and the row's vol is the only quote there is. Else the surface only makes
  // today's value, which is taken off again.
  double surface_vol(const UnderlyingModel& model, const ClosedFormInputs& in) const {
    if (model.spot_vol != SpotVolKind::implied) return std::max(model.vol, kLeastVol);
    if (in.vol >= kLeastVol && in.vol <= kMostVol) return in.vol;
    throw BadRow("vol " + number_text(in.vol) + " is not from " + number_text(kLeastVol) + " to " +
                 number_text(kMostVol) + ", and the model's spot vol is implied: it is the row's");
  }

  Inputs make_inputs(const PriceRow& row) const {
    const ClosedFormInputs& in = row.inputs;
    Inputs inputs;
    inputs.config = make_config(in);
    const double years = years_of(inputs.config);
    const Timestamp expiry{inputs.config.horizon_seconds};  // as_of is second 0
    if (model_.returns == Returns::simple && drawn_by_period(model_) &&
        inputs.config.horizon_seconds > period_seconds(model_)) {
      throw BadRow("simple returns are simulated within one period of the innovations, " +
                   duration_text(period_seconds(model_)) + ", and expiry_years is longer");
    }

    inputs.model = model_;
    auto& [name, model] = *inputs.model.underlyings.begin();
    model.drift = drift_of(in.carry, years);

    UnderlyingMarket quoted;
    quoted.spot = in.spot;
    quoted.forwards = {{expiry, in.spot * std::exp(in.carry * years)}};
    quoted.surface = FlatSurface{surface_vol(model, in)};
    inputs.market.usd_rate = in.rate;
    inputs.market.underlyings.emplace(name, std::move(quoted));

    Instrument contract{row.id.empty() ? "without an id" : row.id, name, 1.0, row.terms};
    visit_family(contract.terms, [&]<class Family>(auto& terms) {
      if constexpr (requires { terms.expiry; }) terms.expiry = expiry;  // all those with a closed form have one
    });
    inputs.positions.push_back({.instrument = contract.id, .quantity = 1.0});
    inputs.instruments.push_back(std::move(contract));

    Problems problems;
    check_model(inputs.config, inputs.market, inputs.model, problems);
    problems.throw_if_any();
    return inputs;
  }

  // An option settled in coin is one in USD that is discounted at the carry (instruments/option_market.hpp).
  static Priced discounted(const PayoffMean& payoff, const PriceRow& row, double years) {
    const bool coin = in_coin(row.terms);
    const double discount = std::exp(-(coin ? row.inputs.carry : row.inputs.rate) * years);
    const double usd = discount * payoff.mean, usd_se = discount * payoff.se;
    Priced priced;
    priced.numbers[0] = coin ? usd / row.inputs.spot : usd;
    priced.se = coin ? usd_se / row.inputs.spot : usd_se;
    if (coin) priced.inverse_extra = {usd, std::nullopt, std::nullopt};
    return priced;
  }

  PathFlags flags_;
  Model model_;
  std::vector<std::string> warnings_;
  Tally moves_;  // floors count for nothing: at its expiry a contract has no vol
};

}  // namespace

PricedByPaths price_by_simulation(const std::string& path, const PathFlags& flags, std::ostream& out, bool as_json) {
  PathPricer pricer(flags);
  const ExitCode code = price_rows(path, out, {.json = as_json, .with_error_of_mean = true},
                                   [&](const PriceRow& row) { return pricer.price(row); });
  return {code, pricer.warnings()};
}

}  // namespace tailbit
