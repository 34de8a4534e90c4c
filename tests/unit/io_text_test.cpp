#include <limits>

#include <gtest/gtest.h>

#include "host/io/problems.hpp"
#include "host/io/text.hpp"

namespace tailbit::io_text_test {
namespace {

TEST(Text, NumbersAreWholeCellsAndFinite) {
  EXPECT_EQ(parse_number("-1.5e3"), -1500.0);
  EXPECT_EQ(parse_number("0"), 0.0);
  for (const char* bad : {"", " 1", "1 ", "nan", "inf", "1e999", "0x10", "1,5", "+1", "--1"})
    EXPECT_FALSE(parse_number(bad)) << bad;
}

TEST(Text, NumbersAreShortAndRoundTrip) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(-0.00012), "-0.00012");
  EXPECT_EQ(number_text(1.5e-6), "1.5e-06");
  EXPECT_EQ(number_text(1e16), "1e+16");
  EXPECT_EQ(number_text(100000.0), "100000");
  for (const double x : {0.1 + 0.2, 1.0 / 3.0, 5e-324, std::numeric_limits<double>::max()})
    EXPECT_EQ(parse_number(number_text(x)), x);
}

TEST(Text, MomentsAreUtc) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z"), Timestamp{0});
  EXPECT_EQ(parse_timestamp("2026-03-27T08:00:00Z"), Timestamp{1774598400});
  EXPECT_EQ(parse_timestamp("2026-03-27T08:00:00+00:00"), Timestamp{1774598400});
  EXPECT_EQ(parse_expiry("2026-03-27"), Timestamp{1774598400});
  EXPECT_EQ(parse_listed_date("27MAR26"), Timestamp{1774598400});
  EXPECT_EQ(parse_listed_date("6FEB26"), parse_timestamp("2026-02-06T08:00:00Z"));
  EXPECT_EQ(timestamp_text(Timestamp{1774598400}), "2026-03-27T08:00:00Z");
  EXPECT_EQ(timestamp_text(Timestamp{-1}), "1969-12-31T23:59:59Z");
  for (const char* bad : {"2026-03-27", "2026-02-29T08:00:00Z", "2026-03-27T24:00:00Z", "2026-03-27T08:00:00",
                          "2026-03-27T08:00:00+01:00", "2026-03-27 08:00:00Z", "2026-03-27T08:00:00.5Z", "27MAR26"}) {
    EXPECT_FALSE(parse_timestamp(bad)) << bad;
  }
  for (const char* bad : {"32MAR26", "27Mar26", "27MAR2026", "MAR26", "-7MAR26"})
    EXPECT_FALSE(parse_listed_date(bad)) << bad;
}

TEST(Text, Durations) {
  EXPECT_EQ(parse_duration("90s"), 90);
  EXPECT_EQ(parse_duration("15m"), 900);
  EXPECT_EQ(parse_duration("8h"), 28800);
  EXPECT_EQ(parse_duration("1d"), 86400);
  EXPECT_EQ(seconds_from_years(1.0), 31536000);
  EXPECT_EQ(seconds_from_years(1.0 / 365.0), 86400);
  for (const char* bad : {"", "d", "0d", "-1d", "1.5h", "1w", "1 d", "1", "99999999999999999999s", "40000d"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
  for (const double bad : {0.0, -1.0, 1e-9, 101.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_FALSE(seconds_from_years(bad)) << bad;
}

TEST(Text, DidYouMean) {
  EXPECT_EQ(did_you_mean("horizn", {"steps", "horizon"}), " (did you mean \"horizon\"?)");
  EXPECT_EQ(did_you_mean("BTC-27MAR26-7000-C", {"BTC-27MAR26-60000-P", "BTC-27MAR26-70000-C"}),
            " (did you mean \"BTC-27MAR26-70000-C\"?)");
  EXPECT_EQ(did_you_mean("liquidity", {"steps", "horizon"}), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
}

TEST(Problems, ShowsTwentyAndCountsTheRest) {
  Problems problems;
  problems.throw_if_any();
  problems.add(ExitCode::input_missing, {"a.json", "", "no such file", "check the path"});
  for (int i = 2; i <= 23; ++i)
    problems.add(ExitCode::bad_data, {"b.csv", "line " + std::to_string(i), "bad", "mend it"});
  try {
    problems.throw_if_any();
    FAIL();
  } catch (const Failure& failure) {
    const std::string message = failure.what();
    EXPECT_EQ(failure.code(), ExitCode::input_missing);  // of the first
    EXPECT_TRUE(message.starts_with("a.json: no such file; check the path\nb.csv:line 2: bad; mend it\n")) << message;
    EXPECT_TRUE(message.ends_with("b.csv:line 20: bad; mend it\n... and 3 more problems")) << message;
  }
}

}  // namespace
}  // namespace tailbit::io_text_test
