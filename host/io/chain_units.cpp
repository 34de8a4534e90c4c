#include "host/io/chain_units.hpp"

#include <cmath>
#include <vector>

#include "host/io/chain_black.hpp"
#include "host/io/chain_statistics.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

constexpr double kNoVol = 5.0;

// How the marks may have been meant: at so many times the vols as read, and in the currency that the names say or in
// the other one.
struct Reading {
  double vol_factor = 1.0;
  bool other_currency = false;
};

// Median error of the marks, in parts of the forward; nothing if there is no mark to check.
std::optional<double> median_error(const Chain& chain, const Reading& reading) {
  std::vector<double> errors;
  for (const ChainQuote& quote : chain.quotes) {
    if (!quote.mark || !quote.mark_vol || !quote.forward) continue;
    const double years = years_between(quote_time(chain, quote), quote.expiry);
    if (!(years > 0.0)) continue;
    const double forward = *quote.forward;
    const double price = chain_black(quote, forward, years, reading.vol_factor * *quote.mark_vol).value / forward;
    const bool mark_in_usd = quote.usd_settled != reading.other_currency;
    errors.push_back(std::abs(price - *quote.mark / (mark_in_usd ? forward : 1.0)));
  }
  return errors.empty() ? std::nullopt : std::optional(sample_median(std::move(errors)));
}

// Median of a side's vol over the mark's.
std::optional<double> median_ratio(const Chain& chain, std::optional<double> ChainQuote::*side) {
  std::vector<double> ratios;
  for (const ChainQuote& quote : chain.quotes) {
    if (quote.mark_vol && quote.*side && *(quote.*side) < kNoVol) ratios.push_back(*(quote.*side) / *quote.mark_vol);
  }
  return ratios.empty() ? std::nullopt : std::optional(sample_median(std::move(ratios)));
}

std::string percent(double vol) { return number_text(std::round(vol * 1e4) / 100.0) + " %"; }

std::optional<double> median_vol(const Chain& chain) {
  std::vector<double> vols;
  for (const ChainQuote& quote : chain.quotes) {
    if (quote.mark_vol) vols.push_back(*quote.mark_vol);
  }
  return vols.empty() ? std::nullopt : std::optional(sample_median(std::move(vols)));
}

}  // namespace

void check_vol_units(Chain& chain, const std::string& vol_name, Problems& problems) {
  constexpr double kBad = 2e-3;    // of the forward: worse than any sound chain, whose medians are below 5e-4
  constexpr double kBetter = 0.1;  // the other unit's error over this one's
  constexpr double kApart = 10.0;  // ratio of two vols of one option
  const char* const remedy =
      "name the column mark_iv for percent (63.29) or implied_volatility for decimals (0.6329), as it is";
  const auto vol = median_vol(chain);
  const auto error = median_error(chain, {});
  if (!vol || !error) return;
  for (const double factor : {100.0, 0.01}) {
    const double other = *median_error(chain, {factor, false});
    if (*error > kBad && other < kBetter * *error) {
      problems.add(ExitCode::bad_data, {chain.source, "",
                                        vol_name + " is in " + (factor > 1.0 ? "decimals" : "percent") +
                                            " here, against its name: vols of " + percent(*vol) +
                                            " in the median miss the mark prices by " + rounded_text(*error) +
                                            " of the forward, " + percent(factor * *vol) + " by " + rounded_text(other),
                                        remedy});
      return;
    }
  }
  const double converted = *median_error(chain, {1.0, true});
  if (*error > kBad && converted < kBetter * *error) {
    problems.add(
        ExitCode::bad_data,
        {chain.source, "",
         "prices are in another currency than the names say: as they are they miss Black's formula at " + vol_name +
             " by " + rounded_text(*error) + " of the forward, converted by " + rounded_text(converted),
         "give prices in coin for names such as BTC-27MAR26-70000-C, in USD for BTC_USDC-27MAR26-70000-C"});
    return;
  }
  if (*error > kBad) {
    chain.warnings.push_back("the mark prices are not those of the vols: they differ by " + rounded_text(*error) +
                             " of the forward in the median; both are kept as they are");
  }
  for (const auto& [side, name] :
       {std::pair(&ChainQuote::bid_vol, "bid_iv"), std::pair(&ChainQuote::ask_vol, "ask_iv")}) {
    const auto ratio = median_ratio(chain, side);
    if (ratio && (*ratio > kApart || *ratio < 1.0 / kApart)) {
      problems.add(ExitCode::bad_data,
                   {chain.source, "",
                    std::string(name) + " and " + vol_name + " are not in the same unit: they differ " +
                        "by a factor of " + rounded_text(*ratio) + " in the median",
                    "write bid_iv, ask_iv and mark_iv in percent"});
    }
  }
}

void drop_meaningless_vols(Chain& chain) {
  std::size_t tiny = 0;
  for (ChainQuote& quote : chain.quotes) {
    for (std::optional<double>* vol : {&quote.bid_vol, &quote.ask_vol, &quote.mark_vol}) {
      if (*vol && **vol < kLeastVol) ++tiny;
      if (*vol && (**vol >= kNoVol || **vol < kLeastVol)) vol->reset();
    }
  }
  if (tiny > 0) {
    chain.warnings.push_back("vols below " + number_text(100.0 * kLeastVol) +
                             " %, taken as none: " + std::to_string(tiny));
  }
}

}  // namespace tailbit
