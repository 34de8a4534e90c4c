// A run on several ranks, as threads: the bits of a run on one, whatever their number, speed and messages' delays, and
// wherever it is stopped; and what goes wrong on a rank ends the run for all.
#include <random>

#include <gtest/gtest.h>

#include "host/ops/run.hpp"
#include "tests/support/thread_ranks.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::ranks_test {
namespace {

using nlohmann::json;

struct RunOnRanks : testing::TestWithParam<const char*> {
  RunOnRanks() {
    const std::string sample = std::string(TAILBIT_SOURCE_DIR) + "/configs/samples/intraday/";
    for (const char* name : {"instruments.json", "market.json", "model.json"})
      folder.write(name, test::file_text(sample + name));
    std::istringstream book(test::file_text(sample + "book.csv"));
    std::string some, line;
    for (int i = 0; i < 30 && std::getline(book, line); ++i) some += line + "\n";
    folder.write("book.csv", some);
    json run = json::parse(test::file_text(sample + "run.json"));
    run.update({{"scenarios", 20'001}, {"steps", 2}, {"group_detail", GetParam()}, {"exposure_dates", {"8h", "1d"}}});
    config = folder.write("run.json", run.dump());
    flags.device = "cpu";
    flags.threads = 1;
    flags.checkpoint_seconds = 0.0;
    plain = run_job(config, into("plain")).report;
  }

  RunFlags into(const std::string& name) const {
    RunFlags own = flags;
    own.overrides.out = folder.path(name);
    return own;
  }
  // All of a summary that does not depend on time and place.
  static json timeless(const nlohmann::ordered_json& summary) {
    json rest = summary;
    for (const char* key : {"timings", "device", "reprices_per_second"}) rest.erase(key);
    return rest;
  }
  // The code that a run ends with, and what it says.
  static std::pair<ExitCode, std::string> failure_of(test::ThreadRanks& ranks, const std::string& config,
                                                     const RunFlags& flags,
                                                     const std::function<void(RunFlags&, int)>& differs = nullptr) {
    try {
      ranks.run(config, flags, differs);
    } catch (const Failure& failure) {
      return {failure.code(), failure.what()};
    }
    return {ExitCode::done, ""};
  }

  test::ScratchFolder folder;
  std::string config;
  RunFlags flags;
  nlohmann::ordered_json plain;
};

TEST_P(RunOnRanks, HasTheBitsOfARunOnOne) {
  for (const int count : {1, 2, 5}) {
    SCOPED_TRACE(count);
    test::ThreadRanks ranks(count, 17);
    const JobDone done = ranks.run(config, into("ranks" + std::to_string(count)), nullptr);
    EXPECT_EQ(timeless(done.report), timeless(plain));
    EXPECT_TRUE(done.report["device"].get<std::string>().starts_with(std::to_string(count) + " rank"));
    for (int rank = 1; rank < count; ++rank) EXPECT_EQ(ranks.codes[static_cast<std::size_t>(rank)], 0);
  }
}

TEST_P(RunOnRanks, StopsAnywhereAndGoesOnOnOtherRanks) {
  std::minstd_rand random(5);
  for (int trial = 0; trial < 6; ++trial) {
    SCOPED_TRACE(trial);
    RunFlags own = into("stopped" + std::to_string(trial));
    own.checkpoint_seconds = trial % 2 == 0 ? 1e-9 : 0.0;
    std::uint64_t resumed = 0;
    for (int stops = 0;; ++stops) {
      RunControl control;
      own.control = &control;
      const std::uint64_t at = stops < 3 ? 512 + random() % 15'000 : 1'000'000;
      own.progress = [&](std::uint64_t done, std::uint64_t) {
        if (done >= at) control.stop = true;
      };
      test::ThreadRanks ranks(1 + static_cast<int>(random() % 4), static_cast<unsigned>(random()));
      const auto [code, message] = failure_of(ranks, config, own);
      if (code == ExitCode::done) break;
      ASSERT_EQ(code, ExitCode::temporary) << message;
      EXPECT_NE(message.find("the checkpoint holds"), std::string::npos) << message;
      ++resumed;
    }
    EXPECT_GT(resumed, 0u);
    own.control = nullptr;
    own.progress = nullptr;
    const JobDone again = run_job(config, own);
    EXPECT_TRUE(again.up_to_date);
    EXPECT_EQ(timeless(again.report), timeless(plain));
  }
}

TEST_P(RunOnRanks, AuditsWhereItComputes) {
  RunFlags own = into("audited");
  own.audit = 1.0;
  test::ThreadRanks ranks(3, 3);
  const JobDone done = ranks.run(config, own, nullptr);
  EXPECT_EQ(timeless(done.report), timeless(plain));
  EXPECT_EQ(json::parse(test::file_text(done.folder + "/run.json"))["audited_blocks"], 40);
}

TEST_P(RunOnRanks, RefusesARankOfAnotherJob) {
  test::ThreadRanks ranks(3, 3);
  const auto [code, message] = failure_of(ranks, config, into("other"), [](RunFlags& its, int rank) {
    if (rank == 2) its.overrides.seed = 5;
  });
  EXPECT_EQ(code, ExitCode::bad_data);
  EXPECT_NE(message.find("rank 2 (here) would run another job"), std::string::npos) << message;
  EXPECT_EQ(ranks.codes[1], 65);
  EXPECT_EQ(ranks.codes[2], 65);
  EXPECT_FALSE(std::filesystem::exists(folder.path("other")));
}

TEST_P(RunOnRanks, NoticesAMessageThatChangedOnItsWay) {
  test::ThreadRanks ranks(3, 3, [](Ranks::Message& message, int) {
    if (message.kind == Ranks::Kind::part && message.from == 1) message.bytes[message.bytes.size() / 2] ^= 4;
  });
  const auto [code, message] = failure_of(ranks, config, into("changed"));
  EXPECT_EQ(code, ExitCode::bad_data);
  EXPECT_NE(message.find("rank 1 (here)"), std::string::npos) << message;
  EXPECT_NE(message.find("SHA-256"), std::string::npos) << message;
}

TEST_P(RunOnRanks, EndsWhereARankFails) {
  for (const bool wrong_bits : {false, true}) {
    int parts = 0;
    std::mutex mutex;
    test::ThreadRanks ranks(3, 3, [&](Ranks::Message& message, int) {
      const std::lock_guard lock(mutex);
      if (message.kind != Ranks::Kind::part || message.from != 2 || ++parts < 3) return;
      message.kind = Ranks::Kind::failed;
      message.bytes = to_message(RankFailure{"there", ExitCode::temporary, "its device fell off", wrong_bits});
    });
    RunFlags own = into(wrong_bits ? "wrong" : "lost");
    own.checkpoint_seconds = 1e-9;
    const auto [code, message] = failure_of(ranks, config, own);
    EXPECT_EQ(code, ExitCode::temporary);
    EXPECT_EQ(message, "rank 2 (there): its device fell off");
    EXPECT_EQ(ranks.codes[1], 75);
    // What an audit has found wanting is not gone on from.
    const bool kept = !std::filesystem::is_empty(*own.overrides.out + "/.tailbit/parts");
    EXPECT_EQ(kept, !wrong_bits);
  }
}

INSTANTIATE_TEST_SUITE_P(GroupDetail, RunOnRanks, testing::Values("full", "tails"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace tailbit::ranks_test
