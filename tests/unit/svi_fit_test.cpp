// Surfaces fitted to quotes made here: what comes back, and that no arbitrage does, whatever the quotes.
#include "host/fit/svi_fit.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

#include "host/fit/arbitrage.hpp"
#include "host/fit/svi_problem.hpp"
#include "host/fit/svi_repair.hpp"
#include "host/fit/svi_scale.hpp"
#include "host/io/readers.hpp"

namespace tailbit::svi_fit_test {
namespace {

using market::SviSlice;

double vol_at(const SviSlice& slice, double k) { return std::sqrt(svi_variance_at(slice, k).variance / slice.years); }

// A skewed smile of vol `level` at the money; in units of the total standard deviation all have one shape.
SviSlice smile(double years, double level, double skew = -0.2) {
  const double stdev = level * std::sqrt(years), b = 0.9, sigma = 2.0;
  return {years, (1.0 - b * sigma) * stdev * stdev, b * stdev, skew, 0.0, sigma * stdev};
}

// Quotes of a slice at strikes `from` to `to` standard deviations away.
ExpiryQuotes quotes_of(const SviSlice& slice, double from = -2.5, double to = 2.5, std::size_t count = 21,
                       double half_width = 0.01) {
  ExpiryQuotes out{slice.years, {}};
  const double stdev = std::sqrt(svi_variance_at(slice, 0.0).variance);
  for (std::size_t i = 0; i < count; ++i) {
    const double share = count > 1 ? static_cast<double>(i) / static_cast<double>(count - 1) : 0.5;
    const double k = (from + (to - from) * share) * stdev;
    out.quotes.push_back({k, vol_at(slice, k), half_width});
  }
  return out;
}

// By formulas of this test alone, on a scan; and by the checkers over all k.
void expect_no_arbitrage(const std::vector<SliceFit>& fits) {
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const SviSlice& s = fits[i].slice;
    EXPECT_LT(std::abs(s.rho), 1.0);
    EXPECT_GT(s.b, 0.0);
    EXPECT_GT(s.sigma, 0.0);
    EXPECT_LE(s.b * (1.0 + std::abs(s.rho)), 2.0);
    const double least_variance = s.a + s.b * s.sigma * std::sqrt(1.0 - s.rho * s.rho);
    EXPECT_GE(std::sqrt(least_variance / s.years), kLeastVol);
    EXPECT_GE(least_variance, 0.999 * kLeastFittedVol * kLeastFittedVol * s.years);
    EXPECT_GE(least_butterfly_g(s), 0.0) << "expiry " << i;
    const auto variance = [](const SviSlice& x, double k) {
      return x.a + x.b * (x.rho * (k - x.m) + std::sqrt((k - x.m) * (k - x.m) + x.sigma * x.sigma));
    };
    for (double k = -6.0; k <= 6.0; k += 0.01) EXPECT_GE(butterfly_g(s, k), 0.0) << "expiry " << i << ", k " << k;
    if (i == 0) continue;
    const SviSlice& earlier = fits[i - 1].slice;
    EXPECT_GE(least_calendar_gap(earlier, s), 0.0) << "expiry " << i;
    for (double k = -6.0; k <= 6.0; k += 0.01) {
      EXPECT_GE(variance(s, k) - variance(earlier, k), -1e-12) << "expiry " << i << ", k " << k;
    }
  }
}

TEST(SviFit, RecoversExactQuotes) {
  for (const double skew : {-0.6, 0.0, 0.3}) {
    std::vector<ExpiryQuotes> quotes;
    std::vector<SviSlice> slices;
    for (const double years : {0.003, 0.02, 0.1, 0.4, 1.0}) {
      slices.push_back(smile(years, 0.7 - 0.1 * years, skew));
      quotes.push_back(quotes_of(slices.back(), -3.0, 3.0, 31, 1e-3));
    }
    const std::vector<SliceFit> fits = fit_svi_surface(quotes);
    ASSERT_EQ(fits.size(), slices.size());
    expect_no_arbitrage(fits);
    for (std::size_t i = 0; i < fits.size(); ++i) {
      EXPECT_EQ(fits[i].slice.years, slices[i].years);
      EXPECT_LT(fits[i].worst, 0.001);
      EXPECT_EQ(fits[i].outside, 0u);
      EXPECT_FALSE(fits[i].from_neighbours);
      // The parameters too, where quotes reach far enough to identify them.
      EXPECT_NEAR(fits[i].slice.rho, slices[i].rho, 0.05);
      EXPECT_NEAR(fits[i].slice.b, slices[i].b, 0.1 * slices[i].b);
      EXPECT_NEAR(fits[i].slice.sigma, slices[i].sigma, 0.15 * slices[i].sigma);
    }
  }
}

TEST(SviFit, MeasuresItsResiduals) {
  ExpiryQuotes expiry = quotes_of(smile(0.1, 0.6));
  expiry.quotes[3].vol += 0.08;  // beyond the width and the tolerance
  expiry.quotes[5].vol -= 0.01;
  expiry.quotes[5].weight = 0.25;
  const SliceFit fit = fit_svi_surface(std::vector{expiry}).front();
  double weights = 0.0, squares = 0.0, worst = 0.0;
  for (const VolQuote& quote : expiry.quotes) {
    const double residual = vol_at(fit.slice, quote.k) - quote.vol;
    weights += quote.weight;
    squares += quote.weight * residual * residual;
    worst = std::max(worst, std::abs(residual));
  }
  EXPECT_NEAR(fit.rms, std::sqrt(squares / weights), 1e-15);
  EXPECT_NEAR(fit.worst, worst, 1e-15);
  EXPECT_EQ(fit.outside, 1u);
}

// Noise beyond the quotes' widths, and total variance that falls from expiry to expiry.
TEST(SviFit, OfCrossingQuotesHasNoArbitrage) {
  std::mt19937_64 random(7);
  std::vector<ExpiryQuotes> quotes;
  const std::vector<double> years{0.01, 0.02, 0.03, 0.1}, levels{0.9, 0.55, 0.52, 0.5};  // variance .0081, .0061, .0081
  for (std::size_t i = 0; i < years.size(); ++i) {
    quotes.push_back(quotes_of(smile(years[i], levels[i])));
    for (VolQuote& quote : quotes.back().quotes)
      quote.vol += 0.03 * (static_cast<double>(random() % 1001) / 500.0 - 1.0);
  }
  const std::vector<SliceFit> fits = fit_svi_surface(quotes);
  expect_no_arbitrage(fits);
  // The correction is shared: the first expiry comes down and the second goes up.
  const double down = levels[0] - vol_at(fits[0].slice, 0.0), up = vol_at(fits[1].slice, 0.0) - levels[1];
  EXPECT_GT(down, 0.01);
  EXPECT_GT(up, 0.01);
  EXPECT_NEAR(vol_at(fits[3].slice, 0.0), levels[3], 0.02);
}

TEST(SviFit, OfButterfliesHasNone) {
  SviSlice vogt{1.0, -0.0410, 0.1331, 0.3060, 0.3586, 0.4153};
  ASSERT_LT(least_butterfly_g(vogt), 0.0);
  const std::vector<ExpiryQuotes> quotes{quotes_of(vogt, -6.0, 8.0, 41)};
  const std::vector<SliceFit> fits = fit_svi_surface(quotes);
  expect_no_arbitrage(fits);
  EXPECT_LT(fits[0].rms, 0.01);  // near the quotes none the less
}

TEST(SviFit, OfFewQuotesBorrowsTheNeighboursShape) {
  std::vector<ExpiryQuotes> quotes{quotes_of(smile(0.02, 0.8, -0.5)), {0.05, {}}, quotes_of(smile(0.1, 0.7, -0.5))};
  const SviSlice between = smile(0.05, 0.78, -0.5);
  quotes[1] = quotes_of(between, -0.2, 0.2, 2);
  const std::vector<SliceFit> fits = fit_svi_surface(quotes);
  expect_no_arbitrage(fits);
  EXPECT_FALSE(fits[0].from_neighbours);
  EXPECT_TRUE(fits[1].from_neighbours);
  EXPECT_LT(fits[1].worst, 0.005);
  for (const double z : {-2.0, -1.0, 1.0, 2.0}) {
    const double k = z * 0.78 * std::sqrt(0.05);
    EXPECT_NEAR(vol_at(fits[1].slice, k), vol_at(between, k), 0.03) << z;
  }
}

TEST(SviFit, FitsExpiriesWithoutQuotes) {
  std::vector<ExpiryQuotes> quotes{{0.001, {}}, quotes_of(smile(0.02, 0.9, -0.4)), {0.04, {}},
                                   {0.06, {}},  quotes_of(smile(0.1, 0.7, -0.4)),  {2.0, {}}};
  const std::vector<SliceFit> fits = fit_svi_surface(quotes);
  ASSERT_EQ(fits.size(), quotes.size());
  expect_no_arbitrage(fits);
  for (const std::size_t i : {0u, 2u, 3u, 5u}) {
    EXPECT_TRUE(fits[i].from_neighbours);
    EXPECT_EQ(fits[i].rms, 0.0);
    EXPECT_EQ(fits[i].worst, 0.0);
    EXPECT_EQ(fits[i].slice.years, quotes[i].years);
    // Skewed as the neighbours.
    const double k = std::sqrt(svi_variance_at(fits[i].slice, 0.0).variance);
    EXPECT_GT(vol_at(fits[i].slice, -k), vol_at(fits[i].slice, k)) << i;
  }
  EXPECT_NEAR(vol_at(fits[0].slice, 0.0), 0.9, 0.02);
  EXPECT_NEAR(vol_at(fits[2].slice, 0.0), 0.9 - 0.2 * std::log(2.0) / std::log(5.0), 0.02);
  EXPECT_NEAR(vol_at(fits[3].slice, 0.0), 0.9 - 0.2 * std::log(3.0) / std::log(5.0), 0.02);
  EXPECT_NEAR(vol_at(fits[5].slice, 0.0), 0.7, 0.02);
}

TEST(SviFit, OfOneQuoteIsASmileThroughIt) {
  const std::vector<ExpiryQuotes> quotes{{0.1, {{0.02, 0.65, 0.01}}}};
  const std::vector<SliceFit> fits = fit_svi_surface(quotes);
  expect_no_arbitrage(fits);
  EXPECT_TRUE(fits[0].from_neighbours);
  EXPECT_NEAR(vol_at(fits[0].slice, 0.02), 0.65, 0.002);
  EXPECT_GT(vol_at(fits[0].slice, 0.6), 0.65);
  EXPECT_GT(vol_at(fits[0].slice, -0.6), 0.65);
}

// Puts alone, close together: a usual call wing and bend.
TEST(SviFit, OfOneSidedQuotesStaysTame) {
  const double stdev = 0.65 * std::sqrt(0.1);
  const std::vector<ExpiryQuotes> quotes{quotes_of(smile(0.1, 0.65), -1.0, -0.5, 6)};
  const std::vector<SliceFit> fits = fit_svi_surface(quotes);
  expect_no_arbitrage(fits);
  const SviSlice& slice = fits[0].slice;
  EXPECT_LT(fits[0].worst, 0.002);
  EXPECT_NEAR(slice.b * (1.0 + slice.rho), stdev, 0.3 * stdev);
  EXPECT_NEAR(slice.sigma, 2.5 * stdev, 0.7 * stdev);
  EXPECT_NEAR(slice.m, 0.0, 0.5 * stdev);
}

// Where quotes make a corner, or a parabola, sigma stops at its bounds.
TEST(SviFit, KeepsParametersWithinTheirBounds) {
  const double years = 0.1, level = 0.6, stdev = level * std::sqrt(years);
  ExpiryQuotes corner{years, {}}, parabola{years, {}};
  for (double z = -3.0; z <= 3.0; z += 0.125) {
    corner.quotes.push_back({z * stdev, level * std::sqrt(1.0 + 0.5 * std::abs(z)), 1e-3});
    parabola.quotes.push_back({z * stdev, level * std::sqrt(1.0 + 0.1 * z * z), 1e-3});
  }
  EXPECT_NEAR(fit_svi_surface(std::vector{corner}).front().slice.sigma, 0.1 * stdev, 0.005 * stdev);
  EXPECT_NEAR(fit_svi_surface(std::vector{parabola}).front().slice.sigma, 6.0 * stdev, 0.1 * stdev);
}

// The slices that the search ends with, before any repair.
std::vector<SviSlice> searched(const std::vector<ExpiryQuotes>& quotes) {
  const std::vector<fit::SviScale> scales = fit::rough_scales(quotes);
  std::vector<fit::FittedExpiry> problem;
  for (std::size_t i = 0; i < quotes.size(); ++i) problem.push_back({scales[i], quotes[i].quotes});
  std::vector<fit::Vector5> points(quotes.size(), fit::usual_point());
  for (const double reach : {0.3, 0.1, 0.03, 0.01, 0.003, 0.003}) points = fit::minimise(problem, points, reach);
  std::vector<SviSlice> slices;
  for (std::size_t i = 0; i < quotes.size(); ++i) slices.push_back(fit::SviPoint(points[i], scales[i]).slice());
  return slices;
}

// Quotes whose total variance falls with time on the put side: the search leaves nothing to the repair.
TEST(SviProblem, EndsWithoutArbitrage) {
  const std::vector<ExpiryQuotes> quotes{quotes_of(smile(0.1, 0.6, -0.5), -1.2, 1.2),
                                         quotes_of(smile(0.15, 0.56, 0.0), -0.8, 0.8),
                                         quotes_of(smile(0.25, 0.53, 0.4), -1.0, 1.0)};
  const std::vector<SviSlice> slices = searched(quotes);
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    EXPECT_GT(least_butterfly_g(slices[i]), 0.0) << i;
    if (i == 0) continue;
    EXPECT_GT(least_calendar_gap(slices[i - 1], slices[i]), 0.0) << i;
    EXPECT_LT(least_calendar_gap(slices[i - 1], slices[i]), 1e-4) << i;  // as close as the quotes want it
  }
  for (const SliceFit& fit : fit_svi_surface(quotes)) EXPECT_LT(fit.worst, 0.04);
}

