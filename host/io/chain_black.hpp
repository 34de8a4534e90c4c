// Black's formula as chains quote it: on the expiry's forward, undiscounted, prices per unit in coin or USD.
#pragma once

#include "host/io/chain.hpp"
#include "tailbit/instruments/european.hpp"

namespace tailbit {

// USD per unit, and its derivatives (tailbit/instruments/closed_form.hpp). years and vol positive.
inline ClosedForm chain_black(const ChainQuote& quote, double forward, double years, double vol) {
  return European::closed_form({}, {quote.option, forward, quote.strike, years, 0.0, 0.0, vol});
}

// USD into the currency that the quote's prices are in.
inline double in_settlement(const ChainQuote& quote, double usd, double forward) {
  return quote.usd_settled ? usd : usd / forward;
}

// The price of the option in its settlement currency.
inline double chain_price(const ChainQuote& quote, double forward, double years, double vol) {
  return in_settlement(quote, chain_black(quote, forward, years, vol).value, forward);
}

}  // namespace tailbit
