// When a chain was taken, where its file says so, hints at it, or is silent; and vols in the wrong unit.
#include "host/io/chain_times.hpp"

#include <gtest/gtest.h>

#include "tests/unit/chain_support.hpp"

namespace tailbit::chain_times_test {
namespace {

using test::Cells;
using test::chain_outcome;
using test::csv_text;
using test::kPublishedColumns;
using test::moment;
using test::published_rows;
using test::read_text;

const Timestamp kTime = moment("2026-01-24T03:53:41Z");

std::vector<std::string> with(std::vector<std::string> columns, const std::string& more) {
  columns.push_back(more);
  return columns;
}
std::vector<std::string> without(std::vector<std::string> columns, const std::vector<std::string>& less) {
  for (const std::string& name : less) std::erase(columns, name);
  return columns;
}
std::vector<Cells> edited(std::vector<Cells> rows, const std::string& column, const std::string& text) {
  for (Cells& row : rows) row[column] = text;
  return rows;
}

TEST(ChainTimes, OfTheLatestQuote) {
  std::vector<Cells> rows = published_rows(kTime, "timestamp");
  rows[5]["timestamp"] = std::to_string(1000 * (kTime.seconds - 7) + 999);
  const Chain chain = read_text(csv_text(kPublishedColumns, rows));
  EXPECT_EQ(chain.as_of, kTime);
  EXPECT_EQ(chain.as_of_from, "latest quote");
  EXPECT_EQ(chain.time_spread_seconds, 7);
  EXPECT_EQ(quote_time(chain, chain.quotes[5]).seconds, kTime.seconds - 7);
  EXPECT_TRUE(chain.warnings.empty());
}

TEST(ChainTimes, GivenOnesComeFirst) {
  const std::string text = csv_text(kPublishedColumns, published_rows(kTime, "timestamp"));
  const Timestamp given = moment("2026-01-24T05:00:00Z");
  const Chain chain = read_text(text, {given});
  EXPECT_EQ(chain.as_of, given);
  EXPECT_EQ(chain.as_of_from, "given");
  EXPECT_EQ(quote_time(chain, chain.quotes[0]), given);
  EXPECT_EQ(chain.layout, "csv, vols in percent, time given");
  ASSERT_FALSE(chain.warnings.empty());
  EXPECT_EQ(chain.warnings[0], "the latest quote is of 2026-01-24T03:53:41Z, the time given is 2026-01-24T05:00:00Z");
  EXPECT_TRUE(read_text(text, {Timestamp{kTime.seconds + 60}}).warnings.empty());
  // Options of January are over by then.
  const Chain later = read_text(text, {moment("2026-02-01T00:00:00Z")});
  EXPECT_EQ(later.quotes.size(), 24u);
  EXPECT_EQ(drop_kind(later.dropped.at(0)), "expired");
}

TEST(ChainTimes, CreationOfSummaries) {
  std::vector<Cells> rows = published_rows(kTime, "creation_timestamp");
  rows[2].erase("creation_timestamp");
  rows[3]["timestamp"] = std::to_string(1000 * (kTime.seconds - 10));
  rows[3]["creation_timestamp"] = "1000000000000";
  const Chain chain = read_text(csv_text(kPublishedColumns, rows));
  EXPECT_FALSE(chain.quotes[2].time);
  EXPECT_EQ(chain.quotes[3].time->seconds, kTime.seconds - 10);
  EXPECT_EQ(chain.as_of, kTime);
  EXPECT_EQ(chain.as_of_from, "latest quote");
}

// Instruments are listed at times of their own, days apart: these say nothing about the quotes.
std::vector<Cells> listed_apart(std::vector<Cells> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i]["creation_timestamp"] = std::to_string(1'760'000'000'000 + 50'000'000 * (i % 7));
  }
  return rows;
}

