// Model files: what is read, what is refused, what goes with the job's steps and market, and what is written back.
#include <cmath>

#include <gtest/gtest.h>

#include "host/fit/model.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "host/io/write_inputs.hpp"
#include "host/ops/selftest.hpp"
#include "tests/unit/io_spoiled.hpp"

namespace tailbit::io_model_test {
namespace {

using nlohmann::json;
using test::Job;
using test::Spoiled;

// A job whose model has everything.
struct FullJob : Job {
  FullJob() {
    model = json::parse(R"({
    "schema": "tailbit.model/1",
    "innovations": {"kind": "student_t", "dof": 4, "period": "8h", "max_move": 0.8},
    "underlyings": {
      "BTC": {
        "drift": 0.1, "spot_vol": {"kind": "implied"},
        "implied_vol": {"level": {"kappa": 3, "vol_of_vol": 1.5, "term_decay": 0.5}, "skew": {"kappa": 2, "vol": 0.2}, "sticky": "strike"},
        "basis": {"kappa": 5, "vol": 0.1, "term_decay": 1}, "premium": {"kappa": 50, "vol": 0.02, "mean": -0.0003}},
      "SOL": {"spot_vol": {"kind": "constant", "vol": 0.9}, "implied_vol": {"level": {"vol_of_vol": 2}},
              "basis": {"vol": 0.3}, "premium": {"vol": 0.04}}},
    "correlation": {"factors": ["BTC.premium", "SOL.vol", "BTC.spot"], "matrix": [[1, 0, 0.3], [0, 1, -0.5], [0.3, -0.5, 1]],
                    "repair": "higham"}})");
  }
};

TEST(ReadModel, Everything) {
  const Model model = FullJob().read().model;
  ASSERT_TRUE(model.student_t);
  EXPECT_EQ(model.student_t->dof, 4.0);
  EXPECT_EQ(model.student_t->period_seconds, 28800);
  EXPECT_EQ(model.student_t->max_move, 0.8);
  EXPECT_EQ(model.returns, Returns::log);
  const UnderlyingModel& btc = model.underlyings.at("BTC");
  EXPECT_EQ(btc.drift, 0.1);
  EXPECT_EQ(btc.spot_vol, SpotVolKind::implied);
  EXPECT_EQ(btc.sticky, Sticky::strike);
  ASSERT_TRUE(btc.level && btc.skew && btc.basis && btc.premium);
  EXPECT_EQ(btc.level->kappa, 3.0);
  EXPECT_EQ(btc.level->vol_of_vol, 1.5);
  EXPECT_EQ(btc.level->term_decay, 0.5);
  EXPECT_EQ(btc.skew->kappa, 2.0);
  EXPECT_EQ(btc.skew->vol, 0.2);
  EXPECT_EQ(btc.basis->kappa, 5.0);
  EXPECT_EQ(btc.basis->vol, 0.1);
  EXPECT_EQ(btc.basis->term_decay, 1.0);
  EXPECT_EQ(btc.premium->kappa, 50.0);
  EXPECT_EQ(btc.premium->vol, 0.02);
  EXPECT_EQ(btc.premium->mean, -0.0003);
  EXPECT_EQ(model.correlation.factors, (std::vector<std::string>{"BTC.premium", "SOL.vol", "BTC.spot"}));
  EXPECT_EQ(model.correlation.repair, CorrelationRepair::higham);
}

TEST(ReadModel, Defaults) {
  FullJob job;
  job.model["innovations"] = json::parse(R"({"kind": "student_t", "dof": 3})");
  const Model model = job.read().model;
  EXPECT_EQ(model.student_t->period_seconds, 86400);
  EXPECT_FALSE(model.student_t->max_move);
  const UnderlyingModel& sol = model.underlyings.at("SOL");
  EXPECT_EQ(sol.drift, 0.0);
  EXPECT_EQ(sol.spot_vol, SpotVolKind::constant);
  EXPECT_EQ(sol.sticky, Sticky::moneyness);
  EXPECT_EQ(sol.level->kappa, 0.0);
  EXPECT_EQ(sol.level->term_decay, 0.0);
  EXPECT_FALSE(sol.skew);
  EXPECT_EQ(sol.basis->kappa, 0.0);
  EXPECT_EQ(sol.basis->term_decay, 0.0);
  EXPECT_EQ(sol.premium->kappa, 0.0);
  EXPECT_EQ(sol.premium->mean, 0.0);

  const Model plain = Job().read().model;
  EXPECT_FALSE(plain.student_t);
  EXPECT_EQ(plain.returns, Returns::log);
  EXPECT_EQ(plain.correlation.repair, CorrelationRepair::reject);
  EXPECT_EQ(model_factors(plain), (std::vector<std::string>{"BTC.spot", "SOL.spot"}));
}

TEST(ReadModel, FactorsAreInTheOrderOfTheirRandomNumbers) {
  EXPECT_EQ(model_factors(FullJob().read().model),
            (std::vector<std::string>{"BTC.spot", "SOL.spot", "BTC.vol", "SOL.vol", "BTC.skew", "BTC.basis",
                                      "SOL.basis", "BTC.premium", "SOL.premium"}));
}

TEST(ReadModel, PeriodsAsHorizonsAreWritten) {
  const auto period = [](const json& value) {
    FullJob job;
    job.model["innovations"] = {{"kind", "student_t"}, {"dof", 4}, {"period", value}};
    return job.read().model.student_t->period_seconds;
  };
  EXPECT_EQ(period("90s"), 90);
  EXPECT_EQ(period("15m"), 900);
  EXPECT_EQ(period(0.5), 15768000);
  for (const char* text : {"1s", "90s", "15m", "25h", "36500d"}) EXPECT_EQ(duration_text(*parse_duration(text)), text);
  EXPECT_EQ(duration_text(86400), "1d");
  EXPECT_EQ(duration_text(3600), "1h");
}

// What a run writes to resolved/ is read as the same model, and so written again as the same text.
TEST(ReadModel, ReadsWhatARunWrites) {
  Inputs gaussian = known_part_inputs(Precision::double_);
  gaussian.model.student_t.reset();
  gaussian.model.period_seconds = 8 * 3600;
  const test::ScratchFolder folder;
  for (const Inputs& inputs : {known_part_inputs(Precision::double_), gaussian, known_regime_inputs(Precision::double_),
                               known_period_inputs(Precision::double_), known_history_inputs(Precision::double_)}) {
    const std::string written = json_text(model_to_json(inputs.model));
    Problems problems;
    const std::string path = folder.write("model.json", written);
    Model read = read_model(path, problems);
    std::vector<std::string> warnings;
    fit_model(read, path, problems, warnings);
    problems.throw_if_any();
    EXPECT_EQ(json_text(model_to_json(read)), written);
    EXPECT_EQ(period_seconds(read), period_seconds(inputs.model));
    EXPECT_EQ(read.common_jumps.size(), 1u);
  }
}

class SpoiledModel : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledModel, IsTold) { test::expect_told(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Plain, SpoiledModel,
    testing::Values(
        Spoiled{&Job::model, "/innovations", R"({"kind": "student"})",
                "model.json:/innovations/kind: \"student\" is not understood here"},
        Spoiled{&Job::model, "/innovations", R"({"kind": "gaussian", "dof": 4})",
                "model.json:/innovations/dof: the key \"dof\" is unknown"},
        Spoiled{&Job::model, "/innovations", R"({"kind": "student_t"})",
                "model.json:/innovations: the key \"dof\" is missing"},
        Spoiled{&Job::model, "/returns", R"("simpl")",
                "model.json:/returns: \"simpl\" is not understood here (did you mean \"simple\"?)"},
        Spoiled{&Job::model, "/common_jumps", R"({"underlyings": {"BTC": {"mean": 0, "stdev": 0.1}}})",
                "model.json:/common_jumps: the key \"intensity\" is missing"},
        Spoiled{&Job::model, "/common_jumps",
                R"([{"intensity": 4, "underlyings": {"BTX": {"mean": -0.1, "stdev": 0.1}}}])",
                "model.json:/common_jumps/0/underlyings/BTX: \"BTX\" is not an underlying of this model (did you mean "
                "\"BTC\"?)"},
        Spoiled{&Job::model, "/underlyings/BTC/jumps", R"({"mean": 0, "stdev": 0.1})",
                "model.json:/underlyings/BTC/jumps: the key \"intensity\" is missing"},
        Spoiled{
            &Job::model, "/underlyings/BTC/jumps", R"({"intensity": 4, "kind": "normals", "up_rate": 3})",
            "model.json:/underlyings/BTC/jumps/kind: \"normals\" is not understood here (did you mean \"normal\"?)"},
        Spoiled{&Job::model, "/underlyings/BTC/jumps",
                R"({"intensity": 4, "kind": "kou", "up_probability": 0.5, "up_rate": 9, "down_rate": 9, "mean": 0.1})",
                "model.json:/underlyings/BTC/jumps/mean: the key \"mean\" is unknown"},
        Spoiled{&Job::model, "/underlyings/BTC/jumps",
                R"({"intensity": 4, "kind": "kou", "up_probability": 0.5, "up_rate": 1, "down_rate": 9})",
                "model.json:/underlyings/BTC/jumps/up_rate: 1 is not above 2"},
        Spoiled{&Job::model, "/underlyings/BTC/jumps", R"([{"intensity": 1e6, "mean": 0, "stdev": 0.1}])",
                "model.json:/underlyings/BTC/jumps: an intensity of 1000000 per year is more than 16 jumps per step"},
        Spoiled{&Job::model, "/underlyings/BTC/jumps", R"({"intensity": 4, "mean": 0, "stdev": 0.1, "vol_jump": 0.1})",
                "model.json:/underlyings/BTC/jumps/vol_jump: the underlying has no implied_vol/level that could jump"},
        Spoiled{&Job::model, "/underlyings/BTC/liquidity", "{}",
                "model.json:/underlyings/BTC/liquidity: \"liquidity\" is not part of this version"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol",
                R"({"kind": "heston", "kappa": 2, "theta": 0.3, "vol_of_vol": 1})",
                "model.json:/underlyings/BTC/spot_vol: the key \"v0\" is missing"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol",
                R"({"kind": "garch", "vol": 0.6, "omega": 0, "alpha": 0.1, "beta": 0.9})",
                "model.json:/underlyings/BTC/spot_vol: alpha + beta + gamma / 2 is 1: the variance has no bound"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol",
                R"({"kind": "garch", "vol": 0.6, "omega": 0, "alpha": 0.1, "beta": 0.8, "gamma": -0.2})",
                "model.json:/underlyings/BTC/spot_vol/gamma: alpha + gamma is -0.1: a fall would take variance away"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol",
                R"({"kind": "garch", "vol": 0.6, "omega": 0, "alpha": 0.1, "beta": 0.8, "max_vol": 0.5})",
                "model.json:/underlyings/BTC/spot_vol/max_vol: 0.5 is below today's vol, 0.6"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol", R"({"kind": "log_normal", "vol": 0, "vol_of_vol": 1})",
                "model.json:/underlyings/BTC/spot_vol/vol: 0 is not above 0"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol/kind", R"("implid")",
                "model.json:/underlyings/BTC/spot_vol/kind: \"implid\" is not understood here (did you mean "
                "\"implied\"?)"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol/kind", R"("implied")",
                "model.json:/underlyings/BTC/spot_vol/vol: an implied spot vol is that of the market's surface"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol/vol", "-0.1",
                "model.json:/underlyings/BTC/spot_vol/vol: -0.1 is negative"},
        Spoiled{&Job::model, "/correlation/factors/0", R"("BTC.vol")",
                "model.json:/correlation/factors/0: \"BTC.vol\" is not a factor of this model; give BTC the key "
                "`implied_vol/level`"},
        Spoiled{&Job::model, "/correlation/factors/0", R"("BTC.premium")",
                "model.json:/correlation/factors/0: \"BTC.premium\" is not a factor of this model; give BTC the key "
                "`premium`"},
        Spoiled{&Job::model, "/correlation/factors/0", R"("ETH.vol")",
                "model.json:/correlation/factors/0: \"ETH.vol\" is not a factor of this model; factors are"},
        Spoiled{
            &Job::model, "/correlation/factors/0", R"("BTC.variance")",
            "model.json:/correlation/factors/0: \"BTC.variance\" is not a factor of this model; give BTC a `spot_vol`"},
        Spoiled{&Job::model, "/correlation/factors/0", R"("SOL.spot")",
                "model.json:/correlation/factors/1: \"SOL.spot\" is there twice"},
        Spoiled{&Job::model, "/correlation/matrix", "[[1, 0.8]]",
                "model.json:/correlation/matrix: it is not a matrix of 2 x 2"},
        Spoiled{&Job::model, "/correlation/matrix/1/0", "0.7",
                "model.json:/correlation/matrix/1/0: 0.7 differs from 0.8 across the diagonal"},
        Spoiled{&Job::model, "/correlation/matrix", "[[1, 2], [2, 1]]",
                "model.json:/correlation/matrix/1/0: 2 is not a correlation"},
        Spoiled{&Job::model, "/correlation/matrix/0/0", "0.9",
                "model.json:/correlation/matrix/0/0: 0.9 on the diagonal"},
        Spoiled{&Job::model, "/correlation/repair", R"("hihgam")",
                "model.json:/correlation/repair: \"hihgam\" is not understood here (did you mean \"higham\"?)"},
        Spoiled{&Job::model, "/correlation/cholesky", "[[1, 0], [0.8, 0.6]]",
                "model.json:/correlation/cholesky: the key \"cholesky\" is unknown"}));

class SpoiledFullModel : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledFullModel, IsTold) { test::expect_told(GetParam(), FullJob()); }

