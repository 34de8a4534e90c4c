// The JSON schemas inside the program: what they accept and refuse, what is said then, and that readers and schemas
// agree. tests/data/schema_cases.json is the table of rules; scripts/checks/schemas.py holds another validator and the
// program itself against the same table.
#include "host/io/schemas.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "host/io/family_schema.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::schemas_test {
namespace {

using nlohmann::json;
using test::Job;

const json& cases() {
  static const json table = json::parse(test::file_text(std::string(TAILBIT_TEST_DATA) + "/schema_cases.json"));
  return table;
}

// What the schema of a file of the table's job says about a document in its place, "" if nothing.
std::string verdict(const json& document, const std::string& file) {
  const auto schema = cases()["formats"].value(json::json_pointer("/" + file + "/schema"), "none");
  Problems problems;
  check_schema(document, schema, "x.json", ExitCode::bad_data, problems);
  try {
    problems.throw_if_any();
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

json without(json document, const std::string& at) {
  const json::json_pointer place(at);
  if (document.contains(place)) document[place.parent_pointer()].erase(place.back());
  return document;
}

json with(json document, const std::string& at, const json& value) {
  document[json::json_pointer(at)] = value;
  return document;
}

TEST(Schemas, AcceptAndRefuseAsTheTableSays) {
  std::size_t tried = 0;
  for (const json& entry : cases()["cases"]) {
    const auto file = entry["file"].get<std::string>(), at = entry["at"].get<std::string>();
    const json& sound = cases()["job"][file];
    const auto expect = [&](const json& document, bool accepted, const json& value) {
      ++tried;
      const std::string said = verdict(document, file);
      EXPECT_EQ(said.empty(), accepted) << file << at << " = " << value << ": " << said;
    };
    if (entry.contains("absent")) expect(without(sound, at), entry["absent"].get<bool>(), "nothing");
    for (const json& value : entry.value("good", json::array())) expect(with(sound, at, value), true, value);
    for (const json& value : entry.value("bad", json::array())) expect(with(sound, at, value), false, value);
    // The schema cannot know these; the reader does. (4.0 is a whole number to JSON schemas; valijson is stricter.)
    for (const json& rule : entry.value("reader", json::array())) {
      const bool accepted = rule["rule"] != "whole numbers are written without a point or exponent";
      expect(rule.contains("value") ? with(sound, at, rule["value"]) : without(sound, at), accepted, rule["rule"]);
    }
  }
  EXPECT_GE(tried, 700u);
}

TEST(Schemas, TellPlaceRuleAndWords) {
  const json& job = cases()["job"];
  const auto expect = [](const json& document, const std::string& format, const std::string& where,
                         const std::string& what, const std::string& words) {
    EXPECT_EQ(verdict(document, format), "x.json:" + where + " does not follow the schema tailbit." + format +
                                             "/1: " + what + "; the schema says: \"" + words + '"');
  };
  expect(with(job["market"], "/underlyings/BTC/forwards/1/forward", 0), "market",
         "/underlyings/BTC/forwards/1/forward: 0", "expected number greater than 0", "USD per coin, above 0");
  expect(without(job["market"], "/underlyings/ETH/spot"), "market", "/underlyings/ETH: this object",
         "missing required property 'spot'", "One coin");
  expect(with(job["market"], "/underlyings/BTC/funding/rat", 0), "market", "/underlyings/BTC/funding: this object",
         "it has the unknown key 'rat'",
         "What holders of perpetuals pay each other, and how perpetuals are marked. A constant rate is not beyond its "
         "cap");
  expect(with(job["run"], "/precision", "half"), "run", "/precision: \"half\"", "it is none of the known values",
         "Arithmetic of paths and option prices: double, or single, which is faster and less exact");
  expect(with(job["market"], "/as_of", "today"), "market", "/as_of: \"today\"", "it is not written as it has to be",
         "Date and time in UTC, in whole seconds");
  expect(with(job["model"], "/schema", "x"), "model", "/schema: \"x\"", "it is not the one value that is known",
         "Format and version of this file");
  // Inside the branch that `kind` chooses, and at the family that `family` names.
  expect(with(job["market"], "/underlyings/BTC/surface/slices/0/sigma", -1.5), "market",
         "/underlyings/BTC/surface/slices/0/sigma: -1.5", "expected number greater than 0",
         "Width of the smile's rounding in log-moneyness, above 0");
  expect(with(job["instruments"], "/instruments/1/cash", {1}), "instruments", "/instruments/1/cash: this list",
         "it is of the wrong type", "USD that the cash payoff pays, above 0; without effect for the asset payoff");

  // Every place once.
  const std::string two = verdict(with(with(job["run"], "/steps", 0), "/seed", -1), "run");
  EXPECT_EQ(std::count(two.begin(), two.end(), '\n'), 1) << two;
  EXPECT_NE(two.find("x.json:/steps: 0 does"), std::string::npos) << two;
  EXPECT_NE(two.find("x.json:/seed: -1 does"), std::string::npos) << two;
  // What the validator only says of the whole still names a place, and where there are no words, the command.
  const std::string whole = verdict(with(job["market"], "/underlyings/", {{"spot", 1}}), "market");
  EXPECT_TRUE(whole.starts_with("x.json:/: this object does not follow")) << whole;
  EXPECT_NE(verdict(with(cases()["job"]["book"], "/trades", 1), "book").find("x.json:/: "), std::string::npos);
  EXPECT_THROW(verdict(json::object(), "nothing"), std::logic_error);
}

TEST(Schemas, AreKnownByName) {
  const std::vector<std::string> names = schema_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const char* name : {"run", "market", "model", "instruments", "book", "position", "summary", "manifest", "plan",
                           "import", "comparison", "devices", "selftest", "version"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), std::string("tailbit.") + name + "/1"), names.end()) << name;
  }
  for (const std::string& name : names) {
    const json schema = json::parse(schema_text(name));
    EXPECT_EQ(schema["$id"], "urn:tailbit:schema:" + name.substr(8)) << name;
  }
  EXPECT_EQ(schema_text("tailbit.run/2"), "");
}

