// Marks and Greeks of a chain against Black's formula: sound chains pass, a digit off is found.
#include "host/io/chain_checks.hpp"

#include <gtest/gtest.h>

#include "host/io/chain_statistics.hpp"
#include "tests/unit/chain_support.hpp"

namespace tailbit::chain_checks_test {
namespace {

using test::Cells;
using test::csv_text;
using test::kPublishedColumns;
using test::moment;
using test::published_rows;
using test::read_text;

const Timestamp kTime = moment("2026-01-24T03:53:41Z");

Chain published() { return read_text(csv_text(kPublishedColumns, published_rows(kTime, "timestamp"))); }

TEST(ChainChecks, MarksOfASoundChain) {
  const MarkCheck check = check_marks(published());
  EXPECT_EQ(check.all.count, 36u);
  // The vol's last digit, 0.005 %, moves a mark by at most that times vega, 0.4 sqrt(0.42) of the forward.
  EXPECT_LT(check.all.worst, 5e-5 * 0.26);
  EXPECT_GT(check.all.worst, 1e-7);
  EXPECT_LE(check.all.median, check.all.p95);
  EXPECT_LE(check.all.p95, check.all.worst);
  EXPECT_EQ(check.underlyings.at("BTC").count, 36u);
  EXPECT_EQ(check.underlyings.size(), 1u);
}

TEST(ChainChecks, OneWrongMark) {
  Chain chain = published();
  chain.quotes[7].mark = *chain.quotes[7].mark + 0.01;
  chain.quotes[9].mark.reset();
  chain.quotes[11].mark_vol.reset();
  const MarkCheck check = check_marks(chain);
  EXPECT_EQ(check.all.count, 34u);
  EXPECT_NEAR(check.all.worst, 0.01, 2e-5);
  EXPECT_EQ(check.all.worst_name, chain.quotes[7].name);
  EXPECT_LT(check.all.p95, 2e-5);
}

TEST(ChainChecks, MarksInUsdAreComparedInCoin) {
  Chain chain = published();
  for (ChainQuote& quote : chain.quotes) {
    quote.usd_settled = true;
    quote.mark = *quote.mark * *quote.forward;
  }
  EXPECT_NEAR(check_marks(chain).all.worst, check_marks(published()).all.worst, 1e-12);
}

TEST(ChainChecks, NothingToCheck) {
  Chain chain = published();
  for (ChainQuote& quote : chain.quotes) quote.mark_vol.reset();
  EXPECT_EQ(check_marks(chain).all.count, 0u);
  EXPECT_TRUE(check_marks(chain).underlyings.empty());
  EXPECT_EQ(check_greeks(chain).count, 0u);
}

TEST(ChainChecks, GreeksOfASoundChain) {
  const GreekCheck check = check_greeks(published());
  EXPECT_EQ(check.count, 36u);
  EXPECT_EQ(check.within_digits, 36u);
  for (std::size_t g = 0; g < 5; ++g) {
    EXPECT_EQ(check.greeks[g].count, 36u) << kGreekNames[g];
    EXPECT_EQ(check.greeks[g].within_digits, 36u) << kGreekNames[g];
    EXPECT_LE(check.greeks[g].median, check.greeks[g].worst);
    EXPECT_GT(check.greeks[g].worst, 0.0);
  }
}

// Forty units of the last place are noticed of nearly every option's Greek, though the vol and the forward may move
// within their own rounding; of gamma, with one or two digits in all, two units.
TEST(ChainChecks, ADigitOff) {
  const double last_digit = 1e-5;
  for (const auto member : {&ChainQuote::delta, &ChainQuote::vega, &ChainQuote::theta, &ChainQuote::rho}) {
    std::size_t noticed = 0;
    for (std::size_t i = 12; i < 36; ++i) {
      Chain chain = published();
      chain.quotes[i].*member = *(chain.quotes[i].*member) + 40.0 * last_digit;
      noticed += check_greeks(chain).within_digits == 35u;
    }
    EXPECT_GE(noticed, 20u);
  }
  Chain chain = published();
  chain.quotes[20].gamma = *chain.quotes[20].gamma + 2.0 * last_digit;
  const GreekCheck check = check_greeks(chain);
  EXPECT_EQ(check.greeks[1].within_digits, 35u);
  EXPECT_EQ(check.greeks[0].within_digits, 36u);
  EXPECT_EQ(check.within_digits, 35u);
}

// Greeks leave no room for another moment: five minutes later hardly any option's fit together.
TEST(ChainChecks, GreeksOfAnotherMoment) {
  Chain chain = published();
  for (ChainQuote& quote : chain.quotes) quote.time = Timestamp{kTime.seconds + 300};
  const GreekCheck check = check_greeks(chain);
  EXPECT_EQ(check.count, 36u);
  EXPECT_LE(check.within_digits, 6u);
}

TEST(ChainChecks, GreeksNearExpiry) {
  // 26JAN26 at 10 hours and at half an hour to go: theta counts the part of the day, then the option is no longer
  // checked, since the last half hour is an average.
  const Chain near =
      read_text(csv_text(kPublishedColumns, published_rows(moment("2026-01-25T22:00:10Z"), "timestamp")));
  const GreekCheck check = check_greeks(near);
  EXPECT_EQ(check.count, 36u);
  EXPECT_EQ(check.within_digits, 36u);
  const Chain nearer =
      read_text(csv_text(kPublishedColumns, published_rows(moment("2026-01-26T07:30:00Z"), "timestamp")));
  EXPECT_EQ(check_greeks(nearer).count, 24u);
}

TEST(ChainChecks, PublishedGreeksInTheVenuesUnits) {
  ChainQuote quote;
  quote.option = OptionKind::put;
  quote.strike = 95'000.0;
  const auto expected = test::listed_values(false, 90'000.0, 95'000.0, 0.25, 0.6);
  const PublishedGreeks greeks = published_greeks(quote, 90'000.0, 0.25, 0.6);
  EXPECT_NEAR(greeks[0], expected.delta, 1e-12);
  EXPECT_NEAR(greeks[1], expected.gamma, 1e-15);
  EXPECT_NEAR(greeks[2], expected.vega, 1e-9);
  EXPECT_NEAR(greeks[3], expected.theta, 1e-9);
  EXPECT_NEAR(greeks[4], expected.rho, 1e-8);
  EXPECT_LT(greeks[4], 0.0);  // a put loses when rates rise
  quote.mark = 0.0001;
  EXPECT_NEAR(published_greeks(quote, 90'000.0, 0.25, 0.6)[3], -9.0, 1e-12);
}

TEST(ChainStatistics, OrderStatisticsAndPrintedDigits) {
  EXPECT_EQ(sample_median({3.0, 1.0, 2.0}), 2.0);
  EXPECT_EQ(sample_median({4.0, 1.0, 2.0, 3.0}), 2.5);
  EXPECT_EQ(sample_quantile({0.0, 10.0, 20.0}, 0.95), 19.0);
  EXPECT_EQ(sample_quantile({7.0}, 0.95), 7.0);
  EXPECT_EQ(weighted_median({{1.0, 1.0}, {2.0, 1.0}, {100.0, 1.0}}), 2.0);
  EXPECT_EQ(weighted_median({{1.0, 5.0}, {2.0, 1.0}, {100.0, 1.0}}), 1.0);
  EXPECT_EQ(printed_decimals(63.29), 2);
  EXPECT_EQ(printed_decimals(0.6329), 4);
  EXPECT_EQ(printed_decimals(0.9584999999999999), 4);  // as Python leaves 95.85 / 100
  EXPECT_EQ(printed_decimals(100.0), 0);
  EXPECT_EQ(printed_decimals(-3e-05), 5);
  EXPECT_EQ(printed_decimals(73751.7676923077), 8);  // a double holds no more of it
  EXPECT_EQ(rounded_text(0.000469731), "0.00047");
  EXPECT_EQ(rounded_text(5.474981e-06), "5.47e-06");
}

}  // namespace
}  // namespace tailbit::chain_checks_test
