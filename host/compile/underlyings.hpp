// The market as contracts' constants are computed from.
#pragma once

#include <optional>
#include <vector>

#include "host/io/inputs.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit {

// One for each underlying of the model, in the order of their names: an index into it is an index into the factors.
std::vector<market::UnderlyingToday> make_underlyings(const Inputs& inputs);

// Their marks today, of contracts that are settled to mark (Family::mark_today); nothing for others.
std::optional<double> mark_today(const ContractTerms& terms, const market::UnderlyingToday& underlying);

}  // namespace tailbit
