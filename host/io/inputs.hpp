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

#include "host/io/positions.hpp"
#include "tailbit/core/precision.hpp"
#include "tailbit/core/time.hpp"
#include "tailbit/engine/families.hpp"

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

// Raw SVI: w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), total variance to expiry at as_of, k = ln(K/F).
// How well a slice fits what it was fitted to.
struct SurfaceFit {
  std::uint32_t options = 0;    // listed
  std::uint32_t two_sided = 0;  // of them, out of the money and with bid and ask
  std::uint32_t inside = 0;     // of these, those whose fitted vol is within bid and ask, give or take half a vol point
  std::uint32_t marks = 0;      // marks that stood in for quotes
  double median_width = 0.0;    // ask vol - bid vol of the two-sided
  double rms = 0.0;             // of fitted vol - mid vol of the two-sided
};
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

struct UnderlyingMarket {
  double spot = 0.0;                    // USD
  std::vector<ListedForward> forwards;  // ascending expiry, each after as_of
  Surface surface;
  double funding_rate_8h = 0.0;  // constant rate per 8 hours; longs pay when positive
};

struct Market {
  Timestamp as_of;
  double usd_rate = 0.0;  // continuous, per year
  std::map<std::string, UnderlyingMarket> underlyings;
};

struct UnderlyingModel {
  double drift = 0.0;  // real-world, per year
  double vol = 0.0;    // constant spot vol, per square-root year
};

enum class CorrelationRepair { reject };

struct Correlation {
  std::vector<std::string> factors;         // "BTC.spot"
  std::vector<std::vector<double>> matrix;  // [factors][factors]
  // Lower Cholesky factor of the matrix, [factors][factors]: present in a resolved model, absent in a user's.
  std::vector<std::vector<double>> cholesky;
};

struct Model {
  std::map<std::string, UnderlyingModel> underlyings;
  Correlation correlation;  // pairs not listed are independent
};

struct RunConfig {
  std::string path;                                   // of the config file, "" if none
  std::string book, instruments, market, model, out;  // paths, already relative to the working directory; "" if absent
  std::int64_t horizon_seconds = 0;
  std::uint32_t steps = 1;
  std::uint64_t scenarios = 0;
  std::uint64_t seed = 0;
  Precision precision = Precision::double_;
  std::vector<double> levels;                  // ascending, each in (0, 1), at most 9 decimals
  std::vector<std::string> group_by;           // of kGroupKeys
  std::vector<std::int64_t> exposure_seconds;  // ascending, within (0, horizon]; default: the horizon
  std::uint32_t worst = 10;                    // how many worst scenarios to list
};

// What positions may be grouped by.
inline const std::vector<std::string> kGroupKeys{"account", "desk",       "venue",  "counterparty",
                                                 "family",  "underlying", "expiry", "instrument"};

// All of a run's inputs.
struct Inputs {
  RunConfig config;
  Market market;
  Model model;
  std::vector<Instrument> instruments;  // those that the book refers to, each once, sorted by id
  Positions positions;                  // in file order
  std::vector<std::string> warnings;    // what was read but has no effect, "file:where: ..."
};

}  // namespace tailbit
