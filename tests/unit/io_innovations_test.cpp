// Model files whose innovations draw whole periods, or that have regimes: what is refused.
#include <gtest/gtest.h>

#include "tests/unit/io_spoiled.hpp"

namespace tailbit::io_innovations_test {
namespace {

using nlohmann::json;
using test::Job;
using test::Spoiled;

class SpoiledInnovations : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledInnovations, AreTold) { test::expect_told(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Plain, SpoiledInnovations,
    testing::Values(
        Spoiled{&Job::model, "/innovations", R"({"kind": "bootstrap"})",
                "model.json:/innovations: the key \"history\" is missing"},
        Spoiled{&Job::model, "/innovations",
                R"({"kind": "bootstrap", "history": "h.csv", "residuals": {"factors": ["BTC.spot"], "rows": [[1]]}})",
                "model.json:/innovations/history: there are `residuals` too; give one of the two"},
        Spoiled{&Job::model, "/innovations",
                R"({"kind": "bootstrap", "residuals": {"factors": ["BTC.spot"], "rows": [[1], [2]]}})",
                "model.json:/innovations/residuals: there are 2 periods in it"},
        Spoiled{
            &Job::model, "/innovations",
            R"({"kind": "bootstrap", "residuals": {"factors": ["BTC.spt"], "rows": [[1]]}})",
            "model.json:/innovations/residuals/factors/0: \"BTC.spt\" is not a factor of this model that may be drawn "
            "for a whole period (did you mean \"BTC.spot\"?)"},
        Spoiled{&Job::model, "/innovations",
                R"({"kind": "bootstrap", "residuals": {"factors": ["BTC.spot"], "rows": [[1, 2]]}})",
                "model.json:/innovations/residuals/rows/0: there are 2 residuals of 1 factors"},
        Spoiled{&Job::model, "/innovations",
                R"({"kind": "bootstrap", "residuals": {"factors": ["BTC.spot"], "rows": [[1]]}, "mean_block": 0.5})",
                "model.json:/innovations/mean_block: 0.5 is out of range"},
        Spoiled{&Job::model, "/innovations", R"({"kind": "grouped_t", "groups": []})",
                "model.json:/innovations/groups: there is no group"},
        Spoiled{&Job::model, "/innovations", R"({"kind": "grouped_t", "groups": [{"dof": 2}]})",
                "model.json:/innovations/groups/0/dof: 2 is not above 2"},
        Spoiled{&Job::model, "/innovations", R"({"kind": "grouped_t", "groups": [{"dof": 4}, {"dof": 5}]})",
                "model.json:/innovations/groups/1: it is the second group without `factors`"},
        Spoiled{
            &Job::model, "/innovations",
            R"({"kind": "grouped_t", "groups": [{"dof": 4, "factors": ["BTC.spot"]}, {"dof": 4, "factors": ["BTC.spot"]}]})",
            "model.json:/innovations/groups/1/factors/0: \"BTC.spot\" is in a group already"},
        Spoiled{
            &Job::model, "/innovations",
            R"({"kind": "grouped_t", "groups": [{"dof": 4, "factors": ["SOL.spot"]}], "marginals": {"BTC.spot": 3}})",
            "model.json:/innovations/marginals/BTC.spot: \"BTC.spot\" is in no group"},
        Spoiled{&Job::model, "/regimes", R"({"states": [{"name": "a"}], "transition": [[1]]})",
                "model.json:/regimes/states: there are fewer than two regimes"},
        Spoiled{&Job::model, "/regimes",
                R"({"states": [{"name": "a"}, {"name": "a"}], "transition": [[1, 0], [0, 1]]})",
                "model.json:/regimes/states/1/name: \"a\" is there twice"},
        Spoiled{&Job::model, "/regimes",
                R"({"states": [{"name": "a"}, {"name": "b"}], "transition": [[1, 0.1], [0, 1]]})",
                "model.json:/regimes/transition/0: the probabilities add up to 1.1"},
        Spoiled{&Job::model, "/regimes", R"({"states": [{"name": "a"}, {"name": "b"}], "transition": [[1, 0]]})",
                "model.json:/regimes/transition: it is not a matrix of 2 x 2; give one row and one column per state"},
        Spoiled{&Job::model, "/regimes",
                R"({"states": [{"name": "a"}, {"name": "b"}], "transition": [[0.5, 0.5], [0.5, 0.5]], "first": [1]})",
                "model.json:/regimes/first: 1 probabilities of 2 states"},
        Spoiled{
            &Job::model, "/regimes",
            R"({"states": [{"name": "a", "underlyings": {"BTX": {"vol_multiplier": 2}}}, {"name": "b"}], "transition": [[0.5, 0.5], [0.5, 0.5]]})",
            "model.json:/regimes/states/0/underlyings/BTX: \"BTX\" is not an underlying of this model"},
        Spoiled{
            &Job::model, "/regimes",
            R"({"states": [{"name": "a", "vol_multiplier": 0}, {"name": "b"}], "transition": [[0.5, 0.5], [0.5, 0.5]]})",
            "model.json:/regimes/states/0/vol_multiplier: 0 is out of range"},
        Spoiled{&Job::model, "/regimes", R"({"states": [{"name": "a"}, {"name": "b"}]})",
                "model.json:/regimes: the key \"transition\" is missing"}));

// A job with a history of 25 days of BTC, of which one cell may be something else.
void add_history(Job& job, const std::string& cell = "0.5") {
  std::string text = "time,BTC.spot\n";
  for (int day = 0; day < 25; ++day)
    text += "2026-01-" + std::to_string(day + 1) + "," + (day == 3 ? cell : std::to_string(day - 12)) + "\n";
  job.folder.write("history.csv", text);
  job.model["correlation"] = {{"factors", json::array()}, {"matrix", json::array()}};
  job.model["innovations"] = {{"kind", "bootstrap"}, {"history", "history.csv"}};
}

TEST(History, IsReadFromTheFileBesideTheModel) {
  Job job;
  add_history(job);
  const Model model = job.read().model;
  ASSERT_TRUE(model.bootstrap);
  EXPECT_EQ(model.bootstrap->factors, std::vector<std::string>{"BTC.spot"});
  ASSERT_EQ(model.bootstrap->rows.size(), 25u);
  EXPECT_EQ(model.bootstrap->rows[0], std::vector<double>{-12.0});
  EXPECT_EQ(model.bootstrap->rows[3], std::vector<double>{0.5});
  EXPECT_EQ(model.bootstrap->rows[24], std::vector<double>{12.0});
}

TEST(History, IsToldOfByLine) {
  Job job;
  add_history(job, "half");
  const test::Outcome outcome = job.outcome();
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_NE(outcome.message.find("history.csv:line 5: BTC.spot is \"half\", which is no residual"), std::string::npos)
      << outcome.message;
}

TEST(History, HasToBeThere) {
  Job job;
  add_history(job);
  job.model["innovations"]["history"] = "other.csv";
  const test::Outcome outcome = job.outcome();
  EXPECT_EQ(outcome.code, ExitCode::input_missing);
  EXPECT_NE(outcome.message.find("other.csv: no such file"), std::string::npos) << outcome.message;
}

}  // namespace
}  // namespace tailbit::io_innovations_test
