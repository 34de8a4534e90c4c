// Greeks of today against finite differences of the values that compile's constants give.
#include "host/compile/greeks.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "host/compile/underlyings.hpp"
#include "host/compile/value_today.hpp"

namespace tailbit::greeks_test {
namespace {

using market::CarryCurve;
using market::UnderlyingToday;
using market::VolSurface;

constexpr Timestamp kAsOf{1'767'225'600};
constexpr double kSpot = 50'000.0;

Timestamp after(double days) { return {kAsOf.seconds + static_cast<std::int64_t>(days * 86'400)}; }

// Rates and carry shifted together, as rho has it.
UnderlyingToday coin(double shift = 0.0) {
  std::vector<CarryCurve::Node> carry;
  for (const auto& [days, rate] : {std::pair{30.0, 0.08}, std::pair{90.0, 0.06}})
    carry.push_back({days / 365.0, (rate + shift) * days / 365.0});
  return {"X",
          kAsOf,
          kSpot,
          0.03 + shift,
          CarryCurve(std::move(carry), 0.03 + shift),
          VolSurface(std::vector<market::SviSlice>{{30.0 / 365.0, 0.01, 0.06, -0.3, 0.01, 0.15},
                                                   {90.0 / 365.0, 0.03, 0.1, -0.2, 0.02, 0.25}})};
}

// The value that compile would compute `hours` from now at another spot, for a contract that is settled to today's
// mark.
double value_at(const ContractTerms& terms, const UnderlyingToday& x, double spot, double hours = 0.0) {
  const NodeTime node{{kAsOf.seconds + static_cast<std::int64_t>(hours * 3600)}, 0.0};
  const std::uint32_t pricer = pricer_of(terms, x, x.as_of);
  double value = std::nan("");
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    if constexpr (!P::holds_coins && !P::has_state && !P::on_forward) {
      if (pricer != id) return;
      using Family = typename P::Family;
      const auto c =
          Family::template constants<double, typename P::Variant>(std::get<typename Family::Terms>(terms), x, node);
      value = Family::value(c, Point<double>{std::log(spot / kSpot), spot}, typename P::State{});
    }
  });
  return value;
}

// The same option with the surface's vol as its own, moved by `more`.
ContractTerms at_own_vol(ContractTerms terms, const UnderlyingToday& x, double more = 0.0) {
  std::visit(
      [&](auto& held) {
        if constexpr (requires { held.vol; })
          held.vol = vol_today(held.strike, held.expiry, held.vol.value_or(0.0), x) + more;
      },
      terms);
  return terms;
}

std::vector<ContractTerms> options() {
  std::vector<ContractTerms> out;
  for (const OptionKind kind : {OptionKind::call, OptionKind::put}) {
    for (const double strike : {38'000.0, 50'500.0, 61'000.0}) {
      for (const double days : {20.0, 45.0, 200.0}) {
        for (const Settlement settlement : {Settlement::usd, Settlement::coin})
          out.push_back(European::Terms{kind, strike, after(days), settlement, std::nullopt});
        out.push_back(European::Terms{kind, strike, after(days), Settlement::coin, 0.7});
        out.push_back(
            Digital::Terms{kind, strike, after(days), DigitalPayoff::cash, 1000.0, UsdSettlement::usd, std::nullopt});
        out.push_back(
            Digital::Terms{kind, strike, after(days), DigitalPayoff::asset, 1.0, UsdSettlement::usd, std::nullopt});
      }
    }
  }
  return out;
}

TEST(GreeksToday, ValuesAreThoseOfTheRun) {
  const UnderlyingToday x = coin();
  for (const ContractTerms& terms : options()) {
    const ClosedForm greeks = greeks_today(terms, x);
    const double scale = 1e-9 * (1.0 + std::abs(greeks.value));
    EXPECT_NEAR(greeks.value, value_today(terms, x), scale);
    EXPECT_NEAR(greeks.value, value_at(terms, x, kSpot), scale);
    const ContractTerms own = at_own_vol(terms, x);  // without the smile's slope
    EXPECT_NEAR(greeks_today(own, x).value, value_today(own, x), scale);
  }
}

TEST(GreeksToday, OptionsAgreeWithFiniteDifferences) {
  const UnderlyingToday x = coin();
  for (const ContractTerms& terms : options()) {
    const ContractTerms own = at_own_vol(terms, x);
    const ClosedForm greeks = greeks_today(own, x);
    const auto value = [&](double spot, double hours = 0.0) { return value_at(own, x, spot, hours); };
    const double h = 1.0, size = 1.0 + std::abs(greeks.value);
    EXPECT_NEAR(greeks.delta, (value(kSpot + h) - value(kSpot - h)) / (2 * h), 2e-8 * size);
    const double wide = 20.0;
    EXPECT_NEAR(greeks.gamma, (value(kSpot + wide) - 2 * value(kSpot) + value(kSpot - wide)) / (wide * wide),
                1e-9 + 1e-3 * std::abs(greeks.gamma));
    const double dv = 1e-4;
    EXPECT_NEAR(
        greeks.vega,
        (value_at(at_own_vol(terms, x, dv), x, kSpot) - value_at(at_own_vol(terms, x, -dv), x, kSpot)) / (2 * dv),
        1e-5 * std::abs(greeks.vega) + 1e-3 * size);
    EXPECT_NEAR(greeks.theta, (value(kSpot, 1.0) - value(kSpot, -1.0)) * 365.0 * 24.0 / 2.0,
                1e-3 * std::abs(greeks.theta) + 1e-2 * size);
    const double dr = 1e-5;
    EXPECT_NEAR(greeks.rho, (value_at(own, coin(dr), kSpot) - value_at(own, coin(-dr), kSpot)) / (2 * dr),
                1e-4 * std::abs(greeks.rho) + 1e-3 * size);
  }
}

TEST(GreeksToday, DeltasOfWhatIsLinearOrInverse) {
  const UnderlyingToday x = coin();
  for (const Settlement settlement : {Settlement::usd, Settlement::coin}) {
    for (const ContractTerms& terms :
         {ContractTerms(Perpetual::Terms{settlement}), ContractTerms(Future::Terms{after(60), settlement})}) {
      const ClosedForm greeks = greeks_today(terms, x);
      EXPECT_EQ(greeks.value, 0.0);
      EXPECT_NEAR(value_at(terms, x, kSpot), 0.0, 1e-9);
      const double difference = (value_at(terms, x, kSpot + 1.0) - value_at(terms, x, kSpot - 1.0)) / 2.0;
      EXPECT_NEAR(greeks.delta, difference, 1e-9 * std::abs(difference) + 1e-15);
      EXPECT_NEAR(greeks.delta,
                  settlement == Settlement::coin ? 1.0 / *mark_today(terms, x) : *mark_today(terms, x) / kSpot,
                  1e-9 * greeks.delta);
      EXPECT_EQ(greeks.gamma, 0.0);
      EXPECT_EQ(greeks.vega, 0.0);
    }
  }
  const ClosedForm spot = greeks_today(Spot::Terms{}, x);
  EXPECT_EQ(spot.value, kSpot);
  EXPECT_EQ(spot.delta, 1.0);
}

TEST(VolToday, IsTheSurfacesAtTheStrikeOrTheContractsOwn) {
  const UnderlyingToday x = coin();
  const double forward = kSpot * std::exp(0.08 * 30.0 / 365.0);
  const double strike = 55'000.0, k = std::log(strike / forward), d = k - 0.01;
  const double variance = 0.01 + 0.06 * (-0.3 * d + std::sqrt(d * d + 0.15 * 0.15));
  EXPECT_NEAR(vol_today(strike, after(30), 0.0, x), std::sqrt(variance / (30.0 / 365.0)), 1e-12);
  EXPECT_NEAR(vol_today(strike, after(30), 0.7, x), 0.7, 1e-15);
}

TEST(MarkToday, IsTheSpotOrTheForward) {
  const UnderlyingToday x = coin();
  const double forward = kSpot * std::exp(0.06 * 90.0 / 365.0);
  for (const Settlement settlement : {Settlement::usd, Settlement::coin}) {
    EXPECT_EQ(*mark_today(Perpetual::Terms{settlement}, x), kSpot);
    EXPECT_NEAR(*mark_today(Future::Terms{after(90), settlement}, x), forward, 1e-9);
  }
  EXPECT_FALSE(mark_today(Spot::Terms{}, x));
  EXPECT_FALSE(mark_today(European::Terms{OptionKind::call, kSpot, after(90), Settlement::coin, {}}, x));
}

}  // namespace
}  // namespace tailbit::greeks_test
