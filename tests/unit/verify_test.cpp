// Results that are verified while things happen to them, and computed again in part.
#include "host/ops/verify.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "host/ops/run.hpp"
#include "host/report/digest.hpp"
#include "host/report/npy.hpp"
#include "tests/support/job_files.hpp"

namespace tailbit::verify_test {
namespace {

using nlohmann::json;
using test::file_text;

// A small job that was run.
class Verify : public testing::Test {
 protected:
  static constexpr std::uint64_t kScenarios = 5000;

  void SetUp() override {
    const std::vector<test::Leg> legs{{"call", 100.0, 0.5, 1.0, 0.6}, {"spot", 0.0, 0.0, -0.5, 0.0}};
    config_ = test::write_one_asset_job(folder_, legs, {1.0 / 365.0, 0.6, 0.0}, {kScenarios, 7, 2});
    overrides_.out = folder_.path("results");
    RunFlags flags;
    flags.overrides = overrides_;
    flags.device = "cpu";
    flags.threads = 1;
    flags.force = true;
    ASSERT_EQ(run_job(config_, flags).code, ExitCode::done);
  }

  static VerifyOptions blocks(double share, const std::string& seed = "seed") {
    VerifyOptions options = whole();
    options.recompute->blocks = share;
    options.recompute->blocks_seed = seed;
    return options;
  }
  static VerifyOptions whole() {
    VerifyOptions options;
    options.recompute.emplace().flags.device = "cpu";
    options.recompute->flags.threads = 1;
    options.recompute->flags.force = true;
    return options;
  }
  Verification verify(const VerifyOptions& options) const { return verify_result(results(), options); }
  std::string results() const { return folder_.path("results"); }

  // Changes a loss of the book and makes the manifest fit.
  void make_up(std::uint64_t scenario, double loss) const {
    std::string bytes = file_text(results() + "/losses.npy");
    const NpyFile shape(results() + "/losses.npy");
    const std::size_t data = bytes.size() - shape.rows() * shape.columns() * sizeof(double);
    std::memcpy(bytes.data() + data + scenario * shape.columns() * sizeof(double), &loss, sizeof loss);
    folder_.write("results/losses.npy", bytes);
    change_manifest([&](json& manifest) {
      for (json& output : manifest["outputs"]) {
        if (output["path"] == "losses.npy") output["sha256"] = sha256(bytes);
      }
    });
  }
  template <class Change>
  void change_manifest(Change&& change) const {
    json manifest = json::parse(file_text(results() + "/run.json"));
    change(manifest);
    folder_.write("results/run.json", manifest.dump(1));
  }
  // The checks that failed.
  static std::vector<std::string> failed(const Verification& verification) {
    std::vector<std::string> names;
    for (const auto& check : verification.report["recompute"]["checks"]) {
      if (!check["pass"].get<bool>()) names.push_back(check["check"].get<std::string>());
    }
    return names;
  }

  test::ScratchFolder folder_;
  Overrides overrides_;
  std::string config_;
};

TEST_F(Verify, TellsOfAResultThatWasReplacedMeanwhile) {
  VerifyOptions options = whole();
  bool changed = false;
  options.recompute->flags.progress = [&](std::uint64_t, std::uint64_t) {
    change_manifest([](json& manifest) { manifest["finished"] = "2026-01-01T00:00:00Z"; });
    changed = true;
  };
  EXPECT_EQ(test::outcome_of(folder_, [&] { verify(options); }).code, ExitCode::temporary);
  EXPECT_TRUE(changed);
  EXPECT_EQ(verify(whole()).code, ExitCode::done);
}

TEST_F(Verify, TellsOfAResultThatGoesAwayMeanwhile) {
  VerifyOptions options = whole();
  options.recompute->flags.progress = [&](std::uint64_t, std::uint64_t) {
    std::filesystem::remove(results() + "/run.json");
  };
  EXPECT_EQ(test::outcome_of(folder_, [&] { verify(options); }).code, ExitCode::temporary);
}

TEST_F(Verify, ChoosesBlocksBySeedAndFindsWhatIsMadeUpInThem) {
  const double loss = NpyFile(results() + "/losses.npy").row(2600)[0];
  const auto next = [&](double x) {
    return x + json::parse(file_text(results() + "/summary.json"))["quantum"].get<double>();
  };
  make_up(2600, next(loss));
  int found = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const std::string name = std::to_string(seed);
    const Verification first = verify(blocks(0.5, name)), second = verify(blocks(0.5, name));
    EXPECT_EQ(first.report["recompute"], second.report["recompute"]);
    bool blocks_differ = false;
    for (const std::string& check : failed(first)) blocks_differ = blocks_differ || check.ends_with(" blocks");
    found += blocks_differ;
    // The digest of the losses is of all of them, whatever is computed.
    EXPECT_EQ(first.code, ExitCode::compare_mismatch);
  }
  EXPECT_GT(found, 3);
  EXPECT_LT(found, 17);
  const Verification all = verify(blocks(1.0));
  EXPECT_EQ(all.report["recompute"]["scenarios"], kScenarios);
  const auto& checks = all.report["recompute"]["checks"];
  bool told = false;
  for (const auto& check : checks) {
    const auto detail = check["detail"].get<std::string>();
    told = told || detail.starts_with("scenario 2600, group \"book\": ");
  }
  EXPECT_TRUE(told) << checks.dump(1);
}

TEST_F(Verify, RefusesLossesThatNoProfitCanBe) {
  const double loss = NpyFile(results() + "/losses.npy").row(17)[0];
  for (const double bad : {std::nextafter(loss, 1e9), -0.0, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity(), 1e300}) {
    make_up(17, bad);
    const auto names = failed(verify(blocks(1e-9)));
    EXPECT_NE(std::find(names.begin(), names.end(), "losses.npy"), names.end()) << bad;
  }
  make_up(17, loss);
  EXPECT_EQ(verify(blocks(1.0)).code, ExitCode::done);
}

TEST_F(Verify, TakesAResultOfAnotherVersionWithTheSameNumerics) {
  const NamedJob named = name_job(resolve(config_, overrides_, Sources::files));
  const std::string other = run_id(named.digests, named.config(), "tailbit 9.8.7");
  EXPECT_NE(other, named.run_id);
  change_manifest([&](json& manifest) {
    manifest["program"] = "tailbit 9.8.7";
    manifest["run_id"] = other;
    json summary = json::parse(file_text(results() + "/summary.json"));
    summary["run_id"] = other;
    const std::string text = summary.dump();
    folder_.write("results/summary.json", text);
    for (json& output : manifest["outputs"]) {
      if (output["path"] == "summary.json") output.update({{"sha256", sha256(text)}, {"bytes", text.size()}});
    }
  });
  EXPECT_EQ(failed(verify(whole())), std::vector<std::string>());
  change_manifest([](json& manifest) { manifest["program"] = "tailbit 9.8.6"; });
  EXPECT_EQ(failed(verify(whole())), std::vector<std::string>{"run_id"});
}

TEST_F(Verify, ComputesNothingInMoreMemoryThanAllowed) {
  VerifyOptions options = whole();
  options.recompute->flags.max_memory = 1000.0;
  EXPECT_EQ(test::outcome_of(folder_, [&] { verify(options); }).code, ExitCode::bad_config);
  options = blocks(0.0);
  options.recompute->flags.max_memory = 1000.0;
  EXPECT_EQ(test::outcome_of(folder_, [&] { verify(options); }).code, ExitCode::bad_config);
}

}  // namespace
}  // namespace tailbit::verify_test
