// Surfaces fitted to real chains of Deribit: how many two-sided quotes they pass through.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "host/fit/arbitrage.hpp"
#include "host/fit/implied_vol.hpp"
#include "host/fit/svi_fit.hpp"
#include "host/io/csv.hpp"
#include "host/io/text.hpp"

namespace tailbit::surface_fit_test {
namespace {

constexpr double kSecondsPerYear = 31'536'000.0;

struct Row {
  OptionKind option;
  double strike, forward, bid, ask, mark_vol;  // bid and ask in coin, 0 for none
};
// By currency and whole seconds to expiry.
using Chain = std::map<std::string, std::map<double, std::vector<Row>>>;

double number_or_0(std::string_view cell) { return parse_number(cell).value_or(0.0); }

Chain read_chain(const std::string& path) {
  Problems problems;
  std::vector<CsvColumn> columns;
  for (const char* name : {"timestamp", "currency", "expiry_datetime", "option_type", "strike", "underlying",
                           "bid_price", "ask_price", "implied_volatility"}) {
    columns.push_back({name, true});
  }
  for (const char* name : {"instrument_name", "underlying_name", "time_to_maturity", "mark_price", "mid_price",
                           "futures_price", "futures_instrument_name", "delta", "vega", "open_interest", "volume",
                           "bid_ask_spread", "index_price", "volume_usd"}) {
    columns.push_back({name, false});
  }
  CsvFile csv(path, ExitCode::bad_data, columns, problems);
  problems.throw_if_any();
  Chain chain;
  while (csv.next()) {
    // The fraction of the second is cut off.
    const Timestamp now = parse_timestamp(std::string(csv[0].substr(0, 19)) + "Z").value();
    const Timestamp expiry = parse_timestamp(csv[2]).value();
    chain[std::string(csv[1])][static_cast<double>(expiry.seconds - now.seconds)].push_back(
        {csv[3] == "call" ? OptionKind::call : OptionKind::put, number_or_0(csv[4]), number_or_0(csv[5]),
         number_or_0(csv[6]), number_or_0(csv[7]), number_or_0(csv[8])});
  }
  return chain;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n == 0 ? 0.0 : 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

struct Expiry {
  ExpiryQuotes quotes;
  std::size_t two_sided;         // of them; they come first
  std::size_t without_vols = 0;  // two-sided, but no vol gives bid or ask
};

Expiry out_of_the_money(double seconds, const std::vector<Row>& rows) {
  Expiry out{{seconds / kSecondsPerYear, {}}, 0};
  std::vector<double> forwards;
  for (const Row& row : rows) forwards.push_back(row.forward);
  const double forward = median(forwards);
  std::vector<VolQuote> marks;
  for (const Row& row : rows) {
    if (row.option == OptionKind::call ? row.strike < forward : row.strike > forward) continue;
    const double k = std::log(row.strike / forward);
    if (row.bid > 0.0 && row.ask > 0.0) {
      const auto bid = implied_vol(row.option, forward, row.strike, out.quotes.years, row.bid * forward);
      const auto ask = implied_vol(row.option, forward, row.strike, out.quotes.years, row.ask * forward);
      if (bid && ask && *bid < *ask) {
        out.quotes.quotes.push_back({k, 0.5 * (*bid + *ask), 0.5 * (*ask - *bid)});
      } else {
        ++out.without_vols;
      }
    } else if (row.mark_vol > 0.0) {
      marks.push_back({k, row.mark_vol, 0.02, 0.25});
    }
  }
  out.two_sided = out.quotes.quotes.size();
  if (out.two_sided < kLeastQuotes) {
    out.quotes.quotes.insert(out.quotes.quotes.end(), marks.begin(), marks.end());
  }
  return out;
}

class SurfaceFit : public testing::TestWithParam<const char*> {};

TEST_P(SurfaceFit, PassesThroughTheMarket) {
  const std::string path = std::string(TAILBIT_MARKET_DATA) + "/options/deribit_chain_BTC_ETH_" + GetParam() + ".csv";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";

  std::size_t quoted = 0, inside = 0, fitted = 0;
  double seconds = 0.0;
  std::vector<double> widths, residuals;
  for (const auto& [currency, by_expiry] : read_chain(path)) {
    std::vector<Expiry> expiries;
    std::vector<ExpiryQuotes> quotes;
    for (const auto& [to_expiry, rows] : by_expiry) {
      expiries.push_back(out_of_the_money(to_expiry, rows));
      quotes.push_back(expiries.back().quotes);
    }
    const auto start = std::chrono::steady_clock::now();
    const std::vector<SliceFit> fits = fit_svi_surface(quotes);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ASSERT_EQ(fits.size(), by_expiry.size());
    fitted += fits.size();

    for (std::size_t i = 0; i < fits.size(); ++i) {
      const market::SviSlice& slice = fits[i].slice;
      EXPECT_GE(least_butterfly_g(slice), 0.0) << currency << " " << slice.years;
      EXPECT_LT(slice.b * (1.0 + std::abs(slice.rho)), 2.0);
      // Tame: numbers that a reader can make something of.
      EXPECT_LT(std::abs(slice.m), 2.0);
      EXPECT_LT(slice.sigma, 4.0);
      EXPECT_LT(std::abs(slice.rho), 0.95);
      EXPECT_LT(slice.b, 1.5);
      if (i > 0) {
        EXPECT_GE(least_calendar_gap(fits[i - 1].slice, slice), 0.0) << currency << " " << slice.years;
        for (double k = -4.0; k <= 4.0; k += 1e-3) {
          ASSERT_GE(svi_variance_at(slice, k).variance - svi_variance_at(fits[i - 1].slice, k).variance, -1e-12);
        }
      }
      const double days = 365.0 * slice.years;
      if (days < 2.0 || days > 365.0) continue;
      quoted += expiries[i].two_sided + expiries[i].without_vols;
      for (std::size_t j = 0; j < expiries[i].two_sided; ++j) {
        const VolQuote& quote = quotes[i].quotes[j];
        const double residual = std::abs(std::sqrt(svi_variance_at(slice, quote.k).variance / slice.years) - quote.vol);
        if (residual <= quote.half_width + 0.005) ++inside;
        widths.push_back(2.0 * quote.half_width);
        residuals.push_back(residual);
      }
    }
  }
  const double share = static_cast<double>(inside) / static_cast<double>(quoted);
  std::cout << GetParam() << ": " << inside << " of " << quoted << " quotes (" << 100.0 * share
            << " %) within half a vol point of bid and ask; median width " << 100.0 * median(widths)
            << ", median residual " << 100.0 * median(residuals) << " vol points; " << fitted << " expiries in "
            << 1e3 * seconds << " ms\n";
  EXPECT_GT(quoted, 500u);
  EXPECT_GE(fitted, 24u);
  EXPECT_GE(share, 0.99);
  EXPECT_LT(median(residuals), 0.5 * median(widths));  // half as far as bid and ask are
  EXPECT_LT(seconds, 5.0);
}

INSTANTIATE_TEST_SUITE_P(Chains, SurfaceFit,
                         testing::Values("20260124T0353Z_calm", "20260204T2133Z_precrash", "20260205T2129Z_stress",
                                         "20260206T1551Z_rebound"),
                         [](const auto& info) { return std::string(info.param).substr(15); });

}  // namespace
}  // namespace tailbit::surface_fit_test
