#include "host/ops/price_by_simulation.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "host/ops/run.hpp"
#include "tests/support/job_files.hpp"
#include "tests/support/price_list.hpp"

namespace tailbit::price_by_simulation_test {
namespace {

using test::constant_vol;
using test::number_of;
using test::path_model;
using test::price_on_paths;
using test::PricedList;
using test::ScratchFolder;
using Json = nlohmann::json;

const std::string kCall = "european,call,100,105,0.25,0.03,0.08,0.6,,";
const std::string kInverse = "inverse,call,100,90,0.25,0.03,0.08,0.6,,";
const std::string kDigital = "digital,put,100,105,0.25,0.03,0.08,0.6,cash,7";

PathFlags flags_of(std::uint64_t paths, std::uint32_t steps = 1, std::uint64_t seed = 42) {
  return {"", paths, steps, seed};
}
PricedList priced(const std::vector<std::string>& rows, const Json& model, const PathFlags& flags) {
  const ScratchFolder folder;
  return price_on_paths(folder, rows, model, flags);
}
// Of the first row.
std::string value_of(const std::string& row, const Json& model, const PathFlags& flags) {
  return priced({row}, model, flags).rows.at(0).at("value");
}

TEST(PriceByPaths, WithoutVolEveryPathIsTheForward) {
  const double forward = 100.0 * std::exp(0.08 * 0.25), discount = std::exp(-0.03 * 0.25);
  const PricedList list =
      priced({"european,call,100,90,0.25,0.03,0.08,0.6,,", "european,put,100,90,0.25,0.03,0.08,0.6,,", kInverse,
              "digital,call,100,90,0.25,0.03,0.08,0.6,asset,", kDigital},
             path_model(constant_vol(0.0)), flags_of(1000, 3));
  EXPECT_EQ(list.code, ExitCode::done);
  const std::vector<double> exact{discount * (forward - 90.0), 0.0, (forward - 90.0) / forward, discount * forward,
                                  discount * 7.0};
  for (std::size_t i = 0; i < exact.size(); ++i) {
    EXPECT_NEAR(number_of(list.rows[i], "value"), exact[i], 2e-13 * 100.0) << i;
    EXPECT_EQ(list.rows[i].at("se"), "0") << i;
  }
  EXPECT_EQ(list.rows[1].at("value"), "0");  // what is never paid is worth nothing, not a rounding error
  EXPECT_NEAR(number_of(list.rows[2], "value_usd"), 100.0 * exact[2], 2e-11);
}

TEST(PriceByPaths, WithSimpleReturnsTooTheForwardIsTheMean) {
  const Json model = path_model(constant_vol(0.0), {{"returns", "simple"}});
  const std::string spot = "digital,call,100,1,0.5,0.3,0.8,0.6,asset,";
  EXPECT_NEAR(parse_number(value_of(spot, model, flags_of(2))).value(), 100.0 * std::exp(0.5 * 0.5), 1e-10);
}

// Settled in coin it is the European that is discounted at its carry, over the spot.
TEST(PriceByPaths, InCoin) {
  const PricedList list =
      priced({kInverse, "european,call,100,90,0.25,0.08,0.08,0.6,,"}, path_model(constant_vol(0.6)), flags_of(1000));
  const double value = number_of(list.rows[1], "value"), se = number_of(list.rows[1], "se");
  EXPECT_NEAR(number_of(list.rows[0], "value_usd"), value, 1e-10);
  EXPECT_NEAR(number_of(list.rows[0], "value"), value / 100.0, 1e-12);
  EXPECT_NEAR(number_of(list.rows[0], "se"), se / 100.0, 1e-12);
  EXPECT_GT(se, 0.1);
}

// The very paths and payoffs of a run of that book.
TEST(PriceByPaths, AreThoseOfARun) {
  const ScratchFolder folder;
  const test::World world{0.25, 0.6, 0.05, 100.0, 0.05};
  RunFlags flags;
  flags.device = "cpu";
  flags.overrides.out = folder.path("results");
  const auto run =
      run_job(test::write_one_asset_job(folder, {{"put", 105.0, 0.25, 1.0, 0.6}}, world, {5000, 9, 4, {0.9}}), flags);
  const double payoff = run.report["base_value"].get<double>() + run.report["pnl"]["mean"].get<double>();
  const PricedList list =
      priced({"european,put,100,105,0.25,0.05,,0.6,,"}, path_model(constant_vol(0.6)), flags_of(5000, 4, 9));
  const double discount = std::exp(-0.05 * 0.25);
  EXPECT_NEAR(number_of(list.rows[0], "value"), discount * payoff, 1e-11 * payoff);
  const double se = discount * run.report["pnl"]["mean_se"].get<double>();
  EXPECT_NEAR(number_of(list.rows[0], "se"), se, 1e-11 * se);
}

TEST(PriceByPaths, FlagsCount) {
  const Json model = path_model(constant_vol(0.6));
  const std::string value = value_of(kCall, model, flags_of(1000));
  EXPECT_EQ(value_of(kCall, model, {}), value_of(kCall, model, flags_of(1'000'000, 1, 42)));
  EXPECT_EQ(value_of(kCall, model, flags_of(1000)), value);
  EXPECT_NE(value_of(kCall, model, flags_of(1001)), value);
  EXPECT_NE(value_of(kCall, model, flags_of(1000, 2)), value);
  EXPECT_NE(value_of(kCall, model, flags_of(1000, 1, 43)), value);
}

// Of a constant vol, the row's counts for nothing, nor do the model's drift and the factors that no payoff sees.
TEST(PriceByPaths, WhatDoesNotCount) {
  const PathFlags flags = flags_of(1000, 2);
  const std::string value = value_of(kCall, path_model(constant_vol(0.6)), flags);
  for (const std::string vol : {"0", "0.1", "1e10"})
    EXPECT_EQ(value_of("european,call,100,105,0.25,0.03,0.08," + vol + ",,", path_model(constant_vol(0.6)), flags),
              value);
  Json moving = constant_vol(0.6);
  moving["drift"] = 5.0;
  EXPECT_EQ(value_of(kCall, path_model(moving), flags), value);
  moving["implied_vol"] = {{"level", {{"vol_of_vol", 1.0}}}, {"skew", {{"vol", 0.2}}}, {"sticky", "strike"}};
  moving["basis"] = {{"vol", 0.1}};
  moving["premium"] = {{"vol", 0.01}, {"mean", 0.001}};
  const Json correlation{{"factors", {"XYZ.spot", "XYZ.vol"}}, {"matrix", {{1.0, -0.5}, {-0.5, 1.0}}}};
  const double moved = parse_number(value_of(kCall, path_model(moving, {{"correlation", correlation}}), flags)).value();
  EXPECT_NEAR(moved, parse_number(value).value(), 1e-10);
}

TEST(PriceByPaths, RowsDoNotKnowEachOther) {
  const Json model = path_model(constant_vol(0.6));
  const PricedList list =
      priced({kCall, "european,call,1e9,1e9,0.5,0.03,,0.6,,", kDigital, kCall}, model, flags_of(500));
  EXPECT_EQ(list.rows[0].at("value"), list.rows[3].at("value"));
  EXPECT_EQ(list.rows[0].at("value"), value_of(kCall, model, flags_of(500)));
  EXPECT_EQ(list.rows[2].at("value"), value_of(kDigital, model, flags_of(500)));
}

TEST(PriceByPaths, ColumnsAndKeys) {
  const Json model = path_model(constant_vol(0.6));
  const PricedList plain = priced({kCall}, model, flags_of(100));
  EXPECT_EQ(plain.header, "id,value,delta,gamma,vega,theta,rho,se,error");
  for (const char* greek : {"delta", "gamma", "vega", "theta", "rho"}) EXPECT_EQ(plain.rows[0].at(greek), "") << greek;
  const PricedList list = priced({kCall, kInverse}, model, flags_of(100));
  EXPECT_EQ(list.header, "id,value,delta,gamma,vega,theta,rho,value_usd,delta_usd,delta_net,se,error");
  EXPECT_EQ(list.rows[0].at("value"), plain.rows[0].at("value"));
  EXPECT_EQ(list.rows[0].at("value_usd"), "");
  EXPECT_EQ(list.rows[1].at("delta_usd") + list.rows[1].at("delta_net"), "");

  const ScratchFolder folder;
  const Json rows = Json::parse(
      price_on_paths(folder, {kCall, kInverse, "barrier" + kCall.substr(8)}, model, flags_of(100), true).text);
  EXPECT_EQ(rows[0]["value"], number_of(list.rows[0], "value"));
  EXPECT_EQ(rows[0]["se"], number_of(list.rows[0], "se"));
  EXPECT_TRUE(rows[0]["delta"].is_null() && rows[0]["rho"].is_null() && rows[0]["error"].is_null());
  EXPECT_FALSE(rows[0].contains("value_usd"));
  EXPECT_EQ(rows[1]["value_usd"], number_of(list.rows[1], "value_usd"));
  EXPECT_TRUE(rows[1]["delta_net"].is_null());
  EXPECT_TRUE(rows[2]["se"].is_null());
  EXPECT_TRUE(rows[2]["error"].get<std::string>().starts_with("line 4: the family \"barrier\" is not priced here"));
}

// The reason in a row's cell `error`; the row after it is priced.
std::string reason(const std::string& row, const Json& model, const PathFlags& flags) {
  const ScratchFolder folder;
  const PricedList list = price_on_paths(folder, {row, "european,call,100,105,0.002,0,,0.6,,"}, model, flags, true);
  EXPECT_EQ(list.code, ExitCode::bad_data) << row;
  const Json rows = Json::parse(list.text);
  EXPECT_TRUE(rows[0]["value"].is_null() && rows[0]["se"].is_null()) << row;
  EXPECT_TRUE(rows[1]["value"].is_number()) << list.text;
  std::string error = rows[0]["error"];
  const std::string prefix = folder.path("");
  if (const auto at = error.find(prefix); at != std::string::npos) error.erase(at, prefix.size());
  return error;
}
std::string call_of(const std::string& years, const std::string& carry = "0.08", const std::string& vol = "0.6",
                    const std::string& spot = "100") {
  return "european,call," + spot + ",105," + years + ",0.03," + carry + "," + vol + ",,";
}

TEST(PriceByPaths, RowsThatHaveNoPaths) {
  const Json constant = path_model(constant_vol(0.6)), implied = path_model({{"spot_vol", {{"kind", "implied"}}}});
  EXPECT_EQ(reason(call_of("0"), constant, flags_of(10)),
            "line 2: expiry_years 0 is not from half a second to 100 years: there are no paths to simulate");
  EXPECT_TRUE(reason(call_of("101"), constant, flags_of(10)).starts_with("line 2: expiry_years 101 is not from"));
  EXPECT_EQ(reason(call_of("1e-7"), constant, flags_of(10, 4)),
            "line 2: --steps 4 over expiry_years 1e-07 are shorter than a second; take fewer steps");
  EXPECT_TRUE(reason(call_of("90"), constant, flags_of(10)).starts_with("line 2: over this horizon the model's vols"));
  EXPECT_TRUE(reason(call_of("1", "400"), constant, flags_of(10)).starts_with("line 2: over this horizon"));
  EXPECT_NE(reason(call_of("1", "0.08", "0.6", "1e250"), constant, flags_of(10)).find("cannot be summed exactly"),
            std::string::npos);
  EXPECT_EQ(reason(call_of("1", "0.08", "0.0001"), implied, flags_of(10)),
            "line 2: vol 0.0001 is not from 0.001 to 20, and the model's spot vol is implied: it is the row's");
  EXPECT_TRUE(reason(call_of("1", "0.08", "21"), implied, flags_of(10)).starts_with("line 2: vol 21 is not"));
  EXPECT_TRUE(reason(call_of("1", "0.08", "-1"), constant, flags_of(10)).starts_with("line 2: vol -1 is negative"));
}

TEST(PriceByPaths, RowsThatDoNotGoWithThePeriods) {
  const Json innovations{{"kind", "student_t"}, {"dof", 4}, {"period", "1d"}, {"max_move", 0.5}};
  const Json limited = path_model(constant_vol(0.6), {{"innovations", innovations}});
  const std::string two_days_and_a_half = number_text(2.5 / 365.0);
  EXPECT_EQ(
      reason(call_of(two_days_and_a_half), limited, flags_of(10, 3)),
      "line 2: model.json:/innovations/max_move: a largest move needs steps that end where its periods of 1d end, and "
      "3 steps over 60h do not; set `steps` to 5 in the command line");
  Json simple = path_model(constant_vol(0.6), {{"innovations", innovations}, {"returns", "simple"}});
  EXPECT_EQ(
      reason(call_of(two_days_and_a_half), simple, flags_of(10)),
      "line 2: simple returns are simulated within one period of the innovations, 1d, and expiry_years is longer");
}

// What is wrong with the model is told before any row is priced.
std::string refused(const Json& model, const PathFlags& flags = flags_of(10)) {
  const ScratchFolder folder;
  const auto outcome = outcome_of(folder, [&] { price_on_paths(folder, {kCall}, model, flags); });
  EXPECT_EQ(outcome.code, ExitCode::bad_config) << outcome.message;
  return outcome.message;
}

TEST(PriceByPaths, ModelsThatHaveNoPrice) {
  Json two = path_model(constant_vol(0.6));
  two["underlyings"]["ABC"] = constant_vol(0.3);
  EXPECT_EQ(refused(two),
            "model.json:/underlyings: there are 2 underlyings, and a row of the list has one spot; leave one");
  const Json t{{"kind", "student_t"}, {"dof", 4}};
  EXPECT_EQ(
      refused(path_model(constant_vol(0.6), {{"innovations", t}})),
      "model.json:/innovations/kind: with t-distributed log-returns the mean of the spot is infinite, so there is "
      "no price; set `max_move`, use \"simple\" returns, or the kind \"gaussian\"");
  EXPECT_EQ(
      refused(path_model(constant_vol(0.6), {{"returns", "simple"}}), flags_of(10, 2)),
      "model.json:/returns: simple returns are simulated in one step, and --steps is 2; use --steps 1, or \"log\"");
  EXPECT_TRUE(refused(path_model(constant_vol(-1.0))).starts_with("model.json:/underlyings/XYZ/spot_vol/vol: "));
  Json level = constant_vol(0.6);
  level["implied_vol"] = {{"level", {{"vol_of_vol", 1.0}}}};
  const Json beyond{{"factors", {"XYZ.spot", "XYZ.vol"}}, {"matrix", {{1.0, 1.0}, {1.0, 1.0}}}};
  EXPECT_TRUE(refused(path_model(level, {{"correlation", beyond}})).starts_with("model.json:/correlation/matrix"));
}

TEST(PriceByPaths, Warnings) {
  const Json innovations{{"kind", "student_t"}, {"dof", 3}, {"max_move", 0.05}};
  const PricedList limited = priced({"european,call,100,105," + number_text(1.0 / 365.0) + ",0,,0.6,,"},
                                    path_model(constant_vol(0.6), {{"innovations", innovations}}), flags_of(1000));
  ASSERT_EQ(limited.warnings.size(), 1u);
  EXPECT_TRUE(limited.warnings[0].ends_with(" moves of a spot over a period were cut at max_move"));
  EXPECT_GT(std::stoi(limited.warnings[0]), 20);
  EXPECT_LT(std::stoi(limited.warnings[0]), 300);
  EXPECT_TRUE(priced({kCall}, path_model(constant_vol(0.6)), flags_of(10)).warnings.empty());
  Json level = constant_vol(0.6);
  level["implied_vol"] = {{"level", {{"vol_of_vol", 1.0}}}, {"skew", {{"vol", 0.2}}}};
  const Json repaired{{"factors", {"XYZ.spot", "XYZ.vol", "XYZ.skew"}},
                      {"matrix", {{1.0, 0.9, -0.9}, {0.9, 1.0, 0.9}, {-0.9, 0.9, 1.0}}},
                      {"repair", "higham"}};
  const auto warnings = priced({kCall}, path_model(level, {{"correlation", repaired}}), flags_of(10)).warnings;
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("model.json:/correlation/matrix: the correlation was not positive definite"),
            std::string::npos);
}

TEST(PriceByPaths, PathsThatNoMachineHolds) {
  const ScratchFolder folder;
  const auto outcome =
      outcome_of(folder, [&] { price_on_paths(folder, {kCall}, path_model(constant_vol(0.6)), flags_of(1ULL << 39)); });
  EXPECT_EQ(outcome.code, ExitCode::usage);
  EXPECT_TRUE(outcome.message.starts_with("--paths 549755813888 needs 4399 GB and this machine has"))
      << outcome.message;
}

}  // namespace
}  // namespace tailbit::price_by_simulation_test
