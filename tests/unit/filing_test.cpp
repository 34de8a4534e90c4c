// The inbox of a resident job: what lies in it, what comes through a pipe, and what is filed of that.
#include "host/ops/filing.hpp"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "host/io/limits.hpp"
#include "host/ops/inbox.hpp"
#include "tests/support/simulated.hpp"

namespace tailbit::filing_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::vector<std::string> names(const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const std::string& path : paths) found.push_back(fs::path(path).filename().string());
  return found;
}

TEST(Inbox, FilesAreToldApartByTheirNames) {
  const test::ScratchFolder folder;
  for (const char* name : {"b.trades.csv", "a.trades.jsonl", "c.trades.json", "2.market.json", "1.market.json",
                           ".x.trades.csv", "d.trades.csv.part", "e.market.json.tmp", "notes.txt", "market.json"})
    folder.write(name, "");
  const Inbox inbox = look_into(folder.path("."));
  EXPECT_TRUE(inbox.there);
  EXPECT_EQ(names(inbox.trades), (std::vector<std::string>{"a.trades.jsonl", "b.trades.csv", "c.trades.json"}));
  EXPECT_EQ(names(inbox.markets), (std::vector<std::string>{"1.market.json", "2.market.json"}));
  EXPECT_EQ(names(inbox.others), (std::vector<std::string>{"market.json", "notes.txt"}));
  Overrides flags;
  flags.market = "flag.json";
  flags.trades = {"first.csv"};
  const Overrides all = with_inbox(flags, inbox);
  EXPECT_EQ(fs::path(*all.market).filename(), "2.market.json");
  EXPECT_EQ(names(all.trades),
            (std::vector<std::string>{"first.csv", "a.trades.jsonl", "b.trades.csv", "c.trades.json"}));
  EXPECT_EQ(with_inbox(flags, {}).market, "flag.json");
}

TEST(Inbox, AFolderThatIsNotThereIsEmptyAFileIsRefused) {
  const test::ScratchFolder folder;
  EXPECT_FALSE(look_into(folder.path("nowhere")).there);
  folder.write("file", "");
  const test::Outcome file = test::outcome_of(folder, [&] { look_into(folder.path("file")); });
  EXPECT_EQ(file.code, ExitCode::io_error);
  EXPECT_NE(file.message.find("file: the inbox cannot be read"), std::string::npos) << file.message;
}

TEST(Inbox, StampsNoticeEveryKindOfChange) {
  const test::ScratchFolder folder;
  const std::vector<std::string> paths{folder.write("a", "one"), folder.path("absent")};
  const auto first = stamps_of(paths);
  EXPECT_EQ(stamps_of(paths), first);
  EXPECT_EQ(first[1].inode, 0u);
  folder.write("a", "two!");
  const auto rewritten = stamps_of(paths);
  EXPECT_NE(rewritten, first);
  folder.write("b", "two!");
  fs::rename(folder.path("b"), folder.path("a"));
  EXPECT_NE(stamps_of(paths), rewritten);
  fs::remove(folder.path("a"));
  EXPECT_EQ(stamps_of(paths)[0].bytes, 0u);
}

TEST(MessagePipe, LinesComeWholeHoweverTheyAreWritten) {
  const test::ScratchFolder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  MessagePipe pipe(path);
  EXPECT_TRUE(pipe.lines(0).empty());
  std::ofstream writer(path);
  writer << "one\n\ntw" << std::flush;
  EXPECT_EQ(pipe.lines(1000), std::vector<std::string>{"one"});
  EXPECT_TRUE(pipe.lines(0).empty());
  writer << "o\nthree\nfo" << std::flush;
  EXPECT_EQ(pipe.lines(1000), (std::vector<std::string>{"two", "three"}));
  writer.close();  // writers may come and go: the line goes on
  EXPECT_TRUE(pipe.lines(0).empty());
  EXPECT_FALSE(pipe.ended());
  std::ofstream(path) << "ur\n" << std::flush;
  EXPECT_EQ(pipe.lines(1000), std::vector<std::string>{"four"});
}

TEST(MessagePipe, StandardInputEndsAndItsLastLineNeedsNoEnd) {
  const test::ScratchFolder folder;
  const int file = open(folder.write("messages", "one\ntwo").c_str(), O_RDONLY), before = dup(STDIN_FILENO);
  dup2(file, STDIN_FILENO);
  MessagePipe pipe("-");
  std::vector<std::string> all;
  while (!pipe.ended())
    for (std::string& line : pipe.lines(0)) all.push_back(std::move(line));
  dup2(before, STDIN_FILENO);
  close(file);
  close(before);
  EXPECT_EQ(all, (std::vector<std::string>{"one", "two"}));
}