TEST(ChainTimes, ImpliedByVegaAndTheta) {
  const std::vector<Cells> rows = listed_apart(published_rows(kTime, "creation_timestamp"));
  const Chain chain = read_text(csv_text(kPublishedColumns, rows));
  EXPECT_EQ(timestamp_text(chain.as_of), "2026-01-24T03:54:00Z");  // the nearest minute is what Greeks are of
  EXPECT_EQ(chain.as_of_from, "inferred from vega and theta");
  EXPECT_EQ(chain.layout, "csv, vols in percent, no times");
  EXPECT_LE(chain.time_spread_seconds, 2);
  ASSERT_FALSE(chain.warnings.empty());
  EXPECT_NE(chain.warnings[0].find("rows imply 2026-01-24T03:54:00Z"), std::string::npos) << chain.warnings[0];

  // What describes instruments shows that their creation is meant, though all were listed at once.
  const std::vector<Cells> together = edited(rows, "creation_timestamp", "1760000000000");
  const Chain described = read_text(csv_text(with(kPublishedColumns, "contract_size"), together));
  EXPECT_EQ(timestamp_text(described.as_of), "2026-01-24T03:54:00Z");
  EXPECT_EQ(timestamp_text(read_text(csv_text(kPublishedColumns, together)).as_of), "2025-10-09T08:53:20Z");
}