INSTANTIATE_TEST_SUITE_P(
    Factors, SpoiledFullModel,
    testing::Values(
        Spoiled{&Job::model, "/innovations/dof", "2",
                "model.json:/innovations/dof: 2 is not above 2 and at most 10000"},
        Spoiled{&Job::model, "/innovations/dof", "10001", "model.json:/innovations/dof: 10001 is not above 2"},
        Spoiled{&Job::model, "/innovations/period", R"("1w")",
                "model.json:/innovations/period: \"1w\" is not a duration of 1 second to 100 years"},
        Spoiled{&Job::model, "/innovations/max_move", "0", "model.json:/innovations/max_move: 0 is not above 0"},
        Spoiled{&Job::model, "/innovations/max_move", "80", "model.json:/innovations/max_move: 80 is above 10; write"},
        Spoiled{&Job::model, "/innovations/nu", "4", "model.json:/innovations/nu: the key \"nu\" is unknown"},
        Spoiled{&Job::model, "/underlyings/BTC/spot_vol/vol", "0.6",
                "model.json:/underlyings/BTC/spot_vol/vol: an implied spot vol is"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/level", R"({"kappa": 1})",
                "model.json:/underlyings/BTC/implied_vol/level: the key \"vol_of_vol\" is missing"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/level/vol_of_vol", "150",
                "model.json:/underlyings/BTC/implied_vol/level/vol_of_vol: 150 is above 20"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/level/vol_of_vol", "-1",
                "model.json:/underlyings/BTC/implied_vol/level/vol_of_vol: -1 is negative"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/level/kappa", "-1",
                "model.json:/underlyings/BTC/implied_vol/level/kappa: -1 is out of range"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/level/kappa", "1000001",
                "model.json:/underlyings/BTC/implied_vol/level/kappa: 1000001 is out of range"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/level/term_decay", "2.5",
                "model.json:/underlyings/BTC/implied_vol/level/term_decay: 2.5 is out of range"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/level/vol", "1",
                "model.json:/underlyings/BTC/implied_vol/level/vol: the key \"vol\" is unknown"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/level", "1.5",
                "model.json:/underlyings/BTC/implied_vol/level: 1.5 is not an object"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/skew", "{}",
                "model.json:/underlyings/BTC/implied_vol/skew: the key \"vol\" is missing"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/skew/kappa", R"("fast")",
                "model.json:/underlyings/BTC/implied_vol/skew/kappa: \"fast\" is not a number"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/skew/term_decay", "0",
                "model.json:/underlyings/BTC/implied_vol/skew/term_decay: the key \"term_decay\" is unknown"},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/sticky", R"("delta")",
                "model.json:/underlyings/BTC/implied_vol/sticky: \"delta\" is not understood here; known: "
                "\"moneyness\", \"strike\""},
        Spoiled{&Job::model, "/underlyings/BTC/implied_vol/skw", "{}",
                "model.json:/underlyings/BTC/implied_vol/skw: the key \"skw\" is unknown (did you mean \"skew\"?)"},
        Spoiled{&Job::model, "/underlyings/BTC/basis/vol", "21",
                "model.json:/underlyings/BTC/basis/vol: 21 is above 20"},
        Spoiled{&Job::model, "/underlyings/BTC/basis/term_decay", "-0.5",
                "model.json:/underlyings/BTC/basis/term_decay: -0.5 is out of range"},
        Spoiled{&Job::model, "/underlyings/BTC/basis/mean", "0",
                "model.json:/underlyings/BTC/basis/mean: the key \"mean\" is unknown"},
        Spoiled{&Job::model, "/underlyings/BTC/premium/mean", "1.5",
                "model.json:/underlyings/BTC/premium/mean: 1.5 is out of range"},
        Spoiled{&Job::model, "/underlyings/BTC/premium/vol", "-0.1",
                "model.json:/underlyings/BTC/premium/vol: -0.1 is negative"},
        Spoiled{&Job::model, "/correlation/factors/1", R"("SOL.vl")",
                "model.json:/correlation/factors/1: \"SOL.vl\" is not a factor of this model (did you mean "
                "\"SOL.vol\"?)"},
        Spoiled{&Job::model, "/correlation/factors/1", R"("SOL.skew")",
                "model.json:/correlation/factors/1: \"SOL.skew\" is not a factor of this model; give SOL the key "
                "`implied_vol/skew`"}));

