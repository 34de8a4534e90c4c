// The basis of fixed terms, from marks of dated futures and the spot that they are on.
#pragma once

#include <cstdint>

#include "host/io/history.hpp"

namespace tailbit {

// ln(F/S) over the term's years, at each time of the marks: ln(F/S) linear in the time to expiry between the futures on
// both sides of the term, and from 0 to the nearest one. `futures` is of a source with instruments; `spot` counts with
// its last value known by then, if that is younger than `most_age` seconds. Times without spot, or without a
// future as far as the term, have no value; futures within a day of their expiry do not count.
History basis_of_futures(const History& futures, const History& spot, std::int64_t term_seconds, std::int64_t most_age);

}  // namespace tailbit
