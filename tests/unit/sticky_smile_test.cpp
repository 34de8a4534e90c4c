// Sticky moneyness against sticky strike, in every scenario: the same where the forward has not moved, and where it
// has, apart by what today's smile does between the two moneynesses.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "tests/support/moving_book.hpp"

namespace tailbit::sticky_smile_test {
namespace {

using test::hold;
using test::in_days;

constexpr OptionKind kCall = OptionKind::call, kPut = OptionKind::put;
constexpr double kHorizon = 2.0 / 365.0;
constexpr double kForward60 = 50'900.0;
const double kCarry = std::log(kForward60 / test::kSpotAAA) * 365.0 / 60.0;  // of every expiry

// Before the first slice, on it, between the two, on the second and beyond it.
constexpr double kExpiries[] = {5.0, 10.0, 30.0, 60.0, 90.0};
constexpr double kStrikes[] = {40'000.0, 47'000.0, 50'000.0, 54'000.0, 65'000.0};

struct Listed {
  std::string id;
  OptionKind option;
  double strike, days;
  Settlement settlement;
};
std::vector<Listed> listing() {
  std::vector<Listed> all;
  for (const double days : kExpiries) {
    for (const double strike : kStrikes) {
      for (const OptionKind option : {kCall, kPut}) {
        for (const Settlement settlement : {Settlement::usd, Settlement::coin})
          all.push_back({"O" + std::to_string(all.size()), option, strike, days, settlement});
      }
    }
  }
  return all;
}

Inputs options(Sticky sticky, std::uint64_t scenarios) {
  Inputs inputs = test::two_coins(scenarios, 3);
  inputs.model.underlyings["AAA"].sticky = sticky;
  inputs.model.underlyings["AAA"].level = LevelModel{3.0, 2.5, 0.5};
  inputs.model.underlyings["AAA"].skew = SkewModel{2.0, 1.5};
  for (const Listed& o : listing())
    hold(inputs, o.id, "AAA", European::Terms{o.option, o.strike, in_days(o.days), o.settlement, {}}, 1.0);
  for (const double days : kExpiries) {
    for (const DigitalPayoff payoff : {DigitalPayoff::cash, DigitalPayoff::asset}) {
      const std::string id = (payoff == DigitalPayoff::cash ? "CASH" : "ASSET") + std::to_string(days);
      hold(inputs, id, "AAA", Digital::Terms{kPut, 53'000.0, in_days(days), payoff, 50'000.0, UsdSettlement::usd, {}},
           1.0);
    }
  }
  return inputs;
}

// The largest difference of any contract's value in any scenario, USD.
double most_apart(const Inputs& a, const Inputs& b) {
  const CompiledJob one = test::compile_fitted(a), other = test::compile_fitted(b);
  const test::Notes x = test::take_notes(one), y = test::take_notes(other);
  double most = 0.0;
  for (const std::string& id : one.contracts) {
    const std::vector<double>&v = test::values_of(one, x, id), &w = test::values_of(other, y, id);
    for (std::size_t s = 0; s < v.size(); ++s) most = std::max(most, std::abs(v[s] - w[s]));
  }
  return most;
}

TEST(Sticky, RulesAgreeWhereTheForwardHasNotMoved) {
  // The spot stays and so does the forward; or the spot drifts along the curve, so that the forward stays.
  const std::function<void(Inputs&)> unmoved[] = {
      [](Inputs& inputs) {
        inputs.model.underlyings["AAA"].drift = inputs.model.underlyings["AAA"].vol = 0.0;
        inputs.market.underlyings["AAA"].forwards[0].forward = test::kSpotAAA;
      },
      [](Inputs& inputs) {
        inputs.model.underlyings["AAA"].vol = 0.0;
        inputs.model.underlyings["AAA"].drift = kCarry;
      }};
  for (const auto& change : unmoved) {
    Inputs moneyness = options(Sticky::moneyness, 200), strike = options(Sticky::strike, 200);
    change(moneyness);
    change(strike);
    EXPECT_LT(most_apart(moneyness, strike), 1e-15 * test::kSpotAAA);
    // It is the forward that counts: with a basis the two part although the spot stays.
    moneyness.model.underlyings["AAA"].basis = strike.model.underlyings["AAA"].basis = BasisModel{0.0, 0.5, 0.5};
    EXPECT_GT(most_apart(moneyness, strike), 10.0);
  }
}

// --- Where it has moved: values by the definitions, with the standard library's functions ----------------------------

// Today's vol of AAA at k = ln(K/F), `days` to the expiry.
double vol_today(double k, double days) {
  const auto slice = [k](double a, double b, double rho, double m, double sigma) {
    return a + b * (rho * (k - m) + std::sqrt((k - m) * (k - m) + sigma * sigma));
  };
  const double first = slice(0.002, 0.04, -0.2, 0.01, 0.1), last = slice(0.01, 0.09, -0.1, 0.02, 0.2);
  if (days <= 10.0) return std::sqrt(first * 365.0 / 10.0);
  if (days >= 60.0) return std::sqrt(last * 365.0 / 60.0);
  const double weight = (days - 10.0) / 50.0;
  return std::sqrt(((1.0 - weight) * first + weight * last) * 365.0 / days);
}

struct State {
  double log_return, level, skew, basis;
};

struct Smile {
  double forward, vol;
};
Smile smile_at(const Listed& o, Sticky sticky, const State& x) {
  const double total = o.days / 365.0, scale = 30.0 / std::max(o.days, 1.0);
  const double carry = kCarry + x.basis * std::sqrt(scale);
  const double forward = test::kSpotAAA * std::exp(x.log_return + carry * (total - kHorizon));
  const double k = std::log(o.strike / forward);
  const double k_today = std::log(o.strike / (test::kSpotAAA * std::exp(kCarry * total)));
  const double d = std::sqrt(scale);  // term_decay 0.5
  const double v = 2.5 * 2.5 * (1.0 - std::exp(-6.0 * kHorizon)) / 6.0;
  const double base = vol_today(sticky == Sticky::strike ? k_today : k, o.days);
  return {forward, std::max(base * std::exp(d * x.level - 0.5 * d * d * v) + x.skew * k * std::sqrt(scale), 0.001)};
}

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }
double black(OptionKind option, double forward, double strike, double stdev) {
  const double sign = option == kCall ? 1.0 : -1.0, d1 = std::log(forward / strike) / stdev + 0.5 * stdev;
  return sign * (forward * normal_below(sign * d1) - strike * normal_below(sign * (d1 - stdev)));
}

double value_by_definition(const Listed& o, Sticky sticky, const State& x) {
  const Smile smile = smile_at(o, sticky, x);
  const double left = o.days / 365.0 - kHorizon;
  const double undiscounted = black(o.option, smile.forward, o.strike, smile.vol * std::sqrt(left));
  if (o.settlement == Settlement::usd) return undiscounted * std::exp(-test::kUsdRate * left);
  return undiscounted / smile.forward * test::kSpotAAA * std::exp(x.log_return);
}

TEST(Sticky, ValuesAreThoseOfTheDefinitionsInEveryScenario) {
  for (const Precision precision : {Precision::double_, Precision::single}) {
    for (const Sticky sticky : {Sticky::moneyness, Sticky::strike}) {
      Inputs inputs = options(sticky, 300);
      inputs.config.precision = precision;
      inputs.model.student_t = StudentT{4.0, test::kDaySeconds, {}};
      inputs.model.underlyings["AAA"].basis = BasisModel{10.0, 0.5, 0.5};
      const CompiledJob job = test::compile_fitted(inputs);
      const test::Notes notes = test::take_notes(job);
      double worst = 0.0;
      for (const Listed& o : listing()) {
        const std::vector<double>& value = test::values_of(job, notes, o.id);
        for (std::size_t s = 0; s < value.size(); ++s) {
          const auto& f = notes.step_ends.back()[s].factors;  // AAA.spot, BBB.spot, AAA.vol, AAA.skew, AAA.basis
          worst = std::max(worst, std::abs(value[s] - value_by_definition(o, sticky, {f[0], f[2], f[3], f[4]})));
        }
      }
      EXPECT_LT(worst, (precision == Precision::double_ ? 2e-15 : 5e-7) * test::kSpotAAA);
    }
  }
}

// The difference of the two rules is the vega times the smile's slope times the forward's log-return, to first order.
TEST(Sticky, RulesPartByTheSlopeOfTheSmile) {
  Inputs moneyness = test::two_coins(400, 3);
  for (const Listed& o : listing())
    hold(moneyness, o.id, "AAA", European::Terms{o.option, o.strike, in_days(o.days), o.settlement, {}}, 1.0);
  moneyness.model.underlyings["AAA"].drift = kCarry;
  moneyness.model.underlyings["AAA"].vol = 0.001;
  Inputs strike = moneyness;
  strike.model.underlyings["AAA"].sticky = Sticky::strike;
  const CompiledJob by_moneyness = test::compile_fitted(moneyness), by_strike = test::compile_fitted(strike);
  const test::Notes notes = test::take_notes(by_moneyness), of_strikes = test::take_notes(by_strike);
  int compared = 0;
  for (const Listed& o : listing()) {
    const std::vector<double>& a = test::values_of(by_moneyness, notes, o.id);
    const std::vector<double>& b = test::values_of(by_strike, of_strikes, o.id);
    const double left = o.days / 365.0 - kHorizon, k = std::log(o.strike / test::kSpotAAA) - kCarry * o.days / 365.0;
    const double slope = (vol_today(k + 1e-4, o.days) - vol_today(k - 1e-4, o.days)) / 2e-4;
    for (std::size_t s = 0; s < a.size(); ++s) {
      const double x = notes.step_ends.back()[s].log_returns[0];
      const double move = x - kCarry * kHorizon;  // of the forward
      const Smile smile = smile_at(o, Sticky::strike, {x, 0.0, 0.0, 0.0});
      const double stdev = vol_today(k, o.days) * std::sqrt(left);
      const double d1 = std::log(smile.forward / o.strike) / stdev + 0.5 * stdev;
      const double density = std::exp(-0.5 * d1 * d1) / std::sqrt(2.0 * std::acos(-1.0));
      const double discount =
          o.settlement == Settlement::usd ? std::exp(-test::kUsdRate * left) : std::exp(-kCarry * left);
      const double vega = smile.forward * discount * density * std::sqrt(left);
      const double expected = vega * slope * -move;
      if (std::abs(move) < 1e-6 || std::abs(slope) < 0.03 || vega < 1.0) continue;
      ++compared;
      EXPECT_NEAR((a[s] - b[s]) / expected, 1.0, 0.02) << o.id;
    }
  }
  EXPECT_GT(compared, 5000);
}

}  // namespace
}  // namespace tailbit::sticky_smile_test
