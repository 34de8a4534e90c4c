// A made-up book that looks like a market maker's, over a market's contracts.
#pragma once

#include <cstdint>
#include <vector>

#include "host/io/inputs.hpp"
#include "host/ops/listing.hpp"

namespace tailbit {

// `count` positions. Options are picked by open interest, long and short, a few per cent of what is open in all, spread
// over desks, accounts, venues and counterparties. The last positions, at most a quarter of the book, hedge nine tenths
// or more of each desk's delta in each underlying with perpetuals settled in coin and in USD and dated futures: all of
// it in books of 48 positions or more per underlying. Depends on the arguments only. Throws Failure where there is no
// option to hold.
Positions market_maker_book(const Market& market, const std::vector<ListedOption>& listing, std::size_t count,
                            std::uint64_t seed);

}  // namespace tailbit
