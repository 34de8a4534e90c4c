// Kou's jump diffusion: its density against cumulants and against a sum of its own, and what was simulated found again.
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "host/fit/kou_density.hpp"
#include "host/fit/kou_fit.hpp"
#include "host/io/history.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::calibration_kou_test {
namespace {

constexpr double kDay = 1.0 / 365.0;

double uniform(random::Key key, std::size_t t, std::uint32_t which) {
  return random::two_uniforms<random::Philox4x32>(key, t, 0, which, 1).first;
}

// Simpson's rule.
double integral(double from, double to, int cells, auto&& f) {
  const double h = (to - from) / cells;
  double sum = f(from) + f(to);
  for (int i = 1; i < cells; ++i) sum += (i % 2 == 1 ? 4.0 : 2.0) * f(from + i * h);
  return sum * h / 3.0;
}

TEST(KouFit, HermiteIntegralsAreIntegrals) {
  for (const double w : {-7.0, -1.5, 0.0, 0.4, 0.999, 1.0, 1.7, 2.0, 3.0, 4.0, 9.0, 40.0}) {
    double found[8];
    fit::hermite_integrals(w, 8, found);
    double factorial = 1.0;
    for (int n = 0; n < 8; ++n) {
      if (n > 0) factorial *= n;
      // t = w + y, and exp(w^2 / 2) is taken in where it is large.
      const double direct = integral(0.0, w < 0.0 ? 20.0 - w : 20.0 / (1.0 + 0.1 * w), 20'000, [&](double y) {
        const double exponent = w >= 0.0 ? -w * y - 0.5 * y * y : -0.5 * (w + y) * (w + y);
        return std::pow(y, n) / factorial * std::exp(exponent);
      });
      EXPECT_NEAR(found[n] / direct, 1.0, 1e-9) << w << " " << n;
    }
  }
}

TEST(KouFit, TheDensityHasTheCumulantsOfTheLaw) {
  const fit::KouLaw law{0.1, 0.7, 0.4, 0.35, 1.1, 1.6};
  const fit::KouDensity density(law);
  const auto moment = [&](int power, double about) {
    return integral(-60.0, 60.0, 60'000, [&](double x) { return std::pow(x - about, power) * density.at(x); });
  };
  const double p = law.up_probability, q = 1.0 - p, u = law.up_mean, d = law.down_mean;
  EXPECT_NEAR(moment(0, 0.0), 1.0, 1e-7);
  const double mean = moment(1, 0.0), variance = moment(2, mean);
  EXPECT_NEAR(mean, law.mean + law.count * (p * u - q * d), 1e-6);
  EXPECT_NEAR(variance, law.deviation * law.deviation + 2.0 * law.count * (p * u * u + q * d * d), 1e-5);
  EXPECT_NEAR(moment(3, mean), 6.0 * law.count * (p * u * u * u - q * d * d * d), 1e-4);
  EXPECT_NEAR(moment(4, mean) - 3.0 * variance * variance, 24.0 * law.count * (p * std::pow(u, 4) + q * std::pow(d, 4)),
              3e-3);
}

// Given one jump at most: a normal law and an exponential one, convolved by hand.
TEST(KouFit, TheDensityOfRareJumpsIsAConvolution) {
  const fit::KouLaw law{0.0, 0.5, 1e-7, 0.3, 2.0, 1.0};
  const fit::KouDensity density(law);
  for (const double x : {-9.0, -3.0, 4.0, 12.0}) {
    const double one = integral(0.0, 80.0, 40'000, [&](double size) {
      const auto diffused = [&](double z) { return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi) / 0.5; };
      return 0.3 * std::exp(-0.5 * size) * 0.5 * diffused((x - size) / 0.5) +
             0.7 * std::exp(-size) * diffused((x + size) / 0.5);
    });
    EXPECT_NEAR((density.at(x) - density.without_jump(x)) / (1e-7 * one), 1.0, 1e-6) << x;
  }
}