// The rule of the readers is broken by nobody: what the reader has forgotten, the schema refuses.
TEST(Schemas, HaveTheirTurnWhereTheReaderSaysNothing) {
  Job job;
  job.instruments["instruments"].push_back({{"id", "S"}, {"family", "spot"}, {"underlying", ""}});
  const test::Outcome outcome = job.outcome();
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_NE(outcome.message.find("instruments.json:/instruments/2/underlying: \"\" does not follow the schema "
                                 "tailbit.instruments/1"),
            std::string::npos)
      << outcome.message;

  // Above 100 years, but not when rounded to seconds.
  Job run;
  run.run["horizon"] = 100.00000001;
  EXPECT_EQ(run.outcome().code, ExitCode::bad_config);
  EXPECT_NE(run.outcome().message.find("run.json:/horizon: 100.00000001 does not follow the schema tailbit.run/1"),
            std::string::npos)
      << run.outcome().message;
  Job model;
  model.model["underlyings"][""] = {{"spot_vol", {{"kind", "constant"}, {"vol", 1}}}};
  EXPECT_EQ(model.outcome().code, ExitCode::bad_config);
  Job market;
  market.market["underlyings"][""] = {{"spot", 1}};
  EXPECT_EQ(market.outcome().code, ExitCode::bad_data);
}

TEST(Schemas, SayNothingWhereTheReaderHasSpoken) {
  Job job;
  job.run["steps"] = 0;
  const test::Outcome outcome = job.outcome();
  EXPECT_EQ(outcome.code, ExitCode::bad_config);
  EXPECT_EQ(outcome.message.find('\n'), std::string::npos) << outcome.message;
  EXPECT_EQ(outcome.message.find("schema"), std::string::npos) << outcome.message;

  // Problems of one file do not keep the schema from the next.
  job.instruments["instruments"].push_back({{"id", "S"}, {"family", "spot"}, {"underlying", ""}});
  EXPECT_NE(job.outcome().message.find("tailbit.instruments/1"), std::string::npos);
}