// What is wrong with a model in a job of these steps and this horizon.
std::string with_steps(const char* innovations, const char* returns, const char* horizon, int steps) {
  Job job;
  job.model["innovations"] = json::parse(innovations);
  job.model["returns"] = returns;
  job.run["horizon"] = horizon;
  job.run["steps"] = steps;
  job.run.erase("exposure_dates");
  return job.outcome().message;
}

TEST(ModelChecks, SimpleReturnsAreOneStepWithinOnePeriod) {
  constexpr const char* kGaussian = R"({"kind": "gaussian"})";
  constexpr const char* kStudent = R"({"kind": "student_t", "dof": 4, "period": "8h"})";
  EXPECT_EQ(with_steps(kGaussian, "simple", "5d", 1), "");
  EXPECT_EQ(with_steps(kGaussian, "simple", "5d", 2),
            "model.json:/returns: simple returns are simulated in one step, and there are 2; set `steps` to 1 in "
            "run.json, or use \"log\"");
  EXPECT_EQ(with_steps(kStudent, "simple", "8h", 1), "");
  EXPECT_EQ(with_steps(kStudent, "simple", "28801s", 1),
            "model.json:/returns: simple returns are simulated within one period of 8h, and the horizon is 28801s; "
            "lengthen the period, shorten the horizon in run.json, or use \"log\"");
  EXPECT_EQ(with_steps(kStudent, "log", "5d", 7), "");
}

