// Every rule of the readers: a sound job is read in full, and each way to spoil it is told with its place and
// exit code.
#include <algorithm>
#include <cmath>

#include <unistd.h>

#include <gtest/gtest.h>

#include "host/io/write_inputs.hpp"
#include "tests/unit/io_spoiled.hpp"

namespace tailbit::io_readers_test {
namespace {

using nlohmann::json;
using test::Job;
using test::Outcome;
using test::Spoiled;

TEST(ReadInputs, SoundJob) {
  const Job job;
  const Inputs in = job.read();
  EXPECT_EQ(in.config.book, job.folder.path("book.csv"));
  EXPECT_EQ(in.config.out, job.folder.path("results"));
  EXPECT_EQ(in.config.horizon_seconds, 86400);
  EXPECT_EQ(in.config.steps, 24u);
  EXPECT_EQ(in.config.levels, (std::vector<double>{0.95, 0.99}));
  EXPECT_EQ(in.config.exposure_seconds, (std::vector<std::int64_t>{28800, 86400}));
  EXPECT_EQ(in.config.worst, 10u);
  EXPECT_EQ(in.config.precision, Precision::double_);
  EXPECT_EQ(in.market.as_of, Timestamp{1768471200});
  EXPECT_EQ(in.market.usd_rate, 0.03);
  EXPECT_EQ(in.market.underlyings.at("BTC").forwards[1].forward, 92000.0);
  EXPECT_EQ(in.model.underlyings.at("BTC").drift, 0.1);
  EXPECT_TRUE(in.warnings.empty());

  ASSERT_EQ(in.positions.size(), 5u);
  EXPECT_EQ(in.positions[1].desk, "beta");
  EXPECT_EQ(in.positions[1].entry_price, 3.0);
  EXPECT_FALSE(in.positions[0].entry_price);
  std::vector<std::string> ids;
  for (const Instrument& instrument : in.instruments) ids.push_back(instrument.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"BTC", "BTC_USDC-PERPETUAL", "D1", "SOL_USDC-27MAR26-0d5-P", "X1"}));
  const auto& digital = std::get<Digital::Terms>(in.instruments[2].terms);
  EXPECT_EQ(digital.strike, 70000.1);
  EXPECT_EQ(digital.payoff, DigitalPayoff::asset);
  EXPECT_EQ(in.instruments[2].multiplier, 2.0);
  const auto& listed = std::get<European::Terms>(in.instruments[3].terms);
  EXPECT_EQ(listed.strike, 0.5);
  EXPECT_EQ(listed.option, OptionKind::put);
  EXPECT_EQ(listed.expiry, Timestamp{1774598400});
  EXPECT_EQ(in.instruments[3].underlying, "SOL");
}

TEST(ReadInputs, Defaults) {
  Job job;
  job.run = json::parse(
      R"({"schema": "tailbit.run/1", "book": "book.csv", "instruments": "instruments.json", "market": "market.json",
                            "model": "model.json", "horizon": 0.5, "scenarios": 1000})");
  const RunConfig config = job.read().config;
  EXPECT_EQ(config.horizon_seconds, 15768000);
  EXPECT_EQ(config.steps, 1u);
  EXPECT_EQ(config.seed, 0u);
  EXPECT_EQ(config.levels, (std::vector<double>{0.95, 0.99, 0.999}));
  EXPECT_EQ(config.exposure_seconds, (std::vector<std::int64_t>{15768000}));
  EXPECT_TRUE(config.group_by.empty());
  EXPECT_EQ(config.out, job.folder.path("results"));
  EXPECT_EQ(config.cash_conversion, CashConversion::hold);
  job.run["cash_conversion"] = "at_receipt";
  EXPECT_EQ(job.read().config.cash_conversion, CashConversion::at_receipt);
}