// Slices whose butterflies lie at some other place each.
TEST(SviProblem, EndsWithoutButterflies) {
  for (const double m : {0.28, 0.32, 0.36, 0.4, 0.45}) {
    const SviSlice slice{1.0, -0.041, 0.1331, 0.306, m, 0.4153};
    ASSERT_LT(least_butterfly_g(slice), 0.0);
    EXPECT_GT(least_butterfly_g(searched({quotes_of(slice, -6.0, 8.0, 41)})[0]), 0.0) << m;
  }
}

// Steep wings at a short expiry, gentle ones at a long one: they would cross a hundred standard deviations out.
TEST(SviProblem, KeepsWingsInOrder) {
  const double stdev = 0.02;
  const SviSlice steep{0.001, -3.2 * stdev * stdev, 2.1 * stdev, 0.0, 0.0, 2.0 * stdev};
  const SviSlice gentle{0.1, 0.68 * 100.0 * stdev * stdev, 0.16 * 10.0 * stdev, 0.0, 0.0, 20.0 * stdev};
  const std::vector<ExpiryQuotes> quotes{quotes_of(steep, -6.0, 6.0), quotes_of(gentle, -6.0, 6.0)};
  ASSERT_EQ(least_calendar_gap(steep, gentle), -std::numeric_limits<double>::infinity());
  const std::vector<SviSlice> slices = searched(quotes);
  EXPECT_GT(least_calendar_gap(slices[0], slices[1]), 0.0);
  for (const SliceFit& fit : fit_svi_surface(quotes)) EXPECT_LT(fit.worst, 0.02);
}

