// What a venue lists and the book over it, both made up from a seed.
#include "host/ops/market_maker_book.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "host/compile/greeks.hpp"
#include "host/compile/underlyings.hpp"
#include "host/io/text.hpp"
#include "host/ops/first_model.hpp"
#include "host/ops/quotes_file.hpp"
#include "host/ops/sample_market.hpp"
#include "tests/support/positions.hpp"
#include "tests/unit/chain_support.hpp"

namespace tailbit::market_maker_book_test {
namespace {

const European::Terms& option_of(const ListedOption& listed) {
  return std::get<European::Terms>(listed.instrument.terms);
}

// Three coins of very different prices, one without a surface, forwards and slices at different expiries.
Market small_market() {
  Market market;
  market.as_of = test::moment("2026-01-15T10:00:00Z");
  const Timestamp february = test::moment("2026-02-27T08:00:00Z"), march = test::moment("2026-03-27T08:00:00Z"),
                  june = test::moment("2026-06-26T08:00:00Z");
  const SviQuote slice{march, 0.02, 0.08, -0.2, 0.0, 0.2, {}}, later{june, 0.05, 0.12, -0.1, 0.0, 0.3, {}};
  market.underlyings["BTC"] = {95'000.0, {{february, 95'400.0}, {march, 95'800.0}}, SviSurface{{slice, later}}, {}};
  market.underlyings["DOGE"] = {1.31, {{february, 1.312}}, FlatSurface{0.9}, {}};
  market.underlyings["SOL"] = {140.0, {{february, 140.5}}, {}, {}};
  return market;
}

TEST(Listing, HasCallsAndPutsAtRoundStrikesOfEveryExpiry) {
  const Market market = small_market();
  std::map<std::string, std::map<Timestamp, std::set<double>>> calls, puts;
  for (const ListedOption& listed : make_listing(market, 1)) {
    const European::Terms& terms = option_of(listed);
    const std::string& id = listed.instrument.id;
    EXPECT_EQ(terms.settlement, Settlement::coin);
    EXPECT_FALSE(terms.vol);
    EXPECT_EQ(listed.instrument.multiplier, 1.0);
    (terms.option == OptionKind::call ? calls : puts)[listed.instrument.underlying][terms.expiry].insert(terms.strike);
    // The name says all of it.
    const std::optional<Instrument> parsed = parse_listed_name(id);
    ASSERT_TRUE(parsed) << id;
    const auto& said = std::get<European::Terms>(parsed->terms);
    EXPECT_EQ(parsed->underlying, listed.instrument.underlying);
    EXPECT_EQ(said.strike, terms.strike) << id;
    EXPECT_EQ(said.expiry, terms.expiry) << id;
    EXPECT_EQ(said.option, terms.option) << id;
    EXPECT_EQ(said.settlement, terms.settlement) << id;
    // Round: few digits in the name, none of them noise.
    const std::string strike = id.substr(0, id.rfind('-')).substr(id.find('-', id.find('-') + 1) + 1);
    EXPECT_LE(strike.size(), 6u) << id;
  }
  EXPECT_EQ(calls, puts);
  EXPECT_EQ(calls.size(), 2u);  // not SOL
  ASSERT_EQ(calls["BTC"].size(), 3u);
  ASSERT_EQ(calls["DOGE"].size(), 1u);
  for (const auto& [name, expiries] : calls) {
    const market::UnderlyingToday underlying = make_underlying(name, market);
    for (const auto& [expiry, strikes] : expiries) {
      const double years = years_between(market.as_of, expiry);
      const double forward = underlying.spot * std::exp(underlying.carry.rate(years) * years);
      const double stdev = vol_today(forward, expiry, 0.0, underlying) * std::sqrt(years);
      EXPECT_GE(strikes.size(), 11u);
      EXPECT_LE(strikes.size(), 13u);
      double step = INFINITY;
      for (auto k = strikes.begin(); std::next(k) != strikes.end(); ++k) step = std::min(step, *std::next(k) - *k);
      EXPECT_LT(step, 0.7 * stdev * forward);
      EXPECT_NEAR(std::log(*strikes.begin() / forward), -2.5 * stdev, 0.6 * stdev);
      EXPECT_NEAR(std::log(*strikes.rbegin() / forward), 2.5 * stdev, 0.6 * stdev);
      const double nearest = *std::min_element(strikes.begin(), strikes.end(), [&](double a, double b) {
        return std::abs(a - forward) < std::abs(b - forward);
      });
      EXPECT_NEAR(nearest, forward, 0.5 * step) << name;
    }
  }
}

TEST(Listing, StrikesOfCheapCoinsHaveNoNoiseDigits) {
  Market market = small_market();
  market.underlyings.erase("BTC");
  for (const double spot : {0.00002, 0.0031, 0.09, 0.31, 1.31, 7.7, 33.0, 990.0}) {
    market.underlyings["DOGE"].spot = spot;
    market.underlyings["DOGE"].forwards[0].forward = 1.001 * spot;
    for (const ListedOption& listed : make_listing(market, 1)) {
      const double strike = option_of(listed).strike;
      char four_digits[32];
      std::snprintf(four_digits, sizeof four_digits, "%.4g", strike);
      EXPECT_EQ(strike, std::stod(four_digits)) << listed.instrument.id;
      ASSERT_TRUE(parse_listed_name(listed.instrument.id)) << listed.instrument.id;
    }
  }
}

TEST(Listing, OpenInterestFallsOffFromTheMoneyAndVariesWithTheSeed) {
  const Market market = sample_market();
  const std::vector<ListedOption> one = make_listing(market, 1), again = make_listing(market, 1),
                                  other = make_listing(market, 2);
  ASSERT_EQ(one.size(), other.size());
  std::size_t different = 0;
  double near = 0.0, far = 0.0, near_count = 0.0, far_count = 0.0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].instrument.id, again[i].instrument.id);
    EXPECT_EQ(one[i].open_interest, again[i].open_interest);
    EXPECT_EQ(one[i].instrument.id, other[i].instrument.id);
    different += one[i].open_interest != other[i].open_interest;
    EXPECT_GE(one[i].open_interest, 0.0);
    const European::Terms& terms = option_of(one[i]);
    const market::UnderlyingToday u = make_underlying(one[i].instrument.underlying, market);
    EXPECT_LE(one[i].open_interest * u.spot, 5.1e7);
    const double years = years_between(market.as_of, terms.expiry);
    const double stdev = vol_today(terms.strike, terms.expiry, 0.0, u) * std::sqrt(years);
    const bool at_the_money = std::abs(std::log(terms.strike / u.spot)) < 0.7 * stdev;
    (at_the_money ? near : far) += one[i].open_interest * u.spot;
    (at_the_money ? near_count : far_count) += 1.0;
  }
  EXPECT_GT(different, one.size() * 9 / 10);
  EXPECT_GT(near / near_count, 1.3 * far / far_count);
}