// Summaries of one option at several times are no listing, however far apart.
TEST(ChainTimes, ALogOfSummaries) {
  std::vector<Cells> rows = published_rows(kTime, "creation_timestamp");
  for (Cells row : published_rows({kTime.seconds - 40'000}, "creation_timestamp")) rows.push_back(row);
  const Chain chain = read_text(csv_text(kPublishedColumns, rows));
  EXPECT_EQ(chain.as_of, kTime);
  EXPECT_EQ(chain.quotes.size(), 36u);
  EXPECT_EQ(chain.dropped.size(), 36u);
}

// A minute passes while the expiries are asked for one by one.
TEST(ChainTimes, ImpliedByExpiry) {
  std::vector<Cells> rows = published_rows(kTime, "creation_timestamp");
  const std::vector<Cells> later = published_rows({kTime.seconds + 60}, "creation_timestamp");
  for (std::size_t i = 24; i < 36; ++i) rows[i] = later[i];
  const Chain chain = read_text(csv_text(kPublishedColumns, listed_apart(rows)));
  EXPECT_EQ(timestamp_text(chain.as_of), "2026-01-24T03:54:00Z");
  EXPECT_NEAR(static_cast<double>(chain.quotes[12].time->seconds - chain.as_of.seconds), 0.0, 1.0);
  EXPECT_NEAR(static_cast<double>(chain.quotes[24].time->seconds - chain.as_of.seconds), 60.0, 2.0);
  EXPECT_NEAR(static_cast<double>(chain.time_spread_seconds), 60.0, 3.0);
}

TEST(ChainTimes, ImpliedByMarksWhereThereAreNoGreeks) {
  const auto columns = without(kPublishedColumns, {"vega", "timestamp", "creation_timestamp"});
  const Chain chain = read_text(csv_text(columns, published_rows(kTime, "timestamp")));
  EXPECT_NEAR(static_cast<double>(chain.as_of.seconds - kTime.seconds), 0.0, 30.0);
  EXPECT_EQ(chain.as_of_from, "inferred from marks and vols");
  ASSERT_EQ(chain.warnings.size(), 1u);
  EXPECT_TRUE(chain.warnings[0].starts_with("nothing in the file says when the quotes are of: marks and vols of "));
}

TEST(ChainTimes, NothingTells) {
  const auto columns = without(kPublishedColumns, {"vega", "mark_price", "timestamp", "creation_timestamp"});
  const std::string text = csv_text(columns, published_rows(kTime, "timestamp"));
  EXPECT_EQ(
      chain_outcome(text).message,
      "chain: nothing in the file says when it was taken: there is no timestamp, and no vols with Greeks or marks "
      "that imply it; say it with --as-of, for instance --as-of 2026-03-01T08:00:00Z");
  EXPECT_EQ(read_text(text, {kTime}).as_of, kTime);
}

TEST(ChainTimes, OfASingleRow) {
  const std::vector<Cells> rows = published_rows(kTime, "timestamp");
  std::vector<const ChainQuote*> all;
  const Chain chain = read_text(csv_text(kPublishedColumns, rows));
  for (const ChainQuote& quote : chain.quotes) all.push_back(&quote);
  const ChainRounding rounding = chain_rounding(all);
  EXPECT_NEAR(rounding.vol, 5e-5, 1e-9);
  EXPECT_NEAR(rounding.vega, 5e-6, 1e-12);
  EXPECT_NEAR(rounding.mark, 5e-9, 1e-14);
  std::size_t told = 0, sharp = 0;
  for (const ChainQuote& quote : chain.quotes) {
    if (const auto implied = time_from_greeks(quote, rounding)) {
      ++told;
      sharp += implied->uncertainty < 3.0;
      EXPECT_NEAR(implied->seconds, moment("2026-01-24T03:54:00Z").seconds, 3.0 * implied->uncertainty + 0.1)
          << quote.name;
    }
    if (const auto implied = time_from_mark(quote, rounding)) {
      EXPECT_NEAR(implied->seconds, kTime.seconds, 1.1 * implied->uncertainty + 0.1) << quote.name;
    }
  }
  EXPECT_GE(told, 12u);
  EXPECT_GE(sharp, 10u);
  ChainQuote quote = chain.quotes[20];
  ASSERT_TRUE(time_from_greeks(quote, rounding));
  // Another forward leaves the ratio of vega and theta, but no T at which vega is as printed: the printed vol tells T.
  quote.forward = 1.02 * *quote.forward;
  const auto roughly = time_from_greeks(quote, rounding);
  ASSERT_TRUE(roughly);
  const double seconds = static_cast<double>(quote.expiry.seconds - kTime.seconds);
  EXPECT_NEAR(roughly->uncertainty, seconds * 5e-5 / *quote.mark_vol, 0.01 * roughly->uncertainty);
  EXPECT_NEAR(roughly->seconds, moment("2026-01-24T03:54:00Z").seconds, roughly->uncertainty + 2.0);
  quote.theta = -*quote.mark * *quote.forward;  // cut at the mark
  EXPECT_FALSE(time_from_greeks(quote, rounding));
  quote.theta = 1.0;
  EXPECT_FALSE(time_from_greeks(quote, rounding));
  quote.mark = 2.0;
  EXPECT_FALSE(time_from_mark(quote, rounding));
}

TEST(ChainTimes, MarksOfAnotherMoment) {
  const std::vector<Cells> rows =
      edited(published_rows(kTime, "timestamp"), "timestamp", std::to_string(1000 * (kTime.seconds + 36'000)));
  const Chain chain = read_text(csv_text(kPublishedColumns, rows));
  ASSERT_EQ(chain.warnings.size(), 1u);
  EXPECT_TRUE(
      chain.warnings[0].starts_with("the marks and vols are of another moment than 2026-01-24T13:53:41Z: as of "
                                    "2026-01-24T03:5"))
      << chain.warnings[0];
  // Of prices in USD just the same, and where some quotes have no vol.
  Chain usd = chain;
  for (ChainQuote& quote : usd.quotes) {
    quote.usd_settled = true;
    quote.mark = *quote.mark * *quote.forward;
  }
  usd.quotes[0].mark_vol.reset();
  usd.quotes[1].mark.reset();
  const std::string in_usd = chain_clock_warning(usd);
  EXPECT_TRUE(in_usd.starts_with("the marks and vols are of another moment than")) << in_usd;
  EXPECT_EQ(in_usd.substr(in_usd.find("now only to"), 18),
            chain.warnings[0].substr(chain.warnings[0].find("now only to"), 18));
  // Five minutes are within what snapshots take.
  const std::vector<Cells> near =
      edited(published_rows(kTime, "timestamp"), "timestamp", std::to_string(1000 * (kTime.seconds + 300)));
  EXPECT_TRUE(read_text(csv_text(kPublishedColumns, near)).warnings.empty());
}

// --- units
// -------------------------------------------------------------------------------------------------------------

std::vector<Cells> scaled(std::vector<Cells> rows, const std::string& column, double factor,
                          const std::string& renamed) {
  for (Cells& row : rows) {
    const double value = parse_number(row.at(column)).value();
    row.erase(column);
    row[renamed] = number_text(factor * value);
  }
  return rows;
}

TEST(ChainUnits, VolsAgainstTheirName) {
  const std::vector<Cells> rows = published_rows(kTime, "timestamp");
  const auto columns = with(kPublishedColumns, "implied_volatility");
  const std::string remedy =
      "; name the column mark_iv for percent (63.29) or implied_volatility for decimals (0.6329), as it is";
  const auto percent = chain_outcome(csv_text(columns, scaled(rows, "mark_iv", 1.0, "implied_volatility")));
  EXPECT_EQ(percent.code, ExitCode::bad_data);
  EXPECT_TRUE(percent.message.starts_with("chain: implied_volatility is in percent here, against its name: vols of 45"))
      << percent.message;
  EXPECT_TRUE(percent.message.ends_with(remedy));
  const auto decimals = chain_outcome(csv_text(columns, scaled(rows, "mark_iv", 0.01, "mark_iv")));
  EXPECT_TRUE(decimals.message.starts_with("chain: mark_iv is in decimals here, against its name: vols of 0.45 %"))
      << decimals.message;
  EXPECT_EQ(read_text(csv_text(columns, scaled(rows, "mark_iv", 0.01, "implied_volatility"))).quotes.size(), 36u);
}

TEST(ChainUnits, PricesInAnotherCurrency) {
  const auto outcome = chain_outcome(
      csv_text(kPublishedColumns, scaled(published_rows(kTime, "timestamp"), "mark_price", 90'000.0, "mark_price")));
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_TRUE(outcome.message.starts_with("chain: prices are in another currency than the names say: as they are"));
}

TEST(ChainUnits, MarksThatFitNoUnitAreAWarning) {
  const Chain chain = read_text(
      csv_text(kPublishedColumns, scaled(published_rows(kTime, "timestamp"), "mark_price", 1.5, "mark_price")));
  ASSERT_FALSE(chain.warnings.empty());
  EXPECT_EQ(chain.warnings.size(), 1u);  // nor does another moment make them fit
  EXPECT_TRUE(chain.warnings[0].starts_with("the mark prices are not those of the vols: they differ by "));
  EXPECT_EQ(chain.quotes.size(), 36u);
}

TEST(ChainUnits, VolsOfBidAndAsk) {
  const auto columns = with(with(kPublishedColumns, "bid_iv"), "ask_iv");
  std::vector<Cells> rows = published_rows(kTime, "timestamp");
  for (Cells& row : rows) {
    row["bid_iv"] = "44";
    row["ask_iv"] = "0.46";
  }
  EXPECT_TRUE(
      chain_outcome(csv_text(columns, rows)).message.starts_with("chain: ask_iv and mark_iv are not in the same unit"));
  for (Cells& row : rows) row["ask_iv"] = "500.0";
  rows[3]["ask_iv"] = "46";
  rows[4]["ask_iv"] = "0.05";
  rows[5]["mark_iv"] = "700";
  const Chain chain = read_text(csv_text(columns, rows));
  EXPECT_FALSE(chain.quotes[0].ask_vol || chain.quotes[4].ask_vol || chain.quotes[5].mark_vol);
  EXPECT_EQ(chain.quotes[3].ask_vol, 0.46);
  EXPECT_EQ(chain.quotes[0].bid_vol, 0.44);
  EXPECT_EQ(chain.warnings, (std::vector<std::string>{"vols below 0.1 %, taken as none: 1"}));
}

}  // namespace
}  // namespace tailbit::chain_times_test
