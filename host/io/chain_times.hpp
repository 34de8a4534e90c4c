// When a chain was taken: from its quotes' times, or from what its Greeks or marks imply.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/io/chain_entry.hpp"

namespace tailbit {

// How the numbers of a chain were rounded: half a unit of their last decimals, of the column as a whole. Vols as
// decimals (63.29 % is 0.6329 +- 0.00005).
struct ChainRounding {
  double vol, mark, delta, gamma, vega, theta, rho;
};
ChainRounding chain_rounding(const std::vector<const ChainQuote*>& quotes);
// Of a forward: at least a cent, since venues print cents and drop trailing zeros; averages come with all their digits.
double forward_rounding(double forward);

// The moment at which a row's numbers were computed, in seconds since 1970, and how far off rounding may have put it.
struct ImpliedTime {
  double seconds, uncertainty;
};

// From vega and theta, whose ratio is T/sigma: theta/vega = -sigma/(2 T) times 100/365 in Deribit's units. With it,
// vega alone is a function of T, solved within what the rounding of the vol allows; where that has no solution, the
// printed vol itself gives T, less precisely. Nothing unless the row has forward, vol, vega and theta with enough
// digits, and T above a day (Deribit scales theta below).
std::optional<ImpliedTime> time_from_greeks(const ChainQuote& quote, const ChainRounding& rounding);

// From mark price and vol: the T at which Black's formula gives the mark. Nothing unless the row has both and a
// forward, and the mark has time value enough to place T.
std::optional<ImpliedTime> time_from_mark(const ChainQuote& quote, const ChainRounding& rounding);

// Fills the chain's as_of, as_of_from and time_spread_seconds, and the time of quotes: where the file has none but
// creation times of summaries, these; where it has Greeks, what they imply, one moment per expiry. Adds warnings.
// Adds to `problems` if nothing tells when the chain was taken.
void find_chain_times(Chain& chain, std::vector<ChainEntry>& entries, const ChainFile& file,
                      const ChainOptions& options, Problems& problems);

// Tells where the marks imply another moment than the quotes' times, by more than ten minutes, and would be met much
// better then; or "".
std::string chain_clock_warning(const Chain& chain);

}  // namespace tailbit