TEST(SviFit, HardlyMovesForAWildQuote) {
  for (const double wild : {0.05, 3.0}) {
    const std::vector<ExpiryQuotes> sound{quotes_of(smile(0.05, 0.8)), quotes_of(smile(0.2, 0.7))};
    std::vector<ExpiryQuotes> one_wild = sound;
    one_wild[1].quotes[6].vol = wild;
    const std::vector<SliceFit> before = fit_svi_surface(sound), after = fit_svi_surface(one_wild);
    expect_no_arbitrage(after);
    EXPECT_EQ(after[1].outside, 1u);
    for (const VolQuote& quote : sound[1].quotes) {
      EXPECT_NEAR(vol_at(after[1].slice, quote.k), vol_at(before[1].slice, quote.k), 0.01) << wild << " " << quote.k;
    }
  }
}

// Two sets of quotes, 2 vol points apart and both within their widths: the fit is their weighted mean.
TEST(SviFit, FollowsWeightsAndWidths) {
  struct Case {
    double weight, half_width, expected;
  };
  const double wide = (0.055 * 0.055) / (0.255 * 0.255);  // weight of a width of 0.25 against one of 0.05
  for (const Case& c :
       {Case{1.0, 0.05, 0.61}, Case{0.25, 0.05, 0.604}, Case{1.0, 0.25, 0.6 + 0.02 * wide / (1.0 + wide)}}) {
    ExpiryQuotes expiry = quotes_of(smile(0.1, 0.6), -2.5, 2.5, 21, 0.05);
    for (const VolQuote& quote : quotes_of(smile(0.1, 0.62)).quotes) {
      expiry.quotes.push_back({quote.k, quote.vol, c.half_width, c.weight});
    }
    EXPECT_NEAR(vol_at(fit_svi_surface(std::vector{expiry}).front().slice, 0.0), c.expected, 1e-3);
  }
}

