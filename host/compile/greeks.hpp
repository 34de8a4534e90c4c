// What a contract is worth today and how that moves, in USD, for people: no result of a run is computed from it.
#pragma once

#include "host/io/inputs.hpp"
#include "tailbit/instruments/closed_form.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit {

// Per unit of quantity times multiplier, at the vol that the surface has for the contract's strike, kept as the spot
// moves; at fixed carry. Units as in ClosedForm. The contract must have a vol if it needs one, and an expiry to come.
ClosedForm greeks_today(const ContractTerms& terms, const market::UnderlyingToday& underlying);

// The vol of an option's strike today.
double vol_today(double strike, Timestamp expiry, double own_vol, const market::UnderlyingToday& underlying);

}  // namespace tailbit
