// From a chain to surfaces: which vols a quote has, what it is used for and why not, and what the account says of it.
// Prices come from Black's formula in plain <cmath> at vols that the tests know.
#include "host/fit/chain_surface.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "host/fit/arbitrage.hpp"
#include "host/fit/svi_fit.hpp"
#include "tests/unit/chain_support.hpp"

namespace tailbit::chain_surface_test {
namespace {

const Timestamp kAsOf = test::moment("2026-01-15T10:00:00Z");
const Timestamp kMonth = test::moment("2026-02-13T08:00:00Z");
const Timestamp kQuarter = test::moment("2026-04-24T08:00:00Z");
constexpr double kForward = 100'000.0;

double true_vol(double strike, double forward = kForward) {
  const double k = std::log(strike / forward);
  return 0.5 - 0.1 * k + 0.3 * k * k;
}

// Prices at three vols; one that is not wanted is left away.
struct Vols {
  std::optional<double> bid, ask, mark;
};
Vols around(double vol, double half_width) { return {vol - half_width, vol + half_width, vol}; }

class ChainMaker {
 public:
  ChainMaker() {
    chain.source = "chain.csv";
    chain.as_of = kAsOf;
  }

  ChainQuote& add(OptionKind option, double strike, Timestamp expiry, const Vols& vols, bool usd = false,
                  const std::string& underlying = "BTC", double forward = kForward) {
    ChainQuote q;
    q.underlying = underlying;
    q.usd_settled = usd;
    q.option = option;
    q.strike = strike;
    q.expiry = expiry;
    q.name = underlying + (usd ? "_USDC-" : "-") + listed_date_text(expiry) + "-" + number_text(strike) +
             (option == OptionKind::call ? "-C" : "-P");
    const double years = years_between(kAsOf, expiry);
    const auto price = [&](std::optional<double> vol) -> std::optional<double> {
      if (!vol) return std::nullopt;
      return test::listed_values(option == OptionKind::call, forward, strike, years, *vol, usd).mark;
    };
    q.bid = price(vols.bid);
    q.ask = price(vols.ask);
    q.mark = price(vols.mark);
    chain.quotes.push_back(q);
    ChainUnderlying& u = chain.underlyings[underlying];
    u.spot = 0.99 * forward;
    u.forwards[expiry].forward = forward;
    return chain.quotes.back();
  }

  // Out of the money on both sides, quoted a point around the true vols.
  void add_smile(Timestamp expiry, bool usd = false, const std::string& underlying = "BTC", double forward = kForward) {
    for (const double moneyness : {0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.4}) {
      const double strike = moneyness * forward;
      add(moneyness < 1.0 ? OptionKind::put : OptionKind::call, strike, expiry, around(true_vol(strike, forward), 0.01),
          usd, underlying, forward);
    }
  }