TEST(SviFit, RefusesWhatCannotBeFitted) {
  const ExpiryQuotes good = quotes_of(smile(0.1, 0.6));
  const auto fit = [](std::vector<ExpiryQuotes> quotes) { return fit_svi_surface(quotes); };
  EXPECT_TRUE(fit({}).empty());
  EXPECT_THROW(fit({{0.1, {}}}), std::invalid_argument);
  EXPECT_THROW(fit({good, good}), std::invalid_argument);
  EXPECT_THROW(fit({{0.0, good.quotes}}), std::invalid_argument);
  EXPECT_THROW(fit({{INFINITY, good.quotes}}), std::invalid_argument);
  for (const VolQuote& bad : {VolQuote{NAN, 0.5, 0.1}, VolQuote{0.0, 0.0, 0.1}, VolQuote{0.0, 0.5, 0.0},
                              VolQuote{0.0, 0.5, 0.1, 0.0}, VolQuote{0.0, INFINITY, 0.1}, VolQuote{0.0, NAN, 0.1}}) {
    EXPECT_THROW(fit({{0.1, {bad}}}), std::invalid_argument);
  }
}

// Whatever the quotes: random levels, strikes on one side, some expiries with few, minutes to ten years.
TEST(SviFit, OfAnyQuotesHasNoArbitrage) {
  std::mt19937_64 random(11);
  const auto uniform = [&random](double from, double to) {
    return from + (to - from) * static_cast<double>(random() >> 11) * 0x1p-53;
  };
  for (int trial = 0; trial < 15; ++trial) {
    std::vector<ExpiryQuotes> quotes;
    double years = std::exp(uniform(-12.0, -3.0));
    const double level = std::exp(uniform(std::log(0.02), std::log(3.0)));
    for (int i = 0; i < 9 && years < 10.0; ++i, years *= 1.0 + std::exp(uniform(-3.0, 1.5))) {
      ExpiryQuotes expiry{years, {}};
      const double centre = uniform(-1.0, 1.0);
      for (int n = static_cast<int>(uniform(0.0, 25.0)); n > 0; --n) {
        expiry.quotes.push_back({(centre + uniform(-3.0, 3.0)) * level * std::sqrt(years),
                                 level * std::exp(uniform(-0.5, 0.5)), std::exp(uniform(-8.0, -1.0)),
                                 uniform(0.1, 1.0)});
      }
      quotes.push_back(expiry);
    }
    quotes.front().quotes.push_back({0.0, level, 0.01});
    SCOPED_TRACE(trial);
    const std::vector<SliceFit> fits = fit_svi_surface(quotes), again = fit_svi_surface(quotes);
    expect_no_arbitrage(fits);
    for (std::size_t i = 0; i < fits.size(); ++i) {
      EXPECT_EQ(fits[i].slice.a, again[i].slice.a);
      EXPECT_EQ(fits[i].slice.sigma, again[i].slice.sigma);
    }
  }
}

