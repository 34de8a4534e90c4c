// Values of single contracts against closed forms in long double, and closed forms against finite differences.
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tailbit/engine/families.hpp"

namespace tailbit::pricing_test {
namespace {

using market::CarryCurve;
using market::FixedVol;
using market::Settled;
using market::UnderlyingToday;
using market::VolSurface;

constexpr std::int64_t kDay = 86'400;
constexpr OptionKind kCall = OptionKind::call, kPut = OptionKind::put;

long double normal_cdf(long double x) { return 0.5L * erfcl(-x / sqrtl(2.0L)); }

// a N(d1) - b N(d2), on the out-of-the-money side so that nothing cancels.
long double exact_black(long double a, long double b, long double stdev) {
  const long double d1 = logl(a / b) / stdev + stdev / 2.0L;
  if (a > b) return a - b + b * normal_cdf(stdev - d1) - a * normal_cdf(-d1);
  return a * normal_cdf(d1) - b * normal_cdf(d1 - stdev);
}

// The worst absolute error over moneyness and deviation, relative to max(a, b).
template <class R>
double worst_black_error(double least_stdev) {
  double worst = 0.0;
  for (double stdev = least_stdev; stdev <= 10.0; stdev *= 1.17) {
    for (int i = -60; i <= 60; ++i) {
      // Within twelve deviations, and far outside.
      for (const double moneyness : {i / 5.0 * stdev, i / 20.0, i * 0.2}) {
        const R a = static_cast<R>(3000.0 * std::exp(moneyness)), b = R(3000);
        const R log_ratio = static_cast<R>(logl(static_cast<long double>(a) / b)), s = static_cast<R>(stdev);
        const R value = black_value(a, b, log_ratio, market::TotalVol<R>{s, R(1) / s, R(0)});
        const long double error = std::abs(static_cast<long double>(value) - exact_black(a, b, s)) / std::max(a, b);
        if (!(error <= worst)) worst = static_cast<double>(error);  // a NaN sticks
      }
    }
  }
  return worst;
}

TEST(Black, IsWithinItsErrorBoundInDouble) { EXPECT_LE(worst_black_error<double>(1e-7), 4e-16); }
TEST(Black, IsWithinItsErrorBoundInFloat) { EXPECT_LE(worst_black_error<float>(1e-7), 3e-7); }

TEST(Black, CallMinusPutIsTheForward) {
  for (const double stdev : {1e-7, 0.01, 0.3, 2.0, 10.0}) {
    for (const double k : {-5.0, -0.1, -1e-9, 0.0, 1e-9, 0.1, 5.0}) {
      const double f = 100.0, strike = 100.0 * std::exp(k), x = std::log(f / strike);
      const market::TotalVol<double> vol{stdev, 1.0 / stdev, 0.0};
      EXPECT_NEAR(black_value(f, strike, x, vol) - black_value(strike, f, -x, vol), f - strike,
                  8e-16 * std::max(f, strike));
    }
  }
}

// Else a contract would be worth nothing where it has no price.
template <class R>
void expect_nan_from_nan() {
  const R nan = std::numeric_limits<R>::quiet_NaN();
  const market::TotalVol<R> vol{R(0.2), R(5), R(0)}, no_vol{nan, nan, nan};
  EXPECT_TRUE(std::isnan(black_value(nan, R(100), nan, vol)));
  EXPECT_TRUE(std::isnan(black_value(R(100), nan, nan, vol)));
  EXPECT_TRUE(std::isnan(black_value(R(100), R(90), R(0.1), no_vol)));
}
TEST(Black, IsNotANumberWhereItsInputsAreNotInDouble) { expect_nan_from_nan<double>(); }
TEST(Black, IsNotANumberWhereItsInputsAreNotInFloat) { expect_nan_from_nan<float>(); }

UnderlyingToday coin(VolSurface surface) {
  return {"X", {1'767'225'600}, 50'000.0, 0.04, CarryCurve({{0.1, 0.006}, {1.0, 0.09}}, 0.04), std::move(surface)};
}
NodeTime today(const UnderlyingToday& x) { return {x.as_of, 0.0}; }
Timestamp after(const UnderlyingToday& x, double days) { return {x.as_of.seconds + std::int64_t(days * kDay)}; }

template <class Family, class Variant>
double value_at(const typename Family::Terms& terms, const UnderlyingToday& x, const NodeTime& node, double spot) {
  const auto c = Family::template constants<double, Variant>(terms, x, node);
  return Family::template value<double, Variant>(c, Point<double>{std::log(spot / x.spot), spot}, NoState{});
}

ClosedFormInputs inputs_of(const UnderlyingToday& x, OptionKind option, double strike, Timestamp expiry, double vol) {
  const double years = years_between(x.as_of, expiry);
  return {option, x.spot, strike, years, x.usd_rate, x.carry.rate(years), vol};
}

TEST(European, HotValueIsTheClosedFormWithCarryAndDiscounting) {
  const UnderlyingToday x = coin(VolSurface(0.6));
  for (const OptionKind option : {kCall, kPut}) {
    for (const double days : {1.0, 60.0, 700.0}) {
      for (const double strike : {20'000.0, 49'000.0, 50'000.0, 90'000.0}) {
        const European::Terms terms{option, strike, after(x, days), Settlement::usd, {}};
        const double expected = European::closed_form(terms, inputs_of(x, option, strike, terms.expiry, 0.6)).value;
        EXPECT_NEAR((value_at<European, FixedVol>(terms, x, today(x), x.spot)), expected, 1e-10);
      }
    }
  }
}

// Against long double directly, so that a common error of both would show.
TEST(European, ClosedFormIsBlackOnTheForward) {
  for (const OptionKind option : {kCall, kPut}) {
    const ClosedFormInputs in{option, 50'000.0, 55'000.0, 0.3, 0.04, 0.07, 0.8};
    const long double f = in.spot * expl(0.07L * 0.3L), discount = expl(-0.04L * 0.3L);
    const long double stdev = 0.8L * sqrtl(0.3L);
    const long double exact = option == kCall ? exact_black(f, 55'000.0L, stdev) : exact_black(55'000.0L, f, stdev);
    EXPECT_NEAR(European::closed_form({}, in).value, static_cast<double>(discount * exact), 1e-10);
  }
}

TEST(Digital, HotValueIsTheClosedFormWithCarryAndDiscounting) {
  const UnderlyingToday x = coin(VolSurface(0.6));
  for (const OptionKind option : {kCall, kPut}) {
    for (const DigitalPayoff payoff : {DigitalPayoff::cash, DigitalPayoff::asset}) {
      for (const double strike : {20'000.0, 50'000.0, 90'000.0}) {
        const Digital::Terms terms{option, strike, after(x, 60), payoff, 1234.5, UsdSettlement::usd, {}};
        const double expected = Digital::closed_form(terms, inputs_of(x, option, strike, terms.expiry, 0.6)).value;
        EXPECT_NEAR((value_at<Digital, FixedVol>(terms, x, today(x), x.spot)), expected, 1e-10);
      }
    }
  }
}

// Both payoffs of a call and a put make up the payout; asset minus strike times cash makes the vanilla.
TEST(Digital, BuildsTheVanilla) {
  const UnderlyingToday x = coin(VolSurface({{0.1, 0.002, 0.04, -0.3, 0.01, 0.1}, {0.5, 0.01, 0.09, -0.1, 0.02, 0.2}}));
  const Timestamp expiry = after(x, 73);  // between the slices
  for (const OptionKind option : {kCall, kPut}) {
    for (const double strike : {30'000.0, 50'000.0, 80'000.0}) {
      const auto digital = [&](DigitalPayoff payoff) {
        const Digital::Terms terms{option, strike, expiry, payoff, 1.0, UsdSettlement::usd, {}};
        return value_at<Digital, market::SviBlendVol>(terms, x, today(x), 52'000.0);
      };
      const European::Terms terms{option, strike, expiry, Settlement::usd, {}};
      const double vanilla = value_at<European, market::SviBlendVol>(terms, x, today(x), 52'000.0);
      const double built = digital(DigitalPayoff::asset) - strike * digital(DigitalPayoff::cash);
      EXPECT_NEAR(option == kCall ? built : -built, vanilla, 1e-9);
    }
  }
}

TEST(Digital, OnASmileIsTheLimitOfACallSpread) {
  const UnderlyingToday x = coin(VolSurface({{0.2, 0.005, 0.06, -0.5, 0.01, 0.1}}));
  for (const double strike : {35'000.0, 48'000.0, 51'000.0, 70'000.0}) {
    for (const OptionKind option : {kCall, kPut}) {
      const auto vanilla = [&](double k) {
        const European::Terms terms{option, k, after(x, 73), Settlement::usd, {}};
        return value_at<European, market::SviVol>(terms, x, today(x), 51'000.0);
      };
      const auto spread = [&](double h) { return (vanilla(strike - h) - vanilla(strike + h)) / (2.0 * h); };
      const double limit = (4.0 * spread(10.0) - spread(20.0)) / 3.0;  // Richardson
      const Digital::Terms terms{option, strike, after(x, 73), DigitalPayoff::cash, 1.0, UsdSettlement::usd, {}};
      EXPECT_NEAR((value_at<Digital, market::SviVol>(terms, x, today(x), 51'000.0)), option == kCall ? limit : -limit,
                  1e-9);
    }
  }
}

TEST(Settled, OptionsPayTheSpotOfTheirExpiry) {
  const UnderlyingToday x = coin(VolSurface(0.6));
  const Timestamp expiry = after(x, 1);
  const NodeTime later{after(x, 2), 0.0};
  const auto european = [&](OptionKind option, double spot) {
    return value_at<European, Settled>({option, 48'000.0, expiry, Settlement::usd, {}}, x, later, spot);
  };
  EXPECT_EQ(european(kCall, 50'000.0), 2000.0);
  EXPECT_EQ(european(kCall, 47'000.0), 0.0);
  EXPECT_EQ(european(kPut, 47'000.0), 1000.0);
  EXPECT_EQ(european(kPut, 50'000.0), 0.0);
  const auto digital = [&](OptionKind option, DigitalPayoff payoff, double spot) {
    return value_at<Digital, Settled>({option, 48'000.0, expiry, payoff, 7.0, UsdSettlement::usd, {}}, x, later, spot);
  };
  EXPECT_EQ(digital(kCall, DigitalPayoff::cash, 48'001.0), 7.0);
  EXPECT_EQ(digital(kCall, DigitalPayoff::cash, 47'999.0), 0.0);
  EXPECT_EQ(digital(kPut, DigitalPayoff::cash, 47'999.0), 7.0);
  EXPECT_EQ(digital(kPut, DigitalPayoff::cash, 48'001.0), 0.0);
  EXPECT_EQ(digital(kCall, DigitalPayoff::asset, 48'001.0), 48'001.0);
  EXPECT_EQ(digital(kPut, DigitalPayoff::asset, 47'999.0), 47'999.0);
}

TEST(Settled, OptionsOnTheLastSecondAreWorthTheirPayoff) {
  const UnderlyingToday x = coin(VolSurface(0.6));
  const European::Terms terms{kCall, 48'000.0, after(x, 1), Settlement::usd, {}};
  const NodeTime last{{terms.expiry.seconds - 1}, 0.0};
  EXPECT_NEAR((value_at<European, FixedVol>(terms, x, last, 50'000.0)), 2000.0, 1e-3);
  EXPECT_NEAR((value_at<European, FixedVol>(terms, x, last, 46'000.0)), 0.0, 1e-9);
}

// Central differences of the value, and of delta for gamma; errors of second order in the step.
void expect_greeks(const std::function<ClosedForm(const ClosedFormInputs&)>& price, const ClosedFormInputs& in) {
  const ClosedForm greeks = price(in);
  const auto slope = [&](double ClosedFormInputs::*input, double h, double ClosedForm::*output) {
    ClosedFormInputs up = in, down = in;
    up.*input += h;
    down.*input -= h;
    return (price(up).*output - price(down).*output) / (2.0 * h);
  };
  const double size = std::abs(greeks.value) + 1e-3 * in.spot * std::abs(greeks.delta);
  const double tolerance = 1e-6;
  const auto near = [&](const char* name, double greek, double difference, double scale) {
    EXPECT_NEAR(greek, difference, tolerance * (std::abs(difference) + scale)) << name;
  };
  near("delta", greeks.delta, slope(&ClosedFormInputs::spot, in.spot * 1e-5, &ClosedForm::value), size / in.spot);
  near("gamma", greeks.gamma, slope(&ClosedFormInputs::spot, in.spot * 1e-5, &ClosedForm::delta),
       size / in.spot / in.spot);
  near("vega", greeks.vega, slope(&ClosedFormInputs::vol, 1e-5, &ClosedForm::value), size);
  near("theta", greeks.theta, -slope(&ClosedFormInputs::years, in.years * 1e-5, &ClosedForm::value), size / in.years);
  // At fixed q = rate - carry both move.
  near("rho", greeks.rho,
       slope(&ClosedFormInputs::rate, 1e-5, &ClosedForm::value) +
           slope(&ClosedFormInputs::carry, 1e-5, &ClosedForm::value),
       size);
}

std::vector<ClosedFormInputs> greek_cases() {
  std::vector<ClosedFormInputs> cases;
  for (const OptionKind option : {kCall, kPut}) {
    for (const double strike : {80.0, 100.0, 125.0}) {
      for (const double years : {0.05, 1.5}) cases.push_back({option, 100.0, strike, years, 0.05, 0.02, 0.45});
    }
  }
  return cases;
}

TEST(European, GreeksAreTheDerivativesOfTheValue) {
  for (const ClosedFormInputs& in : greek_cases()) {
    SCOPED_TRACE(testing::Message() << "strike " << in.strike << " years " << in.years);
    expect_greeks([](const ClosedFormInputs& x) { return European::closed_form({}, x); }, in);
  }
}

TEST(Digital, GreeksAreTheDerivativesOfTheValue) {
  for (const DigitalPayoff payoff : {DigitalPayoff::cash, DigitalPayoff::asset}) {
    Digital::Terms terms;
    terms.payoff = payoff;
    terms.cash = 10.0;
    for (const ClosedFormInputs& in : greek_cases()) {
      SCOPED_TRACE(testing::Message() << "strike " << in.strike << " years " << in.years);
      expect_greeks([&](const ClosedFormInputs& x) { return Digital::closed_form(terms, x); }, in);
    }
  }
}

TEST(Perpetual, IsWorthTheMoveOfItsMarkAndTheFundingOnTheWay) {
  UnderlyingToday x = coin(VolSurface());
  x.funding = market::constant_funding(0.0002);
  using P = Perpetual;
  EXPECT_EQ(P::variant({}, x), 2u);
  const double eight_hours = 8.0 * 3600.0 / kSecondsPerYear;
  const auto observation = P::observation({}, x, eight_hours);
  EXPECT_NEAR(observation.periods, 1.0, 1e-15);
  auto state = P::initial_state<P::Funded>({}, x);
  P::observe(observation, {0.0, 51'000.0, 0.0}, state);  // pays on 50,000, the mark of the step's start
  EXPECT_NEAR(state.received, -10.0, 1e-12);
  P::observe(observation, {0.0, 49'000.0, 0.0}, state);
  EXPECT_NEAR(state.received, -20.2, 1e-12);
  const auto now = P::constants<double, P::Funded>({}, x, {x.as_of, 0.0});
  const ForwardPoint<double> point{0.0, 48'500.0, 1.0, 1.0, 0.0};
  EXPECT_NEAR((P::value<double, P::Funded>(now, point, state)), -1500.0 - 20.2, 1e-9);
  const auto later = P::constants<double, P::Funded>({}, x, {x.as_of, 0.5 * eight_hours});  // 49,000 at half the rate
  EXPECT_NEAR((P::value<double, P::Funded>(later, point, state)), -1500.0 - 20.2 - 4.9, 1e-9);
}

TEST(Perpetual, WithoutFundingIsItsMove) {
  const UnderlyingToday x = coin(VolSurface());
  using P = Perpetual;
  EXPECT_EQ(P::variant({}, x), 0u);
  const auto c = P::constants<double, Plain>({}, x, {x.as_of, 0.0});
  EXPECT_EQ((P::value<double, Plain>(c, Point<double>{0.0, 48'500.0}, NoState{})), -1500.0);
}

}  // namespace
}  // namespace tailbit::pricing_test
