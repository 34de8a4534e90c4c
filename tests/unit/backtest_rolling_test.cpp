// Rolling backtests: books by hand, forecasts of known models, and that nothing of the future is looked at.
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "host/backtest/forecaster.hpp"
#include "host/backtest/rolling.hpp"
#include "host/backtest/rolling_book.hpp"
#include "host/backtest/uniforms.hpp"
#include "host/io/text.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit::backtest::rolling_test {
namespace {

constexpr std::size_t kDays = 420;
const Timestamp kFirstDay = *parse_timestamp("2023-01-01T00:00:00Z");

class RollingBacktest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("rolling-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Normal log-returns of deviation 3 % a day, of a vol index 5 %; from the day `changed` on twice as large. Rows of
  // the day `missing` are left out.
  std::string history(std::uint64_t number, double deviation, std::size_t changed = kDays,
                      std::size_t missing = kDays) {
    const std::string path = (folder_ / (std::to_string(number) + ".csv")).string();
    std::ofstream file(path);
    file << "time,value\n";
    double value = 1.0;
    for (std::size_t day = 0; day < kDays; ++day) {
      Uniforms uniforms(number, Purpose::scenarios, day);
      value *= std::exp((day < changed ? 1.0 : 2.0) * deviation * math::normal_from_uniform(uniforms.next()));
      if (day == missing) continue;
      const Timestamp time{kFirstDay.seconds + static_cast<std::int64_t>(day) * 86'400};
      file << timestamp_text(time) << ',' << number_text(value) << '\n';
    }
    return path;
  }

  static SeriesSource source(const std::string& path) {
    SeriesSource out;
    out.file = path;
    out.time = "time";
    out.value = "value";
    out.positive = true;
    return out;
  }

  // Its own vols are far from the histories', which take their place.
  std::string engine_model() {
    const std::string path = (folder_ / "model.json").string();
    std::ofstream(path) << R"({"schema": "tailbit.model/1", "underlyings": {
      "BTC": {"spot_vol": {"kind": "constant", "vol": 3}, "implied_vol": {"level": {"vol_of_vol": 1}}},
      "ETH": {"spot_vol": {"kind": "constant", "vol": 0.01}}}})";
    return path;
  }

  RollingConfig config(std::size_t changed = kDays, std::size_t missing = kDays) {
    RollingConfig out;
    out.path = "rolling.json";
    out.from = {kFirstDay.seconds + 250 * 86'400};
    out.to = {kFirstDay.seconds + static_cast<std::int64_t>(kDays - 1) * 86'400};
    out.scenarios = 1000;
    out.underlyings["BTC"] = {{source(history(1, 0.03, changed, missing))}, source(history(2, 0.05, changed))};
    out.underlyings["ETH"] = {{source(history(3, 0.03, changed))}, {}};
    out.books["coins"] = {{.underlying = "BTC", .notional = 1000.0}, {.underlying = "ETH", .notional = -500.0}};
    out.books["straddle"] = {
        {.underlying = "BTC", .notional = -1000.0, .option = OptionKind::call, .tenor_seconds = 30 * 86'400},
        {.underlying = "BTC", .notional = -1000.0, .option = OptionKind::put, .tenor_seconds = 30 * 86'400}};
    for (const auto& [name, kind, filter] :
         {std::tuple{"hs", ForecastKind::historical, VolFilter::ewma},
          std::tuple{"fhs", ForecastKind::filtered_historical, VolFilter::ewma},
          std::tuple{"fhs-garch", ForecastKind::filtered_historical, VolFilter::garch},
          std::tuple{"normal", ForecastKind::normal, VolFilter::ewma},
          std::tuple{"gjr", ForecastKind::garch, VolFilter::gjr},
          std::tuple{"t", ForecastKind::student_t, VolFilter::ewma}})
      out.models[name] = {kind, filter, 0.94, 200, 40};
    out.models["engine"] = {.kind = ForecastKind::engine, .window = 200, .model = engine_model()};
    return out;
  }

  std::filesystem::path folder_;
};

TEST_F(RollingBacktest, LooksAtNothingThatComesLater) {
  const RollingForecasts before = roll(config()), after = roll(config(350));
  ASSERT_EQ(before.series.size(), 14u);
  const std::int64_t changed = kFirstDay.seconds + 350 * 86'400;
  std::size_t same = 0, different = 0;
  for (std::size_t s = 0; s < before.series.size(); ++s) {
    ASSERT_EQ(before.series[s].days.size(), kDays - 251);
    for (std::size_t i = 0; i < before.series[s].days.size(); ++i) {
      const Forecast &a = before.series[s].days[i], &b = after.series[s].days[i];
      // A forecast for a day is made the day before; that for the day of the first change knows nothing of it yet.
      if (a.time.seconds <= changed) {
        EXPECT_EQ(a.var, b.var) << before.series[s].model << " " << a.date;
        EXPECT_EQ(*a.es, *b.es) << before.series[s].model << " " << a.date;
        ++same;
      } else {
        different += a.var != b.var;
      }
      EXPECT_EQ(a.loss == b.loss, a.time.seconds < changed) << a.date;
    }
  }
  EXPECT_EQ(same, 14u * 100u);
  EXPECT_GT(different, 700u);
}

// Returns are normal with a deviation of 3 %: every model says so, give or take what 200 days tell. Two positions of
// 1000 and -500 have a deviation of 33.5, times 2.326 is 78.
TEST_F(RollingBacktest, ForecastsAreOfTheRightSize) {
  for (const ForecastSeries& series : roll(config()).series) {
    if (series.book != "coins") continue;
    double sum = 0.0, pits = 0.0;
    for (const Forecast& day : series.days) {
      sum += day.var;
      pits += *day.pit;
      EXPECT_GE(*day.es, day.var);
    }
    const auto n = static_cast<double>(series.days.size());
    EXPECT_NEAR(sum / n, 78.0, 13.0) << series.model;
    EXPECT_NEAR(pits / n, 0.5, 5.0 * std::sqrt(1.0 / 12.0 / n)) << series.model;
  }
}

TEST_F(RollingBacktest, GapsAreLeftOutAndTold) {
  // The day 300 is missing: no forecast at it, and none that it is the outcome of.
  const RollingForecasts forecasts = roll(config(kDays, 300));
  ASSERT_EQ(forecasts.warnings.size(), 2u);
  EXPECT_EQ(forecasts.warnings[0],
            "book \"coins\": 2 moments are left out, at which a price or vol index is not known");
  EXPECT_EQ(forecasts.series.front().days.size(), kDays - 253);
}

TEST_F(RollingBacktest, WaitsForTheLongestWindow) {
  RollingConfig late = config();
  late.models["hs"].window = 300;
  const RollingForecasts forecasts = roll(late);
  // 300 moves are known at the end of day 300, counted from 0.
  EXPECT_EQ(forecasts.series.front().days.front().date, timestamp_text({kFirstDay.seconds + 301 * 86'400}));
  EXPECT_NE(forecasts.warnings[0].find("when the longest window is filled"), std::string::npos);
  late.models["hs"].window = 1000;
  EXPECT_THROW(roll(late), Failure);
}

TEST_F(RollingBacktest, BooksByHand) {
  Problems problems;
  const MarketPanel panel = read_market_panel(config(), problems);
  ASSERT_EQ(panel.factors.size(), 3u);
  const RollingBook coins({{.underlying = "ETH", .notional = -500.0}}, panel);
  EXPECT_NEAR(coins.profit(std::vector<double>{20.0}, std::vector<double>{0.1}), -500.0 * (std::exp(0.1) - 1.0), 1e-10);
  // 1000 USD of 30-day calls struck at 110 % of a spot of 50, vol 60 %, that become 29-day calls at a spot 5 % higher
  // in ln, vol 10 % lower in ln. Black's formula by scipy.stats.norm: from 1.63513 to 2.20438 for each of 20 options.
  const RollingBook calls({{.underlying = "BTC",
                            .notional = 1000.0,
                            .option = OptionKind::call,
                            .moneyness = 1.1,
                            .tenor_seconds = 30 * 86'400}},
                          panel);
  EXPECT_NEAR(calls.profit(std::vector<double>{50.0, 0.6}, std::vector<double>{0.05, -0.1}), 11.38495526272063, 1e-9);
}

// Of a window, `historical` gives the rows themselves; a filter gives rows of unit deviation at the last vol.
TEST_F(RollingBacktest, FiltersScaleTheWindow) {
  Moves past;
  for (int i = 0; i < 200; ++i) past.push_back({(i % 2 == 0 ? 1.0 : -1.0) * (i < 150 ? 0.01 : 0.04)});
  ForecastModel model{ForecastKind::historical, VolFilter::ewma, 0.94, 200, 1};
  EXPECT_EQ(make_forecaster(model, 1000, 1)->scenarios(past), past);
  model.kind = ForecastKind::filtered_historical;
  const auto forecaster = make_forecaster(model, 1000, 1);
  const Moves& filtered = forecaster->scenarios(past);
  ASSERT_EQ(filtered.size(), past.size());
  // After fifty days of 4 % the vol is 4 % but for 0.94^50; rows of the calm days are as large as it.
  const double vol = std::sqrt(0.0016 + std::pow(0.94, 50) * (0.0001 - 0.0016));
  EXPECT_NEAR(std::abs(filtered[100][0]), vol, 1e-4);
}

}  // namespace
}  // namespace tailbit::backtest::rolling_test
