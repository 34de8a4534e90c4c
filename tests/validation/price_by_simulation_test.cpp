// Prices on simulated paths against the laws that the paths are to have, by formula or by integration.
//
// False alarms. Each check is a z-test at 4 standard errors, 6.3e-5 for a normal mean; payoffs are paid on at least 3 %
// of the paths, so means of a million are normal enough. About 160 checks: 1 % for the whole file if the random numbers
// change. As long as they do not, a passing program passes again.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "tests/support/price_list.hpp"

namespace tailbit::price_by_simulation_test {
namespace {

using test::black;
using test::constant_vol;
using test::ListRow;
using test::number_of;
using test::path_model;
using test::PricedRow;
using Json = nlohmann::json;

constexpr double kSigmas = 4.0;
constexpr std::uint64_t kPaths = 1'000'000;

void expect_price(const PricedRow& priced, double exact, const std::string& what) {
  const double value = number_of(priced, "value"), se = number_of(priced, "se");
  EXPECT_GT(se, 0.0) << what;
  EXPECT_LT(std::abs(value - exact), kSigmas * se)
      << what << ": " << value << " is " << (value - exact) / se << " standard errors from " << exact;
}

std::string described(const ListRow& row, const PathFlags& flags) {
  return row.text() + " in " + std::to_string(flags.steps) + " steps";
}

// Every family, in and out of the money by about a deviation, carry above and below the rate.
std::vector<ListRow> grid(double vol) {
  std::vector<ListRow> rows;
  for (const double years : {0.02, 0.75}) {
    const double stdev = vol * std::sqrt(years);
    for (const double deviations : {-1.0, 0.0, 1.2}) {
      const double strike = 100.0 * std::exp(deviations * stdev);
      for (const std::string option : {"call", "put"}) {
        rows.push_back({"european", option, strike, years, 0.03, 0.08});
        rows.push_back({"inverse", option, strike, years, 0.5, -0.06});
        rows.push_back({"digital", option, strike, years, 0.10, 0.0, 0.0, 100.0, "cash", "7"});
        rows.push_back({"digital", option, strike, years, -0.02, 0.15, 0.0, 100.0, "asset"});
      }
    }
  }
  return rows;
}

TEST(PriceBySimulation, IsBlacksFormula) {
  constexpr double kVol = 0.7;
  const std::vector<ListRow> rows = grid(kVol);
  ASSERT_EQ(rows.size(), 48u);
  for (const std::uint32_t steps : {1u, 5u}) {
    const PathFlags flags{"", kPaths, steps, 42 + steps};
    const std::vector<PricedRow> priced = test::price_on_paths(rows, path_model(constant_vol(kVol)), flags);
    for (std::size_t i = 0; i < rows.size(); ++i)
      expect_price(priced[i], black(rows[i], kVol * std::sqrt(rows[i].years)), described(rows[i], flags));
  }
}

// A cash payoff is paid or not, so its standard error is known; its own relative error is about 1e-3 / 2.
TEST(PriceBySimulation, StandardErrorsAreThoseOfTheMean) {
  const ListRow digital{"digital", "call", 110.0, 0.5, 0.10, 0.0, 0.0, 100.0, "cash", "7"};
  const auto priced = test::price_on_paths({digital}, path_model(constant_vol(0.7)), {"", kPaths, 3, 5});
  const double most = 7.0 * digital.discount(), probability = black(digital, 0.7 * std::sqrt(0.5)) / most;
  const double se = most * std::sqrt(probability * (1.0 - probability) / kPaths);
  EXPECT_NEAR(number_of(priced[0], "se"), se, 0.003 * se);
}

TEST(PriceBySimulation, AnImpliedSpotVolIsTheRows) {
  std::vector<ListRow> rows = grid(0.45);
  for (ListRow& row : rows) row.vol = 0.45;
  const PathFlags flags{"", 200'000, 4, 3};
  const Json level{{"level", {{"kappa", 2.0}, {"vol_of_vol", 0.0}}}};
  const Json implied = path_model({{"spot_vol", {{"kind", "implied"}}}, {"implied_vol", level}});
  const auto with_level = test::price_on_paths(rows, implied, flags);
  const auto constant = test::price_on_paths(rows, path_model(constant_vol(0.45)), flags);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const char* column : {"value", "se"}) {
      const double wanted = number_of(constant[i], column);
      EXPECT_NEAR(number_of(with_level[i], column), wanted, 1e-9 * wanted) << described(rows[i], flags);
    }
  }
}

// A vol that moves, and moves with the spot.
struct MovingVol {
  double vol, kappa, vol_of_vol, correlation;