TEST(SviScale, IsTheMedianVolNearestTheMoney) {
  const std::vector<VolQuote> quotes{
      {-0.5, 0.9, 0.1}, {-0.1, 0.7, 0.1}, {0.0, 5.0, 0.1}, {0.05, 0.6, 0.1}, {0.4, 0.2, 0.1}};
  const std::vector<fit::SviScale> scales = fit::rough_scales(std::vector<ExpiryQuotes>{{0.25, quotes}});
  EXPECT_EQ(scales[0].years, 0.25);
  EXPECT_NEAR(scales[0].stdev, 0.7 * 0.5, 1e-15);
}

TEST(SviScale, IsInterpolatedWhereThereAreNoQuotes) {
  const std::vector<VolQuote> high{{0.0, 0.9, 0.1}}, low{{0.0, 0.6, 0.1}};
  const std::vector<fit::SviScale> scales = fit::rough_scales(
      std::vector<ExpiryQuotes>{{0.01, {}}, {0.04, high}, {0.08, {}}, {0.16, {}}, {0.32, low}, {1.0, {}}});
  const std::vector<double> vols{0.9, 0.9, 0.8, 0.7, 0.6, 0.6};
  for (std::size_t i = 0; i < vols.size(); ++i) {
    EXPECT_NEAR(scales[i].stdev, vols[i] * std::sqrt(scales[i].years), 1e-14) << i;
  }
}

