// quotes.csv: a chain option by option, with what became of each in the fit of the surface. Written by the import, read
// back for which options are listed and how much is open.
#pragma once

#include <string>
#include <vector>

#include "host/fit/chain_surface.hpp"
#include "host/io/chain.hpp"
#include "host/ops/listing.hpp"

namespace tailbit {

// One line per quote of the chain. Prices in the settlement currency, vols as decimals; `residual` is fitted vol - mid
// vol where there are bid and ask, else fitted vol - mark vol.
std::string quotes_csv(const Chain& chain, const ChainSurface& surface);

// The options that have an expiry to come and an underlying in the market. Throws Failure.
std::vector<ListedOption> read_listing(const std::string& path, const Market& market);

}  // namespace tailbit
