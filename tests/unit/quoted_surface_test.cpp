// Surfaces that a market file gives as quoted vols: read, refused where they are wrong, fitted, and written out as what
// the run started from.
#include "host/fit/quoted_surface.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "host/fit/arbitrage.hpp"
#include "host/fit/svi_fit.hpp"
#include "host/io/write_inputs.hpp"
#include "host/ops/run.hpp"
#include "tests/unit/chain_support.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::quoted_surface_test {
namespace {

using nlohmann::json;
using test::Job;

double true_vol(double k) { return 0.6 - 0.2 * k + 0.3 * k * k; }

// BTC's surface as quotes at two expiries, the later one first; SOL keeps its flat one.
json quotes() {
  json list = json::array();
  for (const auto& [expiry, forward] : {std::pair{"2026-06-26", 92000.0}, std::pair{"2026-03-27", 91000.0}}) {
    for (const double moneyness : {0.7, 0.85, 0.95, 1.0, 1.1, 1.25, 1.5}) {
      const double vol = true_vol(std::log(moneyness));
      json quote = {{"expiry", expiry}, {"strike", moneyness * forward}};
      if (moneyness == 0.95) {
        quote["vol"] = vol;
      } else {
        quote["bid_vol"] = vol - 0.012;
        quote["ask_vol"] = vol + 0.012;
      }
      list.push_back(quote);
    }
  }
  return {{"kind", "quotes"}, {"quotes", list}};
}
struct QuotedJob : Job {
  explicit QuotedJob(json surface = quotes()) { market["underlyings"]["BTC"]["surface"] = std::move(surface); }
};

TEST(QuotedSurface, IsReadQuoteByQuote) {
  const Market market = QuotedJob().read().market;
  const auto& surface = std::get<QuotedSurface>(market.underlyings.at("BTC").surface);
  ASSERT_EQ(surface.quotes.size(), 14u);
  EXPECT_EQ(surface.quotes[0].expiry, test::moment("2026-06-26T08:00:00Z"));
  EXPECT_EQ(surface.quotes[0].strike, 0.7 * 92000.0);
  EXPECT_EQ(surface.quotes[0].bid_vol, true_vol(std::log(0.7)) - 0.012);
  EXPECT_EQ(surface.quotes[0].ask_vol, true_vol(std::log(0.7)) + 0.012);
  EXPECT_EQ(surface.quotes[2].bid_vol, true_vol(std::log(0.95)));
  EXPECT_EQ(surface.quotes[2].ask_vol, surface.quotes[2].bid_vol);
  EXPECT_EQ(json(market_to_json(market))["underlyings"]["BTC"]["surface"]["kind"], "quotes");
}

TEST(QuotedSurface, BecomesSlices) {
  Market market = QuotedJob().read().market;
  std::vector<std::string> warnings;
  fit_quoted_surfaces(market, warnings);
  EXPECT_TRUE(std::holds_alternative<FlatSurface>(market.underlyings.at("SOL").surface));
  const auto& slices = std::get<SviSurface>(market.underlyings.at("BTC").surface).slices;
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_EQ(slices[0].expiry, test::moment("2026-03-27T08:00:00Z"));
  EXPECT_EQ(slices[1].expiry, test::moment("2026-06-26T08:00:00Z"));
  for (const SviQuote& s : slices) {
    const market::SviSlice slice{years_between(market.as_of, s.expiry), s.a, s.b, s.rho, s.m, s.sigma};
    EXPECT_GE(least_butterfly_g(slice), 0.0);
    double squares = 0.0;
    for (const double moneyness : {0.7, 0.85, 0.95, 1.0, 1.1, 1.25, 1.5}) {
      const double k = std::log(moneyness);
      const double miss = std::sqrt(svi_variance_at(slice, k).variance / slice.years) - true_vol(k);
      EXPECT_NEAR(miss, 0.0, 0.005) << moneyness;
      if (moneyness != 0.95) squares += miss * miss;
    }
    EXPECT_EQ(s.fit->options, 7u);
    EXPECT_EQ(s.fit->two_sided, 6u);
    EXPECT_EQ(s.fit->inside, 6u);
    EXPECT_EQ(s.fit->marks, 1u);  // the one at 0.95, given as one vol
    EXPECT_NEAR(s.fit->median_width, 0.024, 1e-12);
    EXPECT_NEAR(s.fit->rms, std::sqrt(squares / 6.0), 1e-9);
  }
  EXPECT_TRUE(warnings.empty()) << warnings[0];
  // Once they are slices there is nothing to do.
  const auto before = market_to_json(market);
  fit_quoted_surfaces(market, warnings);
  EXPECT_EQ(market_to_json(market), before);
}

// Two vols for one strike cannot both be met; nor can one quote say what the smile's shape is.
TEST(QuotedSurface, TellsWhatItCannotMeet) {
  json surface = {{"kind", "quotes"}, {"quotes", json::array()}};
  for (const double vol : {0.3, 0.9})
    surface["quotes"].push_back({{"expiry", "2026-05-12"}, {"strike", 90e3}, {"vol", vol}});
  Market market = QuotedJob(surface).read().market;
  std::vector<std::string> warnings;
  fit_quoted_surfaces(market, warnings);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_TRUE(warnings[0].starts_with("BTC, 2026-05-12T08:00:00Z: ")) << warnings[0];
  EXPECT_NE(warnings[0].find(" of 2 quoted vols are missed"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[0].find("at strike 90000"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("fewer than 5 quotes"), std::string::npos) << warnings[1];
  const SurfaceFit& fit = *std::get<SviSurface>(market.underlyings.at("BTC").surface).slices[0].fit;
  EXPECT_EQ(fit.marks, 2u);
  EXPECT_EQ(fit.two_sided, 0u);
}

// The fit is that of these quotes: at the market's forward of the expiry, listed or between, and with half a point of
// doubt about a vol that stands alone.
TEST(QuotedSurface, IsFittedAtTheMarketsForwards) {
  json surface = {{"kind", "quotes"}, {"quotes", json::array()}};
  for (const double strike : {70e3, 80e3, 90e3, 100e3, 110e3, 130e3})
    surface["quotes"].push_back(
        {{"expiry", "2026-05-12"}, {"strike", strike}, {"vol", true_vol(std::log(strike / 91e3))}});
  Market market = QuotedJob(surface).read().market;
  std::vector<std::string> warnings;
  fit_quoted_surfaces(market, warnings);
  const Timestamp expiry = test::moment("2026-05-12T08:00:00Z");
  const double years = years_between(market.as_of, expiry);
  const double march = years_between(market.as_of, test::moment("2026-03-27T08:00:00Z"));
  const double june = years_between(market.as_of, test::moment("2026-06-26T08:00:00Z"));
  const double weight = (years - march) / (june - march);
  const double growth = (1.0 - weight) * std::log(91000 / 90000.1) + weight * std::log(92000 / 90000.1);
  ExpiryQuotes expected{years, {}};
  for (const double strike : {70e3, 80e3, 90e3, 100e3, 110e3, 130e3})
    expected.quotes.push_back({std::log(strike / 90000.1) - growth, true_vol(std::log(strike / 91e3)), 0.005, 1.0});
  const market::SviSlice fit = fit_svi_surface(std::vector{expected})[0].slice;
  const SviQuote& s = std::get<SviSurface>(market.underlyings.at("BTC").surface).slices.at(0);
  for (const double k : {-0.4, -0.1, 0.0, 0.2, 0.5}) {
    const market::SviSlice slice{years, s.a, s.b, s.rho, s.m, s.sigma};
    EXPECT_NEAR(svi_variance_at(slice, k).variance, svi_variance_at(fit, k).variance, 1e-9) << k;
  }
  EXPECT_EQ(s.fit->two_sided, 0u);
  EXPECT_EQ(s.fit->marks, 6u);
}

TEST(QuotedSurface, QuotesThatContradictEachOtherAreCountedOutside) {
  json surface = quotes();
  surface["quotes"].push_back({{"expiry", "2026-06-26"}, {"strike", 92000}, {"vol", 0.9}});
  Market market = QuotedJob(surface).read().market;
  std::vector<std::string> warnings;
  fit_quoted_surfaces(market, warnings);
  const SurfaceFit fit = *std::get<SviSurface>(market.underlyings.at("BTC").surface).slices[1].fit;
  EXPECT_EQ(fit.options, 8u);
  EXPECT_LT(fit.inside, 8u);
}

// The run's folder tells what it started from, and a run from that gives the same losses.
TEST(QuotedSurface, IsResolvedToSlices) {
  QuotedJob job;
  job.run["scenarios"] = 500;
  job.run["levels"] = {0.95};
  job.book = "instrument,quantity\nBTC_USDC-27MAR26-90000-C,-2\nBTC-26JUN26-70000-P,3\n";
  job.write();
  RunFlags flags;
  flags.device = "cpu";
  const auto first = run_job(job.folder.path("run.json"), flags).report;
  const json resolved = json::parse(test::file_text(job.folder.path("results/resolved/market.json")));
  const json& surface = resolved["underlyings"]["BTC"]["surface"];
  EXPECT_EQ(surface["kind"], "svi");
  ASSERT_EQ(surface["slices"].size(), 2u);
  EXPECT_EQ(surface["slices"][0]["expiry"], "2026-03-27T08:00:00Z");
  EXPECT_EQ(surface["slices"][0]["fit"]["two_sided"], 6);
  EXPECT_FALSE(surface.contains("quotes"));

  job.market = resolved;
  job.run["out"] = "again";
  job.write();
  const auto second = run_job(job.folder.path("run.json"), flags).report;
  EXPECT_EQ(second["digests"]["losses_sha256"], first["digests"]["losses_sha256"]);
  EXPECT_EQ(test::file_text(job.folder.path("again/resolved/market.json")),
            test::file_text(job.folder.path("results/resolved/market.json")));
}

// What is told of a slice's fit is read, kept and written, and changes nothing.
TEST(SliceFitOfAMarketFile, IsKept) {
  Job job;
  job.market["underlyings"]["BTC"]["surface"]["slices"][0]["fit"] = {
      {"options", 40}, {"two_sided", 18}, {"inside", 17}, {"marks", 2}, {"median_width", 0.02}, {"rms", 0.0015}};
  const Market market = job.read().market;
  const SurfaceFit fit = *std::get<SviSurface>(market.underlyings.at("BTC").surface).slices[0].fit;
  EXPECT_EQ(fit.options, 40u);
  EXPECT_EQ(fit.two_sided, 18u);
  EXPECT_EQ(fit.inside, 17u);
  EXPECT_EQ(fit.marks, 2u);
  EXPECT_EQ(fit.median_width, 0.02);
  EXPECT_EQ(fit.rms, 0.0015);
  const json written = json::parse(market_to_json(market).dump());
  EXPECT_EQ(written["underlyings"]["BTC"]["surface"]["slices"][0]["fit"],
            job.market["underlyings"]["BTC"]["surface"]["slices"][0]["fit"]);
  Job without;
  EXPECT_FALSE(std::get<SviSurface>(without.read().market.underlyings.at("BTC").surface).slices[0].fit);
}

struct Refused {
  const char* place;  // in BTC's surface
  const char* value;  // JSON; "" takes the key away
  const char* problem;
};
void PrintTo(const Refused& r, std::ostream* out) { *out << r.place << " = " << r.value; }

void expect_refused(Job& job, const Refused& refused) {
  json& surface = job.market["underlyings"]["BTC"]["surface"];
  const json::json_pointer place(refused.place);
  if (*refused.value == '\0') {
    surface[place.parent_pointer()].erase(place.back());
  } else {
    surface[place] = json::parse(refused.value);
  }
  const test::Outcome outcome = job.outcome();
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_TRUE(outcome.message.starts_with("market.json:/underlyings/BTC/surface" + std::string(refused.problem)))
      << outcome.message;
  EXPECT_EQ(outcome.message.find('\n'), std::string::npos) << outcome.message;
  EXPECT_NE(outcome.message.find("; "), std::string::npos) << outcome.message;
}

class RefusedQuotes : public testing::TestWithParam<Refused> {};
TEST_P(RefusedQuotes, AreTold) {
  QuotedJob job;
  expect_refused(job, GetParam());
}
INSTANTIATE_TEST_SUITE_P(
    Market, RefusedQuotes,
    testing::Values(Refused{"/quotes", "", ": the key \"quotes\" is missing"},
                    Refused{"/quotes", "[]", "/quotes: there is no quote"},
                    Refused{"/quotes", "{}", "/quotes: this object is not a list"},
                    Refused{"/quotes/3", "1", "/quotes/3: 1 is not an object"},
                    Refused{"/quotes/3/expiry", "", "/quotes/3: the key \"expiry\" is missing"},
                    Refused{"/quotes/3/expiry", R"("2026-01-15")",
                            "/quotes/3/expiry: 2026-01-15T08:00:00Z is not after as_of"},
                    Refused{"/quotes/3/expiry", R"("27MAR26")", "/quotes/3/expiry: \"27MAR26\" is not a UTC date"},
                    Refused{"/quotes/3/strike", "0", "/quotes/3/strike: 0 is not above 0"},
                    Refused{"/quotes/3/strike", "", "/quotes/3: the key \"strike\" is missing"},
                    Refused{"/quotes/3/bid_vol", "", "/quotes/3: the key \"bid_vol\" is missing"},
                    Refused{"/quotes/3/ask_vol", "", "/quotes/3: the key \"ask_vol\" is missing"},
                    Refused{"/quotes/3/bid_vol", "0", "/quotes/3/bid_vol: 0 is out of range"},
                    Refused{"/quotes/3/ask_vol", "61", "/quotes/3/ask_vol: 61 is out of range"},
                    Refused{"/quotes/2/vol", "45", "/quotes/2/vol: 45 is out of range"},
                    Refused{"/quotes/2/vol", R"("45%")", "/quotes/2/vol: \"45%\" is not a number"},
                    Refused{"/quotes/3/bid_vol", "0.7", "/quotes/3: bid_vol is not below ask_vol"},
                    Refused{"/quotes/3/vol", "0.6", "/quotes/3: vol, and bid_vol or ask_vol, are both there"},
                    Refused{"/quotes/3/mark_vol", "0.6", "/quotes/3/mark_vol: the key \"mark_vol\" is unknown"},
                    Refused{"/slices", "[]", "/slices: the key \"slices\" is unknown"}));

class RefusedFit : public testing::TestWithParam<Refused> {};
TEST_P(RefusedFit, IsTold) {
  Job job;
  job.market["underlyings"]["BTC"]["surface"]["slices"][0]["fit"] = {
      {"options", 40}, {"two_sided", 18}, {"inside", 17}, {"median_width", 0.02}, {"rms", 0.0015}};
  EXPECT_EQ(job.outcome().message, "");
  expect_refused(job, GetParam());
}
INSTANTIATE_TEST_SUITE_P(
    Market, RefusedFit,
    testing::Values(Refused{"/slices/0/fit", "[]", "/slices/0/fit: this list is not an object"},
                    Refused{"/slices/0/fit/options", "", "/slices/0/fit: the key \"options\" is missing"},
                    Refused{"/slices/0/fit/options", "-1", "/slices/0/fit/options: -1 is not a whole number"},
                    Refused{"/slices/0/fit/two_sided", "41", "/slices/0/fit/two_sided: 41 is out of range"},
                    Refused{"/slices/0/fit/inside", "19", "/slices/0/fit/inside: 19 is out of range"},
                    Refused{"/slices/0/fit/marks", "2.5", "/slices/0/fit/marks: 2.5 is not a whole number"},
                    Refused{"/slices/0/fit/median_width", "-0.1", "/slices/0/fit/median_width: -0.1 is negative"},
                    Refused{"/slices/0/fit/rms", "-0.1", "/slices/0/fit/rms: -0.1 is negative"},
                    Refused{"/slices/0/fit/rms", "", "/slices/0/fit: the key \"rms\" is missing"},
                    Refused{"/slices/0/fit/worst", "0.1", "/slices/0/fit/worst: the key \"worst\" is unknown"}));

}  // namespace
}  // namespace tailbit::quoted_surface_test
