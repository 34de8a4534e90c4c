// What a contract is worth today and how that moves, in USD and in coin, for people: no result of a run is computed
// from it.
#pragma once

#include "host/io/inputs.hpp"
#include "host/io/published_greeks.hpp"
#include "tailbit/instruments/closed_form.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit {

// In USD per payoff unit, at the vol that the surface has for the contract's strike, kept as the
// spot moves; at fixed carry. Units as in ClosedForm. The contract must have a vol if it needs one, and an expiry to
// come.
//
// What is settled to mark is worth nothing now; its Greeks are those of the profit from now on. Rho moves the forward
// of a future as it moves that of an option. A perpetual has no theta: what it pays with time is funding.
ClosedForm greeks_today(const ContractTerms& terms, const market::UnderlyingToday& underlying);

// In both numeraires.
struct ContractGreeks {
  ClosedForm usd;
  CoinForm coin;
  // What a perpetual earns over the horizon per 1.00 of the 8-hour funding rate, at today's mark; a long pays. 0 for
  // others.
  double funding_rho = 0.0;       // USD
  double funding_rho_coin = 0.0;  // coin
};
ContractGreeks contract_greeks(const ContractTerms& terms, const market::UnderlyingToday& underlying,
                               double horizon_years);

// The same per unit in the units of Deribit. Options as if it listed them; coins have a delta of 1; futures and
// perpetuals one of the coins that a unit is at its mark (1 linear, 1/M_0 inverse), and no other Greek.
PublishedGreeks published_greeks_today(const ContractTerms& terms, const market::UnderlyingToday& underlying);

// The vol of an option's strike today.
double vol_today(double strike, Timestamp expiry, double own_vol, const market::UnderlyingToday& underlying);

}  // namespace tailbit
