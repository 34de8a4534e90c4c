// Statements about results: what they say, and that they go with the result that they are about.
#include "host/report/statement.hpp"

#include <gtest/gtest.h>

#include "host/ops/verify_statement.hpp"
#include "host/report/digest.hpp"
#include "host/report/publication.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::statement_test {
namespace {

using Json = nlohmann::ordered_json;
using test::file_text;
using test::ScratchFolder;

// A manifest as runs write it, for outputs of any content.
Json manifest(const std::vector<OutputFile>& outputs, const std::string& finished = "2026-01-02T00:00:00Z") {
  Json json{{"schema", "tailbit.manifest/1"},
            {"run_id", "0123456789abcdef"},
            {"status", "complete"},
            {"program", "tailbit 0.1.0"},
            {"numerics", 2},
            {"random", "philox"},
            {"job",
             {{"scenarios", 600},
              {"seed", 18'446'744'073'709'551'615u},
              {"precision", "double"},
              {"greek_units", "standard"}}},
            {"scenarios_done", 600},
            {"device", "a device"},
            {"started", "2026-01-01T23:59:59Z"},
            {"finished", finished},
            {"restarts", 0},
            {"resumed_scenarios", 0},
            {"audited_blocks", 0},
            {"timings", Json::object()},
            {"scheduler", {{"HOSTNAME", "somewhere"}}},
            {"warnings", Json::array()},
            {"inputs", {{{"path", "job/run.json"}, {"bytes", 3}, {"sha256", std::string(64, 'a')}}}},
            {"outputs", Json::array()}};
  for (const OutputFile& output : outputs)
    json["outputs"].push_back({{"path", output.path}, {"bytes", output.bytes}, {"sha256", output.sha256}});
  return json;
}

void publish(const std::string& place, const std::string& content, const std::string& finished) {
  const WorkFolder folder(place);
  Staging staging(folder);
  staging.add_text("exposure.csv", content);
  staging.add_text("resolved/market.json", "{}");
  staging.publish(manifest(staging.files(), finished));
}

TEST(Statement, SaysWhatTheManifestSays) {
  const Json of =
      manifest({{"summary.json", 1, std::string(64, 'b')}, {"resolved/market.json", 2, std::string(64, 'c')}});
  const Json statement = statement_json(of, std::string(64, 'd'));
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["predicateType"], "urn:tailbit:predicate:run/1");
  const auto subject = [](const char* name, char digit) {
    return Json{{"name", name}, {"digest", {{"sha256", std::string(64, digit)}}}};
  };
  EXPECT_EQ(statement["subject"], Json::array({subject("run.json", 'd'), subject("summary.json", 'b'),
                                               subject("resolved/market.json", 'c')}));
  const Json& predicate = statement["predicate"];
  for (const char* key : {"run_id", "status", "program", "numerics", "job", "scenarios_done", "device", "finished"})
    EXPECT_EQ(nlohmann::json(predicate[key]), nlohmann::json(of[key])) << key;
  EXPECT_EQ(predicate["inputs"], Json::array({subject("job/run.json", 'a')}));
  EXPECT_EQ(predicate["resolved"], (Json{{"resolved/market.json", std::string(64, 'c')}}));
  EXPECT_FALSE(predicate.contains("scheduler"));  // what is signed names no machine
  EXPECT_TRUE(is_statement(statement));
  EXPECT_FALSE(is_statement(of));
  EXPECT_FALSE(is_statement(Json{{"_type", kStatementType}}));
}

TEST(Statement, IsAFunctionOfTheManifestAndGoesWithIt) {
  const ScratchFolder folder;
  const std::string place = folder.path("out"), statement = place + "/statement.json";
  publish(place, "one", "2026-01-02T00:00:00Z");
  const auto verdict = [&] {
    return verify_statement(place, nlohmann::json::parse(file_text(place + "/run.json")),
                            sha256_file(place + "/run.json"), "");
  };
  EXPECT_EQ(verdict().report["verdict"], "absent");
  EXPECT_EQ(verdict().code, ExitCode::done);

  // `attest` wants a summary beside it, which this result has not.
  const auto text = [&] {
    const auto of = nlohmann::json::parse(file_text(place + "/run.json"));
    return statement_json(of, sha256_file(place + "/run.json")).dump(2) + "\n";
  };
  const std::string first = text();
  folder.write("out/statement.json", first);
  EXPECT_EQ(verdict().report["verdict"], "right");
  folder.write("out/statement.json.minisig", "a signature");
  EXPECT_EQ(verdict().report["signature"], "unchecked");
  folder.write("out/statement.json", "\xef\xbb\xbf" + first);
  EXPECT_EQ(verdict().report["verdict"], "changed");
  EXPECT_EQ(verdict().code, ExitCode::bad_data);
  folder.write("out/statement.json", first);

  // A new result takes both away.
  publish(place, "two", "2026-01-03T00:00:00Z");
  EXPECT_FALSE(std::filesystem::exists(statement));
  EXPECT_FALSE(std::filesystem::exists(statement + ".minisig"));
  EXPECT_NE(text(), first);

  // Put back, it is told whose it is.
  folder.write("out/statement.json", first);
  const StatementVerdict stale = verdict();
  EXPECT_EQ(stale.report["verdict"], "stale");
  EXPECT_EQ(stale.code, ExitCode::bad_data);
  EXPECT_EQ(stale.report["detail"],
            "is of another result: run 0123456789abcdef, finished 2026-01-02T00:00:00Z; write it again with "
            "`tailbit attest`");
  std::filesystem::remove(statement);
  folder.write("out/statement.json.minisig", "a signature");
  EXPECT_EQ(verdict().code, ExitCode::input_missing);
}

TEST(Statement, OfTheUsersOwnIsLeftAlone) {
  const ScratchFolder folder;
  const std::string place = folder.path("out");
  publish(place, "one", "2026-01-02T00:00:00Z");
  folder.write("out/statement.json", R"({"bank": 1})");
  folder.write("out/statement.json.minisig", "mine");
  publish(place, "two", "2026-01-03T00:00:00Z");
  EXPECT_EQ(file_text(place + "/statement.json"), R"({"bank": 1})");
  EXPECT_EQ(file_text(place + "/statement.json.minisig"), "mine");
  // And as an input it is not in danger.
  const std::string input = place + "/statement.json";
  EXPECT_EQ(test::outcome_of(folder, [&] { require_free_place(place, {input}); }).code, ExitCode::cannot_create_output);
}

}  // namespace
}  // namespace tailbit::statement_test