TEST(ModelChecks, ALargestMoveNeedsStepsThatEndWithItsPeriods) {
  constexpr const char* kCapped = R"({"kind": "student_t", "dof": 4, "period": "1d", "max_move": 0.5})";
  for (const int steps : {1, 2, 3, 24}) EXPECT_EQ(with_steps(kCapped, "log", "1d", steps), "") << steps;
  for (const int steps : {1, 7}) EXPECT_EQ(with_steps(kCapped, "log", "7h", steps), "") << steps;
  for (const int steps : {10, 20, 240}) EXPECT_EQ(with_steps(kCapped, "log", "10d", steps), "") << steps;
  const auto told = [](const char* steps, const char* horizon, const char* working) {
    return std::string(
               "model.json:/innovations/max_move: a largest move needs steps that end where its periods of 1d "
               "end, and ") +
           steps + " steps over " + horizon + " do not; set `steps` to " + working + " in run.json";
  };
  EXPECT_EQ(with_steps(kCapped, "log", "10d", 1), told("1", "10d", "10"));
  EXPECT_EQ(with_steps(kCapped, "log", "10d", 11), told("11", "10d", "20"));
  EXPECT_EQ(with_steps(kCapped, "log", "36h", 2), told("2", "36h", "3"));
  EXPECT_EQ(with_steps(kCapped, "log", "86401s", 5), told("5", "86401s", "86401"));  // 1 s after the period
}