  Chain chain;
};

constexpr OptionKind kCall = OptionKind::call, kPut = OptionKind::put;

TEST(ChainSurface, VolsAreThoseOfPricesInCoinAndInUsd) {
  ChainMaker maker;
  maker.add_smile(kMonth);
  maker.add_smile(kMonth, true, "SOL", 140.0);
  const ChainSurface surface = fit_chain(maker.chain);
  ASSERT_EQ(surface.quotes.size(), 18u);
  for (std::size_t i = 0; i < surface.quotes.size(); ++i) {
    const ChainQuote& q = maker.chain.quotes[i];
    const double vol = true_vol(q.strike, q.usd_settled ? 140.0 : kForward);
    EXPECT_NEAR(surface.quotes[i].bid_vol.value(), vol - 0.01, 1e-9) << q.name;
    EXPECT_NEAR(surface.quotes[i].ask_vol.value(), vol + 0.01, 1e-9) << q.name;
    EXPECT_NEAR(surface.quotes[i].mark_vol.value(), vol, 1e-9) << q.name;  // of its price, as none is published
    EXPECT_EQ(surface.quotes[i].use, "fitted");
    EXPECT_TRUE(surface.quotes[i].judged && surface.quotes[i].inside) << q.name;
    EXPECT_NEAR(*surface.quotes[i].fit_vol, vol, 0.004) << q.name;
  }
}

TEST(ChainSurface, APublishedVolGoesBeforeThatOfTheMark) {
  ChainMaker maker;
  maker.add_smile(kMonth);
  maker.chain.quotes[0].mark_vol = 0.77;
  EXPECT_EQ(fit_chain(maker.chain).quotes[0].mark_vol, 0.77);
}

TEST(ChainSurface, ARowsOwnForwardGoesBeforeTheExpirys) {
  ChainMaker maker;
  maker.add_smile(kMonth);
  ChainQuote& own = maker.add(kCall, 115'000, kMonth, around(0.5, 0.01), false, "BTC", 101'000.0);
  own.forward = 101'000.0;
  maker.chain.underlyings["BTC"].forwards[kMonth].forward = kForward;
  // Between the two forwards: out of the money by its own, in it by the expiry's.
  ChainQuote& between = maker.add(kPut, 100'500, kMonth, around(0.5, 0.01), false, "BTC", 101'000.0);
  between.forward = 101'000.0;
  maker.chain.underlyings["BTC"].forwards[kMonth].forward = kForward;
  const ChainSurface surface = fit_chain(maker.chain);
  EXPECT_NEAR(surface.quotes[9].bid_vol.value(), 0.49, 1e-9);
  EXPECT_EQ(surface.quotes[10].use, "fitted");
  EXPECT_EQ(surface.expiries.at("BTC")[0].forward, kForward);
  const SviQuote& s = surface.expiries.at("BTC")[0].slice;
  const market::SviSlice slice{years_between(kAsOf, kMonth), s.a, s.b, s.rho, s.m, s.sigma};
  EXPECT_EQ(surface.quotes[9].fit_vol,
            std::sqrt(svi_variance_at(slice, std::log(115'000 / 101'000.0)).variance / slice.years));
}

TEST(ChainSurface, SaysWhatEachQuoteWasUsedFor) {
  ChainMaker maker;
  maker.add_smile(kMonth);
  const auto use = [&](OptionKind option, double strike, const Vols& vols) {
    ChainMaker one = maker;
    one.add(option, strike, kMonth, vols);
    const ChainSurface surface = fit_chain(one.chain);
    EXPECT_EQ(surface.quotes.back().judged, surface.quotes.back().use == "fitted");
    return surface.quotes.back().use;
  };
  EXPECT_EQ(use(kCall, 107'000, {0.5, 0.52, {}}), "fitted");
  EXPECT_EQ(use(kCall, 100'000, {0.5, 0.52, {}}), "fitted");  // at the money is out of it
  EXPECT_EQ(use(kPut, 100'000, {0.5, 0.52, {}}), "fitted");
  EXPECT_EQ(use(kPut, 107'000, {0.5, 0.52, 0.51}), "not fitted: in the money");
  EXPECT_EQ(use(kCall, 93'000, {0.5, 0.52, 0.51}), "not fitted: in the money");
  EXPECT_EQ(use(kCall, 107'000, {0.52, 0.5, 0.51}), "mark fitted");
  EXPECT_EQ(use(kCall, 107'000, {0.52, 0.5, {}}), "not fitted: bid at or above ask and no mark");
  EXPECT_EQ(use(kCall, 107'000, {0.5, 0.5, {}}), "not fitted: bid at or above ask and no mark");
  EXPECT_EQ(use(kCall, 107'000, {{}, 0.52, 0.51}), "mark fitted");
  EXPECT_EQ(use(kCall, 107'000, {0.5, {}, 0.51}), "mark fitted");
  EXPECT_EQ(use(kCall, 107'000, {{}, {}, 0.51}), "mark fitted");
  EXPECT_EQ(use(kCall, 107'000, {0.5, {}, {}}), "not fitted: no ask and no mark");
  EXPECT_EQ(use(kCall, 107'000, {{}, 0.52, {}}), "not fitted: no bid and no mark");
  EXPECT_EQ(use(kCall, 107'000, {}), "not fitted: no quote and no mark");
  // An ask above the price of the coin itself: no vol gives it.
  maker.add(kCall, 107'000, kMonth, {0.5, {}, {}}).ask = 1.5;
  EXPECT_EQ(fit_chain(maker.chain).quotes.back().use, "not fitted: no vol gives bid or ask and no mark");
  EXPECT_FALSE(fit_chain(maker.chain).quotes.back().judged);
}

// Each expiry is fitted to exactly this: mids with half the width, marks give or take two points at a fiftieth of the
// weight.
TEST(ChainSurface, FitsQuotesAndMarksAsItSays) {
  ChainMaker maker;
  maker.add_smile(kQuarter);
  maker.add_smile(kMonth);
  maker.add(kCall, 160'000, kMonth, {{}, 0.9, 0.6});
  maker.add(kPut, 125'000, kMonth, {0.2, 0.3, 0.25});  // in the money: not fitted
  const ChainSurface surface = fit_chain(maker.chain);

  std::vector<ExpiryQuotes> quotes;
  for (const Timestamp expiry : {kMonth, kQuarter}) {
    ExpiryQuotes& out = quotes.emplace_back(ExpiryQuotes{years_between(kAsOf, expiry), {}});
    for (std::size_t i = 0; i < maker.chain.quotes.size(); ++i) {
      const ChainQuote& q = maker.chain.quotes[i];
      const QuoteFit& f = surface.quotes[i];
      const double k = std::log(q.strike / kForward);
      if (q.expiry != expiry || q.strike == 125'000) continue;
      if (q.strike == 160'000) {
        out.quotes.push_back({k, *f.mark_vol, 0.02, 0.02});
      } else {
        out.quotes.push_back({k, 0.5 * (*f.bid_vol + *f.ask_vol), 0.5 * (*f.ask_vol - *f.bid_vol), 1.0});
      }
    }
  }
  const std::vector<SliceFit> fits = fit_svi_surface(quotes);
  const std::vector<ExpirySurface>& expiries = surface.expiries.at("BTC");
  ASSERT_EQ(expiries.size(), 2u);
  EXPECT_EQ(expiries[0].expiry, kMonth);
  EXPECT_EQ(expiries[1].expiry, kQuarter);
  for (std::size_t i = 0; i < 2; ++i) {
    const SviQuote& s = expiries[i].slice;
    const market::SviSlice& f = fits[i].slice;
    EXPECT_EQ((std::vector{s.a, s.b, s.rho, s.m, s.sigma}), (std::vector{f.a, f.b, f.rho, f.m, f.sigma}));
    EXPECT_EQ(s.expiry, expiries[i].expiry);
  }
}

TEST(ChainSurface, DoesNotDependOnTheOrderOfTheQuotes) {
  ChainMaker maker;
  maker.add_smile(kMonth);
  maker.add_smile(kQuarter);
  const ChainSurface one = fit_chain(maker.chain);
  std::reverse(maker.chain.quotes.begin(), maker.chain.quotes.end());
  const ChainSurface other = fit_chain(maker.chain);
  for (std::size_t i = 0; i < one.quotes.size(); ++i)
    EXPECT_EQ(one.quotes[i].fit_vol, other.quotes[one.quotes.size() - 1 - i].fit_vol);
}

TEST(ChainSurface, JudgesTwoSidedQuotesOutOfTheMoney) {
  ChainMaker maker;
  for (const double strike : {80e3, 85e3, 90e3, 95e3, 100e3, 105e3, 110e3, 115e3, 120e3, 125e3}) {
    // Widths from two points up; one quote is far off, and one is just beyond its bid, but within half a point.
    const double half = 0.01 + (strike - 80e3) * 1e-7;
    const double off = strike == 90e3 ? 0.12 : strike == 110e3 ? half + 0.006 : 0.0;
    maker.add(strike < kForward ? kPut : kCall, strike, kMonth, around(true_vol(strike) + off, half));
  }
  maker.add(kCall, 130'000, kMonth, {{}, {}, true_vol(130'000)});
  maker.add(kCall, 90'000, kMonth, around(0.9, 0.01));
  const ChainSurface surface = fit_chain(maker.chain);
  std::uint32_t inside = 0;
  std::vector<double> widths;
  double squares = 0.0;
  for (std::size_t i = 0; i < 10; ++i) {
    const QuoteFit& f = surface.quotes[i];
    EXPECT_TRUE(f.judged);
    EXPECT_EQ(f.inside, f.fit_vol >= *f.bid_vol - 0.005 && f.fit_vol <= *f.ask_vol + 0.005);
    inside += f.inside;
    widths.push_back(*f.ask_vol - *f.bid_vol);
    squares += std::pow(*f.fit_vol - 0.5 * (*f.bid_vol + *f.ask_vol), 2);
  }
  EXPECT_FALSE(surface.quotes[2].inside);
  EXPECT_TRUE(surface.quotes[6].inside);
  EXPECT_LT(surface.quotes[6].fit_vol, *surface.quotes[6].bid_vol);
  EXPECT_FALSE(surface.quotes[10].judged || surface.quotes[11].judged);
  EXPECT_FALSE(surface.quotes[10].inside || surface.quotes[11].inside);
  const SurfaceFit fit = *surface.expiries.at("BTC")[0].slice.fit;
  EXPECT_EQ(fit.options, 12u);
  EXPECT_EQ(fit.two_sided, 10u);
  EXPECT_EQ(fit.inside, inside);
  EXPECT_EQ(fit.marks, 1u);
  EXPECT_NEAR(fit.median_width, 0.5 * (widths[4] + widths[5]), 1e-9);  // ascending
  EXPECT_NEAR(fit.rms, std::sqrt(squares / 10.0), 1e-12);

  maker.chain.quotes.pop_back();
  maker.chain.quotes.pop_back();
  maker.chain.quotes.pop_back();
  EXPECT_NEAR(fit_chain(maker.chain).expiries.at("BTC")[0].slice.fit->median_width, widths[4], 1e-9);  // of nine
}

TEST(ChainSurface, ExpiriesThatNobodyQuotesGetASliceToo) {
  ChainMaker maker;
  const Timestamp between = test::moment("2026-03-27T08:00:00Z");
  maker.add_smile(kMonth);
  maker.add_smile(kQuarter);
  maker.add(kCall, 110'000, between, {});
  const ChainSurface surface = fit_chain(maker.chain);
  ASSERT_EQ(surface.expiries.at("BTC").size(), 3u);
  const SurfaceFit fit = *surface.expiries.at("BTC")[1].slice.fit;
  EXPECT_EQ(fit.options, 1u);
  EXPECT_EQ(fit.two_sided + fit.marks + fit.inside, 0u);
  EXPECT_EQ(fit.median_width, 0.0);
  EXPECT_EQ(fit.rms, 0.0);
  EXPECT_NEAR(*surface.quotes.back().fit_vol, true_vol(110'000), 0.02);
}

// An underlying without vols does not take the others with it.
TEST(ChainSurface, LeavesOutWhatHasNoVol) {
  ChainMaker maker;
  maker.add_smile(kMonth);
  maker.add(kCall, 150.0, kMonth, {0.5, {}, {}}, false, "SOL", 140.0);
  const ChainSurface surface = fit_chain(maker.chain);
  EXPECT_TRUE(surface.expiries.contains("BTC"));
  EXPECT_FALSE(surface.expiries.contains("SOL"));
  EXPECT_FALSE(surface.quotes.back().fit_vol);
  ASSERT_EQ(surface.warnings.size(), 1u);
  EXPECT_TRUE(surface.warnings[0].starts_with("SOL is left out: ")) << surface.warnings[0];
}

TEST(ChainSurface, NothingToFitIsAnError) {
  ChainMaker maker;
  maker.add(kCall, 150.0, kMonth, {0.5, {}, {}}, false, "SOL", 140.0);
  try {
    fit_chain(maker.chain);
    FAIL() << "SOL has a surface from nothing";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::bad_data);
    EXPECT_TRUE(std::string(failure.what()).starts_with("chain.csv: there is no surface to fit: SOL is left out: "));
  }
}

// Marks in the money are as good as those out of it, where there is nothing else.
TEST(ChainSurface, FitsMarksInTheMoneyWhereThereIsNothingElse) {
  ChainMaker maker;
  for (const double strike : {60e3, 70e3, 80e3, 90e3}) maker.add(kCall, strike, kMonth, {{}, {}, true_vol(strike)});
  const ChainSurface surface = fit_chain(maker.chain);
  for (const QuoteFit& fit : surface.quotes) EXPECT_EQ(fit.use, "mark fitted");
}

TEST(ChainMarket, KeepsTheForwardsOfExpiriesWithoutOptions) {
  ChainMaker maker;
  maker.add_smile(kMonth);
  const Timestamp between{kAsOf.seconds + 10 * 86'400};
  maker.chain.underlyings.at("BTC").futures[between] = 101'000.0;
  const Market market = chain_market(maker.chain, fit_chain(maker.chain));
  const auto& forwards = market.underlyings.at("BTC").forwards;
  ASSERT_EQ(forwards.size(), 2u);
  EXPECT_EQ(forwards[0].expiry, between);
  EXPECT_EQ(forwards[0].forward, 101'000.0);
}

TEST(ChainMarket, IsSpotsForwardsAndSlices) {
  ChainMaker maker;
  maker.add_smile(kQuarter);
  maker.add_smile(kMonth);
  maker.add_smile(kMonth, true, "SOL", 140.0);
  const ChainSurface surface = fit_chain(maker.chain);
  const Market market = chain_market(maker.chain, surface);
  EXPECT_EQ(market.as_of, kAsOf);
  EXPECT_EQ(market.usd_rate, 0.0);
  ASSERT_EQ(market.underlyings.size(), 2u);
  const UnderlyingMarket& btc = market.underlyings.at("BTC");
  EXPECT_EQ(btc.spot, 0.99 * kForward);
  EXPECT_EQ(market.underlyings.at("SOL").spot, 0.99 * 140.0);
  ASSERT_EQ(btc.forwards.size(), 2u);
  EXPECT_EQ(btc.forwards[0].expiry, kMonth);
  EXPECT_EQ(btc.forwards[1].expiry, kQuarter);
  EXPECT_EQ(btc.forwards[1].forward, kForward);
  const auto& slices = std::get<SviSurface>(btc.surface).slices;
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_EQ(slices[1].expiry, kQuarter);
  EXPECT_EQ(slices[1].a, surface.expiries.at("BTC")[1].slice.a);
  EXPECT_EQ(slices[0].fit->two_sided, 9u);
}

}  // namespace
}  // namespace tailbit::chain_surface_test