TEST(ReadInputs, CommandLineOverrides) {
  Job job;
  job.run.erase("scenarios");
  job.run["seed"] = 18446744073709551615u;
  EXPECT_EQ(job.read({.scenarios = 200, .seed = {}, .precision = {}, .out = {}}).config.seed, 18446744073709551615u);
  const RunConfig config =
      job.read({.scenarios = 200, .seed = 7, .precision = Precision::single, .out = "elsewhere"}).config;
  EXPECT_EQ(config.scenarios, 200u);
  EXPECT_EQ(config.seed, 7u);
  EXPECT_EQ(config.precision, Precision::single);
  EXPECT_EQ(config.out, "elsewhere");
  EXPECT_EQ(job.outcome({.scenarios = 99, .seed = {}, .precision = {}, .out = {}}).message,
            "run.json:/levels/0: fewer than one of 99 losses lies beyond the level 0.99; give at least 100 scenarios "
            "or a lower level");
  EXPECT_EQ(job.outcome({.scenarios = std::uint64_t{1} << 40, .seed = {}, .precision = {}, .out = {}}).code,
            ExitCode::usage);
}

TEST(ReadInputs, WhatHasNoEffectIsSaid) {
  Job job;
  job.market["underlyings"]["BTC"]["liquidity"] = {
      {"half_spread_bps", 1}, {"depth_usd_per_bp", 1e6}, {"daily_volume_usd", 1e10}};
  EXPECT_EQ(job.read().warnings,
            std::vector<std::string>{job.folder.path("market.json") +
                                     ":/underlyings/BTC/liquidity: has no effect in this version"});
}