TEST(ModelChecks, TheStepsNamedWork) {
  for (const char* horizon : {"10d", "36h", "1501m", "100000s", "36500d"}) {
    for (const int steps : {1, 5, 1000, 80000}) {
      const auto message =
          with_steps(R"({"kind": "student_t", "dof": 4, "period": "5h", "max_move": 1})", "log", horizon, steps);
      if (message.empty()) continue;
      const std::size_t at = message.find("`steps` to ");
      ASSERT_NE(at, std::string::npos) << message;
      Job job;
      job.model["innovations"] = json::parse(R"({"kind": "student_t", "dof": 4, "period": "5h", "max_move": 1})");
      job.run["horizon"] = horizon;
      job.run["steps"] = std::stoull(message.substr(at + 11));
      job.run.erase("exposure_dates");
      EXPECT_EQ(job.outcome().message, "") << horizon << ' ' << steps;
    }
  }
}

TEST(ModelChecks, AnImpliedSpotVolNeedsASurface) {
  Job job;
  job.model["underlyings"]["SOL"]["spot_vol"] = {{"kind", "implied"}};
  EXPECT_EQ(job.outcome().message, "");
  job.market["underlyings"]["SOL"].erase("surface");
  job.book = "instrument,quantity\nBTC,1\n";
  EXPECT_EQ(
      job.outcome().message,
      "model.json:/underlyings/SOL/spot_vol: the spot vol is implied, and SOL has no surface; give it a `surface` "
      "in market.json, or use the kind \"constant\"");
  EXPECT_EQ(job.outcome().code, ExitCode::bad_config);
  job.market["underlyings"].erase("SOL");
  EXPECT_TRUE(job.outcome().message.starts_with(
      "model.json:/underlyings/SOL/spot_vol: the spot vol is implied, and SOL is not in the market; add it"));
}

