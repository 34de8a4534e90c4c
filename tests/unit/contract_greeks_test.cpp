// Greeks in USD and in coin, of every family and both settlements, against finite differences of the pricers that a
// run values contracts with.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "host/compile/greeks.hpp"
#include "host/compile/underlyings.hpp"
#include "host/compile/value_today.hpp"

namespace tailbit::contract_greeks_test {
namespace {

using market::CarryCurve;
using market::UnderlyingToday;
using market::VolSurface;

constexpr Timestamp kAsOf{1'767'225'600};
constexpr double kSpot = 50'000.0, kCarry = 0.07, kRate = 0.03;

Timestamp after(double days) { return {kAsOf.seconds + static_cast<std::int64_t>(days * 86'400)}; }

// A flat carry, so that the forward of an expiry is the same function of the time left at any as_of.
struct World {
  double spot = kSpot, vol = 0.6, rate_shift = 0.0;
  std::int64_t seconds = 0;

  UnderlyingToday today() const {
    return {"X",
            {kAsOf.seconds + seconds},
            spot,
            kRate + rate_shift,
            CarryCurve({{1.0, kCarry + rate_shift}}, kRate + rate_shift),
            VolSurface(vol)};
  }
};

// What a contract that is settled to today's mark has earned in a world of the same rate, USD, by the run's pricer.
double profit_in(const ContractTerms& terms, const World& world) {
  const UnderlyingToday x = World{}.today();
  const NodeTime node{{kAsOf.seconds + world.seconds}, 0.0};
  const std::uint32_t pricer = pricer_of(terms, x, x.as_of);
  double value = std::nan("");
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    if constexpr (!P::holds_coins && !P::has_state && !P::on_forward) {
      if (pricer != id) return;
      using Family = typename P::Family;
      const auto c =
          Family::template constants<double, typename P::Variant>(std::get<typename Family::Terms>(terms), x, node);
      value = Family::value(c, Point<double>{std::log(world.spot / kSpot), world.spot}, typename P::State{});
    }
  });
  return value;
}

// The value in a world, USD, by the run's own pricer. What is settled to mark is worth what it has earned since it was
// settled in World{}; in a world of another rate by definition, since no pricer knows of two.
double value_in(const ContractTerms& terms, const World& world) {
  const UnderlyingToday x = world.today();
  if (!mark_today(terms, x)) return value_today(terms, x);
  if (world.rate_shift == 0.0) return profit_in(terms, world);
  const double settled = *mark_today(terms, World{}.today()), mark = *mark_today(terms, x);
  return in_coin(terms) ? x.spot * (1.0 / settled - 1.0 / mark) : mark - settled;
}
double value_in_coin_of(const ContractTerms& terms, const World& world) { return value_in(terms, world) / world.spot; }

using Value = double (*)(const ContractTerms&, const World&);

World at_spot(double spot) {
  World w;
  w.spot = spot;
  return w;
}
World moved(double spot, double vol) {
  World w;
  w.spot = spot;
  w.vol = vol;
  return w;
}

// Central differences, extrapolated to step 0 by Richardson's rule.
double slope(const std::function<double(double)>& f, double h) {
  const auto difference = [&](double step) { return (f(step) - f(-step)) / (2.0 * step); };
  return (4.0 * difference(h) - difference(2.0 * h)) / 3.0;
}
double curvature(const std::function<double(double)>& f, double h) {
  const auto difference = [&](double step) { return (f(step) - 2.0 * f(0.0) + f(-step)) / (step * step); };
  return (4.0 * difference(h) - difference(2.0 * h)) / 3.0;
}

struct Differences {
  double value, delta, gamma, vega, theta, rho, vanna, volga;
};
Differences differences(const ContractTerms& terms, Value value) {
  const auto spot = [&](double h) { return value(terms, at_spot(kSpot + h)); };
  const auto vol = [&](double h) { return value(terms, moved(kSpot, 0.6 + h)); };
  const auto time = [&](double hours) {
    World w;
    w.seconds = static_cast<std::int64_t>(hours * 3600.0);
    return value(terms, w);
  };
  const auto rate = [&](double h) {
    World w;
    w.rate_shift = h;
    return value(terms, w);
  };
  const auto vega_at = [&](double ds) {
    return slope([&](double h) { return value(terms, moved(kSpot + ds, 0.6 + h)); }, 2e-3);
  };
  return {value(terms, {}),
          slope(spot, 50.0),
          curvature(spot, 150.0),
          slope(vol, 1e-3),
          slope(time, 2.0) * 365.0 * 24.0,
          slope(rate, 1e-4),
          slope(vega_at, 150.0),
          curvature(vol, 5e-3)};
}

template <class Form>
void expect_agrees(const Form& g, const Differences& d, double size, const std::string& what) {
  const auto near = [&](const char* greek, double closed, double difference, double scale) {
    EXPECT_NEAR(closed, difference, 2e-6 * std::abs(closed) + 1e-7 * scale) << what << " " << greek;
  };
  near("value", g.value, d.value, size);
  near("delta", g.delta, d.delta, size / kSpot);
  near("gamma", g.gamma, d.gamma, 10.0 * size / (kSpot * kSpot));
  near("vega", g.vega, d.vega, size);
  near("theta", g.theta, d.theta, 10.0 * size);
  near("rho", g.rho, d.rho, size);
  near("vanna", g.vanna, d.vanna, 10.0 * size / kSpot);
  near("volga", g.volga, d.volga, 10.0 * size);
}

struct Named {
  std::string name;
  ContractTerms terms;
  double size;  // USD
};
std::vector<Named> contracts() {
  std::vector<Named> out{{"spot", Spot::Terms{}, kSpot}};
  for (const Settlement settlement : {Settlement::usd, Settlement::coin}) {
    const std::string in = settlement == Settlement::usd ? " usd" : " coin";
    const double unit = settlement == Settlement::usd ? kSpot : 1.0;
    out.push_back({"perpetual" + in, Perpetual::Terms{settlement}, unit});
    for (const double days : {10.0, 200.0})
      out.push_back({"future" + in, Future::Terms{after(days), settlement}, unit});
    for (const OptionKind kind : {OptionKind::call, OptionKind::put}) {
      for (const double strike : {30'000.0, 50'000.0, 75'000.0}) {
        for (const double days : {15.0, 60.0, 300.0}) {
          out.push_back({"european" + in + std::to_string(strike) + " " + std::to_string(days),
                         European::Terms{kind, strike, after(days), settlement, std::nullopt}, kSpot});
        }
      }
    }
  }
  for (const DigitalPayoff payoff : {DigitalPayoff::cash, DigitalPayoff::asset}) {
    for (const OptionKind kind : {OptionKind::call, OptionKind::put}) {
      for (const double strike : {40'000.0, 50'000.0, 60'000.0}) {
        out.push_back({"digital" + std::to_string(strike),
                       Digital::Terms{kind, strike, after(60), payoff, kSpot, UsdSettlement::usd, std::nullopt},
                       kSpot});
      }
    }
  }
  return out;
}

TEST(ContractGreeks, AgreeWithDifferencesInUsd) {
  const UnderlyingToday x = World{}.today();
  for (const Named& c : contracts())
    expect_agrees(contract_greeks(c.terms, x, 0.1).usd, differences(c.terms, value_in), c.size, c.name);
}

TEST(ContractGreeks, AgreeWithDifferencesInCoin) {
  const UnderlyingToday x = World{}.today();
  for (const Named& c : contracts()) {
    const CoinForm coin = contract_greeks(c.terms, x, 0.1).coin;
    expect_agrees(coin, differences(c.terms, value_in_coin_of), c.size / kSpot, c.name);
    EXPECT_EQ(coin.delta, coin.delta_net / kSpot);
  }
}

// --- On a smile ---

UnderlyingToday smiling() {
  UnderlyingToday x = World{}.today();
  x.surface = VolSurface(std::vector<market::SviSlice>{{30.0 / 365.0, 0.01, 0.06, -0.3, 0.01, 0.15},
                                                       {90.0 / 365.0, 0.03, 0.1, -0.2, 0.02, 0.25}});
  return x;
}

// A digital as the limit of spreads of Europeans, each at the vol that the smile has for its strike, which it keeps in
// all worlds but for a shift of all vols: what Greeks assume of the smile.
double spread_value(const ContractTerms& terms, const World& world) {
  const auto& digital = std::get<Digital::Terms>(terms);
  const UnderlyingToday base = smiling();
  const double shift = world.vol - World{}.vol;
  const auto vanilla = [&](double strike) {
    const double vol = vol_today(strike, digital.expiry, 0.0, base) + shift;
    return value_today(European::Terms{digital.option, strike, digital.expiry, Settlement::usd, vol}, world.today());
  };
  const double sign = digital.option == OptionKind::call ? 1.0 : -1.0;
  const double cash =
      -sign * slope([&](double h) { return vanilla(digital.strike + h); }, 1e-3 * digital.strike);  // pays 1 USD
  if (digital.payoff == DigitalPayoff::cash) return digital.cash * cash;
  return digital.strike * cash + sign * vanilla(digital.strike);
}
double spread_value_in_coin(const ContractTerms& terms, const World& world) {
  return spread_value(terms, world) / world.spot;
}

TEST(ContractGreeks, OfDigitalsCountTheSmilesSlope) {
  const UnderlyingToday x = smiling();
  for (const Named& c : contracts()) {
    if (!std::holds_alternative<Digital::Terms>(c.terms)) continue;
    const ContractGreeks greeks = contract_greeks(c.terms, x, 0.1);
    expect_agrees(greeks.usd, differences(c.terms, spread_value), 10.0 * c.size, c.name);
    expect_agrees(greeks.coin, differences(c.terms, spread_value_in_coin), 10.0 * c.size / kSpot, c.name + " in coin");
    // The slope matters: without it the digital is worth something else.
    ContractTerms flat = c.terms;
    auto& held = std::get<Digital::Terms>(flat);
    held.vol = vol_today(held.strike, held.expiry, 0.0, x);
    EXPECT_GT(std::abs(greeks.usd.value - contract_greeks(flat, x, 0.1).usd.value), 1e-3 * c.size) << c.name;
  }
}

// --- In the definitions' words ---

// Black 1976 over the forward, by the standard library: coins.
double black_over_forward(OptionKind kind, double forward, double strike, double vol, double years) {
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); };
  const double sign = kind == OptionKind::call ? 1.0 : -1.0;
  const double stdev = vol * std::sqrt(years);
  const double d1 = std::log(forward / strike) / stdev + 0.5 * stdev;
  return sign * (below(sign * d1) - strike / forward * below(sign * (d1 - stdev)));
}

TEST(ContractGreeks, OfAnInverseOptionAreThoseOfBlackOverTheForward) {
  const UnderlyingToday x = World{}.today();
  for (const OptionKind kind : {OptionKind::call, OptionKind::put}) {
    for (const double strike : {30'000.0, 50'000.0, 75'000.0}) {
      const double years = 60.0 / 365.0, h = 1e-3;
      const ContractGreeks g = contract_greeks(European::Terms{kind, strike, after(60), Settlement::coin, 0.6}, x, 0.1);
      const auto coins = [&](double spot, double vol, double left, double carry) {
        return black_over_forward(kind, spot * std::exp(carry * left), strike, vol, left);
      };
      const auto spot = [&](double ds) { return coins(kSpot + ds, 0.6, years, kCarry); };
      EXPECT_NEAR(g.coin.value, spot(0.0), 1e-14);
      EXPECT_NEAR(g.coin.delta, slope(spot, 10.0), 1e-15);
      EXPECT_NEAR(g.coin.gamma, curvature(spot, 100.0), 1e-17);
      EXPECT_NEAR(g.coin.vega, slope([&](double dv) { return coins(kSpot, 0.6 + dv, years, kCarry); }, h), 1e-11);
      EXPECT_NEAR(g.coin.theta, -slope([&](double dt) { return coins(kSpot, 0.6, years + dt, kCarry); }, h), 1e-9);
      EXPECT_NEAR(g.coin.rho, slope([&](double db) { return coins(kSpot, 0.6, years, kCarry + db); }, h), 1e-11);
      const double forward = kSpot * std::exp(kCarry * years), stdev = 0.6 * std::sqrt(years);
      const double d1 = std::log(forward / strike) / stdev + 0.5 * stdev;
      const double n_d1 = 0.5 * std::erfc(-d1 / std::sqrt(2.0));
      EXPECT_NEAR(g.usd.delta, kind == OptionKind::call ? n_d1 : n_d1 - 1.0, 1e-14);
      EXPECT_NEAR(g.coin.delta_net, g.usd.delta - g.coin.value, 1e-15);
    }
  }
}

// What is settled to mark, in closed form: linear q (M - M_0) USD, inverse Q (1/M_0 - 1/M) coin.
TEST(ContractGreeks, OfFuturesAndPerpetuals) {
  const UnderlyingToday x = World{}.today();
  const double years = 73.0 / 365.0, forward = kSpot * std::exp(kCarry * years), day = 1.0 / 365.0;
  const ContractGreeks linear = contract_greeks(Future::Terms{after(73), Settlement::usd}, x, day);
  const ContractGreeks inverse = contract_greeks(Future::Terms{after(73), Settlement::coin}, x, day);
  EXPECT_EQ(linear.usd.value, 0.0);
  EXPECT_EQ(inverse.coin.value, 0.0);
  EXPECT_NEAR(linear.usd.delta, forward / kSpot, 1e-14);
  EXPECT_NEAR(linear.usd.theta, -kCarry * forward, 1e-9);
  EXPECT_NEAR(linear.usd.rho, years * forward, 1e-9);
  EXPECT_NEAR(inverse.coin.delta, 1.0 / (forward * kSpot), 1e-24);
  EXPECT_NEAR(inverse.coin.delta_net, 1.0 / forward, 1e-19);
  EXPECT_NEAR(inverse.coin.gamma, -2.0 / (forward * kSpot * kSpot), 1e-28);
  EXPECT_NEAR(inverse.coin.theta, -kCarry / forward, 1e-20);
  EXPECT_NEAR(inverse.coin.rho, years / forward, 1e-20);
  EXPECT_EQ(inverse.usd.gamma, 0.0);
  EXPECT_EQ(linear.funding_rho, 0.0);

  // A day is three periods of funding: a long pays the mark, or a dollar's coins, times the rate, each time.
  const ContractGreeks usd = contract_greeks(Perpetual::Terms{Settlement::usd}, x, day);
  const ContractGreeks coin = contract_greeks(Perpetual::Terms{Settlement::coin}, x, day);
  EXPECT_NEAR(usd.funding_rho, -3.0 * kSpot, 1e-9);
  EXPECT_NEAR(usd.funding_rho_coin, -3.0, 1e-14);
  EXPECT_NEAR(coin.funding_rho_coin, -3.0 / kSpot, 1e-19);
  EXPECT_NEAR(coin.funding_rho, -3.0, 1e-14);
  EXPECT_EQ(usd.usd.theta, 0.0);
  EXPECT_EQ(usd.usd.rho, 0.0);
}

// Far from the strike nothing is lost to cancellation: the coins to hedge a deep call are K/F N(d2), not 1 less 1.
TEST(ContractGreeks, DeltaNetKeepsItsDigits) {
  const UnderlyingToday x = World{}.today();
  const double years = 60.0 / 365.0, forward = kSpot * std::exp(kCarry * years);
  const double deep = 1e-9;
  const ContractGreeks g =
      contract_greeks(European::Terms{OptionKind::call, deep, after(60), Settlement::coin, 0.6}, x, 0.1);
  EXPECT_NEAR(g.coin.delta_net / (deep / forward), 1.0, 1e-14);
  const ContractGreeks asset = contract_greeks(
      Digital::Terms{OptionKind::call, deep, after(60), DigitalPayoff::asset, 1.0, UsdSettlement::usd, 0.6}, x, 0.1);
  EXPECT_EQ(asset.coin.delta_net, 0.0);
}

}  // namespace
}  // namespace tailbit::contract_greeks_test
