// What a run warns of, exactly when it should: vols at their floor, moves that were cut, an expected shortfall that
// does not exist, too few losses in a tail.
#include <cmath>

#include <gtest/gtest.h>

#include "host/ops/run.hpp"
#include "tests/support/moving_book.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::run_warnings_test {
namespace {

using nlohmann::json;
using test::hold;
using test::in_days;
using test::kDaySeconds;

constexpr OptionKind kCall = OptionKind::call, kPut = OptionKind::put;

// --- Counts ---------------------------------------------------------------------------------------------------------

// Levels so wild that most vols die, and skews that cross zero: counted again from the factors, by the definitions.
TEST(VolFloor, IsCountedRepriceByReprice) {
  for (const Precision precision : {Precision::double_, Precision::single}) {
    Inputs inputs = test::two_coins(1000, 4);
    inputs.config.precision = precision;
    inputs.config.exposure_seconds = {kDaySeconds / 2, kDaySeconds, 2 * kDaySeconds};
    inputs.market.underlyings["AAA"].surface = FlatSurface{0.6};
    inputs.market.underlyings["AAA"].forwards.clear();
    inputs.model.underlyings["AAA"].level = LevelModel{0.0, 60.0, 0.0};
    inputs.model.underlyings["AAA"].skew = SkewModel{0.0, 40.0};
    hold(inputs, "ON-SURFACE", "AAA", European::Terms{kCall, 45'000.0, in_days(20), Settlement::usd, {}}, 1.0);
    hold(inputs, "IN-COIN", "AAA", European::Terms{kPut, 55'000.0, in_days(1.1), Settlement::coin, {}},
         1.0);  // expires
    hold(inputs, "OWN-VOL", "AAA",
         Digital::Terms{kPut, 47'000.0, in_days(30), DigitalPayoff::cash, 1000.0, UsdSettlement::usd, 0.9}, 1.0);
    hold(inputs, "UNMOVED", "BBB", European::Terms{kCall, 3000.0, in_days(9), Settlement::usd, 0.001}, 1.0);
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    const CompiledJob job = test::compile_fitted(inputs);
    const test::Notes notes = test::take_notes(job);
    const auto floored = [&](double vol, bool skewed, double strike, double days, std::size_t step, std::size_t s) {
      const auto& f = notes.step_ends[step][s].factors;  // AAA.spot, BBB.spot, AAA.vol, AAA.skew
      const double now = 0.5 * static_cast<double>(step + 1), left = (days - now) / 365.0;
      if (left <= 0.0) return false;
      const double k = std::log(strike / test::kSpotAAA) - f[0] - test::kUsdRate * left;
      const double level = std::exp(f[2] - 0.5 * 3600.0 * now / 365.0);
      return vol * level + (skewed ? f[3] * k * std::sqrt(30.0 / days) : 0.0) < 0.001;
    };
    std::uint64_t count = 0;
    for (const std::size_t step : {0u, 1u, 3u}) {
      for (std::size_t s = 0; s < 1000; ++s) {
        count += floored(0.6, true, 45'000.0, 20.0, step, s);
        count += floored(0.6, true, 55'000.0, 1.1, step, s);
        count += floored(0.9, false, 47'000.0, 30.0, step, s);
      }
    }
    EXPECT_GT(count, 1000u);
    EXPECT_EQ(cpu::run(job.plan, {}).tally.vols_at_floor, count);
  }
}

// --- Infinite shortfalls
// ----------------------------------------------------------------------------------------------

struct Held {
  ContractTerms terms;
  double quantity;
};
struct BookCase {
  const char* name;
  std::vector<Held> held;
  bool infinite;
};
European::Terms option(OptionKind kind, Settlement settlement, double strike = 50'000.0) {
  return {kind, strike, in_days(30), settlement, {}};
}
European::Terms on_the_way(OptionKind kind, Settlement settlement, double strike = 50'000.0) {
  return {kind, strike, in_days(1), settlement, {}};
}
Digital::Terms digital(DigitalPayoff payoff, OptionKind kind) {
  return {kind, 50'000.0, in_days(30), payoff, 1000.0, UsdSettlement::usd, {}};
}
std::vector<BookCase> books() {
  constexpr Settlement usd = Settlement::usd, coin = Settlement::coin;
  return {
      {"LongCall", {{option(kCall, usd), 1.0}}, false},
      {"ShortCall", {{option(kCall, usd), -1.0}}, true},
      {"LongPut", {{option(kPut, usd), 1.0}}, false},
      {"ShortPut", {{option(kPut, usd), -1.0}}, false},
      {"LongCoinCall", {{option(kCall, coin), 1.0}}, false},
      {"ShortCoinCall", {{option(kCall, coin), -1.0}}, true},
      {"LongCoinPut", {{option(kPut, coin), 1.0}}, false},
      {"ShortCoinPut", {{option(kPut, coin), -1.0}}, false},
      {"LongSpot", {{Spot::Terms{}, 1.0}}, false},
      {"ShortSpot", {{Spot::Terms{}, -1.0}}, true},
      {"LongPerpetual", {{Perpetual::Terms{usd}, 1.0}}, false},
      {"ShortPerpetual", {{Perpetual::Terms{usd}, -1.0}}, true},
      {"LongInversePerpetual", {{Perpetual::Terms{coin}, 50'000.0}}, false},
      {"ShortInversePerpetual", {{Perpetual::Terms{coin}, -50'000.0}}, true},
      {"LongFuture", {{Future::Terms{in_days(30), usd}, 1.0}}, false},
      {"ShortFuture", {{Future::Terms{in_days(30), usd}, -1.0}}, true},
      {"LongInverseFuture", {{Future::Terms{in_days(30), coin}, 50'000.0}}, false},
      {"ShortInverseFuture", {{Future::Terms{in_days(30), coin}, -50'000.0}}, true},
      {"CoveredCall", {{option(kCall, usd), -0.9}, {Spot::Terms{}, 1.0}}, false},
      {"CoveredCallWhoseCarryIsAboveTheRate", {{option(kCall, usd), -1.0}, {Spot::Terms{}, 1.0}}, true},
      {"CallNotQuiteCovered", {{option(kCall, coin), -1.0}, {Spot::Terms{}, 0.999}}, true},
      {"CallSpread", {{option(kCall, usd), -1.0}, {option(kCall, usd, 60'000.0), 1.0}}, false},
      {"CallRatioSpread", {{option(kCall, usd), 1.0}, {option(kCall, usd, 60'000.0), -1.5}}, true},
      {"ShortStraddle", {{option(kCall, coin), -1.0}, {option(kPut, coin), -1.0}}, true},
      {"ShortCashDigitals",
       {{digital(DigitalPayoff::cash, kCall), -1.0}, {digital(DigitalPayoff::cash, kPut), -1.0}},
       false},
      {"ShortAssetCall", {{digital(DigitalPayoff::asset, kCall), -1.0}}, true},
      {"ShortAssetPut", {{digital(DigitalPayoff::asset, kPut), -1.0}}, false},
      // On the way to the horizon of two days, by the spot of then; coins are held until it.
      {"ShortCallOnTheWay", {{on_the_way(kCall, usd), -1.0}}, true},
      {"ShortCallOnTheWayAndSpot", {{on_the_way(kCall, usd), -1.0}, {Spot::Terms{}, 1.0}}, true},
      {"ShortPutOnTheWay", {{on_the_way(kPut, usd), -1.0}}, false},
      {"ShortCoinCallOnTheWay", {{on_the_way(kCall, coin), -1.0}}, true},
      {"ShortCoinCallOnTheWayAndSpot", {{on_the_way(kCall, coin), -1.0}, {Spot::Terms{}, 1.0}}, false},
      {"ShortCoinCallOnTheWayAndLessSpot", {{on_the_way(kCall, coin), -1.0}, {Spot::Terms{}, 0.999}}, true},
      {"LongCoinPutOnTheWay", {{on_the_way(kPut, coin), 1.0}}, false},
      {"ShortCoinPutOnTheWay", {{on_the_way(kPut, coin), -1.0}}, true},
      {"ShortCoinPutOnTheWayAndSpot", {{on_the_way(kPut, coin), -1.0}, {Spot::Terms{}, 5.0}}, true},
      {"CoinPutSpreadOnTheWay",
       {{on_the_way(kPut, coin), -1.0}, {on_the_way(kPut, coin, 40'000.0), 1.25}, {Spot::Terms{}, 0.251}},
       false},
      {"CoinPutSpreadOnTheWayAndLessSpot",
       {{on_the_way(kPut, coin), -1.0}, {on_the_way(kPut, coin, 40'000.0), 1.25}, {Spot::Terms{}, 0.249}},
       true},
      {"LongInverseFutureOnTheWay", {{Future::Terms{in_days(1), coin}, 50'000.0}}, true},
      {"LongFutureOnTheWay", {{Future::Terms{in_days(1), usd}, 1.0}}, false},
  };
}

// The underlyings that are warned of.
std::string warned_of(const CompiledJob& job) {
  std::string names;
  for (const std::string& warning : job.warnings) {
    if (!warning.starts_with("es_not_finite: ")) continue;
    for (const std::string name : {"AAA", "BBB"}) {
      if (warning.find("as " + name + " rises") != std::string::npos) names += name;
    }
  }
  return names;
}

class InfiniteShortfall : public testing::TestWithParam<BookCase> {};

TEST_P(InfiniteShortfall, IsWarnedOfWhereTheBookLosesWithoutBound) {
  Inputs inputs = test::two_coins(10, 1);
  // BBB is safe, and as index 1 shows that the underlying named is the right one.
  hold(inputs, "BBB", "BBB", Spot::Terms{}, 1.0);
  int i = 0;
  for (const auto& [terms, quantity] : GetParam().held)
    hold(inputs, "CONTRACT" + std::to_string(i++), "AAA", terms, quantity);
  EXPECT_EQ(warned_of(test::compile_fitted(inputs)), "") << "normal returns";
  inputs.model.student_t = StudentT{30.0, 10 * kDaySeconds, {}};
  EXPECT_EQ(warned_of(test::compile_fitted(inputs)), GetParam().infinite ? "AAA" : "");
  inputs.model.student_t->max_move = 1.0;
  EXPECT_EQ(warned_of(test::compile_fitted(inputs)), "") << "moves that are limited";
  inputs.model.student_t->max_move.reset();
  inputs.model.returns = Returns::simple;
  EXPECT_EQ(warned_of(test::compile_fitted(inputs)), "") << "simple returns have a mean";
  inputs.model.returns = Returns::log;
  hold(inputs, "BBB-SHORT", "BBB", Perpetual::Terms{}, -3.0);
  EXPECT_EQ(warned_of(test::compile_fitted(inputs)), GetParam().infinite ? "AAABBB" : "BBB");
}

TEST(InfiniteShortfall, OfHedgesByForwardsThatMoveByThemselves) {
  const auto warned = [](const ContractTerms& hedge, double quantity, auto&& move) {
    Inputs inputs = test::two_coins(10, 1);
    hold(inputs, "BBB", "BBB", Spot::Terms{}, 1.0);
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    hold(inputs, "HEDGE", "AAA", hedge, quantity);
    inputs.model.student_t = StudentT{30.0, 10 * kDaySeconds, {}};
    move(inputs.model.underlyings.at("AAA"));
    return warned_of(test::compile_fitted(inputs));
  };
  const auto nothing = [](UnderlyingModel&) {};
  const auto premium = [](UnderlyingModel& x) { x.premium = PremiumModel{1.0, 0.1, 0.0}; };
  const auto basis = [](UnderlyingModel& x) { x.basis = BasisModel{1.0, 0.1, 0.0}; };
  const Perpetual::Terms linear{Settlement::usd}, inverse{Settlement::coin};
  const Future::Terms future{in_days(30), Settlement::usd}, coin_future{in_days(30), Settlement::coin};
  EXPECT_EQ(warned(linear, -1.0, nothing), "");
  EXPECT_EQ(warned(linear, -1.0, basis), "");
  EXPECT_EQ(warned(linear, -1.0, premium), "AAA");
  EXPECT_EQ(warned(linear, 1.0, premium), "");
  EXPECT_EQ(warned(inverse, -40'000.0, premium), "");  // less than the coin it hedges
  EXPECT_EQ(warned(future, -0.9, nothing), "");
  EXPECT_EQ(warned(future, -0.9, premium), "");
  EXPECT_EQ(warned(future, -0.9, basis), "AAA");
  EXPECT_EQ(warned(coin_future, -40'000.0, basis), "");
  EXPECT_EQ(warned(future, -1.0, nothing), "AAA");  // its mark grows faster than the coin
  EXPECT_EQ(warned(option(kCall, Settlement::usd), -0.9, basis), "AAA");
  EXPECT_EQ(warned(option(kCall, Settlement::coin), -1.0, basis), "");
}

INSTANTIATE_TEST_SUITE_P(Books, InfiniteShortfall, testing::ValuesIn(books()),
                         [](const auto& test) { return std::string(test.param.name); });

// --- In the summary of a run
// ------------------------------------------------------------------------------------------

struct RanJob : test::Job {
  RanJob() {
    run["horizon"] = "2d";
    run["steps"] = 2;
    run["exposure_dates"] = json::array({"2d"});
    run["scenarios"] = 3000;
    run["group_by"] = json::array();
  }
  std::vector<std::string> warnings() const {
    write();
    RunFlags flags;
    flags.device = "cpu";
    flags.overrides.out = folder.path("out");
    return run_job(folder.path("run.json"), flags).report["warnings"].get<std::vector<std::string>>();
  }
};

int count_with(const std::vector<std::string>& warnings, const std::string& text) {
  return static_cast<int>(std::count_if(warnings.begin(), warnings.end(), [&](const std::string& warning) {
    return warning.find(text) != std::string::npos;
  }));
}

TEST(RunWarnings, NamesFloorsCutsAndInfinities) {
  RanJob job;
  const std::vector<std::string> plain = job.warnings();
  for (const char* text : {"below 0.1 point", "max_move", "es_not_finite"}) EXPECT_EQ(count_with(plain, text), 0);

  job.model["underlyings"]["BTC"]["implied_vol"] = {{"level", {{"kappa", 0}, {"vol_of_vol", 20}}}};
  job.model["innovations"] = {{"kind", "student_t"}, {"dof", 3}, {"period", "1d"}, {"max_move", 0.03}};
  const std::vector<std::string> wild = job.warnings();
  // The counts are those of the run.
  const ResolvedInputs resolved = resolve(job.folder.path("run.json"), {});
  const Tally tally = cpu::run(compile(resolved.inputs).plan, {}).tally;
  EXPECT_GT(tally.vols_at_floor, 10u);
  EXPECT_GT(tally.moves_limited, 100u);
  EXPECT_EQ(count_with(wild, std::to_string(tally.vols_at_floor) + " reprices met a vol below 0.1 point"), 1);
  EXPECT_EQ(count_with(wild, std::to_string(tally.moves_limited) + " moves of a spot over a period were cut"), 1);
  EXPECT_EQ(count_with(wild, "es_not_finite"), 0);

  job.model["innovations"].erase("max_move");
  const std::vector<std::string> fat = job.warnings();  // two calls are short, and a coin
  EXPECT_EQ(count_with(fat, "es_not_finite: the book loses without bound as BTC rises"), 1);
  EXPECT_EQ(count_with(fat, "es_not_finite"), 1);
  EXPECT_EQ(count_with(fat, "were cut"), 0);
  EXPECT_EQ(count_with(fat, "below 0.1 point"), 1);
}

TEST(RunWarnings, CountsTheLossesInATail) {
  RanJob job;  // levels 0.95 and 0.99
  for (const auto& [scenarios, at_99] :
       std::vector<std::pair<int, int>>{{3000, -1}, {2999, 29}, {2900, 29}, {700, 7}}) {
    job.run["scenarios"] = scenarios;
    const std::vector<std::string> warnings = job.warnings();
    EXPECT_EQ(count_with(warnings, "losses in the tail"), at_99 < 0 ? 0 : 1) << scenarios;
    if (at_99 < 0) continue;
    EXPECT_EQ(count_with(warnings, "level 0.99: only " + std::to_string(at_99) + " losses in the tail"), 1);
  }
  job.run["scenarios"] = 500;
  const std::vector<std::string> both = job.warnings();
  EXPECT_EQ(count_with(both, "level 0.95: only 25 losses in the tail"), 1);
  EXPECT_EQ(count_with(both, "level 0.99: only 5 losses in the tail"), 1);
}

}  // namespace
}  // namespace tailbit::run_warnings_test
