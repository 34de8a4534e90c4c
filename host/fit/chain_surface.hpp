// From a chain of listed options to a fitted surface per underlying, with an account of every quote.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/io/chain.hpp"
#include "host/io/inputs.hpp"

namespace tailbit {

// What became of one option of the chain. Vols are decimals; the fit's vol is that of the option's strike.
struct QuoteFit {
  std::optional<double> bid_vol, ask_vol;  // at the quoted prices and the row's own forward
  std::optional<double> mark_vol;          // published, else at the mark price
  std::optional<double> fit_vol;           // absent where the underlying has no surface
  // Two-sided and out of the money: what a fit is judged by, and `inside` if the fitted vol is within bid and ask, give
  // or take half a vol point.
  bool judged = false, inside = false;
  std::string use;  // "fitted", "mark fitted", or "not fitted: " and the reason
};

struct ExpirySurface {
  Timestamp expiry;
  double forward = 0.0;  // USD, median of the rows
  SviQuote slice;        // with its SurfaceFit
};

struct ChainSurface {
  std::vector<QuoteFit> quotes;                                // [chain.quotes]
  std::map<std::string, std::vector<ExpirySurface>> expiries;  // by underlying, ascending
  std::vector<std::string> warnings;                           // of underlyings that are left out
};

// Every expiry of an underlying gets a slice, also one that nobody quotes: marks stand in where there is no two-sided
// quote, at a fiftieth of the weight, and the neighbours' shape where there is neither. An underlying none of whose
// options has a vol is left out with a warning; throws Failure (bad_data) where none is left.
ChainSurface fit_chain(const Chain& chain);

// The market as of the chain: spots, forwards, surfaces.
Market chain_market(const Chain& chain, const ChainSurface& surface);

}  // namespace tailbit