TEST(MessagePipe, WhatIsNoPipeIsRefused) {
  const test::ScratchFolder folder;
  const auto open = [&](const std::string& name) {
    return test::outcome_of(folder, [&] { const MessagePipe pipe(folder.path(name)); }).code;
  };
  EXPECT_EQ(open("absent"), ExitCode::input_missing);
  EXPECT_EQ(open("."), ExitCode::usage);
  folder.write("file", "{}\n");
  EXPECT_EQ(open("file"), ExitCode::usage);  // which a second worker would read again
}

std::string why_no_message(const std::string& line) {
  const test::ScratchFolder folder;
  const test::Outcome outcome = test::outcome_of(folder, [&] { parse_message(line, "message 7"); });
  EXPECT_EQ(outcome.code, ExitCode::bad_data) << line;
  EXPECT_NE(outcome.message.find("message 7"), std::string::npos) << outcome.message;
  return outcome.message;
}

TEST(Message, IsAMarketOrTrades) {
  const MessageFile trades =
      parse_message(R"({"trades": [{"instrument": "A", "quantity": 1}, {"instrument": "B"}]})", "");
  EXPECT_EQ(trades.ending, ".trades.jsonl");
  EXPECT_EQ(trades.text, "{\"instrument\":\"A\",\"quantity\":1}\n{\"instrument\":\"B\"}\n");
  const MessageFile market = parse_message(R"({"market": {"schema": "tailbit.market/1"}})", "");
  EXPECT_EQ(market.ending, ".market.json");
  EXPECT_EQ(Json::parse(market.text)["schema"], "tailbit.market/1");
  EXPECT_NE(why_no_message(R"({"trades": []})").find("there is no trade"), std::string::npos);
  EXPECT_NE(why_no_message(R"({"trades": [], "market": {}})").find("either a market or trades"), std::string::npos);
  EXPECT_NE(why_no_message("{}").find("either a market or trades"), std::string::npos);
  EXPECT_NE(why_no_message(R"({"trade": []})").find("trade"), std::string::npos);
  why_no_message("[1]");
  why_no_message("trades");
  why_no_message(std::string(limits::kMostJsonBytes + 1, ' '));
}

// A job with an inbox.
struct Filed {
  test::ScratchFolder folder;
  std::string config;
  Overrides flags;
  std::vector<Json> events;
  std::size_t fails_at = 0;     // the event that nobody can be told of
  double most_notional = 1e30;  // of a job that there is room for
  ExitCode lacks_room = ExitCode::bad_config;

  Filed() {
    test::JobText job(test::kDay, 100, 1);
    job.underlying("AAA", 100.0, 0.5);
    job.hold("AAA", 1);
    config = job.write(folder);
  }
  Filing filing() {
    return {config, flags, folder.path("inbox"),
            [this](const Json& event) {
              events.push_back(event);
              if (events.size() == fails_at) throw Failure(ExitCode::io_error, "disk full; make room");
            },
            [this](const CompiledJob& compiled, const RunConfig&) {
              if (compiled.gross_notional > most_notional) throw Failure(lacks_room, "too large; hold less");
            }};
  }
  std::vector<std::string> files() const {
    const Inbox inbox = look_into(folder.path("inbox"));
    std::vector<std::string> found = names(inbox.trades);
    for (const std::string& market : names(inbox.markets)) found.push_back(market);
    return found;
  }
  int count(const std::string& what) const {
    return static_cast<int>(
        std::count_if(events.begin(), events.end(), [&](const Json& event) { return event["event"] == what; }));
  }
};

std::string trade(const std::string& instrument, double quantity = 1) {
  return R"({"trades": [{"instrument": ")" + instrument + R"(", "quantity": )" + number_text(quantity) + "}]}";
}

TEST(Filing, GoodMessagesBecomeFilesInTheirOrder) {
  Filed job;
  Filing filing = job.filing();
  filing.add({trade("AAA"), "what?", trade("NOBODY-KNOWS"), trade("AAA", -3)});
  EXPECT_TRUE(filing.file());
  EXPECT_TRUE(filing.empty());
  EXPECT_TRUE(filing.rejected());
  EXPECT_EQ(job.files(), (std::vector<std::string>{"0000000001.trades.jsonl", "0000000002.trades.jsonl"}));
  EXPECT_EQ(job.count("filed"), 2);
  ASSERT_EQ(job.count("rejected"), 2);
  std::vector<std::string> why;
  for (const Json& event : job.events)
    if (event["event"] == "rejected") why.push_back(event["message"]);
  EXPECT_NE(why[0].find("message 2"), std::string::npos) << why[0];
  EXPECT_NE(why[1].find("message 3"), std::string::npos) << why[1];
  EXPECT_NE(why[1].find("NOBODY-KNOWS"), std::string::npos) << why[1];
  EXPECT_EQ(test::file_text(job.folder.path("inbox/0000000002.trades.jsonl")),
            "{\"instrument\":\"AAA\",\"quantity\":-3}\n");

  Filing again = job.filing();  // numbers go on where they ended
  again.add({R"({"market": )" + test::file_text(job.folder.path("market.json")) + "}"});
  EXPECT_TRUE(again.file());
  EXPECT_FALSE(again.rejected());
  EXPECT_EQ(job.files().back(), "0000000003.market.json");
}