class SpoiledJob : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledJob, IsTold) { test::expect_told(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Config, SpoiledJob,
    testing::Values(
        Spoiled{&Job::run, "/schema", R"("tailbit.run/2")",
                "run.json:/schema: \"tailbit.run/2\" is not a format that is read here"},
        Spoiled{&Job::run, "/horizon", R"("1w")",
                "run.json:/horizon: \"1w\" is not a duration of 1 second to 100 years"},
        Spoiled{&Job::run, "/horizon", "-1", "run.json:/horizon: -1 is not a duration of 1 second to 100 years"},
        Spoiled{&Job::run, "/horizon", "[1]",
                "run.json:/horizon: this list is not a duration of 1 second to 100 years"},
        Spoiled{&Job::run, "/steps", "0", "run.json:/steps: 0 is out of range"},
        Spoiled{&Job::run, "/steps", "1.5", "run.json:/steps: 1.5 is not a whole number from 0 to 2^64-1"},
        Spoiled{&Job::run, "/steps", "90000", "run.json:/steps: 90000 steps are shorter than a second"},
        Spoiled{&Job::run, "/scenarios", "0", "run.json:/scenarios: 0 is out of range"},
        Spoiled{&Job::run, "/scenarios", "1099511627776", "run.json:/scenarios: 1099511627776 is out of range"},
        Spoiled{&Job::run, "/scenarios", R"("many")",
                "run.json:/scenarios: \"many\" is not a whole number from 0 to 2^64-1"},
        Spoiled{&Job::run, "/scenarios", "99",
                "run.json:/levels/0: fewer than one of 99 losses lies beyond the level 0.99"},
        Spoiled{&Job::run, "/seed", "-1", "run.json:/seed: -1 is not a whole number from 0 to 2^64-1"},
        Spoiled{&Job::run, "/seed", "18446744073709551616",
                "run.json:/seed: 1.8446744073709552e+19 is not a whole number from 0 to 2^64-1"},
        Spoiled{&Job::run, "/precision", R"("duble")",
                "run.json:/precision: \"duble\" is not understood here (did you mean \"double\"?)"},
        Spoiled{&Job::run, "/levels/0", "1", "run.json:/levels/0: 1 is not between 0 and 1"},
        Spoiled{&Job::run, "/levels/0", "0.1234567891", "run.json:/levels/0: 0.1234567891 has more than 9 decimals"},
        Spoiled{&Job::run, "/levels/0", "0.95", "run.json:/levels: a value is there twice"},
        Spoiled{&Job::run, "/levels", "[]", "run.json:/levels: the list is empty"},
        Spoiled{&Job::run, "/levels", "0.95", "run.json:/levels: 0.95 is not a list"},
        Spoiled{&Job::run, "/group_by/0", R"("desks")",
                "run.json:/group_by/0: \"desks\" is not understood here (did you mean \"desk\"?)"},
        Spoiled{&Job::run, "/group_by", R"(["desk", "venue", "desk"])", "run.json:/group_by: a value is there twice"},
        Spoiled{&Job::run, "/exposure_dates/0", R"("2d")", "run.json:/exposure_dates/0: \"2d\" is beyond the horizon"},
        Spoiled{&Job::run, "/exposure_dates/0", R"("8h")", "run.json:/exposure_dates: a value is there twice"},
        Spoiled{&Job::run, "/exposure_dates", "[]", "run.json:/exposure_dates: the list is empty"},
        Spoiled{&Job::run, "/book", R"("")", "run.json:/book: the path is empty"},
        Spoiled{&Job::run, "/worst", "1001", "run.json:/worst: 1001 is out of range"},
        Spoiled{&Job::run, "/cash_conversion", R"("on_receipt")",
                "run.json:/cash_conversion: \"on_receipt\" is not understood here (did you mean \"at_receipt\"?)"},
        Spoiled{&Job::run, "/limits", R"("limits.json")", "run.json:/limits: \"limits\" is not part of this version"},
        Spoiled{&Job::run, "/horizn", R"("1d")",
                "run.json:/horizn: the key \"horizn\" is unknown (did you mean \"horizon\"?)"}));

INSTANTIATE_TEST_SUITE_P(
    Market, SpoiledJob,
    testing::Values(
        Spoiled{&Job::market, "/as_of", R"("2026-01-15")",
                "market.json:/as_of: \"2026-01-15\" is not a UTC date and time in whole seconds"},
        Spoiled{&Job::market, "/rates/EUR", "0", "market.json:/rates/EUR: the key \"EUR\" is unknown"},
        Spoiled{&Job::market, "/rates/USD", "5", "market.json:/rates/USD: 5 is out of range"},
        Spoiled{&Job::market, "/underlyings/BTC/spot", "-1", "market.json:/underlyings/BTC/spot: -1 is not above 0"},
        Spoiled{&Job::market, "/underlyings/BTC/spot", R"("1")",
                "market.json:/underlyings/BTC/spot: \"1\" is not a number"},
        Spoiled{&Job::market, "/underlyings/BTC/spots", "1",
                "market.json:/underlyings/BTC/spots: the key \"spots\" is unknown (did you mean \"spot\"?)"},
        Spoiled{&Job::market, "/underlyings/BTC/forwards/0/forward", "0",
                "market.json:/underlyings/BTC/forwards/0/forward: 0 is not above 0"},
        Spoiled{&Job::market, "/underlyings/BTC/forwards/0/expiry", R"("2026-01-15T10:00:00Z")",
                "market.json:/underlyings/BTC/forwards/0/expiry: 2026-01-15T10:00:00Z is not after as_of"},
        Spoiled{&Job::market, "/underlyings/BTC/forwards/1/expiry", R"("2026-03-27")",
                "market.json:/underlyings/BTC/forwards/1/expiry: 2026-03-27T08:00:00Z is not after the one before"},
        Spoiled{&Job::market, "/underlyings/BTC/forwards/1/expiry", R"("27MAR26")",
                "market.json:/underlyings/BTC/forwards/1/expiry: \"27MAR26\" is not a UTC date and time"},
        Spoiled{&Job::market, "/underlyings/SOL/surface/vol", "0.0005",
                "market.json:/underlyings/SOL/surface/vol: 0.0005 is not between 0.001 and 20"},
        Spoiled{&Job::market, "/underlyings/SOL/surface/kind", R"("sabr")",
                "market.json:/underlyings/SOL/surface/kind: \"sabr\" is not understood here"},
        Spoiled{&Job::market, "/underlyings/BTC/surface/slices/0/sigma", "0",
                "market.json:/underlyings/BTC/surface/slices/0/sigma: 0 is not above 0"},
        Spoiled{&Job::market, "/underlyings/BTC/surface/slices/0/b", "-0.1",
                "market.json:/underlyings/BTC/surface/slices/0/b: -0.1 is negative"},
        Spoiled{&Job::market, "/underlyings/BTC/surface/slices/0/rho", "-1",
                "market.json:/underlyings/BTC/surface/slices/0: rho is -1"},
        Spoiled{&Job::market, "/underlyings/BTC/surface/slices/0/a", "-0.1",
                "market.json:/underlyings/BTC/surface/slices/0: the least total variance a + b sigma sqrt(1 - rho^2) "
                "is -0.0804"},
        Spoiled{&Job::market, "/underlyings/BTC/surface/slices/0",
                R"({"expiry": "2026-03-27", "a": 1e-8, "b": 0, "rho": 0, "m": 0, "sigma": 1})",
                "market.json:/underlyings/BTC/surface/slices/0: the least vol of the slice is 0.000226"},
        Spoiled{&Job::market, "/underlyings/BTC/surface/slices", "[]",
                "market.json:/underlyings/BTC/surface/slices: there is no slice"},
        Spoiled{
            &Job::market, "/underlyings/BTC/funding/rule", R"("deribt")",
            "market.json:/underlyings/BTC/funding/rule: \"deribt\" is not understood here (did you mean \"deribit\"?)"},
        Spoiled{&Job::market, "/underlyings/BTC/funding/rule", R"("deribit")",
                "market.json:/underlyings/BTC/funding/rate_8h: the rule \"deribit\" has no rate of its own"},
        Spoiled{&Job::market, "/underlyings/BTC/funding", R"({"premium": 0.001})",
                "market.json:/underlyings/BTC/funding: the key \"rate_8h\" is missing"},
        Spoiled{&Job::market, "/underlyings/BTC/funding", R"({"rule": "deribt"})",
                "market.json:/underlyings/BTC/funding/rule: \"deribt\" is not understood here"},
        Spoiled{&Job::market, "/underlyings/BTC/funding/cap_8h", "0",
                "market.json:/underlyings/BTC/funding/cap_8h: 0 is not above 0"},
        Spoiled{&Job::market, "/underlyings/BTC/funding/cap_8h", "0.00009",
                "market.json:/underlyings/BTC/funding/cap_8h: 0.00009 is less than the constant rate 0.0001"},
        Spoiled{&Job::market, "/underlyings/BTC/funding/premium", "-1",
                "market.json:/underlyings/BTC/funding/premium: -1 is not between -1 and 1"},
        Spoiled{&Job::market, "/underlyings/BTC/liquidity", R"({"half_spread_bps": -1})",
                "market.json:/underlyings/BTC/liquidity/half_spread_bps: -1 is negative"},
        Spoiled{&Job::market, "/underlyings", "[]", "market.json:/underlyings: this list is not an object"}));

INSTANTIATE_TEST_SUITE_P(
    Instruments, SpoiledJob,
    testing::Values(
        Spoiled{
            &Job::instruments, "/instruments/0/family", R"("europen")",
            "instruments.json:/instruments/0/family: \"europen\" is not understood here (did you mean \"european\"?)"},
        Spoiled{&Job::instruments, "/instruments/0/strike", "0",
                "instruments.json:/instruments/0/strike: 0 is not above 0"},
        Spoiled{&Job::instruments, "/instruments/0/option", R"("cal")",
                "instruments.json:/instruments/0/option: \"cal\" is not understood here (did you mean \"call\"?)"},
        Spoiled{&Job::instruments, "/instruments/0/optoin", "1",
                "instruments.json:/instruments/0/optoin: the key \"optoin\" is unknown (did you mean \"option\"?)"},
        Spoiled{&Job::instruments, "/instruments/0/vol", "0.0001",
                "instruments.json:/instruments/0/vol: 0.0001 is not between 0.001 and 20"},
        Spoiled{&Job::instruments, "/instruments/1/id", R"("X1")",
                "instruments.json:/instruments/1/id: \"X1\" is defined twice"},
        Spoiled{&Job::instruments, "/instruments/0/multiplier", "-1",
                "instruments.json:/instruments/0/multiplier: -1 is not above 0"}));

// The book read with one line added, line 7.
std::string with_line(const std::string& line) {
  Job job;
  job.book += line + "\n";
  const Outcome outcome = job.outcome();
  EXPECT_EQ(outcome.code, ExitCode::bad_data) << line;
  return outcome.message.substr(0, outcome.message.find(';'));
}

TEST(ReadBook, BadRows) {
  EXPECT_EQ(with_line("6,alpha,X1,1"), "book.csv:line 7: 4 cells where the header has 5");
  EXPECT_EQ(with_line("6,alpha,X1,1x,"), "book.csv:line 7: the quantity \"1x\" is not a number");
  EXPECT_EQ(with_line("6,alpha,X1,inf,"), "book.csv:line 7: the quantity \"inf\" is not a number");
  EXPECT_EQ(with_line("6,alpha,X1,,"), "book.csv:line 7: the quantity \"\" is not a number");
  EXPECT_EQ(with_line("6,alpha,X1,1,?"), "book.csv:line 7: the entry_price \"?\" is not a number");
  EXPECT_EQ(with_line("6,alpha,,1,"), "book.csv:line 7: there is no instrument");
  EXPECT_EQ(with_line("6,alpha,x1,1,"), "book.csv:line 7: the instrument \"x1\" is unknown (did you mean \"X1\"?)");
}

TEST(ReadBook, NamesThatAreNotListedOnes) {
  for (const std::string name :
       {"BTC_USDC-27MAR26-70000-X", "BTC_USDC-31FEB26-70000-C", "BTC_USDC-27MAR26-0-C", "btc"}) {
    EXPECT_TRUE(
        with_line("6,alpha," + name + ",1,").starts_with("book.csv:line 7: the instrument \"" + name + "\" is unknown"))
        << name;
  }
}

TEST(ReadBook, DefinedNamesComeFirst) {
  Job job;
  job.instruments["instruments"][0]["id"] = "BTC-27MAR26-70000-C";
  job.book = "instrument,quantity\nBTC-27MAR26-70000-C,1\n";
  EXPECT_EQ(std::get<European::Terms>(job.read().instruments.at(0).terms).vol, 0.6);
}

TEST(ReadBook, NoPosition) {
  Job job;
  job.book = "instrument,quantity\n";
  EXPECT_EQ(job.outcome().message, "book.csv:line 1: there is no position; give at least one");
}

TEST(CrossChecks, EveryInstrumentCanBeValuedAndSimulated) {
  EXPECT_EQ(with_line("6,a,ETH,1,"), "book.csv:line 7: \"ETH\": its underlying \"ETH\" is not in the market");
  EXPECT_EQ(with_line("6,a,BTC_USDC-15JAN26-90000-C,1,"),
            "book.csv:line 7: \"BTC_USDC-15JAN26-90000-C\": it expired at 2026-01-15T08:00:00Z, as_of is "
            "2026-01-15T10:00:00Z");
  Job no_model;
  no_model.model["underlyings"].erase("SOL");
  no_model.model.erase("correlation");
  EXPECT_TRUE(no_model.outcome().message.starts_with(
      "book.csv:line 4: \"SOL_USDC-27MAR26-0d5-P\": its underlying \"SOL\" is not in the model"));
  Job no_vol;
  no_vol.market["underlyings"]["SOL"].erase("surface");
  EXPECT_TRUE(
      no_vol.outcome().message.starts_with("book.csv:line 4: \"SOL_USDC-27MAR26-0d5-P\": it has no vol; give it"));
}

TEST(JsonFile, SyntaxErrorsHaveLineAndColumn) {
  const Job job;
  job.write();
  job.folder.write("run.json", "{\"schema\": \"tailbit.run/1\",\n \"book\": ]\n}");
  const Outcome outcome = outcome_of(job.folder, [&] { read_inputs(job.folder.path("run.json")); });
  EXPECT_EQ(outcome.code, ExitCode::bad_config);
  EXPECT_TRUE(outcome.message.starts_with("run.json:line 2, column 10: syntax error")) << outcome.message;
}

TEST(JsonFile, RepeatedKeysAreTold) {
  const Job job;
  job.write();
  job.folder.write(
      "market.json",
      R"({"schema": "tailbit.market/1", "underlyings": {"BTC": {"forwards": [{}, {"expiry": 1, "expiry": 2}]}}})");
  const Outcome outcome = outcome_of(job.folder, [&] { read_inputs(job.folder.path("run.json")); });
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_EQ(outcome.message,
            "market.json:/underlyings/BTC/forwards/1/expiry: the key \"expiry\" is there twice; keep one of them");
}

TEST(JsonFile, NumbersTooLargeAndByteOrderMark) {
  const Job job;
  job.write();
  job.folder.write("run.json", "\xef\xbb\xbf" + job.run.dump());
  EXPECT_EQ(outcome_of(job.folder, [&] { read_inputs(job.folder.path("run.json")); }).message, "");
  job.folder.write("run.json", "{\"steps\": 1e999}");
  EXPECT_EQ(outcome_of(job.folder, [&] { read_inputs(job.folder.path("run.json")); }).code, ExitCode::bad_config);
}

TEST(JsonFile, MissingFilesAndKeys) {
  Job job;
  EXPECT_EQ(outcome_of(job.folder, [&] { read_inputs(job.folder.path("none.json")); }).code, ExitCode::input_missing);
  job.run["market"] = "none.json";
  job.run["model"] = "none2.json";
  const Outcome outcome = job.outcome();
  EXPECT_EQ(outcome.code, ExitCode::input_missing);
  EXPECT_EQ(outcome.message,
            "none.json: no such file; check the path; paths in a config are relative to its folder\n"
            "none2.json: no such file; check the path; paths in a config are relative to its folder");
  job.run.erase("model");
  EXPECT_TRUE(job.outcome().message.starts_with("run.json:/: the key \"model\" is missing; add it\n"));
}

TEST(JsonFile, UnreadableFiles) {
  const Job job;
  job.write();
  EXPECT_EQ(outcome_of(job.folder, [&] { read_inputs(job.folder.path("")); }).code, ExitCode::io_error);  // a folder
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything, so there is no unreadable file to test with";
  std::filesystem::permissions(job.folder.path("model.json"), std::filesystem::perms::none);
  const Outcome outcome = outcome_of(job.folder, [&] { read_inputs(job.folder.path("run.json")); });
  EXPECT_EQ(outcome.code, ExitCode::permission);
  EXPECT_EQ(outcome.message, "model.json: may not be read; give this user permission to read it");
}

TEST(ReadInputs, ProblemsOfAllFilesInOneGo) {
  Job job;
  job.run["steps"] = 0;
  job.market["underlyings"]["BTC"]["spot"] = 0;
  job.model["returns"] = "geometric";
  job.instruments["instruments"][0]["strike"] = 0;
  job.book += "6,a,X1\n";
  const Outcome outcome = job.outcome();
  EXPECT_EQ(outcome.code, ExitCode::bad_config);
  EXPECT_EQ(std::count(outcome.message.begin(), outcome.message.end(), '\n'), 4) << outcome.message;
}

TEST(WriteInputs, RoundTripIsExact) {
  Job job;
  job.market["underlyings"]["BTC"]["spot"] = 0.1 + 0.2;
  const Inputs in = job.read();
  const auto write = [&](const char* name, const nlohmann::ordered_json& value) {
    return job.folder.write(name, json_text(value));
  };
  Problems problems;
  std::vector<std::string> warnings;

  const Market market = read_market(write("m.json", market_to_json(in.market)), problems, warnings);
  EXPECT_EQ(market.underlyings.at("BTC").spot, 0.1 + 0.2);
  EXPECT_EQ(market_to_json(market), market_to_json(in.market));

  std::vector<Instrument> instruments;
  for (const auto& [id, instrument] : read_instruments(write("i.json", instruments_to_json(in.instruments)), problems))
    instruments.push_back(instrument);
  EXPECT_EQ(instruments_to_json(instruments), instruments_to_json(in.instruments));
  problems.throw_if_any();
}

}  // namespace
}  // namespace tailbit::io_readers_test
