// `calibrate` on BTC and ETH from 2019 to 2026: what other programs and other hands made of the same files. arch 8.0.0
// and scipy gave the marginals (constant mean, Student-t, percent); the rest is published in the maintainers' notes.
#include <cmath>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "host/ops/calibration.hpp"

namespace tailbit::calibration_market_test {
namespace {

const std::string kFolder = TAILBIT_MARKET_DATA;
constexpr std::int64_t kDay = 86'400;

CalibratedSeries series(const std::string& file, const std::string& time, const std::string& value,
                        std::int64_t period) {
  CalibratedSeries out;
  out.source.file = kFolder + "/" + file;
  out.source.time = time;
  out.source.value = value;
  out.period_seconds = period;
  return out;
}

CalibratedSeries closes(const std::string& file, const std::string& time, SeriesUnit unit) {
  CalibratedSeries out = series(file, time, "close", kDay);
  out.source.bar_seconds = kDay;
  out.source.unit = unit;
  out.source.positive = true;
  return out;
}

CalibratedUnderlying underlying(const std::string& coin) {
  CalibratedUnderlying out;
  out.price =
      closes("prices/" + coin + "USDT_spot_daily_ohlcv_20190101_20260304.csv", "timestamp", SeriesUnit::decimal);
  out.vol_index = closes("vol/deribit_dvol_" + coin + "_daily_20210324_20260406.csv", "date", SeriesUnit::percent);
  for (const int days : {7, 30, 90, 180}) {
    CalibratedSeries vol = series("vol/DERIVED_deribit_surface_features_6h_20251230_20260531.csv", "timestamp_utc",
                                  "atm_iv_" + std::to_string(days) + "d", kDay / 4);
    vol.source.where = {{"currency", coin}};
    out.atm_vol[days * kDay] = vol;
  }
  FundingSeries funding;
  funding.series =
      series("funding/" + coin + "USDT_binance_8h_20200101_20240101.csv", "Date", "Funding Rate", kDay / 3);
  funding.series.source.zone_seconds = 3 * 3'600;
  funding.rule = FundingRule::binance;
  out.funding = funding;
  return out;
}

CalibrateConfig config(SpotVolEstimate spot_vol) {
  CalibrateConfig out;
  out.to = Timestamp{1'780'272'000};  // 2026-06-01
  out.spot_vol = spot_vol;
  out.underlyings = {{"BTC", underlying("BTC")}, {"ETH", underlying("ETH")}};
  return out;
}

struct Found {
  Calibration calibration;
  // The first estimate of a part by a method that begins so.
  std::pair<double, double> value(const std::string& part, const std::string& method, const std::string& name) const {
    for (const auto& e : calibration.report["estimates"]) {
      if (e["part"] != part || !e["method"].get<std::string>().starts_with(method)) continue;
      for (const auto& p : e["parameters"]) {
        if (p["name"] != name) continue;
        const auto& error = p["standard_error"];
        return {p["value"].get<double>(), error.is_null() ? 0.0 : error.get<double>()};
      }
    }
    ADD_FAILURE() << "no " << name << " of " << part << " by " << method;
    return {};
  }
};

Found calibrated(const CalibrateConfig& job) {
  Problems problems;
  const Histories histories = read_histories(job, problems);
  problems.throw_if_any();
  return {calibrate(job, histories)};
}
Found calibrated(SpotVolEstimate spot_vol) { return calibrated(config(spot_vol)); }

class CalibrationOfTheMarket : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no market data in " << kFolder;
  }
};

struct Marginal {
  double dof, omega, alpha, beta, garch_dof;
};

TEST_F(CalibrationOfTheMarket, MarginalsAreThoseOfScipyAndArch) {
  const Found found = calibrated(SpotVolEstimate::garch);
  const std::map<std::string, Marginal> expected{{"BTC", {2.50281, 0.18653, 0.07261, 0.92739, 2.98822}},
                                                 {"ETH", {2.92262, 0.7047, 0.1122, 0.87573, 3.28274}}};
  for (const auto& [coin, e] : expected) {
    const std::string part = coin + ".spot", garch = "GARCH(1,1), Student-t";
    EXPECT_NEAR(found.value(part, "log-returns", "dof").first, e.dof, 1e-3) << coin;
    EXPECT_NEAR(found.value(part, garch, "omega in percent").first, e.omega, 2e-3) << coin;
    EXPECT_NEAR(found.value(part, garch, "alpha").first, e.alpha, 5e-4) << coin;
    EXPECT_NEAR(found.value(part, garch, "beta").first, e.beta, 5e-4) << coin;
    EXPECT_NEAR(found.value(part, garch, "dof").first, e.garch_dof, 5e-3) << coin;
  }
  EXPECT_NEAR(found.value("BTC.spot", "log-returns", "vol").first, 0.64, 0.005);
  EXPECT_NEAR(found.value("ETH.spot", "log-returns", "vol").first, 0.84, 0.005);
  EXPECT_NEAR(found.value("innovations", "t copula", "dof").first, 4.7, 0.1) << "on residuals";

  // The model's variances are per year, those above in percent squared per day.
  const GarchVol& btc = found.calibration.model.underlyings.at("BTC").garch;
  EXPECT_NEAR(btc.omega, 0.18653e-4 * 365.0, 1e-4);
  EXPECT_DOUBLE_EQ(btc.alpha + btc.beta, 1.0) << "integrated";
  ASSERT_TRUE(btc.max_vol);
  EXPECT_GT(*btc.max_vol, 2.0);
  EXPECT_LT(*btc.max_vol, 6.0);
}

TEST_F(CalibrationOfTheMarket, CopulaOfReturnsAndCorrelationAreThoseOfTheNotes) {
  const Found found = calibrated(SpotVolEstimate::constant);
  EXPECT_NEAR(found.value("innovations", "t copula", "dof").first, 4.0, 0.1);
  const auto& correlation = found.calibration.report["correlation"];
  ASSERT_EQ(correlation["factors"][1], "ETH.spot");
  EXPECT_NEAR(correlation["matrix"][1][0].get<double>(), 0.82, 0.03);
  ASSERT_EQ(correlation["factors"][2], "BTC.vol");
  EXPECT_NEAR(correlation["sample"][2][0].get<double>(), -0.28, 0.05) << "BTC against ln DVOL, all years";
  EXPECT_NEAR(correlation["sample"][3][2].get<double>(), 0.75, 0.02) << "ln DVOL of both";
}

TEST_F(CalibrationOfTheMarket, VolsRevertAndFallWithTheTermAsInTheNotes) {
  const Found found = calibrated(SpotVolEstimate::constant);
  const std::string ou = "Ornstein", regression = "regression";
  EXPECT_NEAR(found.value("BTC.vol", ou, "half-life").first, 49.0, 1.0);
  EXPECT_NEAR(std::exp(found.value("BTC.vol", ou, "mean").first), 0.58, 0.01);
  EXPECT_NEAR(found.value("BTC.vol", ou, "phi").first, 0.986, 0.001);
  EXPECT_NEAR(found.value("BTC.vol", ou, "vol").first, 0.91, 0.02);
  EXPECT_NEAR(found.value("BTC.vol", regression, "term_decay").first, 0.5, 0.03);
  EXPECT_NEAR(found.value("ETH.vol", regression, "term_decay").first, 0.66, 0.03);
  // Prints some milliseconds behind their hour are that hour's.
  for (const auto& s : found.calibration.report["series"]) {
    if (s["part"] == "BTC.premium") {
      EXPECT_EQ(s["gaps"], 0);
    }
  }
  EXPECT_GT(found.value("BTC.premium", ou, "phi").first, 0.8);
  EXPECT_LT(found.value("BTC.premium", ou, "phi").first, 0.95);
}

// Clusters of weeks, and a correlation of spot and vol that is a crash's: by far more likely than one law, and the vol
// of the long run is the sample's.
TEST_F(CalibrationOfTheMarket, RegimesOfBothCoinsAreCalmAndWild) {
  CalibrateConfig job = config(SpotVolEstimate::constant);
  job.regimes = RegimesEstimate{"", 2};
  const Found found = calibrated(job);
  const std::string chain = "Markov-switching joint", one = "joint returns";
  EXPECT_NEAR(found.value("regimes", chain, "BTC vol, regime 1").first, 0.40, 0.04);
  EXPECT_NEAR(found.value("regimes", chain, "BTC vol, regime 2").first, 0.85, 0.08);
  EXPECT_NEAR(found.value("regimes", chain, "ETH vol, regime 1").first, 0.57, 0.05);
  EXPECT_NEAR(found.value("regimes", chain, "ETH vol, regime 2").first, 1.10, 0.1);
  for (const char* duration : {"duration, regime 1", "duration, regime 2"}) {
    const auto [days, error] = found.value("regimes", chain, duration);
    EXPECT_GT(days, 10.0) << duration;
    EXPECT_LT(days, 50.0) << duration;
    EXPECT_LT(error, days) << duration;
  }
  double with = 0.0, without = 0.0;
  for (const auto& e : found.calibration.report["estimates"]) {
    if (e["part"] != "regimes") continue;
    (e["method"].get<std::string>().starts_with(one) ? without : with) = e["aic"].get<double>();
  }
  EXPECT_LT(with, without - 300.0);
  const Model& model = found.calibration.model;
  EXPECT_NEAR(model.underlyings.at("BTC").vol, 0.64, 0.03);
  ASSERT_TRUE(model.regimes);
  const auto spot_vol = [&](std::size_t k) { return model.regimes->states[k].correlation->matrix[2][0]; };
  ASSERT_EQ(model.regimes->states[0].correlation->factors[2], "BTC.vol");
  EXPECT_GT(spot_vol(0), -0.2);
  EXPECT_LT(spot_vol(1), -0.3);
}

TEST_F(CalibrationOfTheMarket, AHistoryOfResidualsIsWhatHappened) {
  CalibrateConfig job = config(SpotVolEstimate::garch);
  job.innovations = InnovationsEstimate::bootstrap;
  const Calibration found = calibrated(job).calibration;
  ASSERT_TRUE(found.model.bootstrap);
  const BootstrapModel& bootstrap = *found.model.bootstrap;
  // Funding that ends in 2023 would cost too many periods; vol indices, which begin in 2021, do not.
  EXPECT_EQ(bootstrap.factors, (std::vector<std::string>{"BTC.spot", "ETH.spot", "BTC.vol", "ETH.vol"}));
  ASSERT_EQ(found.history_times.size(), bootstrap.rows.size());
  EXPECT_GT(bootstrap.rows.size(), 1'700u);
  std::size_t most = 0;
  for (std::size_t r = 0; r < bootstrap.rows.size(); ++r) {
    if (bootstrap.rows[r][2] > bootstrap.rows[most][2]) most = r;
  }
  // The day of the largest rise of DVOL in the notes, 5 February 2026, and what the spots did on it.
  EXPECT_EQ(found.history_times[most], Timestamp{1'770'336'000});
  EXPECT_LT(bootstrap.rows[most][0], -2.0);
  EXPECT_LT(bootstrap.rows[most][1], -2.0);
}

TEST_F(CalibrationOfTheMarket, JumpsOfKouAreMoreLikelyThanMertons) {
  CalibrateConfig job = config(SpotVolEstimate::constant);
  job.innovations = InnovationsEstimate::gaussian;
  job.jumps = JumpsEstimate::kou;
  const Found found = calibrated(job);
  for (const std::string coin : {"BTC", "ETH"}) {
    double kou = 0.0, merton = 0.0;
    for (const auto& e : found.calibration.report["estimates"]) {
      if (e["part"] != coin + ".spot") continue;
      if (e["method"].get<std::string>().starts_with("Kou")) kou = e["log_likelihood"].get<double>();
      if (e["method"].get<std::string>().starts_with("Merton")) merton = e["log_likelihood"].get<double>();
    }
    EXPECT_GT(kou, merton + 5.0) << coin;
    EXPECT_EQ(found.calibration.model.underlyings.at(coin).jumps.front().size.kind, JumpKind::kou);
    // Beside one constant vol for seven years, jumps stand for its clusters: one a day.
    EXPECT_DOUBLE_EQ(found.value(coin + ".spot", "Kou", "intensity").first, 365.0);
  }
}

}  // namespace
}  // namespace tailbit::calibration_market_test
