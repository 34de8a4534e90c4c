// What coin-settled positions have earned to date, as coins that the book holds.
#pragma once

#include "host/io/inputs.hpp"

namespace tailbit {

// A coin-settled position that says what it was entered at has paid Q (1/entry - 1/M_0) coins by now: each becomes a
// position in the underlying's spot, beside it (docs/definitions, "Contracts"). Returns how many there were.
std::size_t add_coin_cash(Inputs& inputs);

}  // namespace tailbit
