// The users' inputs, as read and checked, before anything is fitted or compiled. Units as in docs/definitions: USD,
// years, decimals (0.6 = 60 % vol), UTC seconds. Plain data; what it takes to fill it is in the readers beside this
// file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/io/model.hpp"
#include "host/io/positions.hpp"
#include "host/io/problems.hpp"
#include "tailbit/core/precision.hpp"
#include "tailbit/core/time.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/random/sampling.hpp"

namespace tailbit {

// One contract as defined by the instruments file or by its name.
struct Instrument {
  std::string id;
  std::string underlying;   // "BTC"
  double multiplier = 1.0;  // payoff units per unit of quantity
  ContractTerms terms;      // one alternative per family
};

struct ListedForward {
  Timestamp expiry;
  double forward;  // USD
};

// How well a slice fits what it was fitted to.
struct SurfaceFit {
  std::uint32_t options = 0;    // listed
  std::uint32_t two_sided = 0;  // of them, out of the money and with bid and ask
  std::uint32_t inside = 0;     // of these, those whose fitted vol is within bid and ask, give or take half a vol point
  std::uint32_t marks = 0;      // marks that stood in for quotes
  double median_width = 0.0;    // ask vol - bid vol of the two-sided
  double rms = 0.0;             // of fitted vol - mid vol of the two-sided
};
// Raw SVI: w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), total variance to expiry at as_of, k = ln(K/F).
struct SviQuote {
  Timestamp expiry;
  double a, b, rho, m, sigma;
  std::optional<SurfaceFit> fit = {};  // of slices that were fitted; for people, no result depends on it
};
struct FlatSurface {
  double vol;
};
struct SviSurface {
  std::vector<SviQuote> slices;  // ascending expiry
};
// Quoted vols, to be fitted (host/fit/quoted_surface.hpp): bid and ask, or one vol.
struct QuotedVol {
  Timestamp expiry;
  double strike = 0.0;  // USD
  double bid_vol = 0.0, ask_vol = 0.0;
};
struct QuotedSurface {
  std::vector<QuotedVol> quotes;
};
using Surface = std::variant<std::monostate, FlatSurface, SviSurface, QuotedSurface>;

// How a perpetual's funding follows from its premium P (docs/definitions, "Contracts").
enum class FundingRule {
  constant,  // rate_8h, whatever the premium
  deribit,   // max(0.025 %, P) + min(-0.025 %, P)
  binance    // P + clamp(rate_8h - P, -0.05 %, 0.05 %)
};
struct Funding {
  FundingRule rule = FundingRule::constant;
  double rate_8h = 0.0;            // per 8 hours; longs pay when positive. Of binance: the interest, 0.01 % by default
  std::optional<double> cap_8h{};  // |funding| is at most this, > 0
  double premium = 0.0;            // today's: perpetuals are marked at spot exp(premium)
};

struct UnderlyingMarket {
  double spot = 0.0;                    // USD
  std::vector<ListedForward> forwards;  // ascending expiry, each after as_of
  Surface surface;
  Funding funding;
};

struct Market {
  Timestamp as_of;
  double usd_rate = 0.0;  // continuous, per year
  std::map<std::string, UnderlyingMarket> underlyings;
};

// What happens to coins received on the way.
enum class CashConversion {
  hold,       // they stay coins, valued at the spot of the date
  at_receipt  // they are sold at the spot when they are received
};

// The units of greeks.csv.
enum class GreekUnits {
  standard,  // ClosedForm and CoinForm
  deribit    // those of its API, see published_greeks.hpp
};

// What is kept of the groups beside the book.
enum class GroupDetail {
  full,  // losses and exposure, as of the book
  tails  // VaR, expected shortfall and moments alone, for books of many groups
};

// A run ends before its last scenario where the book's expected shortfall is known well enough.
struct StopRule {
  double level = 0.99;
  double relative_error = 0.0;  // standard error of the expected shortfall over the shortfall
};

struct RunConfig {
  std::string path;                                   // of the config file, "" if none
  std::string book, instruments, market, model, out;  // paths, already relative to the working directory; "" if absent
  std::vector<std::string> trades;                    // books beside it, whose positions add to its own
  std::int64_t horizon_seconds = 0;
  std::uint32_t steps = 1;
  std::uint64_t scenarios = 0;
  std::uint64_t seed = 0;
  Sampling sampling = Sampling::independent;
  std::uint32_t randomisations = 16;  // of Sobol points: a power of two, from 16 to 512, that divides the scenarios
  Precision precision = Precision::double_;
  std::vector<double> levels;         // ascending, each in (0, 1), at most 9 decimals
  std::vector<std::string> group_by;  // of kGroupKeys
  CashConversion cash_conversion = CashConversion::hold;
  std::vector<std::int64_t> exposure_seconds;  // ascending, within (0, horizon]; default: the horizon
  GreekUnits greek_units = GreekUnits::standard;
  GroupDetail group_detail = GroupDetail::full;
  std::uint32_t worst = 10;  // how many worst scenarios to list
  std::optional<StopRule> stop;
};

// What positions may be grouped by.
inline const std::vector<std::string> kGroupKeys{"account", "desk",       "venue",  "counterparty",
                                                 "family",  "underlying", "expiry", "instrument"};

// All of a run's inputs.
struct Inputs {
  RunConfig config;
  Market market;
  Model model;
  std::vector<Instrument> instruments;        // those that the book refers to, each once, sorted by id
  Positions positions;                        // in file order
  std::vector<std::string> warnings;          // what was read but has no effect, "file:where: ..."
  std::optional<RepairSize> repair{};         // of the model's correlation, if it was repaired
  std::map<std::string, FileDigest> files{};  // what was read, by path
};

}  // namespace tailbit