// Written and read back.
Model again(const Job& job, const Model& model) {
  Problems problems;
  const Model read = read_model(job.folder.write("again.json", json_text(model_to_json(model))), problems);
  problems.throw_if_any();
  return read;
}

TEST(WriteModel, RoundTripIsExact) {
  FullJob job;
  job.model["underlyings"]["BTC"]["implied_vol"]["level"]["vol_of_vol"] = 0.1 + 0.2;
  job.model["correlation"]["matrix"][0][2] = job.model["correlation"]["matrix"][2][0] = 1.0 / 3.0;
  const Model model = job.read().model, read = again(job, model);
  EXPECT_EQ(read.underlyings.at("BTC").level->vol_of_vol, 0.1 + 0.2);
  EXPECT_EQ(read.correlation.matrix, model.correlation.matrix);
  EXPECT_EQ(read.correlation.repair, CorrelationRepair::higham);
  EXPECT_EQ(read.student_t->period_seconds, 28800);
  EXPECT_EQ(read.underlyings.at("BTC").sticky, Sticky::strike);
  EXPECT_EQ(read.underlyings.at("BTC").spot_vol, SpotVolKind::implied);
  EXPECT_EQ(model_to_json(read), model_to_json(model));
}

TEST(WriteModel, EveryKeyInFull) {
  const json written = json::parse(model_to_json(FullJob().read().model).dump());
  EXPECT_EQ(written["innovations"],
            json::parse(R"({"kind": "student_t", "dof": 4.0, "period": "8h", "max_move": 0.8})"));
  EXPECT_EQ(written["returns"], "log");
  EXPECT_EQ(written["underlyings"]["SOL"], json::parse(R"({
    "drift": 0.0, "spot_vol": {"kind": "constant", "vol": 0.9},
    "implied_vol": {"level": {"kappa": 0.0, "vol_of_vol": 2.0, "term_decay": 0.0}, "sticky": "moneyness"},
    "basis": {"kappa": 0.0, "vol": 0.3, "term_decay": 0.0}, "premium": {"kappa": 0.0, "vol": 0.04, "mean": 0.0}})"));
  EXPECT_EQ(written["underlyings"]["BTC"]["spot_vol"], json::parse(R"({"kind": "implied"})"));
  EXPECT_EQ(written["underlyings"]["BTC"]["implied_vol"]["sticky"], "strike");
  EXPECT_EQ(written["underlyings"]["BTC"]["implied_vol"]["skew"], json::parse(R"({"kappa": 2.0, "vol": 0.2})"));

  Job job;
  job.model["returns"] = "simple";
  job.run["steps"] = 1;
  const Model simple = job.read().model;
  EXPECT_EQ(again(job, simple).returns, Returns::simple);
  job.model["underlyings"]["SOL"]["implied_vol"] = {{"sticky", "strike"}};  // and no factor
  EXPECT_EQ(again(job, job.read().model).underlyings.at("SOL").sticky, Sticky::strike);
}