  Json model() const {
    return path_model({{"spot_vol", {{"kind", "implied"}}},
                       {"implied_vol", {{"level", {{"kappa", kappa}, {"vol_of_vol", vol_of_vol}}}}}},
                      {{"correlation",
                        {{"factors", {"XYZ.spot", "XYZ.vol"}}, {"matrix", {{1.0, correlation}, {correlation, 1.0}}}}}});
  }
};

// Each step's vol is known at its start, so the mean of the spot stays the forward.
TEST(PriceBySimulation, TheSpotIsAMartingaleWhenItsVolMoves) {
  const ListRow spot{"digital", "call", 1e-9, 0.15, 0.03, 0.8, 0.6, 100.0, "asset"};
  for (const double correlation : {-0.8, 0.0, 0.8}) {
    for (const std::uint32_t steps : {2u, 16u}) {
      const auto priced =
          test::price_on_paths({spot}, MovingVol{0.6, 4.0, 1.2, correlation}.model(), {"", kPaths, steps, 11 + steps});
      expect_price(priced[0], spot.discount() * spot.forward(),
                   "correlation " + number_text(correlation) + ", " + std::to_string(steps) + " steps");
    }
  }
}

// Simpson's rule.
double integral(double from, double to, const std::function<double(double)>& f) {
  constexpr int kCells = 20'000;
  const double width = (to - from) / kCells;
  double sum = f(from) + f(to);
  for (int i = 1; i < kCells; ++i) sum += (i % 2 == 0 ? 2.0 : 4.0) * f(from + i * width);
  return sum * width / 3.0;
}

// In two steps the only thing to integrate over is the first step's normal u of the level: given it, the spot is
// lognormal, its forward moved by what the spot's normal has in common with u.
double price_in_two_steps(const ListRow& row, const MovingVol& m) {
  const double dt = 0.5 * row.years;
  const double level_stdev = m.vol_of_vol * std::sqrt((1.0 - std::exp(-2.0 * m.kappa * dt)) / (2.0 * m.kappa));
  // Over a step the spot's normal and the level's are less correlated than at any moment.
  const double rho =
      m.correlation * m.vol_of_vol * (1.0 - std::exp(-m.kappa * dt)) / m.kappa / (level_stdev * std::sqrt(dt));
  const double first = m.vol * std::sqrt(dt);
  return integral(-9.0, 9.0, [&](double u) {
    const double second = first * std::exp(level_stdev * u - 0.5 * level_stdev * level_stdev);
    ListRow given = row;
    given.spot *= std::exp(rho * first * u - 0.5 * rho * rho * first * first);
    const double stdev = std::sqrt(first * first * (1.0 - rho * rho) + second * second);
    return test::phi(u) * black(given, stdev);
  });
}

TEST(PriceBySimulation, AMovingVolHasTheLawItShould) {
  for (const double correlation : {-0.7, 0.0, 0.5}) {
    const MovingVol moving{0.6, 3.0, 1.5, correlation};
    std::vector<ListRow> rows;
    for (const double strike : {80.0, 100.0, 130.0}) {
      for (const std::string option : {"call", "put"}) {
        rows.push_back({"european", option, strike, 0.12, 0.03, 0.08, moving.vol});
        rows.push_back({"digital", option, strike, 0.12, 0.03, 0.08, moving.vol, 100.0, "cash", "1"});
      }
    }
    const PathFlags flags{"", kPaths, 2, 29};
    const auto priced = test::price_on_paths(rows, moving.model(), flags);
    for (std::size_t i = 0; i < rows.size(); ++i)
      expect_price(priced[i], price_in_two_steps(rows[i], moving), described(rows[i], flags));
  }
}

// Bachelier: S_T = F + S_0 vol sqrt(T) Z, which stays above 0 here.
TEST(PriceBySimulation, SimpleReturnsAreNormal) {
  constexpr double kVol = 0.3;
  const PathFlags flags{"", kPaths, 1, 17};
  const ListRow spot{"digital", "call", 1e-9, 0.25, 0.03, 0.4, 0.0, 100.0, "asset"};
  std::vector<ListRow> rows{spot};
  for (const double strike : {95.0, 110.0, 125.0}) {
    rows.push_back({"european", "call", strike, 0.25, 0.03, 0.4});
    rows.push_back({"european", "put", strike, 0.25, 0.03, 0.4});
  }
  const auto priced = test::price_on_paths(rows, path_model(constant_vol(kVol), {{"returns", "simple"}}), flags);
  expect_price(priced[0], spot.discount() * spot.forward(), "the mean of simple returns");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const ListRow& row = rows[i];
    const double stdev = 100.0 * kVol * std::sqrt(row.years), sign = row.option == "call" ? 1.0 : -1.0;
    const double d = sign * (row.forward() - row.strike) / stdev;
    expect_price(priced[i], row.discount() * stdev * (d * test::normal_below(d) + test::phi(d)), described(row, flags));
  }
}

