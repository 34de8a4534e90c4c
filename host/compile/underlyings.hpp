// The market as contracts' constants are computed from.
#pragma once

#include <optional>
#include <vector>

#include "host/io/inputs.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit {

// As of today alone: nothing but the spot will move.
market::UnderlyingToday make_underlying(const std::string& name, const Market& market);

// One for each underlying of the model, in the order of their names: an index into it is an index into the factors.
std::vector<market::UnderlyingToday> make_underlyings(const Inputs& inputs);

// The mark of a contract that is settled to mark (Family::mark_today), USD; nothing for others.
std::optional<double> mark_today(const ContractTerms& terms, const market::UnderlyingToday& underlying);

}  // namespace tailbit