TEST(ReadListing, ReadsWhatTheImportWrote) {
  Chain chain;
  chain.as_of = test::moment("2026-01-15T10:00:00Z");
  const Timestamp march = test::moment("2026-03-27T08:00:00Z");
  for (const auto& [strike, interest] : {std::pair{90'000.0, 12.5}, std::pair{100'000.0, 0.0}}) {
    ChainQuote q;
    q.name = "BTC-27MAR26-" + number_text(strike) + "-C";
    q.underlying = "BTC";
    q.strike = strike;
    q.expiry = march;
    q.mark_vol = 0.5;
    q.open_interest = interest;
    chain.quotes.push_back(q);
  }
  chain.underlyings["BTC"].spot = 95'000.0;
  chain.underlyings["BTC"].forwards[march].forward = 95'800.0;
  const ChainSurface surface = fit_chain(chain);
  const std::string text = quotes_csv(chain, surface);
  const test::ScratchFolder folder;
  const std::string path = folder.write("quotes.csv", text);
  Market market = chain_market(chain, surface);
  const std::vector<ListedOption> listing = read_listing(path, market);
  ASSERT_EQ(listing.size(), 2u);
  EXPECT_EQ(listing[0].instrument.id, "BTC-27MAR26-90000-C");
  EXPECT_EQ(listing[0].open_interest, 12.5);
  EXPECT_EQ(option_of(listing[1]).strike, 100'000.0);
  EXPECT_EQ(option_of(listing[1]).expiry, march);

  // Another market beside an old list: what has expired or is not in it is left out.
  market.as_of = march;
  EXPECT_TRUE(read_listing(path, market).empty());
  market.as_of = chain.as_of;
  market.underlyings["ETH"] = market.underlyings["BTC"];
  market.underlyings.erase("BTC");
  EXPECT_TRUE(read_listing(path, market).empty());

  const auto said = [&](const std::string& old, const std::string& with) {
    std::string broken = text;
    broken.replace(broken.find(old), old.size(), with);
    const std::string at = folder.write("broken.csv", broken);
    const test::Outcome outcome = outcome_of(folder, [&] { read_listing(at, market); });
    EXPECT_EQ(outcome.code, ExitCode::bad_data);
    return outcome.message;
  };
  EXPECT_EQ(said("BTC-27MAR26-90000-C", "BTC-27MAR26"),
            "broken.csv:line 2: \"BTC-27MAR26\" is not a listed option; import the chain again");
  EXPECT_EQ(said("BTC-27MAR26-100000-C", "x"),
            "broken.csv:line 3: \"x\" is not a listed option; import the chain again");
  EXPECT_EQ(said(",12.5,", ",-1,"),
            "broken.csv:line 2: the open_interest \"-1\" is not a number from 0; import the chain again");
  EXPECT_EQ(said(",12.5,", ",,"),
            "broken.csv:line 2: the open_interest \"\" is not a number from 0; import the chain again");
  EXPECT_EQ(said(",12.5,", ","), "broken.csv:line 2: 16 cells where the header has 17; import the chain again");
  EXPECT_TRUE(said("open_interest", "interest").starts_with("broken.csv:line 1: "))
      << said("open_interest", "interest");
}

TEST(MarketMakerBook, HasAsManyPositionsAsAskedFor) {
  const Market market = sample_market();
  const std::vector<ListedOption> listing = make_listing(market, 7);
  for (const std::size_t count : {1u, 2u, 3u, 4u, 5u, 8u, 20u, 95u, 96u, 97u, 150u, 500u}) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const Positions book = market_maker_book(market, listing, count, seed);
      ASSERT_EQ(book.size(), count) << seed;
      std::set<std::string> ids;
      for (const PositionRow p : book) {
        ids.insert(std::string(p.position_id));
        EXPECT_NE(p.quantity, 0.0);
        EXPECT_TRUE(std::isfinite(p.quantity));
        EXPECT_TRUE(!p.desk.empty() && !p.account.empty() && !p.venue.empty() && !p.counterparty.empty());
        EXPECT_EQ(p.account.substr(0, p.desk.size()), p.desk);
      }
      EXPECT_EQ(ids.size(), count);
    }
  }
}