std::vector<double> simulated(double vol, double intensity, const fit::KouSizes& sizes, std::size_t n,
                              std::uint64_t seed) {
  const random::Key key = random::make_key(seed);
  std::vector<double> out;
  for (std::size_t t = 0; t < n; ++t) {
    double x = 2e-4 + vol * std::sqrt(kDay) * math::normal_from_uniform(uniform(key, t, 100));
    double probability = std::exp(-intensity * kDay), sum = probability;  // Poisson by inversion
    for (std::uint32_t k = 1; uniform(key, t, 0) > sum && k < 10; ++k) {
      const double size = -std::log(uniform(key, t, 2 * k));
      x += uniform(key, t, 2 * k + 1) < sizes.up_probability ? size / sizes.up_rate : -size / sizes.down_rate;
      probability *= intensity * kDay / k;
      sum += probability;
    }
    out.push_back(x);
  }
  return out;
}

TEST(KouFit, FindsTheLawThatWasSimulated) {
  const fit::KouSizes truth{0.4, 25.0, 14.0};
  std::vector<double> returns = simulated(0.4, 25.0, truth, 4'000, 31);
  returns[77] = kGap;
  const fit::KouFit found = fit::fit_kou_jumps(returns, kDay);
  const auto& e = found.likelihood.standard_errors;
  EXPECT_TRUE(found.likelihood.converged);
  EXPECT_FALSE(found.at_bound);
  const auto expect = [](double value, double error, double right, const char* what) {
    EXPECT_GT(error, 0.0) << what;
    EXPECT_LT(std::abs(value - right), 3.0 * error) << what << ": " << value << " +- " << error << ", not " << right;
  };
  expect(found.vol, e[1], 0.4, "vol");
  expect(found.intensity, e[2], 25.0, "intensity");
  expect(found.sizes.up_probability, e[3], 0.4, "up probability");
  expect(found.sizes.up_rate, e[4], 25.0, "up rate");
  expect(found.sizes.down_rate, e[5], 14.0, "down rate");
  EXPECT_LT(e[4], 6.0) << "errors that are worth something";
  EXPECT_TRUE(std::isnan(found.probabilities[77]));
  // What is found is at least as likely as what the sample was made by, and by no more than six parameters explain.
  const fit::KouDensity density({2e-4, 0.4 * std::sqrt(kDay), 25.0 * kDay, 0.4, 1.0 / 25.0, 1.0 / 14.0});
  double likelihood = 0.0;
  for (const double r : returns) likelihood += std::isnan(r) ? 0.0 : std::log(density.at(r));
  EXPECT_GT(found.likelihood.log_likelihood, likelihood);
  EXPECT_LT(found.likelihood.log_likelihood, likelihood + 15.0);
}

// Vols that cluster look like a jump each day: the intensity ends at its bound, and the others still have errors.
TEST(KouFit, SaysSoWhereJumpsAreTooMany) {
  const std::vector<double> returns = simulated(0.1, 365.0 * 1.5, {0.5, 40.0, 35.0}, 1'500, 32);
  const fit::KouFit found = fit::fit_kou_jumps(returns, kDay);
  EXPECT_TRUE(found.at_bound);
  EXPECT_DOUBLE_EQ(found.intensity, 365.0);
  EXPECT_TRUE(std::isnan(found.likelihood.standard_errors[2]));
  EXPECT_GT(found.likelihood.standard_errors[4], 0.0);
  EXPECT_EQ(found.likelihood.at.size(), 5u);
}

TEST(KouFit, SizesThatAreSeen) {
  const fit::KouSizes otherwise{0.5, 30.0, 20.0};
  const fit::KouSizes both = fit::kou_sizes_of(std::vector<double>{0.1, -0.05, -0.15, 0.3}, otherwise);
  EXPECT_DOUBLE_EQ(both.up_probability, 0.5);
  EXPECT_DOUBLE_EQ(both.up_rate, 5.0);
  EXPECT_DOUBLE_EQ(both.down_rate, 10.0);
  const fit::KouSizes falls = fit::kou_sizes_of(std::vector<double>{-0.1}, otherwise);
  EXPECT_EQ(falls.up_probability, 0.0);
  EXPECT_EQ(falls.up_rate, 30.0);
  EXPECT_EQ(fit::kou_sizes_of({}, otherwise).down_rate, 20.0);
  EXPECT_THROW(fit::fit_kou_jumps(std::vector<double>(99, 0.1), kDay), std::invalid_argument);
}

}  // namespace
}  // namespace tailbit::calibration_kou_test
