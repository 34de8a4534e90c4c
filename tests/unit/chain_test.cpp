// Chains as CSV: the layouts that people have saved since 2020, what is made of their cells, and what is dropped.
#include "host/io/chain.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "host/io/chain_entry.hpp"
#include "host/io/limits.hpp"
#include "tests/unit/chain_support.hpp"

namespace tailbit::chain_test {
namespace {

using test::Cells;
using test::chain_outcome;
using test::csv_text;
using test::drops_of;
using test::moment;
using test::quote_of;
using test::read_text;

using Texts = std::vector<std::string>;

TEST(ChainCsv, LayoutOf2026DecimalsAndIsoTimes) {
  const Chain chain = read_text(
      "timestamp,instrument_name,underlying,underlying_name,option_type,strike,expiry_datetime,time_to_maturity,bid_"
      "price,"
      "ask_price,mark_price,mid_price,futures_price,futures_instrument_name,implied_volatility,delta,vega,open_"
      "interest,"
      "volume,bid_ask_spread,currency,index_price,volume_usd\n"
      "2026-01-24T03:53:41.907912+00:00,BTC-6FEB26-100000-C,89835.88,BTC-6FEB26,call,100000.0,2026-02-06T08:00:00+00:"
      "00,"
      "0.03606034971252566,0.0016,0.002,0.00178108,0.0018,89835.88,BTC-6FEB26,0.3588,0.06194,20.8414,1041.4,62.1,"
      "0.0004,BTC,89641.02,10547.93\n"
      "2026-01-24T03:53:41.907912+00:00,BTC-13FEB26-88000-P,89892.3,SYN.BTC-13FEB26,put,88000.0,2026-02-13T08:00:00+00:"
      "00,"
      "0.05,,0.011,0.0,,89892.3,SYN.BTC-13FEB26,0.3679,-0.33114,42.32243,,782.5,,BTC,89641.04,1.0\n");
  EXPECT_EQ(chain.layout, "csv, vols in decimals, times as ISO 8601");
  EXPECT_EQ(chain.rows, 2u);
  EXPECT_TRUE(chain.dropped.empty());
  EXPECT_TRUE(chain.warnings.empty());
  EXPECT_EQ(timestamp_text(chain.as_of), "2026-01-24T03:53:41Z");
  EXPECT_EQ(chain.as_of_from, "latest quote");
  ASSERT_EQ(chain.quotes.size(), 2u);

  const ChainQuote& call = chain.quotes[0];
  EXPECT_EQ(call.where, "line 2");
  EXPECT_EQ(call.name, "BTC-6FEB26-100000-C");
  EXPECT_EQ(call.underlying, "BTC");
  EXPECT_FALSE(call.usd_settled);
  EXPECT_EQ(call.option, OptionKind::call);
  EXPECT_EQ(call.strike, 100000.0);
  EXPECT_EQ(call.expiry, moment("2026-02-06T08:00:00Z"));
  EXPECT_EQ(call.time, moment("2026-01-24T03:53:41Z"));
  EXPECT_EQ(call.forward, 89835.88);
  EXPECT_FALSE(call.synthetic_forward);
  EXPECT_EQ(call.index_price, 89641.02);
  EXPECT_EQ(call.bid, 0.0016);
  EXPECT_EQ(call.ask, 0.002);
  EXPECT_EQ(call.mark, 0.00178108);
  EXPECT_EQ(call.mark_vol, 0.3588);
  EXPECT_FALSE(call.bid_vol || call.ask_vol);
  EXPECT_EQ(call.delta, 0.06194);
  EXPECT_EQ(call.vega, 20.8414);
  EXPECT_FALSE(call.gamma || call.theta || call.rho);
  EXPECT_EQ(call.open_interest, 1041.4);

  const ChainQuote& put = chain.quotes[1];
  EXPECT_EQ(put.option, OptionKind::put);
  EXPECT_TRUE(put.synthetic_forward);
  EXPECT_FALSE(put.bid || put.mark);
  EXPECT_EQ(put.ask, 0.011);
  EXPECT_EQ(put.open_interest, 0.0);

  const ChainUnderlying& btc = chain.underlyings.at("BTC");
  EXPECT_EQ(btc.spot, 0.5 * (89641.02 + 89641.04));
  EXPECT_EQ(btc.spot_low, 89641.02);
  EXPECT_EQ(btc.spot_high, 89641.04);
  EXPECT_FALSE(btc.perpetual_mark);
  ASSERT_EQ(btc.forwards.size(), 2u);
  EXPECT_FALSE(btc.forwards.at(call.expiry).synthetic);
  EXPECT_TRUE(btc.forwards.at(put.expiry).synthetic);
  EXPECT_EQ(btc.forwards.at(call.expiry).forward, 89835.88);
  EXPECT_EQ(btc.forwards.at(call.expiry).rows, 1u);
}

TEST(ChainCsv, LayoutOf2021PercentMillisecondsLaddersAndDottedGreeks) {
  const Chain chain = read_text(
      "underlying_price,underlying_index,timestamp,open_interest,min_price,mark_price,mark_iv,last_price,instrument_"
      "name,"
      "index_price,bids,bid_iv,best_bid_price,best_ask_price,asks,ask_iv,stats.price_change,greeks.vega,greeks.theta,"
      "greeks.rho,greeks.gamma,greeks.delta\r\n"
      "48208.5,SYN.BTC-5MAR21,1613068625269,2.5,0.0001,0.00507855,48.92,None,BTC-5MAR21-57500-C,47795.22,"
      "\"[[0.0365, 0.4], [0.03, "
      "1.0]]\",0.0,0.0,0.0365,\"[]\",96.33,-97.9167,20.15899,-22.87224,2.61116,3e-05,0.09553\r\n"
      "48210.5,SYN.BTC-5MAR21,1613068626269,2.5,0.0001,0.00507855,48.92,,BTC-5MAR21-57500-P,47795.22,"
      "[],12.5,0.01,0.0,[],500.0,,20.15899,-22.87224,2.61116,3e-05,0.09553\r\n");
  EXPECT_EQ(chain.layout, "csv, vols in percent, times in ms since 1970");
  EXPECT_EQ(chain.time_spread_seconds, 1);
  ASSERT_EQ(chain.quotes.size(), 2u);
  const ChainQuote& call = chain.quotes[0];
  EXPECT_EQ(call.time, moment("2021-02-11T18:37:05Z"));
  EXPECT_EQ(call.mark_vol, 0.4892);
  EXPECT_FALSE(call.bid_vol || call.bid);
  EXPECT_EQ(call.ask_vol, 0.9633);
  EXPECT_EQ(call.ask, 0.0365);
  EXPECT_EQ(call.delta, 0.09553);
  EXPECT_EQ(call.gamma, 3e-05);
  EXPECT_EQ(call.vega, 20.15899);
  EXPECT_EQ(call.theta, -22.87224);
  EXPECT_EQ(call.rho, 2.61116);
  const ChainQuote& put = chain.quotes[1];
  EXPECT_EQ(put.bid_vol, 0.125);
  EXPECT_FALSE(put.ask_vol || put.ask);  // 500 % is none
}

TEST(ChainCsv, LayoutOf2020UnnamedIndexAndGreeksAsPythonPrintsThem) {
  const std::string header =
      ",expiration_timestamp,option_type,instrument_name,strike,underlying_price,timestamp,stats,mark_price,mark_iv,"
      "index_price,greeks,estimated_delivery_price\n";
  const Chain chain = read_text(
      header +
      "0,1616745600000,put,BTC-26MAR21-8000-P,8000.0,10735.56,1599951952543,\"{'volume': 16.1, 'low': "
      "None}\",0.08638039,"
      "74.98,10433.61,\"{'vega': 22.49273, 'theta': -4.33849, 'rho': None, 'gamma': 5e-05, 'delta': "
      "-0.20865}\",10433.61\n"
      "1,1616745600000,call,BTC-26MAR21-8000-C,8000.0,10735.56,1599951952543,,0.3,74.98,10433.61,None,10433.61\n"
      "2,1616745600000,call,BTC-26MAR21-9000-C,9000.0,10735.56,1599951952543,,0.3,74.98,10433.61,\"{'vega': "
      "\",10433.61\n"
      "3,1616745600000,call,BTC-26MAR21-9500-C,9500.0,10735.56,1599951952543,,0.3,74.98,10433.61,[1],10433.61\n");
  ASSERT_EQ(chain.quotes.size(), 2u);
  EXPECT_EQ(chain.quotes[0].vega, 22.49273);
  EXPECT_EQ(chain.quotes[0].delta, -0.20865);
  EXPECT_EQ(chain.quotes[0].gamma, 5e-05);
  EXPECT_FALSE(chain.quotes[0].rho);
  EXPECT_FALSE(chain.quotes[1].vega);
  EXPECT_EQ(drops_of(chain), (Texts{"line 4 BTC-26MAR21-9000-C: malformed: greeks is \"{'vega': \", not {'delta': ...}",
                                    "line 5 BTC-26MAR21-9500-C: malformed: greeks is \"[1]\", not {'delta': ...}"}));
  for (const std::string& warning : chain.warnings) EXPECT_EQ(warning.find("not understood"), std::string::npos);
}

TEST(ChainCsv, BookSummariesWithoutVols) {
  const Chain chain = read_text(
      ",mid_price,estimated_delivery_price,creation_timestamp,base_currency,interest_rate,underlying_index,underlying_"
      "price,"
      "price_change,mark_price,open_interest,ask_price,bid_price,instrument_name,expire_date,strike_price,option_type\n"
      "0,0.0007,2222.19,1704712781414,ETH,0.0,ETH-26JAN24,2241.65,12.5,0.000853,965.0,0.001,0.0004,ETH-26JAN24-1200-P,"
      "26JAN24,1200,P\n"
      "1,,2222.19,1704712782414,ETH,0.0,ETH-26JAN24,2241.65,,0.149997,229.0,,,ETH-26JAN24-2550-P,26JAN24,2550,P\n");
  EXPECT_EQ(chain.layout, "csv, no vols, times in ms since 1970");
  EXPECT_EQ(timestamp_text(chain.as_of), "2024-01-08T11:19:42Z");
  EXPECT_EQ(chain.time_spread_seconds, 1);
  ASSERT_EQ(chain.quotes.size(), 2u);
  EXPECT_FALSE(chain.quotes[0].mark_vol);
  EXPECT_EQ(chain.quotes[0].mark, 0.000853);
  EXPECT_EQ(chain.quotes[0].index_price, 2222.19);
  EXPECT_FALSE(chain.quotes[1].bid || chain.quotes[1].ask);
}

const std::vector<std::string> kColumns{
    "timestamp",     "instrument_name", "underlying_price", "underlying_index",     "mark_price",
    "mark_iv",       "index_price",     "strike",           "expiration_timestamp", "option_type",
    "open_interest", "best_bid_price",  "best_ask_price"};

// As of 2026-01-24T04:00:00Z, without a mark: nothing is checked against the vol.
Cells row(const std::string& name, const Cells& other = {}) {
  Cells cells{{"timestamp", "1769227200000"},
              {"instrument_name", name},
              {"underlying_price", "90000"},
              {"mark_iv", "50"},
              {"index_price", "89900"}};
  for (const auto& [column, text] : other) cells[column] = text;
  return cells;
}

TEST(ChainCsv, WhatIsDroppedIsToldWithItsReason) {
  const Chain chain = read_text(csv_text(kColumns,
                                         {
                                             row("BTC-27MAR26-90000-C"),
                                             row("BTC-27MAR26-X-C"),
                                             row("SOMETHING"),
                                             row(""),
                                             row("btc-27MAR26-90000-C"),
                                             row("BTC-27MAR26-90000-P", {{"strike", "90001"}}),
                                             row("BTC-27MAR26-90000-P", {{"option_type", "call"}}),
                                             row("BTC-27MAR26-90000-P", {{"expiration_timestamp", "1774598400001"}}),
                                             row("BTC-27MAR26-90000-P", {{"expiration_timestamp", "1774512000000"}}),
                                             row("BTC-27MAR26-91000-P", {{"timestamp", "yesterday"}}),
                                             row("BTC-27MAR26-91000-P", {{"mark_iv", "-50"}}),
                                             row("BTC-27MAR26-91000-P", {{"mark_iv", "fifty"}}),
                                             row("BTC-27MAR26-91000-P", {{"underlying_price", "inf"}}),
                                             row("BTC-27MAR26-91000-P", {{"best_bid_price", "-0.1"}}),
                                             row("BTC-27MAR26-91000-P", {{"open_interest", "-1"}}),
                                             row("BTC-23JAN26-90000-C"),
                                             row("BTC-27MAR26-90000-C", {{"mark_iv", "60"}}),
                                             row("BTC-26JUN26-90000-C", {{"underlying_price", ""}}),
                                             row("BTC-25SEP26-90000-C", {{"underlying_price", "0"}}),
                                             row("BTC-31FEB26-90000-C"),
                                         }) +
                                "1769227200000,BTC-27MAR26-92000-C\n");
  EXPECT_EQ(chain.rows, 21u);
  EXPECT_EQ(chain.quotes.size(), 2u);  // among them the one whose expiry is a thousandth of a second off
  EXPECT_EQ(chain.quotes[0].mark_vol, 0.5);
  const std::string otherwise = ", the name says otherwise";
  EXPECT_EQ(
      drops_of(chain),
      (Texts{"line 3 BTC-27MAR26-X-C: not an option", "line 4 SOMETHING: not an option",
             "line 5 : malformed: there is no name", "line 6 btc-27MAR26-90000-C: not an option",
             "line 7 BTC-27MAR26-90000-P: malformed: strike is \"90001\"" + otherwise,
             "line 8 BTC-27MAR26-90000-P: malformed: option_type is \"call\"" + otherwise,
             "line 10 BTC-27MAR26-90000-P: malformed: expiration_timestamp is \"1774512000000\"" + otherwise,
             "line 11 BTC-27MAR26-91000-P: malformed: timestamp is \"yesterday\"",
             "line 12 BTC-27MAR26-91000-P: malformed: mark_iv is \"-50\", below 0",
             "line 13 BTC-27MAR26-91000-P: malformed: mark_iv is \"fifty\"",
             "line 14 BTC-27MAR26-91000-P: malformed: underlying_price is \"inf\"",
             "line 15 BTC-27MAR26-91000-P: malformed: best_bid_price is \"-0.1\", below 0",
             "line 16 BTC-27MAR26-91000-P: malformed: open_interest is \"-1\", below 0",
             "line 17 BTC-23JAN26-90000-C: expired: at 2026-01-23T08:00:00Z, the chain is as of 2026-01-24T04:00:00Z "
             "(latest quote)",
             "line 18 BTC-27MAR26-90000-C: repeated: line 2 came first",
             "line 19 BTC-26JUN26-90000-C: no forward: neither here nor in another row of 2026-06-26T08:00:00Z",
             "line 20 BTC-25SEP26-90000-C: no forward: neither here nor in another row of 2026-09-25T08:00:00Z",
             "line 21 BTC-31FEB26-90000-C: not an option", "line 22 : malformed: 2 cells where the header has 13"}));
  EXPECT_EQ(drop_kind(chain.dropped.back()), "malformed");
  EXPECT_EQ(drop_kind(chain.dropped.front()), "not an option");
}

TEST(ChainCsv, KindsInTheirSpellings) {
  for (const char* put : {"put", "P", "p", "Put", "PUT", "option", ""}) {
    EXPECT_EQ(read_text(csv_text(kColumns, {row("BTC-27MAR26-90000-P", {{"option_type", put}})})).quotes.size(), 1u)
        << put;
  }
  for (const char* call : {"call", "C", "c", "Call", "CALL", "option", "None"}) {
    EXPECT_EQ(read_text(csv_text(kColumns, {row("BTC-27MAR26-90000-C", {{"option_type", call}})})).quotes.size(), 1u)
        << call;
  }
  EXPECT_EQ(chain_outcome(csv_text(kColumns, {row("BTC-27MAR26-90000-P", {{"option_type", "banana"}})})).code,
            ExitCode::bad_data);
  EXPECT_EQ(chain_outcome(csv_text(kColumns, {row("BTC-27MAR26-90000-P", {{"option_type", "C"}})})).code,
            ExitCode::bad_data);
}

// At its expiry an option is over; a bid that equals the ask is no contradiction.
TEST(ChainCsv, TheEdges) {
  const std::vector<Cells> rows{row("BTC-27MAR26-90000-P"),
                                row("BTC-26JUN26-90000-P", {{"best_bid_price", "0.1"}, {"best_ask_price", "0.1"}})};
  const Chain chain = read_text(csv_text(kColumns, rows), {moment("2026-03-27T08:00:00Z")});
  EXPECT_EQ(drops_of(chain), (Texts{"line 2 BTC-27MAR26-90000-P: expired: at 2026-03-27T08:00:00Z, the chain is as of "
                                    "2026-03-27T08:00:00Z (given)"}));
  EXPECT_EQ(chain.warnings.size(), 1u);  // of the time given
}

TEST(ChainCsv, AnOptionListedWithoutVolOrQuotesStays) {
  const Chain chain = read_text(csv_text(kColumns, {row("BTC-27MAR26-90000-C", {{"mark_iv", "0"}})}));
  ASSERT_EQ(chain.quotes.size(), 1u);
  EXPECT_FALSE(chain.quotes[0].mark_vol || chain.quotes[0].bid || chain.quotes[0].ask || chain.quotes[0].mark);
}

TEST(ChainCsv, OfRepeatedRowsTheLatestCounts) {
  const Chain chain =
      read_text(csv_text(kColumns, {row("BTC-27MAR26-90000-C", {{"mark_iv", "51"}}),
                                    row("BTC-27MAR26-90000-C", {{"mark_iv", "53"}, {"timestamp", "1769227202000"}}),
                                    row("BTC-27MAR26-90000-C", {{"mark_iv", "52"}, {"timestamp", "1769227201000"}}),
                                    row("BTC-27MAR26-90000-C", {{"mark_iv", "54"}, {"timestamp", ""}})}));
  ASSERT_EQ(chain.quotes.size(), 1u);
  EXPECT_EQ(chain.quotes[0].mark_vol, 0.53);
  EXPECT_EQ(chain.quotes[0].where, "line 3");
  const std::string name = " BTC-27MAR26-90000-C: repeated: ";
  EXPECT_EQ(drops_of(chain), (Texts{"line 2" + name + "line 3 is later", "line 4" + name + "line 3 came first",
                                    "line 5" + name + "line 3 came first"}));
}

TEST(ChainCsv, ForwardsAreMediansWithTheirSpread) {
  const Chain chain = read_text(csv_text(
      kColumns, {row("BTC-27MAR26-90000-C", {{"underlying_price", "90010"}, {"underlying_index", "SYN.BTC-27MAR26"}}),
                 row("BTC-27MAR26-90000-P", {{"underlying_price", "90000"}, {"underlying_index", "BTC-27MAR26"}}),
                 row("BTC-27MAR26-91000-C", {{"underlying_price", "90200"}}),
                 row("BTC-27MAR26-91000-P", {{"underlying_price", ""}}),
                 row("BTC-26JUN26-91000-C", {{"underlying_price", "90500"}, {"underlying_index", "SYN.BTC-26JUN26"}}),
                 row("ETH-26JUN26-3000-C", {{"underlying_price", "3010"}, {"index_price", "3000"}})}));
  EXPECT_EQ(chain.quotes.size(), 6u);
  EXPECT_FALSE(quote_of(chain, "BTC-27MAR26-91000-P").forward);  // its expiry has one
  const ChainForward& march = chain.underlyings.at("BTC").forwards.at(moment("2026-03-27T08:00:00Z"));
  EXPECT_EQ(march.forward, 90010.0);
  EXPECT_EQ(march.low, 90000.0);
  EXPECT_EQ(march.high, 90200.0);
  EXPECT_EQ(march.rows, 3u);
  EXPECT_TRUE(chain.warnings.empty());
  EXPECT_FALSE(march.synthetic);
  EXPECT_TRUE(chain.underlyings.at("BTC").forwards.at(moment("2026-06-26T08:00:00Z")).synthetic);
  EXPECT_EQ(chain.underlyings.at("ETH").forwards.begin()->second.forward, 3010.0);
}

TEST(ChainCsv, FuturesAndPerpetualsLeaveTheirMarks) {
  const Chain chain = read_text(csv_text(
      kColumns, {row("BTC-PERPETUAL", {{"mark_price", "89950"}}), row("BTC-26JUN26", {{"mark_price", "91000"}}),
                 row("BTC-26JUN26-90000-C", {{"underlying_price", ""}}), row("BTC-27MAR26", {{"mark_price", "90100"}}),
                 row("BTC-27MAR26-90000-C"), row("BTC-25SEP26"), row("ETH-PERPETUAL", {{"mark_price", "3000"}}),
                 row("BTC-23JAN26", {{"mark_price", "89000"}})}));
  ASSERT_EQ(chain.quotes.size(), 2u);
  EXPECT_EQ(
      drops_of(chain),
      (Texts{"line 2 BTC-PERPETUAL: a perpetual: its mark is kept", "line 3 BTC-26JUN26: a future: used as forward",
             "line 5 BTC-27MAR26: a future: the options of its expiry have forwards of their own",
             "line 7 BTC-25SEP26: a future: without a mark", "line 8 ETH-PERPETUAL: a perpetual: its mark is kept",
             "line 9 BTC-23JAN26: expired: at 2026-01-23T08:00:00Z, the chain is as of 2026-01-24T04:00:00Z (latest "
             "quote)"}));
  ASSERT_EQ(chain.underlyings.size(), 1u);  // a perpetual alone is no chain
  const ChainUnderlying& btc = chain.underlyings.at("BTC");
  EXPECT_EQ(btc.perpetual_mark, 89950.0);
  const ChainForward& june = btc.forwards.at(moment("2026-06-26T08:00:00Z"));
  EXPECT_EQ(june.forward, 91000.0);
  EXPECT_TRUE(june.from_future);
  EXPECT_EQ(june.rows, 0u);
  EXPECT_FALSE(june.synthetic);
  EXPECT_EQ(btc.forwards.at(moment("2026-03-27T08:00:00Z")).forward, 90000.0);
  EXPECT_FALSE(btc.forwards.at(moment("2026-03-27T08:00:00Z")).from_future);
}

TEST(ChainCsv, OptionsSettledInUsdAndStrikesWithADecimal) {
  const double years = years_between(moment("2026-01-24T04:00:00Z"), moment("2026-03-27T08:00:00Z"));
  const auto mark = [&](double forward, double strike, double vol) {
    return number_text(test::listed_values(false, forward, strike, years, vol, true).mark);
  };
  const Chain chain =
      read_text(csv_text(kColumns, {row("SOL_USDC-27MAR26-150-P", {{"underlying_price", "140.5"},
                                                                   {"index_price", "140"},
                                                                   {"mark_iv", "80"},
                                                                   {"mark_price", mark(140.5, 150, 0.8)}}),
                                    row("XRP_USDC-27MAR26-1d85-P", {{"underlying_price", "2.01"},
                                                                    {"index_price", "2"},
                                                                    {"mark_iv", "80"},
                                                                    {"mark_price", mark(2.01, 1.85, 0.8)}})}));
  ASSERT_EQ(chain.quotes.size(), 2u);
  EXPECT_EQ(chain.quotes[0].underlying, "SOL");
  EXPECT_TRUE(chain.quotes[0].usd_settled);
  EXPECT_EQ(chain.quotes[1].strike, 1.85);
  EXPECT_TRUE(chain.warnings.empty());
}

TEST(ChainCsv, WhatDeservesALook) {
  Texts columns = kColumns;
  columns.insert(columns.end(), {"interest_rate", "moon_phase", "tide"});
  const Chain chain = read_text(csv_text(
      columns, {row("BTC-27MAR26-90000-C", {{"index_price", ""}, {"interest_rate", "0.05"}}),
                row("BTC-26JUN26-90000-C", {{"index_price", ""}, {"best_bid_price", "0.2"}, {"best_ask_price", "0.1"}}),
                row("ETH-27MAR26-3000-P", {{"underlying_price", "3550"}, {"index_price", "3000"}}),
                row("ETH-27MAR26-3000-C",
                    {{"underlying_price", "3650"}, {"index_price", "3000"}, {"timestamp", "2026-01-24 03:30:00"}})}));
  EXPECT_EQ(chain.warnings,
            (Texts{"there is no index_price, estimated_delivery_price or spot_ref for BTC: its spot is taken to be the "
                   "forward of 2026-03-27T08:00:00Z, 90000",
                   "not understood and left out: moon_phase, tide",
                   "the quotes are spread over 30 minutes; all are taken as of 2026-01-24T04:00:00Z",
                   "rows whose times have no zone, read as UTC: 1",
                   "rows with an interest_rate, whose prices are taken as undiscounted all the same: 1",
                   "rows that bid more than they ask: 1",
                   "the forward of ETH for 2026-03-27T08:00:00Z is the median of rows that differ by 2.82 %",
                   "the forward of ETH for 2026-03-27T08:00:00Z, 3600, is 20 % off its spot of 3000"}));
  EXPECT_EQ(chain.underlyings.at("BTC").spot, 90000.0);
}

TEST(ChainCsv, FilesThatAreNotChains) {
  EXPECT_EQ(
      chain_outcome("strike,price\n1,2\n").message,
      "chain:line 1: this is no chain of options: there is no column instrument_name, instrument or symbol; give a "
      "chain with a header line, as CSV, or the API's answer as JSON");
  EXPECT_EQ(chain_outcome("strike,price\n1,2\n").code, ExitCode::bad_data);
  EXPECT_EQ(
      chain_outcome("instrument_name,mark_iv\n").message,
      "chain: no option can be used: there is no row, and there is no underlying_price, futures_price, forward or "
      "underlying; give a chain of options such as BTC-27MAR26-70000-C with their forwards");
  EXPECT_EQ(chain_outcome(csv_text(kColumns, {row("BTC-23JAN26-90000-C"), row("BTC")})).message,
            "chain: no option can be used: the first of 2 rows, line 2, \"BTC-23JAN26-90000-C\", is expired: at "
            "2026-01-23T08:00:00Z, the chain is as of 2026-01-24T04:00:00Z (latest quote); give a chain of options "
            "such as BTC-27MAR26-70000-C with their forwards");
  EXPECT_EQ(chain_outcome(csv_text(kColumns, {row("BTC-PERPETUAL", {{"mark_price", "1"}})})).code, ExitCode::bad_data);
  EXPECT_EQ(chain_outcome("").code, ExitCode::bad_data);
  EXPECT_EQ(chain_outcome("instrument_name,mark_iv,mark_iv\nBTC-27MAR26-90000-C,1,2\n").message,
            "chain:line 1: the column \"mark_iv\" is there twice; keep one of them");

  const test::ScratchFolder folder;
  EXPECT_EQ(outcome_of(folder, [&] { read_chain(folder.path("none")); }).code, ExitCode::input_missing);
  EXPECT_EQ(outcome_of(folder, [&] { read_chain(folder.path("")); }).message,
            ": this is not a file; save the chain to a file, and name that");
  const std::string large = folder.write("large", "x");
  std::filesystem::resize_file(large, limits::kMostChainBytes + 1);
  EXPECT_EQ(outcome_of(folder, [&] { read_chain(large); }).message,
            "large: the file has 64 MiB, more than the 64 of the largest chains; give one snapshot a file");
}

TEST(ChainCsv, MomentsInTheirManySpellings) {
  const auto text = [](const char* written) -> std::string {
    const auto read = parse_chain_moment(written);
    return read ? timestamp_text(read->time) + (read->zone_missing ? " no zone" : "") : "no";
  };
  for (const char* same :
       {"2026-01-24T04:00:00Z", "2026-01-24T04:00:00.999999Z", "2026-01-24 04:00:00+00:00", "2026-01-24T09:30:00+05:30",
        "2026-01-24T09:59:00+05:59", "2026-01-23T23:00:00-0500", "2026-01-24T06:00:00+02", "2026-01-24 04:00:00 UTC",
        "1769227200", "1769227200.75", "1769227200000", "1769227200999", "1769227200000000", "1769227200000000000",
        "1.7692272e+12"}) {
    EXPECT_EQ(text(same), "2026-01-24T04:00:00Z") << same;
  }
  EXPECT_EQ(text("2026-01-24 04:00:00.5"), "2026-01-24T04:00:00Z no zone");
  EXPECT_EQ(text("2026-01-24"), "2026-01-24T08:00:00Z");
  EXPECT_EQ(text("24JAN26"), "2026-01-24T08:00:00Z");
  for (const char* wrong :
       {"", "x", "0", "-1769227200", "20260124", "2026-01-24T04:00", "2026-01-24T04:00:00.Z", "2026-01-24T04:00:00+",
        "2026-01-24T04:00:00+5", "2026-01-24T04:00:00+05:60", "2026-01-24X04:00:00Z", "2026-01-24T04:00:00+0x",
        "2026-01-24T04:00:00+25:00", "2026-02-30", "32JAN26", "2026-01-24T24:00:00Z", "1e300"}) {
    EXPECT_EQ(text(wrong), "no") << wrong;
  }
}

}  // namespace
}  // namespace tailbit::chain_test