TEST(WriteMarket, FundingRoundTrips) {
  for (const char* text :
       {R"({"rate_8h": -0.0002, "rule": "constant", "cap_8h": 0.005, "premium": 0.0003})",
        R"({"rule": "deribit", "cap_8h": 0.01, "premium": -0.001})", R"({"rule": "deribit", "premium": 0.0})",
        R"({"rate_8h": 0.0001, "rule": "binance", "premium": 0.0})",
        R"({"rate_8h": 0.0, "rule": "constant", "premium": 0.1})"}) {
    Job job;
    job.market["underlyings"]["BTC"]["funding"] = json::parse(text);
    const Market market = job.read().market;
    EXPECT_EQ(json::parse(market_to_json(market).dump())["underlyings"]["BTC"]["funding"], json::parse(text));
  }
  Job job;
  job.market["underlyings"]["BTC"]["funding"] = {{"rule", "binance"}};
  const Funding funding = job.read().market.underlyings.at("BTC").funding;
  EXPECT_EQ(funding.rule, FundingRule::binance);
  EXPECT_EQ(funding.rate_8h, 0.0001);
  EXPECT_FALSE(funding.cap_8h);
  EXPECT_EQ(funding.premium, 0.0);
}

}  // namespace
}  // namespace tailbit::io_model_test