// The density of a t variate of 5 degrees of freedom, scaled to unit variance, and the payoff's mean over it. With
// x = sinh(y) the range covers all but 1e-20 of the mass.
double mean_over_t5(const std::function<double(double)>& payoff) {
  const double scale = std::sqrt(3.0 / 5.0);  // of unit variance
  return integral(-12.0, 12.0, [&](double y) {
    const double t = std::sinh(y);
    const double density = 8.0 / (3.0 * std::sqrt(5.0) * std::acos(-1.0)) / std::pow(1.0 + t * t / 5.0, 3.0);
    return std::cosh(y) * density * payoff(scale * t);
  });
}
Json t5(Json rest) {
  Json innovations{{"kind", "student_t"}, {"dof", 5}};
  innovations.update(rest);
  return {{"innovations", innovations}};
}
double european_payoff(const ListRow& row, double spot) {
  return std::max((row.option == "call" ? 1.0 : -1.0) * (spot - row.strike), 0.0);
}

// S_T = S_0 exp(clipped((carry - vol^2 / 2) T + vol sqrt(T) X)): what tailbit's log-returns mean when X is t; the mean
// of the spot is then not the forward.
TEST(PriceBySimulation, LimitedStudentReturns) {
  constexpr double kVol = 0.8, kMost = 0.12;
  const double years = 1.0 / 365.0;  // a period
  std::vector<ListRow> rows;
  for (const double strike : {97.0, 100.0, 104.0}) {
    for (const std::string option : {"call", "put"}) rows.push_back({"european", option, strike, years, 0.03, 2.0});
  }
  for (const std::uint32_t steps : {1u, 6u}) {
    const PathFlags flags{"", kPaths, steps, 23};
    const auto priced = test::price_on_paths(rows, path_model(constant_vol(kVol), t5({{"max_move", kMost}})), flags);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const ListRow& row = rows[i];
      const double exact = row.discount() * mean_over_t5([&](double x) {
                             const double move = (row.carry - 0.5 * kVol * kVol) * years + kVol * std::sqrt(years) * x;
                             return european_payoff(row, 100.0 * std::exp(std::clamp(move, -kMost, kMost)));
                           });
      expect_price(priced[i], exact, described(row, flags));
    }
  }
}

TEST(PriceBySimulation, SimpleStudentReturns) {
  const double years = 1.0 / 365.0, stdev = 0.8 * std::sqrt(years);
  Json rest = t5(Json::object());
  rest["returns"] = "simple";
  const ListRow spot{"digital", "call", 1e-9, years, 0.03, 2.0, 0.0, 100.0, "asset"};
  const ListRow call{"european", "call", 103.0, years, 0.03, 2.0}, put{"european", "put", 100.0, years, 0.03, 2.0};
  const auto priced = test::price_on_paths({spot, call, put}, path_model(constant_vol(0.8), rest), {"", kPaths, 1, 31});
  expect_price(priced[0], spot.discount() * spot.forward(), "the mean");
  for (const auto& [row, result] : {std::pair(call, priced[1]), std::pair(put, priced[2])}) {
    const double exact = row.discount() * mean_over_t5([&row = row, stdev](double x) {
                           return european_payoff(row, std::max(row.forward() + 100.0 * stdev * x, 0.0));
                         });
    expect_price(result, exact, row.text());
  }
}

}  // namespace
}  // namespace tailbit::price_by_simulation_test