// The coordinates of the fit.
TEST(SviPoint, HasTheGradientsOfItsValues) {
  const fit::SviScale scale{0.3, 0.4};
  fit::Vector5 x;
  x << -0.3, 0.2, -0.4, 0.3, 0.6;
  for (const double k : {-1.0, -0.1, 0.0, 0.2, 1.5}) {
    const fit::SviPoint point(x, scale);
    const fit::GradedVariance w = point.graded(k);
    const SmileVariance slice = svi_variance_at(point.slice(), k);
    EXPECT_NEAR(w.variance.value, slice.variance, 1e-15);
    EXPECT_NEAR(w.slope.value, slice.slope, 1e-15);
    EXPECT_NEAR(w.curvature.value, slice.curvature, 1e-15);
    for (int c = 0; c < 5; ++c) {
      const double h = 1e-5;
      const fit::GradedVariance up = fit::SviPoint(x + h * fit::Vector5::Unit(c), scale).graded(k);
      const fit::GradedVariance down = fit::SviPoint(x - h * fit::Vector5::Unit(c), scale).graded(k);
      EXPECT_NEAR(w.variance.gradient[c], (up.variance.value - down.variance.value) / (2.0 * h), 1e-9);
      EXPECT_NEAR(w.slope.gradient[c], (up.slope.value - down.slope.value) / (2.0 * h), 1e-9);
      EXPECT_NEAR(w.curvature.gradient[c], (up.curvature.value - down.curvature.value) / (2.0 * h), 1e-9);
    }
  }
}

std::vector<SliceFit> as_fits(const std::vector<SviSlice>& slices) {
  std::vector<SliceFit> fits;
  for (const SviSlice& slice : slices) fits.push_back({slice, 0.0, 0.0, 0, false});
  return fits;
}

TEST(SviRepair, LeavesSoundSlicesAlone) {
  const std::vector<fit::SviScale> scales{{0.1, 0.2}, {0.2, 0.3}};
  const std::vector<fit::Vector5> points{fit::usual_point(), fit::usual_point()};
  const std::vector<SviSlice> slices = fit::without_arbitrage(points, scales);
  for (std::size_t i = 0; i < 2; ++i) {
    const SviSlice fitted = fit::SviPoint(points[i], scales[i]).slice();
    EXPECT_EQ(slices[i].a, fitted.a);
    EXPECT_EQ(slices[i].b, fitted.b);
    EXPECT_EQ(slices[i].rho, fitted.rho);
  }
}

// A copy of a slice of minutes, whose vol is the least, is far too low for a year.
TEST(SviRepair, RaisesTheSliceThatItFallsBackTo) {
  const std::vector<fit::SviScale> scales{{1e-5, 1e-4}, {1.0, 0.5}};
  fit::Vector5 low = fit::usual_point(), butterflies = fit::usual_point();
  low[fit::kVariance] = std::log(1e-4);
  butterflies << std::log(1e-4), 1.3, 1.3, 0.0, std::log(0.1);
  ASSERT_LT(least_butterfly_g(fit::SviPoint(butterflies, scales[1]).slice()), 0.0);
  expect_no_arbitrage(as_fits(fit::without_arbitrage({low, butterflies}, scales)));
}

TEST(SviRepair, RemovesWhateverArbitrageThereIs) {
  std::mt19937_64 random(3);
  const auto uniform = [&random](double from, double to) {
    return from + (to - from) * static_cast<double>(random() >> 11) * 0x1p-53;
  };
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<fit::Vector5> points;
    std::vector<fit::SviScale> scales;
    for (int i = 0; i < 5; ++i) {
      scales.push_back({0.01 * std::pow(3.0, i), uniform(0.02, 1.0)});
      const fit::Bounds box = fit::bounds(scales.back());
      fit::Vector5 x;
      for (int c = 0; c < 5; ++c) x[c] = uniform(std::max(box.least[c], -3.0), std::min(box.most[c], 3.0));
      points.push_back(x);
    }
    SCOPED_TRACE(trial);
    expect_no_arbitrage(as_fits(fit::without_arbitrage(points, scales)));
  }
}

}  // namespace
}  // namespace tailbit::svi_fit_test
