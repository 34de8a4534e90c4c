// Futures and perpetuals, linear and inverse, against closed forms: whole runs. Z-tests at 5 standard errors, some 150
// of them, so false alarms below 1e-3 for the whole file if the random numbers change.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/lognormal_laws.hpp"
#include "tests/support/ou_laws.hpp"
#include "tests/support/simulated.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::perpetual_laws_test {
namespace {

using Json = nlohmann::json;
using test::ExactTail;
using test::JobText;
using test::kDay;
using test::Lognormal;
using test::Ornstein;
using test::Ran;
using test::TwoLognormals;

constexpr std::uint64_t kScenarios = 300'000;
constexpr double kSpot = 50'000.0, kVol = 0.7, kDrift = 0.3;
const std::vector<double> kLevels{0.95, 0.99, 0.995};

// On XYZ; the law of ln(S_h / S_0) is N((drift - vol^2 / 2) h, vol^2 h).
JobText job_on_xyz(double years, std::uint32_t steps, std::uint64_t seed) {
  JobText job(years, kScenarios, seed, steps);
  job.run["levels"] = kLevels;
  job.underlying("XYZ", kSpot, kVol, kDrift);
  return job;
}
double drift_over(double years) { return (kDrift - 0.5 * kVol * kVol) * years; }

void expect_two_lognormals(const std::vector<double>& losses, const TwoLognormals& law) {
  test::expect_mean(losses, law.mean(), law.stdev());
  for (const double level : kLevels) test::expect_tail(losses, level, law.tail(level));
}
void expect_lognormal(const std::vector<double>& losses, double constant, const Lognormal& law) {
  test::expect_mean(losses, constant - law.expected(), law.expected() * std::sqrt(std::expm1(law.stdev * law.stdev)));
  for (const double level : kLevels) test::expect_tail(losses, level, test::lognormal_tail(level, constant, law));
}

// --- Perpetuals without funding
// ---------------------------------------------------------------------------------------

// Linear and inverse, long and short, are Q (S_h / S_0 - 1) USD without premium; so in any number of steps.
TEST(PerpetualLaws, WithoutPremiumEveryPerpetualIsLognormal) {
  const double years = 200.0 * kDay;
  for (const std::uint32_t steps : {1u, 5u}) {
    for (const double quantity : {10'000.0, -10'000.0}) {
      JobText job = job_on_xyz(years, steps, 11);
      job.hold("XYZ_USDC-PERPETUAL", 0.75 * quantity / kSpot);
      job.hold("XYZ-PERPETUAL", 0.25 * quantity);
      const Ran ran = test::run_text(job);
      const Lognormal law{quantity, drift_over(years), kVol * std::sqrt(years)};
      SCOPED_TRACE(std::to_string(steps) + " steps of " + std::to_string(quantity));
      expect_lognormal(ran.book(), quantity, law);
      expect_lognormal(ran.of("instrument=XYZ-PERPETUAL"), 0.25 * quantity, {0.25 * quantity, law.mean, law.stdev});
    }
  }
}

// What an inverse perpetual bought at E has earned so far is Q (1/E - 1/S_0) coins in hand, worth Q (S_0/E - 1) now.
TEST(PerpetualLaws, CoinsEarnedSoFarMoveWithTheSpot) {
  const double years = kDay, quantity = 20'000.0, entry = 40'000.0;
  JobText job = job_on_xyz(years, 1, 12);
  job.hold("XYZ-PERPETUAL", quantity, "40000");
  const Ran ran = test::run_text(job);
  EXPECT_NEAR(ran.summary["base_value"].get<double>(), quantity * (kSpot / entry - 1.0), 1e-6);
  // Value at h: Q (1/E - 1/S_h) S_h.
  expect_lognormal(ran.book(), quantity * kSpot / entry,
                   {quantity * kSpot / entry, drift_over(years), kVol * std::sqrt(years)});
}

// --- Funding at a constant rate
// ---------------------------------------------------------------------------------------

// The cash is known path by path: -q f dt sum S_t, t at the steps' starts, which futures that expire there reveal.
TEST(PerpetualLaws, ConstantFundingIsPaidOnEveryStepsMark) {
  const double years = 2.0 * kDay, rate = 0.0004;
  const int steps = 4;
  const double periods = years / steps / kDay * 3.0;  // of 8 hours
  for (const std::string conversion : {"hold", "at_receipt"}) {
    JobText job = job_on_xyz(years, steps, 13);
    job.run["scenarios"] = 2'000;
    job.run["cash_conversion"] = conversion;
    job.market["underlyings"]["XYZ"]["funding"] = {{"rate_8h", rate}};
    job.hold("XYZ", 1.0);
    job.hold("XYZ_USDC-PERPETUAL", 1.0);
    job.hold("XYZ-PERPETUAL", kSpot);
    for (int k = 1; k < steps; ++k) job.define(test::future("at" + std::to_string(k), "XYZ", years * k / steps), 1.0);
    const test::Simulated ran = test::simulate_text(job);
    for (std::size_t i = 0; i < 2'000; ++i) {
      std::vector<double> spots{kSpot};  // at the ends of steps
      for (int k = 1; k < steps; ++k) spots.push_back(kSpot + ran.of("at" + std::to_string(k))[i]);
      spots.push_back(kSpot + ran.of("XYZ")[i]);
      const double last = spots.back();
      double dollars = 0.0, coins = 0.0, sold = 0.0;
      for (int k = 0; k < steps; ++k) {
        dollars -= rate * periods * spots[k];
        coins -= rate * periods / spots[k];
        sold -= rate * periods * spots[k + 1] / spots[k];
      }
      // Sums are exact to a quantum, here about 1e-8 USD.
      ASSERT_NEAR(ran.of("XYZ_USDC-PERPETUAL")[i], last - kSpot + dollars, 1e-6);
      const double cash = kSpot * (conversion == "hold" ? coins * last : sold);
      ASSERT_NEAR(ran.of("XYZ-PERPETUAL")[i], last - kSpot + cash, 1e-6);
    }
  }
}

// In one step everything is known: the coins of an inverse one shrink its S_h, held or sold alike.
TEST(PerpetualLaws, ConstantFundingOfOneStepIsLognormal) {
  const double years = kDay, rate = 0.003, paid = 3.0 * rate;
  for (const double quantity : {5'000.0, -5'000.0}) {
    JobText job = job_on_xyz(years, 1, 14);
    job.market["underlyings"]["XYZ"]["funding"] = {{"rate_8h", rate}};
    job.hold("XYZ-PERPETUAL", quantity);
    job.hold("XYZ_USDC-PERPETUAL", quantity / kSpot);
    const Ran ran = test::run_text(job);
    const Lognormal spot{quantity, drift_over(years), kVol * std::sqrt(years)};
    expect_lognormal(ran.of("instrument=XYZ-PERPETUAL"), quantity, {quantity * (1.0 - paid), spot.mean, spot.stdev});
    expect_lognormal(ran.of("instrument=XYZ_USDC-PERPETUAL"), quantity * (1.0 + paid), spot);
  }
}

// Funding in coins over many steps: E[S_h / S_t] = exp(drift (h - t)).
TEST(PerpetualLaws, CoinsPaidOverManyStepsHaveTheirMean) {
  const double years = 10.0 * kDay, rate = 0.002;
  const int steps = 8;
  JobText job = job_on_xyz(years, steps, 15);
  job.market["underlyings"]["XYZ"]["funding"] = {{"rate_8h", rate}};
  job.hold("XYZ", -1.0 / kSpot);  // leaves the funding alone
  job.hold("XYZ-PERPETUAL", 1.0);
  const Ran ran = test::run_text(job);
  double mean = 0.0;
  for (int k = 0; k < steps; ++k)
    mean += rate * (years / steps / kDay * 3.0) * std::exp(kDrift * years * (steps - k) / steps);
  test::expect_own_mean(ran.book(), mean, "mean of the coins paid, in USD");
}

// --- Premium
// ----------------------------------------------------------------------------------------------------------

// Premium p: an Ornstein-Uhlenbeck process from today's premium, correlated with the spot.
struct PremiumWorld {
  double today, kappa, vol, mean, rho;
  Ornstein law() const { return {kappa, vol}; }
  double expected(double years) const { return mean + (today - mean) * std::exp(-kappa * years); }
  double stdev(double years) const { return std::sqrt(law().variance(years)); }
  // Of ln S and p at the same time, as a covariance.
  double with_spot(double years) const { return rho * kVol * vol * law().decayed(years); }
};
void add_premium(JobText& job, const PremiumWorld& world, const Json& funding) {
  job.market["underlyings"]["XYZ"]["funding"] = funding;
  job.market["underlyings"]["XYZ"]["funding"]["premium"] = world.today;
  job.model["underlyings"]["XYZ"]["premium"] = {{"kappa", world.kappa}, {"vol", world.vol}, {"mean", world.mean}};
  job.correlate({"XYZ.spot", "XYZ.premium"}, {{1.0, world.rho}, {world.rho, 1.0}});
}
const std::vector<PremiumWorld> kPremiums{{0.01, 40.0, 0.25, -0.02, -0.5}, {-0.03, 0.0, 0.4, 0.0, 0.6}};

// Linear: M_h = S_h exp(p_h) is lognormal. Inverse: Q (S_h / M_0 - exp(-p_h)), two lognormals.
TEST(PerpetualLaws, MarksMoveWithThePremium) {
  const double years = 5.0 * kDay;
  for (const PremiumWorld& world : kPremiums) {
    for (const std::uint32_t steps : {1u, 3u}) {
      for (const double quantity : {1'000.0, -1'000.0}) {
        JobText job = job_on_xyz(years, steps, 16);
        add_premium(job, world, {{"rule", "constant"}, {"rate_8h", 0.0}});
        job.hold("XYZ-PERPETUAL", quantity);
        job.hold("XYZ_USDC-PERPETUAL", quantity / kSpot);
        const Ran ran = test::run_text(job);
        SCOPED_TRACE(std::to_string(steps) + " steps, premium " + std::to_string(world.today));
        const double s = kVol * std::sqrt(years), p = world.stdev(years), cross = world.with_spot(years);
        const double drift = drift_over(years), premium = world.expected(years);
        const Lognormal mark{quantity, drift + premium, std::sqrt(s * s + p * p + 2.0 * cross)};
        expect_lognormal(ran.of("instrument=XYZ_USDC-PERPETUAL"), quantity * std::exp(world.today), mark);
        // -(Q S_h / M_0 - Q exp(-p)), p and ln S_h correlated with the other sign.
        const TwoLognormals inverse{
            0.0, {quantity * std::exp(-world.today), drift, s}, {-quantity, -premium, p}, -cross / (s * p)};
        expect_two_lognormals(ran.of("instrument=XYZ-PERPETUAL"), inverse);
      }
    }
  }
}

// A spot that does not move: what is left of an inverse perpetual is 1/M, lognormal, in closed form.
TEST(PerpetualLaws, OneOverTheMarkIsLognormal) {
  const PremiumWorld world{0.02, 15.0, 0.6, -0.01, 0.0};
  const double years = 3.0 * kDay;
  for (const double quantity : {1'000.0, -1'000.0}) {
    JobText job = job_on_xyz(years, 2, 17);
    job.underlying("XYZ", kSpot, 0.0);
    add_premium(job, world, {{"rate_8h", 0.0}});
    job.hold("XYZ-PERPETUAL", quantity);
    const Ran ran = test::run_text(job);
    expect_lognormal(ran.book(), -quantity * std::exp(-world.today),
                     {-quantity, -world.expected(years), world.stdev(years)});
  }
}

// --- Funding that follows from the premium
// ----------------------------------------------------------------------------

// The venues' rules in their own words.
double deribit(double p) { return std::max(0.00025, p) + std::min(-0.00025, p); }
double binance(double p) { return p + std::clamp(0.0001 - p, -0.0005, 0.0005); }
double capped_binance(double p) { return std::clamp(binance(p), -0.00075, 0.00075); }

// E[g(x)], x normal, by the trapezoidal rule over +-9 deviations; the kinks of the rules leave 1e-8 of it.
template <class Function>
double expected_over_normal(Function&& g, double mean, double stdev) {
  if (stdev == 0.0) return g(mean);
  constexpr double kWidth = 1e-3;
  double sum = 0.0;
  for (int i = -9000; i <= 9000; ++i) sum += kWidth * test::phi(kWidth * i) * g(mean + stdev * kWidth * i);
  return sum;
}

struct Rule {
  Json json;
  double (*rate)(double);
};

// Cash over the run: linear -f(p) S exp(p) dt; sum over steps, at their starts. E[S e^p f(p)] by taking S into the
// measure, under which p has its mean moved by the covariance. The mark's own gain has the mean of a lognormal.
TEST(PerpetualLaws, FundingByPremiumHasItsMean) {
  const double years = 4.0 * kDay;
  const int steps = 6;
  const double dt = years / steps, periods = dt / kDay * 3.0;
  const std::vector<Rule> rules{{{{"rule", "deribit"}}, deribit},
                                {{{"rule", "binance"}}, binance},
                                {{{"rule", "binance"}, {"cap_8h", 0.00075}}, capped_binance}};
  // Deviations of the order of the rules' bands, where their kinks matter.
  const std::vector<PremiumWorld> worlds{{0.0004, 300.0, 0.012, 0.0002, 0.5}, {-0.001, 0.0, 0.006, 0.0, -0.4}};
  for (const Rule& rule : rules) {
    for (const PremiumWorld& world : worlds) {
      JobText job = job_on_xyz(years, steps, 18);
      add_premium(job, world, rule.json);
      job.hold("XYZ_USDC-PERPETUAL", 1.0);
      job.hold("XYZ", -1.0);  // takes the noise of the spot off
      job.hold("XYZ-PERPETUAL", 1.0);
      const Ran ran = test::run_text(job);
      double dollars = 0.0, coins = 0.0;
      for (int k = 0; k < steps; ++k) {
        const double t = k * dt, mean = world.expected(t), stdev = world.stdev(t);
        const auto cash = [&](double p) { return rule.rate(p) * std::exp(p); };
        const auto coin = [&](double p) { return rule.rate(p) * std::exp(-p); };
        dollars +=
            periods * kSpot * std::exp(kDrift * t) * expected_over_normal(cash, mean + world.with_spot(t), stdev);
        // S_h / S_t = its growth and what it owes to the premium's past: nothing, increments are independent.
        coins += periods * std::exp(kDrift * (years - t)) * expected_over_normal(coin, mean, stdev);
      }
      SCOPED_TRACE(rule.json.dump() + " premium " + std::to_string(world.today));
      const double end_mean = world.expected(years), variance = world.law().variance(years);
      const double growth = std::exp(kDrift * years);
      const double mark = kSpot * growth * std::exp(end_mean + 0.5 * variance + world.with_spot(years));
      // Losses of the perpetual and of the short spot, scenario by scenario.
      std::vector<double> funded = ran.of("instrument=XYZ_USDC-PERPETUAL");
      const std::vector<double>& spot = ran.of("instrument=XYZ");
      for (std::size_t i = 0; i < funded.size(); ++i) funded[i] += spot[i];
      test::expect_own_mean(funded, kSpot * std::exp(world.today) - mark + dollars + kSpot * (growth - 1.0),
                            "linear, loss with funding");
      // Of the inverse one the spot's own share S_h / M_0 is taken off likewise.
      std::vector<double> inverse = ran.of("instrument=XYZ-PERPETUAL");
      for (std::size_t i = 0; i < inverse.size(); ++i) inverse[i] += spot[i] * std::exp(-world.today) / kSpot;
      const double coin_loss = std::exp(-end_mean + 0.5 * variance) - std::exp(-world.today) + coins;
      test::expect_own_mean(inverse, coin_loss, "inverse, loss with funding");
    }
  }
}

// With a spot that stands still the mark after one step tells the premium p_1, and so what the second step pays, which
// a linear and an inverse perpetual must agree on, path by path.
TEST(PerpetualLaws, FundingOfASecondStepIsExactGivenThePremium) {
  const PremiumWorld world{0.0003, 50.0, 0.02, 0.0, 0.0};
  const double years = 2.0 * kDay, periods = 3.0;
  JobText job = job_on_xyz(years, 2, 19);
  job.run["scenarios"] = 5'000;
  job.run["exposure_dates"] = {"1d", "2d"};
  job.underlying("XYZ", kSpot, 0.0);
  add_premium(job, world, {{"rule", "deribit"}});
  job.hold("XYZ_USDC-PERPETUAL", 1.0);
  job.hold("XYZ-PERPETUAL", kSpot);
  const test::Simulated ran = test::simulate_text(job);
  const double mark = kSpot * std::exp(world.today);
  for (std::size_t i = 0; i < 5'000; ++i) {
    // After one step funding has been paid at today's premium alone; the mark follows, and from it p_1.
    const double first = -deribit(world.today) * mark * periods;
    const double mark_1 = mark + ran.of("XYZ_USDC-PERPETUAL", 0)[i] - first, p_1 = std::log(mark_1 / kSpot);
    const double mark_2 = mark + ran.of("XYZ_USDC-PERPETUAL", 1)[i] - first + deribit(p_1) * mark_1 * periods;
    // The inverse perpetual of the same path agrees: 1/M_0 - 1/M_2 coins and what was paid, at the spot.
    const double coins = 1.0 / mark - 1.0 / mark_2 - periods * (deribit(world.today) / mark + deribit(p_1) / mark_1);
    ASSERT_NEAR(ran.of("XYZ-PERPETUAL", 1)[i], kSpot * coins * kSpot, 1e-6);
  }
}

// --- Dated futures
// ----------------------------------------------------------------------------------------------------

// F_t = S_t exp((c + z d)(T - t)), d = (30d / max(T, 1d))^term_decay.
TEST(FutureLaws, BasisShocksWidenTheLognormal) {
  const double years = 6.0 * kDay, rho = -0.3;
  for (const auto& [expiry, decay, kappa, steps] :
       {std::tuple{90.0 * kDay, 0.5, 0.0, 1u}, {90.0 * kDay, 0.0, 30.0, 3u}, {12.0 * kDay, 1.0, 30.0, 1u}}) {
    for (const double quantity : {1'000.0, -1'000.0}) {
      JobText job = job_on_xyz(years, steps, 20);
      const double forward = 51'000.0, carry = std::log(forward / kSpot) / expiry;
      job.market["underlyings"]["XYZ"]["forwards"] = {{{"expiry", test::after(expiry)}, {"forward", forward}}};
      job.model["underlyings"]["XYZ"]["basis"] = {{"kappa", kappa}, {"vol", 2.0}, {"term_decay", decay}};
      job.correlate({"XYZ.basis", "XYZ.spot"}, {{1.0, rho}, {rho, 1.0}});
      job.define(test::future("linear", "XYZ", expiry), quantity / kSpot);
      job.define(test::future("inverse", "XYZ", expiry, "coin"), quantity);
      const Ran ran = test::run_text(job);
      SCOPED_TRACE(job.model.dump());
      const Ornstein basis{kappa, 2.0};
      const double left = expiry - years, scale = std::pow(30.0 * kDay / expiry, decay) * left;
      const double s = kVol * std::sqrt(years), z = scale * std::sqrt(basis.variance(years));
      const double cross = rho * kVol * 2.0 * basis.decayed(years) * scale;
      const double drift = drift_over(years);
      expect_lognormal(ran.of("instrument=linear"), quantity * forward / kSpot,
                       {quantity, drift + carry * left, std::sqrt(s * s + z * z + 2.0 * cross)});
      // Q (S_h / M_0 - S_h / M_h)
      const TwoLognormals inverse{
          0.0, {quantity * kSpot / forward, drift, s}, {-quantity, -carry * left, z}, -cross / (s * z)};
      expect_two_lognormals(ran.of("instrument=inverse"), inverse);
    }
  }
}

// An inverse future that expires on the way leaves 1/M_0 - 1/S_T coins, which are held: S_h / M_0 - S_h / S_T USD.
TEST(FutureLaws, CoinsOfAnExpiredFutureAreHeld) {
  const double years = 10.0 * kDay, expiry = 4.0 * kDay, quantity = 1'000.0;
  for (const std::uint32_t steps : {1u, 5u}) {
    JobText job = job_on_xyz(years, steps, 21);
    job.define(test::future("inverse", "XYZ", expiry, "coin"), quantity);
    const double s = kVol * std::sqrt(years), rest = kVol * std::sqrt(years - expiry);
    const TwoLognormals held{
        0.0, {quantity, drift_over(years), s}, {-quantity, drift_over(years - expiry), rest}, rest / s};
    expect_two_lognormals(test::run_text(job).book(), held);
  }
}

}  // namespace
}  // namespace tailbit::perpetual_laws_test