TEST(MarketMakerBook, DependsOnItsArgumentsOnly) {
  const Market market = sample_market();
  const std::vector<ListedOption> listing = make_listing(market, 7);
  const std::vector<Position> one = test::rows_of(market_maker_book(market, listing, 300, 5)),
                              again = test::rows_of(market_maker_book(market, listing, 300, 5)),
                              other = test::rows_of(market_maker_book(market, listing, 300, 6));
  std::size_t different = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(PositionRow(one[i]), PositionRow(again[i]));
    different += one[i].instrument != other[i].instrument || one[i].quantity != other[i].quantity;
  }
  EXPECT_GT(different, 290u);
}

// Every desk's delta in every underlying, by the same functions that the book is hedged with; their own tests are below
// (GreeksToday) and tests/cli/init.sh computes them again in Python.
TEST(MarketMakerBook, IsHedgedByDeskAndUnderlying) {
  const Market market = sample_market();
  const std::vector<ListedOption> listing = make_listing(market, 7);
  for (const std::size_t count : {96u, 1000u}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      std::map<std::pair<std::string, std::string>, double> options, all;
      std::set<std::string> hedges;
      double longs = 0.0, shorts = 0.0;
      for (const PositionRow p : market_maker_book(market, listing, count, seed)) {
        const Instrument contract = *parse_listed_name(std::string(p.instrument));
        const market::UnderlyingToday u = make_underlying(contract.underlying, market);
        const double delta = p.quantity * greeks_today(contract.terms, u).delta;
        const std::pair key{std::string(p.desk), contract.underlying};
        all[key] += delta;
        if (std::holds_alternative<European::Terms>(contract.terms)) {
          options[key] += delta;
          (p.quantity > 0.0 ? longs : shorts) += 1.0;
          EXPECT_FALSE(p.entry_price);
        } else {
          hedges.insert(contract.id);
          EXPECT_NEAR(p.entry_price.value(), mark_today(contract.terms, u).value(), 0.021 * u.spot);
          EXPECT_EQ(p.venue, "deribit");
          EXPECT_EQ(p.counterparty, "deribit");
          const double lot = in_coin(contract.terms) ? 10.0 : 0.001;
          EXPECT_NEAR(p.quantity, lot * std::round(p.quantity / lot), 1e-9) << contract.id;
        }
      }
      EXPECT_GT(longs / (longs + shorts), 0.3);
      EXPECT_LT(longs / (longs + shorts), 0.7);
      EXPECT_EQ(options.size(), 6u);
      // Rounding to ten USD and thousandths of a coin leaves up to this much.
      for (const auto& [key, delta] : options)
        EXPECT_LE(std::abs(all[key]), 0.1 * std::abs(delta) + 0.01) << key.first << key.second << seed;
      for (const std::string name : {"BTC", "ETH"}) {
        EXPECT_TRUE(hedges.contains(name + "-PERPETUAL"));
        EXPECT_TRUE(hedges.contains(name + "_USDC-PERPETUAL"));
      }
      EXPECT_GE(hedges.size(), 8u);  // and two dated futures of each
    }
  }
}

