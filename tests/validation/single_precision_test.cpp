// Single against double precision where it is hardest: a market maker's book of 20,000 positions whose delta is hedged,
// so that what is left is what options have lost and won against each other, under a model in which everything moves.
//
// The target is an expected shortfall within 3e-6 of itself, or within 1e-9 of the gross notional.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "host/compile/compile.hpp"
#include "host/compile/greeks.hpp"
#include "host/compile/underlyings.hpp"
#include "host/ops/import_chain.hpp"
#include "host/ops/init.hpp"
#include "host/ops/run.hpp"
#include "host/ops/simulate.hpp"
#include "host/report/measure.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::single_precision_test {
namespace {

constexpr double kOfShortfall = 3e-6, kOfGrossNotional = 1e-9;

// Vol level, skew, basis and premium of two coins, correlated and with fat tails.
constexpr const char* kModel = R"({
  "schema": "tailbit.model/1",
  "innovations": {"kind": "student_t", "dof": 4, "period": "1d"},
  "underlyings": {
    "BTC": {"spot_vol": {"kind": "implied"},
            "implied_vol": {"level": {"kappa": 3, "vol_of_vol": 1.2, "term_decay": 0.5},
                            "skew": {"kappa": 2, "vol": 0.3}},
            "basis": {"kappa": 10, "vol": 0.2, "term_decay": 0.5},
            "premium": {"kappa": 500, "vol": 0.02, "mean": 0.0001}},
    "ETH": {"spot_vol": {"kind": "constant", "vol": 0.9},
            "implied_vol": {"level": {"kappa": 3, "vol_of_vol": 1.5, "term_decay": 0.5},
                            "skew": {"kappa": 2, "vol": 0.4}, "sticky": "strike"},
            "basis": {"kappa": 10, "vol": 0.3, "term_decay": 0.5}, "premium": {"kappa": 500, "vol": 0.03}}},
  "correlation": {
    "factors": ["BTC.spot", "ETH.spot", "BTC.vol", "ETH.vol", "BTC.skew", "ETH.skew", "BTC.basis", "BTC.premium"],
    "matrix": [[1, 0.85, -0.5, -0.4, 0.2, 0.2, 0.3, 0.3], [0.85, 1, -0.4, -0.5, 0.1, 0.2, 0.2, 0.2],
               [-0.5, -0.4, 1, 0.8, -0.2, -0.2, -0.1, 0], [-0.4, -0.5, 0.8, 1, -0.2, -0.3, 0, 0],
               [0.2, 0.1, -0.2, -0.2, 1, 0.6, 0, 0], [0.2, 0.2, -0.2, -0.3, 0.6, 1, 0, 0],
               [0.3, 0.2, -0.1, 0, 0, 0, 1, 0.4], [0.3, 0.2, 0, 0, 0, 0, 0.4, 1]]}})";

// Delta of the book, coin by coin: what one USD of each spot adds to its value.
std::map<std::string, double> deltas(const Inputs& inputs) {
  std::map<std::string, double> of_instrument, of_underlying;
  std::map<std::string, std::string> underlying_of;
  const std::vector<market::UnderlyingToday> underlyings = make_underlyings(inputs);
  for (const Instrument& instrument : inputs.instruments) {
    for (const market::UnderlyingToday& u : underlyings) {
      if (u.name != instrument.underlying) continue;
      of_instrument[instrument.id] = greeks_today(instrument.terms, u).delta * instrument.multiplier;
      underlying_of[instrument.id] = u.name;
    }
  }
  for (const PositionRow held : inputs.positions) {
    const std::string id(held.instrument);
    of_underlying[underlying_of.at(id)] += held.quantity * of_instrument.at(id);
  }
  return of_underlying;
}

// What is left of the delta is sold as coins.
void hedge(Inputs& inputs) {
  for (const auto& [name, delta] : deltas(inputs)) {
    Instrument coins{"hedge of " + name, name, 1.0, Spot::Terms{}};
    Position position;
    position.instrument = coins.id;
    position.quantity = -delta;
    inputs.instruments.push_back(std::move(coins));
    inputs.positions.push_back(position);
  }
  for (const auto& [name, delta] : deltas(inputs)) EXPECT_LT(std::abs(delta), 1e-6) << name;
}

measure::Results run(Inputs inputs, Precision precision, double& gross) {
  inputs.config.precision = precision;
  const CompiledJob job = compile(inputs);
  gross = job.gross_notional;
  RunFlags flags;
  flags.device = "cpu";
  return simulate(job, make_request(job, inputs.config), flags).results;
}

void expect_single_is_precise(const std::string& market_folder, const test::ScratchFolder& folder) {
  InitOptions options;
  options.positions = 20'000;
  options.seed = 3;
  const Initialised job = init_book(market_folder, folder.path("job"), options);
  folder.write("job/model.json", kModel);
  Inputs inputs = resolve(job.folder + "/run.json", {}).inputs;
  ASSERT_EQ(inputs.config.scenarios, 100'000u);
  ASSERT_EQ(inputs.config.levels, (std::vector<double>{0.95, 0.99, 0.999}));
  hedge(inputs);
  double gross = 0.0;
  const measure::Results in_double = run(inputs, Precision::double_, gross);
  const measure::Results in_single = run(inputs, Precision::single, gross);
  ASSERT_EQ(in_single.groups.size(), in_double.groups.size());
  for (std::size_t i = 0; i < 3; ++i) {
    const measure::TailEstimate &a = in_double.groups[0].tails.at(i), &b = in_single.groups[0].tails.at(i);
    const double apart = std::abs(a.es - b.es);
    std::cout << "level " << a.level << ": ES " << a.es << " USD, single differs by " << apart / std::abs(a.es)
              << " of it, " << apart / gross << " of gross notional; VaR by " << std::abs(a.var / b.var - 1.0) << '\n';
    EXPECT_GT(a.es, 1e-5 * gross);
    EXPECT_GT(apart, 0.0) << "the runs are one";
    EXPECT_LT(apart, std::max(kOfShortfall * std::abs(a.es), kOfGrossNotional * gross));
  }
  double worst = 0.0;
  for (std::size_t s = 0; s < in_double.losses[0].size(); ++s)
    worst = std::max(worst, std::abs(in_double.losses[0][s] - in_single.losses[0][s]));
  std::cout << "one scenario's loss by at most " << worst / gross << " of gross notional\n";
  EXPECT_LT(worst, 2e-8 * gross);
}

TEST(SinglePrecision, IsPreciseForAHedgedBookOnTheStressedMarket) {
  const std::string chain =
      std::string(TAILBIT_MARKET_DATA) + "/options/deribit_chain_BTC_ETH_20260205T2129Z_stress.csv";
  if (!std::filesystem::exists(chain)) GTEST_SKIP() << chain << " is not there";
  const test::ScratchFolder folder;
  import_chain(chain, folder.path("setup"));
  expect_single_is_precise(folder.path("setup"), folder);
}

TEST(SinglePrecision, IsPreciseForAHedgedBookOnTheSampleMarket) {
  const test::ScratchFolder folder;
  expect_single_is_precise(test::repository() + "/configs/samples/intraday", folder);
}

}  // namespace
}  // namespace tailbit::single_precision_test
