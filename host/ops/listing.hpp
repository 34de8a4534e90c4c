// What a venue lists: options with their open interest.
#pragma once

#include <string>
#include <vector>

#include "host/io/inputs.hpp"

namespace tailbit {

struct ListedOption {
  Instrument instrument;       // with European::Terms
  double open_interest = 0.0;  // coin
};

// The options of one that no venue lists: coin-settled calls and puts at every expiry of the market's forwards and
// slices, at round strikes out to two and a half standard deviations from the forward, with open interest that falls
// off from the money and varies with the seed. Underlyings without a surface have none.
std::vector<ListedOption> make_listing(const Market& market, std::uint64_t seed);

}  // namespace tailbit