TEST(Filing, WaitsWhileTheJobItselfCannotBeRun) {
  Filed job;
  const std::string book = test::file_text(job.folder.path("book.csv"));
  Filing filing = job.filing();
  filing.add({trade("AAA")});
  job.folder.write("book.csv", "instrument,quantity\nNOBODY-KNOWS,1\n");
  EXPECT_FALSE(filing.file());
  EXPECT_FALSE(filing.empty());
  EXPECT_EQ(job.files().size(), 0u);
  job.folder.write("book.csv", book);
  EXPECT_TRUE(filing.file());
  EXPECT_FALSE(filing.rejected());
  EXPECT_EQ(job.files().size(), 1u);
}

TEST(Filing, ManyMessagesWithABadOneLoseNone) {
  Filed job;
  Filing filing = job.filing();
  std::vector<std::string> lines(150, trade("AAA"));
  lines[97] = trade("NOBODY-KNOWS");
  filing.add(lines);
  EXPECT_TRUE(filing.file());
  EXPECT_EQ(job.count("filed"), 149);
  EXPECT_EQ(job.count("rejected"), 1);
  for (const auto& entry : fs::directory_iterator(job.folder.path("inbox")))
    EXPECT_NE(entry.path().filename().string()[0], '.') << "candidates stay";
}

TEST(Filing, WhatFailsAfterAMessageWasFiledDoesNotFileItTwice) {
  for (const std::size_t fails_at : {1, 2, 3}) {
    Filed job;
    job.fails_at = fails_at;
    Filing filing = job.filing();
    filing.add({trade("AAA", 1), trade("AAA", 2), trade("AAA", 3)});
    EXPECT_THROW(filing.file(), Failure);
    EXPECT_TRUE(filing.file());
    ASSERT_EQ(job.files().size(), 3u);
    for (const int quantity : {1, 2, 3}) {
      EXPECT_EQ(test::file_text(job.folder.path("inbox/000000000" + std::to_string(quantity) + ".trades.jsonl")),
                "{\"instrument\":\"AAA\",\"quantity\":" + std::to_string(quantity) + "}\n");
    }
  }
}

TEST(Filing, AMessageThatMakesTheJobTooLargeIsRejected) {
  Filed job;
  Filing filing = job.filing();
  job.most_notional = 500;  // it holds 100
  filing.add({trade("AAA", 1), trade("AAA", 10), trade("AAA", 2)});
  EXPECT_TRUE(filing.file());
  EXPECT_EQ(job.count("filed"), 2);
  ASSERT_EQ(job.count("rejected"), 1);
  job.most_notional = 50;  // also without the message
  filing.add({trade("AAA", 1)});
  EXPECT_FALSE(filing.file());
  EXPECT_EQ(job.count("rejected"), 1);
}

TEST(Filing, WhatPassesIsNoFaultOfAMessage) {
  Filed job;
  Filing filing = job.filing();
  job.most_notional = 150;
  job.lacks_room = ExitCode::io_error;
  filing.add({trade("AAA", 1), trade("NOBODY-KNOWS")});
  EXPECT_FALSE(filing.file());
  EXPECT_EQ(job.count("filed"), 0);
  job.most_notional = 1e30;
  EXPECT_TRUE(filing.file());
  EXPECT_EQ(job.count("filed"), 1);
  EXPECT_EQ(job.count("rejected"), 1);
}

TEST(Filing, WhatOthersPutThereIsRefused) {
  Filed job;
  fs::create_directory(job.folder.path("inbox"));
  job.folder.write("inbox/mine.trades.csv", "instrument,quantity\nAAA,1\n");
  const test::Outcome outcome = test::outcome_of(job.folder, [&] { job.filing(); });
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_NE(outcome.message.find("mine.trades.csv"), std::string::npos);
}

}  // namespace
}  // namespace tailbit::filing_test