TEST(Schemas, AFileMayNameItsSchemaForEditors) {
  Job job;
  for (json* file : {&job.run, &job.market, &job.model, &job.instruments}) (*file)["$schema"] = "schema/x.json";
  EXPECT_EQ(job.outcome().message, "");
  job.run["$schema"] = 1;
  EXPECT_NE(job.outcome().message.find("run.json:/$schema: 1 is not a text"), std::string::npos);
}

TEST(FamilySchemas, FollowTheListOfTerms) {
  const json schema = json::parse(schema_text("tailbit.instruments/1"));
  const json& definitions = schema["definitions"];
  std::vector<std::string> families;
  for_each_type<Families>([&]<class Family, std::size_t>() { families.emplace_back(Family::name); });
  EXPECT_EQ(definitions["instrument"]["properties"]["family"]["enum"], json(families));
  for (const std::string& family : families) {
    ASSERT_TRUE(definitions.contains("family." + family)) << family;
    // Words for users are written by hand, and a new term needs them.
    EXPECT_TRUE(definitions["family." + family].contains("description")) << "add about.family." << family;
    for (const auto& [term, rule] : definitions["family." + family]["properties"].items()) {
      if (rule == true) continue;
      EXPECT_TRUE(rule.contains("title") && rule.contains("description"))
          << "add about.term." << term << " to configs/schema/instruments-1.json";
    }
  }

  const json& digital = definitions["family.digital"];
  EXPECT_EQ(digital["required"], json({"option", "strike", "expiry", "payoff"}));
  EXPECT_EQ(digital["properties"]["payoff"]["enum"], json({"cash", "asset"}));
  EXPECT_EQ(digital["properties"]["cash"]["default"], 1.0);
  EXPECT_EQ(digital["properties"]["cash"]["exclusiveMinimum"], 0);
  EXPECT_EQ(digital["properties"]["vol"]["minimum"], 0.001);
  EXPECT_EQ(digital["properties"]["vol"]["maximum"], 20);
  EXPECT_EQ(digital["additionalProperties"], false);
}

TEST(FamilySchemas, AreMadeAnewAndTheirWordsKept) {
  const auto base = nlohmann::ordered_json::parse(R"({"title": "T", "definitions": {
    "about.term.strike": {"title": "Price", "description": "What is paid.", "examples": [1]},
    "other": {"type": "string"}, "instrument": {"title": "old"}, "family.gone": {}, "family.spot": {"title": "old"}}})");
  const json made = with_families(base);
  EXPECT_EQ(made["title"], "T");
  EXPECT_EQ(made["definitions"]["other"].dump(), json(base["definitions"]["other"]).dump());
  EXPECT_FALSE(made["definitions"].contains("family.gone"));
  EXPECT_FALSE(made["definitions"]["family.spot"].contains("title"));
  EXPECT_FALSE(made["definitions"]["instrument"].contains("title"));
  const json& strike = made["definitions"]["family.european"]["properties"]["strike"];
  EXPECT_EQ(strike["title"], "Price");
  EXPECT_EQ(strike["examples"], json({1}));
  EXPECT_EQ(strike["type"], "number");
}

// The program's own schemas do not depend on the file; users who read the repository do.
TEST(FamilySchemas, StandInTheRepositoryAsTheProgramPrintsThem) {
  EXPECT_EQ(test::file_text(test::repository() + "/configs/schema/instruments-1.json"),
            schema_text("tailbit.instruments/1"))
      << "write it anew: tailbit schema instruments > new.json && mv new.json configs/schema/instruments-1.json";
}

}  // namespace
}  // namespace tailbit::schemas_test
