// An invented market: no number in it was observed anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/io/inputs.hpp"
#include "host/ops/listing.hpp"

namespace tailbit {

// BTC and ETH on the morning of 15 January 2026, with eight listed expiries from a day to a year, and surfaces without
// arbitrage.
Market sample_market();

// Such a market as a venue publishes it (the CSV layout of Deribit's chains of 2026): marks near the surface, bids and
// asks around them on the venue's grid, some options without a bid. Varies with the seed.
std::string sample_chain_csv(const Market& market, const std::vector<ListedOption>& listing, std::uint64_t seed);

}  // namespace tailbit
