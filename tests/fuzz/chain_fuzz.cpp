// Chains of options in any of their layouts, CSV and JSON.
#include <cmath>

#include "host/io/chain.hpp"
#include "targets.hpp"

namespace tailbit::fuzz {

void chain(std::string_view input) {
  Chain chain;
  const std::string& path = as_file(input);
  if (!accepts([&](Problems&) { chain = read_chain(path); })) return;
  hold(!chain.quotes.empty(), "a chain that is accepted has an option");
  hold(chain.quotes.size() + chain.dropped.size() == chain.rows, "each row is a quote or a drop");
  for (const ChainDrop& drop : chain.dropped) hold(!drop.reason.empty() && !drop.where.empty(), "drops have reasons");
  for (const ChainQuote& quote : chain.quotes) {
    hold(quote.strike > 0.0 && std::isfinite(quote.strike), "strikes are above 0");
    hold(quote.expiry > quote_time(chain, quote), "no quote has expired");
    const auto underlying = chain.underlyings.find(quote.underlying);
    hold(underlying != chain.underlyings.end() && underlying->second.spot > 0.0, "an underlying has a spot");
    hold(underlying->second.forwards.contains(quote.expiry), "an expiry has a forward");
  }
}

}  // namespace tailbit::fuzz
