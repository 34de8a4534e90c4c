// Messages as lines: valid JSON of any bytes, never longer than a pipe takes at once.
#include "host/io/log.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "host/io/trace.hpp"

namespace tailbit::log_test {
namespace {

using Json = nlohmann::ordered_json;
using log::Entry;
using log::Level;

constexpr std::int64_t kMoment = 1'768'471'200'007;  // 2026-01-15T10:00:00.007Z

Json read(const std::string& line) {
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(line.back(), '\n');
  return Json::parse(line);
}

TEST(Log, JsonLinesSayWhenWhatAndHowBad) {
  const Entry entry{kMoment, Level::warning, "metrics", "two\nlines", {{"exit_code", 74}, {"stage", "write"}}};
  const Json line = read(log::json_line(entry, {{"run_id", "abc"}, {"stage", "simulate"}}));
  EXPECT_EQ(line, Json({{"time", "2026-01-15T10:00:00.007Z"},
                        {"level", "warning"},
                        {"event", "metrics"},
                        {"message", "two\nlines"},
                        {"run_id", "abc"},
                        {"stage", "write"},
                        {"exit_code", 74}}));
  EXPECT_EQ(line.begin().key(), "time");
}

TEST(Log, JsonLinesAreValidWhateverTheBytes) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const Json line = read(log::json_line({kMoment, Level::error, "failed", all, {{"file", all}, {all, 1}}}, nullptr));
  const std::string message = line["message"];
  EXPECT_EQ(message.substr(0, 128), all.substr(0, 128));
  EXPECT_NE(message.find("\xef\xbf\xbd"), std::string::npos);  // U+FFFD for what is not UTF-8
  EXPECT_EQ(line["file"], message);
}

TEST(Log, LongJsonLinesAreCutWithinAPipesAtom) {
  for (const std::string& letter : {std::string("x"), std::string("\xc3\xa9"), std::string("\xf0\x9f\x98\x80"),
                                    std::string("\xff"), std::string("\n"), std::string("\x01")}) {
    std::string message, file;
    while (message.size() < 100'000) message += letter;
    while (file.size() < 3'000) file += letter;
    const std::string text =
        log::json_line({kMoment, Level::error, "problem", message, {{"file", file}, {"n", 7}}}, nullptr);
    EXPECT_LE(text.size(), log::kMostJsonLine);
    const Json line = read(text);
    EXPECT_EQ(line["cut"], true);
    EXPECT_EQ(line["n"], 7);
    EXPECT_GT(line["message"].get<std::string>().size(), 100u) << letter;
    if (letter != "\xff") {
      EXPECT_EQ(message.rfind(line["message"].get<std::string>(), 0), 0u);  // no character is cut
    }
  }
  const Json whole = read(log::json_line({kMoment, Level::error, "failed", std::string(3900, 'x'), nullptr}, nullptr));
  EXPECT_FALSE(whole.contains("cut"));
}

TEST(Log, TextLinesAreForPeople) {
  EXPECT_EQ(log::text_line({0, Level::error, "failed", "a\nb", nullptr}, true), "tailbit: a\nb\n");
  EXPECT_EQ(log::text_line({0, Level::warning, "x", "a", {{"n", 1}}}, false), "tailbit: warning: a\n");
  EXPECT_EQ(log::text_line({0, Level::warning, "x", "a", nullptr}, true), "tailbit: \033[33mwarning\033[0m: a\n");
  EXPECT_EQ(log::text_line({0, Level::info, "x", "a", nullptr}, true), "tailbit: info: a\n");
  EXPECT_EQ(log::text_line({0, Level::debug, "x", "a", nullptr}, false), "tailbit: debug: a\n");
}

// A file's name must not clear a terminal or say that all went well.
TEST(Log, TextLinesHoldNothingThatATerminalObeys) {
  EXPECT_EQ(log::text_line({0, Level::error, "failed", "\033[2Ja\rb\x7f\tc \xc3\xa9", nullptr}, false),
            "tailbit: \\x1b[2Ja\\x0db\\x7f\tc \xc3\xa9\n");
}

TEST(Log, NamesOfLevelsAndFormatsAreReadBack) {
  for (const Level level : {Level::error, Level::warning, Level::info, Level::debug})
    EXPECT_EQ(log::parse_level(log::name(level)), level);
  for (const char* text : {"", "Error", "warn", "trace", "info "}) EXPECT_EQ(log::parse_level(text), std::nullopt);
  EXPECT_EQ(log::parse_format("json"), log::Format::json);
  EXPECT_EQ(log::parse_format("text"), log::Format::text);
  for (const char* text : {"", "JSON", "xml"}) EXPECT_EQ(log::parse_format(text), std::nullopt);
}

TEST(Log, MillisecondsHaveThreeDigits) {
  EXPECT_EQ(log::time_text(kMoment), "2026-01-15T10:00:00.007Z");
  EXPECT_EQ(log::time_text(kMoment + 992), "2026-01-15T10:00:00.999Z");
  EXPECT_EQ(log::time_text(kMoment - 7), "2026-01-15T10:00:00.000Z");
}

class Logged : public testing::Test {
 protected:
  ~Logged() override {
    log::set_format(log::Format::text);
    log::set_level(Level::warning);
    log::set_field("run_id", nullptr);
    begin_trace(nullptr, nullptr);
  }
  template <class Act>
  static std::string caught(Act&& act) {
    testing::internal::CaptureStderr();
    act();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Logged, LevelsAreKept) {
  const auto all = [] {
    log::write(Level::error, "e", "1");
    log::warning("e", "2");
    log::info("e", "3");
    log::debug("e", "4");
  };
  EXPECT_EQ(caught(all), "tailbit: 1\ntailbit: warning: 2\n");
  EXPECT_FALSE(log::shows(Level::info));
  log::set_level(Level::error);
  EXPECT_EQ(caught(all), "tailbit: 1\n");
  log::set_level(Level::debug);
  EXPECT_EQ(caught(all), "tailbit: 1\ntailbit: warning: 2\ntailbit: info: 3\ntailbit: debug: 4\n");
}

TEST_F(Logged, FieldsOfTheProcessAndTraceAreInEveryJsonLine) {
  log::set_format(log::Format::json);
  log::set_field("run_id", "abc");
  begin_trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", nullptr);
  const Json line = read(caught([] { log::warning("e", "m"); }));
  EXPECT_EQ(line["run_id"], "abc");
  EXPECT_EQ(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(line["span_id"], trace()->span_id);
  log::set_field("run_id", nullptr);
  EXPECT_FALSE(read(caught([] { log::warning("e", "m"); })).contains("run_id"));
}

TEST_F(Logged, FailuresTellTheirCode) {
  const Failure plain(ExitCode::io_error, "no place");
  EXPECT_EQ(caught([&] { log::failure(plain); }), "tailbit: no place\n");
  log::set_format(log::Format::json);
  const Json line = read(caught([&] { log::failure(plain); }));
  EXPECT_EQ(line["event"], "failed");
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["message"], "no place");
  EXPECT_EQ(line["exit_code"], 74);
}

TEST_F(Logged, ProblemsOfInputsHaveALineEach) {
  Problems problems;
  for (int i = 0; i < 23; ++i)
    problems.add(ExitCode::bad_data, {"f" + std::to_string(i), i % 2 == 0 ? "line 3" : "", "wrong", "right"});
  const auto told = [&] {
    return caught([&] {
      try {
        problems.throw_if_any();
      } catch (const Failure& failure) {
        log::failure(failure);
      }
    });
  };
  const std::string text = told();
  EXPECT_EQ(text.rfind("tailbit: f0:line 3: wrong; right\nf1: wrong; right\n", 0), 0u);
  EXPECT_NE(text.find("\n... and 3 more problems\n"), std::string::npos);

  log::set_format(log::Format::json);
  std::istringstream lines(told());
  std::vector<Json> read;
  for (std::string line; std::getline(lines, line);) read.push_back(Json::parse(line));
  ASSERT_EQ(read.size(), 21u);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(read[i]["event"], "problem");
    EXPECT_EQ(read[i]["file"], "f" + std::to_string(i));
    EXPECT_EQ(read[i]["place"], i % 2 == 0 ? "line 3" : "");
    EXPECT_EQ(read[i]["problem"], "wrong");
    EXPECT_EQ(read[i]["remedy"], "right");
    EXPECT_EQ(read[i]["exit_code"], 65);
  }
  EXPECT_EQ(read[0]["message"], "f0:line 3: wrong; right");
  EXPECT_EQ(read[20]["event"], "failed");
  EXPECT_EQ(read[20]["exit_code"], 65);
  EXPECT_EQ(read[20]["problems"], 23);
  EXPECT_EQ(read[20]["problems_shown"], 20);
}

}  // namespace
}  // namespace tailbit::log_test