// Positions fall on contracts by their open interest in USD, and trade some of it.
TEST(MarketMakerBook, OptionsArePickedByOpenInterest) {
  const Market market = sample_market();
  std::vector<ListedOption> listing = make_listing(market, 7);
  for (ListedOption& option : listing) option.open_interest = 0.0;
  const double spot = market.underlyings.at("BTC").spot;
  listing[3].open_interest = 6e8 / spot;
  listing[40].open_interest = 3e8 / spot;
  listing[90].open_interest = 1e8 / spot;
  std::map<std::string, double> count, traded;
  for (const PositionRow p : market_maker_book(market, listing, 5000, 11)) {
    count[std::string(p.instrument)] += 1.0;
    traded[std::string(p.instrument)] += std::abs(p.quantity);
  }
  EXPECT_NEAR(count[listing[3].instrument.id], 3000.0, 150.0);
  EXPECT_NEAR(count[listing[40].instrument.id], 1500.0, 120.0);
  EXPECT_NEAR(count[listing[90].instrument.id], 500.0, 80.0);
  for (const std::size_t i : {3u, 40u, 90u})
    EXPECT_NEAR(traded[listing[i].instrument.id] / listing[i].open_interest, 0.1, 0.02);
}

TEST(MarketMakerBook, NeedsAnOption) {
  const Market market = sample_market();
  try {
    market_maker_book(market, {}, 10, 1);
    FAIL() << "a book of nothing";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::bad_data);
    EXPECT_NE(std::string(failure.what()).find("give an underlying a surface and forwards"), std::string::npos);
  }
}

TEST(FirstModel, MovesWhatTheMarketQuotes) {
  const Market market = small_market();
  const Model model = first_model(market);
  ASSERT_EQ(model.underlyings.size(), 3u);
  EXPECT_EQ(model.underlyings.at("DOGE").vol, 0.9);
  EXPECT_EQ(model.underlyings.at("SOL").vol, 0.6);
  const market::UnderlyingToday btc = make_underlying("BTC", market);
  const double years = 30.0 / 365.0, forward = btc.spot * std::exp(btc.carry.rate(years) * years);
  EXPECT_NEAR(model.underlyings.at("BTC").vol, vol_today(forward, {market.as_of.seconds + 30 * 86'400}, 0.0, btc),
              5e-5);
  for (const auto& [name, quoted] : market.underlyings) {
    const UnderlyingModel& moved = model.underlyings.at(name);
    const bool surface = !std::holds_alternative<std::monostate>(quoted.surface);
    EXPECT_EQ(moved.level.has_value(), surface) << name;
    EXPECT_EQ(moved.skew.has_value(), surface) << name;
    EXPECT_EQ(moved.basis.has_value(), !quoted.forwards.empty()) << name;
    EXPECT_TRUE(moved.premium.has_value()) << name;
  }
  ASSERT_TRUE(model.student_t.has_value());
  EXPECT_TRUE(model.student_t->max_move.has_value());  // else a short call has no expected shortfall
}

TEST(FirstModel, CorrelatesSpotsAndLevels) {
  const Model model = first_model(small_market());
  const Correlation& c = model.correlation;
  EXPECT_EQ(c.factors, (std::vector<std::string>{"BTC.spot", "DOGE.spot", "SOL.spot", "BTC.vol", "DOGE.vol"}));
  ASSERT_EQ(c.matrix.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      const double expected = i == j ? 1.0 : (i < 3) != (j < 3) ? -0.3 : i < 3 ? 0.8 : 0.75;
      EXPECT_EQ(c.matrix[i][j], expected) << i << " " << j;
    }
  }
}

}  // namespace
}  // namespace tailbit::market_maker_book_test
