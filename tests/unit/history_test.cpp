// Histories: times as files write them, order, what is refused with its line, and values at the boundaries of periods.
#include "host/io/history.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "host/io/futures_basis.hpp"
#include "host/io/text.hpp"
#include "io_files.hpp"

namespace tailbit::history_test {
namespace {

using test::Outcome;
using test::ScratchFolder;

struct Case {
  ScratchFolder folder;
  SeriesSource source{folder.path("prices.csv"), "date", "close"};
  Case() { source.positive = true; }

  History read(const std::string& text) const {
    folder.write("prices.csv", text);
    Problems problems;
    History history = read_history(source, problems);
    problems.throw_if_any();
    return history;
  }
  std::string message(const std::string& text) const {
    return test::outcome_of(folder, [&] { read(text); }).message;
  }
};

std::string moment(const char* text, std::optional<std::int64_t> zone = std::nullopt,
                   TimeFormat format = TimeFormat::iso) {
  const auto time = parse_series_time(text, format, zone);
  return time ? timestamp_text(*time) : "refused";
}

TEST(HistoryTimes, AreReadAsVenuesAndVendorsWriteThem) {
  EXPECT_EQ(moment("2019-01-01"), "2019-01-01T00:00:00Z");
  EXPECT_EQ(moment("2020-01-01 03:00:00.000"), "2020-01-01T03:00:00Z");
  EXPECT_EQ(moment("2020-01-01 03:00"), "2020-01-01T03:00:00Z");
  EXPECT_EQ(moment("2020-01-01 00:00:00+00:00"), "2020-01-01T00:00:00Z");
  EXPECT_EQ(moment("2025-12-30T17:31:15Z"), "2025-12-30T17:31:15Z");
  EXPECT_EQ(moment("2025-12-30T17:31:15+0530"), "2025-12-30T12:01:15Z");
  EXPECT_EQ(moment("2020-01-01 03:00:00", 3 * 3'600), "2020-01-01T00:00:00Z");
  EXPECT_EQ(moment("2020-01-01", -5 * 3'600), "2020-01-01T05:00:00Z");
  EXPECT_EQ(moment("1577836800000", std::nullopt, TimeFormat::unix_milliseconds), "2020-01-01T00:00:00Z");
  EXPECT_EQ(moment("1577836800", std::nullopt, TimeFormat::unix_seconds), "2020-01-01T00:00:00Z");
}

TEST(HistoryTimes, AreTakenToTheNearestSecond) {
  EXPECT_EQ(moment("2025-12-30T17:31:15.499999+00:00"), "2025-12-30T17:31:15Z");
  EXPECT_EQ(moment("2025-12-30T23:59:59.5Z"), "2025-12-31T00:00:00Z");
  EXPECT_EQ(moment("1577836800007", std::nullopt, TimeFormat::unix_milliseconds), "2020-01-01T00:00:00Z");
  EXPECT_EQ(moment("1577836799500", std::nullopt, TimeFormat::unix_milliseconds), "2020-01-01T00:00:00Z");
}

TEST(HistoryTimes, RefuseWhatIsNoTime) {
  for (const char* text : {"", "2019", "2019-13-01", "2019-02-30", "2019-01-01T", "2019-01-01 25:00:00", "2019-01-01x",
                           "2019-01-01 10:00:00.", "2019-01-01 10:00:00+15:00", "1577836800"})
    EXPECT_EQ(moment(text), "refused") << text;
  EXPECT_EQ(moment("2019-01-01T00:00:00Z", 3'600), "refused") << "two zones";
  EXPECT_EQ(moment("2019-01-01", std::nullopt, TimeFormat::unix_seconds), "refused");
  EXPECT_EQ(moment("-1", std::nullopt, TimeFormat::unix_seconds), "refused");
}

TEST(HistoryTimes, ZonesAreHoursAndMinutes) {
  EXPECT_EQ(parse_zone("+03:00"), 10'800);
  EXPECT_EQ(parse_zone("-04:30"), -16'200);
  for (const char* text : {"", "3", "+3:00", "+03", "+0300", "+15:00", "+03:60"})
    EXPECT_FALSE(parse_zone(text)) << text;
}

TEST(History, RunsForwardsFromFilesThatRunBackwards) {
  Case c;
  c.source.unit = SeriesUnit::percent;
  c.source.bar_seconds = 86'400;
  const History history = c.read("open,date,close\n1,2020-01-03,50\n1,2020-01-02,\n1,2020-01-01,40\n");
  ASSERT_EQ(history.observations.size(), 2u);
  EXPECT_EQ(timestamp_text(history.observations[0].known), "2020-01-02T00:00:00Z") << "known when its bar ends";
  EXPECT_DOUBLE_EQ(history.observations[0].value, 0.4);
  EXPECT_DOUBLE_EQ(history.observations[1].value, 0.5);
  EXPECT_EQ(history.rows, 3u);
  EXPECT_EQ(history.blank, 1u);
}

TEST(History, TakesTheRowsAndTheSeparatorThatAreAskedFor) {
  Case c;
  c.source.separator = ';';
  c.source.where = {{"coin", "BTC"}};
  const History history = c.read("date;coin;close\n2020-01-01;BTC;1\n2020-01-01;ETH;2\n2020-01-02;BTC;3\n");
  ASSERT_EQ(history.observations.size(), 2u);
  EXPECT_EQ(history.observations[1].value, 3.0);
}

TEST(History, TellsFileLineAndRemedyOfWhatIsWrong) {
  const Case c;
  EXPECT_EQ(c.message("date,close\n2020-01-01,1\n2020-01-01,2\n"),
            "prices.csv:line 3: the time 2020-01-01T00:00:00Z is there twice; keep one of the rows, or say by `where` "
            "which count");
  EXPECT_EQ(c.message("date,close\n2020-01-01,1\n2020-01-03,2\n2020-01-02,2\n"),
            "prices.csv:line 4: the time 2020-01-02T00:00:00Z is out of order behind 2020-01-03T00:00:00Z; sort the "
            "rows by time, or say by `where` which count");
  EXPECT_EQ(c.message("date,close\n2020-01-01,0\n"),
            "prices.csv:line 2: \"close\" is 0, not above 0; correct it, or leave the cell empty");
  EXPECT_EQ(c.message("date,close\n2020-01-01,one\n"),
            "prices.csv:line 2: \"one\" is not a number; correct it, or leave the cell empty");
  EXPECT_EQ(c.message("date,close\n01/02/2020,1\n"),
            "prices.csv:line 2: \"01/02/2020\" is not a time; write 2026-01-15 or 2026-01-15T10:00:00Z, or give "
            "`time_format`");
  EXPECT_EQ(c.message("date,Close\n2020-01-01,1\n"),
            "prices.csv:line 1: the column \"close\" is missing (did you mean \"Close\"?); name a column of the file's "
            "header");
  EXPECT_EQ(c.message("date,close\n2020-01-01,\n"),
            "prices.csv: the column \"close\" has no value; give a file with values, or leave the series out");
  EXPECT_EQ(c.message("date,close\n2020-01-01,1,2\n"),
            "prices.csv:line 2: 3 cells where the header has 2; correct the row, or give the file's `separator`");
}

struct Futures {
  ScratchFolder folder;
  SeriesSource marks{folder.path("futures.csv"), "time", "mark"}, spot{folder.path("spot.csv"), "time", "index"};
  Futures() { marks.instrument = "name"; }

  History basis(const std::string& rows, const std::string& spots, std::int64_t days) const {
    folder.write("futures.csv", "time,name,mark\n" + rows);
    folder.write("spot.csv", "time,index\n" + spots);
    Problems problems;
    const History futures = read_history(marks, problems), index = read_history(spot, problems);
    problems.throw_if_any();
    return basis_of_futures(futures, index, days * 86'400, 6 * 3'600);
  }
  std::string message(const std::string& rows) const {
    return test::outcome_of(folder, [&] { basis(rows, "2026-01-01,100\n", 30); }).message;
  }
};

// Expiries are at 08:00: 10 and 40 days ahead.
TEST(FuturesBasis, IsLinearBetweenExpiriesAndFromNothingNow) {
  const Futures f;
  const std::string rows =
      "2026-01-01 08:00,BTC-10FEB26,104\n2026-01-01 08:00,BTC-PERPETUAL,99\n2026-01-01 08:00,BTC-11JAN26,101\n"
      "2026-01-01 08:00,BTC-2JAN26,90\n";
  const std::string spot = "2026-01-01 08:00,100\n";
  const History between = f.basis(rows, spot, 25);
  ASSERT_EQ(between.observations.size(), 1u);
  EXPECT_NEAR(between.observations[0].value, (std::log(1.01) + std::log(1.04)) / 2.0 * 365.0 / 25.0, 1e-12);
  EXPECT_NEAR(f.basis(rows, spot, 5).observations[0].value, std::log(1.01) * 0.5 * 365.0 / 5.0, 1e-12)
      << "the future of tomorrow does not count";
  EXPECT_TRUE(f.basis(rows, spot, 41).observations.empty()) << "no future reaches so far";
  EXPECT_TRUE(f.basis(rows, "2026-01-01 02:00,100\n", 25).observations.empty()) << "the spot is six hours old";
  EXPECT_EQ(f.basis(rows, "2026-01-01 02:01,100\n2026-01-01 08:01,500\n", 25).observations.size(), 1u);
}

TEST(FuturesBasis, TakesEachFutureOnceATime) {
  const Futures f;
  EXPECT_EQ(f.message("2026-01-01,BTC-10FEB26,104\n2026-01-01,BTC-10FEB26,105\n"),
            "futures.csv:line 3: the time 2026-01-01T00:00:00Z is there twice; keep one of the rows, or say by `where` "
            "which count");
  EXPECT_EQ(f.message("2026-01-01,BTC-10FEB26-70000-C,104\n"),
            "futures.csv:line 2: \"BTC-10FEB26-70000-C\" is no dated future; write \"BTC-27MAR26\", or say by `where` "
            "which rows count");
  EXPECT_EQ(f.message("2026-01-02,BTC-10FEB26,1\n2026-01-01,BTC-10FEB26,1\n2026-01-03,BTC-10FEB26,1\n"),
            "futures.csv:line 4: the time 2026-01-03T00:00:00Z is out of order behind 2026-01-01T00:00:00Z; sort the "
            "rows by time, or say by `where` which count");
}

TEST(Sampling, TakesTheLastValueKnownAndCountsGaps) {
  const Case c;
  const History history =
      c.read("date,close\n2020-01-01 06:00,1\n2020-01-01 18:00,2\n2020-01-04 00:00,4\n2020-01-05 12:00,5\n");
  const Grid grid =
      make_grid(*parse_timestamp("2020-01-01T00:00:00Z"), *parse_timestamp("2020-01-07T00:00:00Z"), 86'400);
  ASSERT_EQ(grid.count, 7u);
  const Sampled daily = sample(history, grid, 86'400);
  EXPECT_TRUE(is_gap(daily.values[0])) << "nothing is known yet";
  EXPECT_EQ(daily.values[1], 2.0);
  EXPECT_TRUE(is_gap(daily.values[2])) << "a day and six hours old";
  EXPECT_EQ(daily.values[3], 4.0) << "known at the boundary itself";
  EXPECT_TRUE(is_gap(daily.values[4])) << "a day old, and it must be younger";
  EXPECT_EQ(daily.values[5], 5.0);
  EXPECT_TRUE(is_gap(daily.values[6]));
  EXPECT_EQ(daily.known, 3u);
  EXPECT_EQ(daily.gaps, 2u) << "what is before the first and behind the last value is none";
  EXPECT_EQ(timestamp_text(*daily.first_gap), "2020-01-03T00:00:00Z");
}

TEST(Sampling, NoReturnReachesOverAGap) {
  const std::vector<double> returns = log_changes({1.0, std::exp(0.5), kGap, 2.0, 2.0});
  ASSERT_EQ(returns.size(), 4u);
  EXPECT_DOUBLE_EQ(returns[0], 0.5);
  EXPECT_TRUE(is_gap(returns[1]));
  EXPECT_TRUE(is_gap(returns[2]));
  EXPECT_EQ(returns[3], 0.0);
  EXPECT_TRUE(changes({}).empty());
}

TEST(Sampling, AGridBackwardsHasNoBoundaries) {
  EXPECT_EQ(make_grid({100}, {99}, 10).count, 0u);
  EXPECT_EQ(make_grid({100}, {100}, 10).count, 1u);
  EXPECT_EQ(make_grid({100}, {119}, 10).count, 2u);
}

}  // namespace
}  // namespace tailbit::history_test
