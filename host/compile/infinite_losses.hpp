// Whether a book's expected shortfall exists.
#pragma once

#include <string>
#include <vector>

#include "host/compile/contracts.hpp"
#include "host/io/inputs.hpp"

namespace tailbit {

// With t-distributed log-returns E[S] is infinite, so a book whose loss grows with a spot without bound has no finite
// expected shortfall, unless moves are limited: a warning "es_not_finite: ..." for each such underlying. The spots at
// different dates are told apart, since what expires on the way pays by the spot of then, and so are forwards that a
// basis or premium moves. Funding on the way is left out.
std::vector<std::string> infinite_loss_warnings(const Inputs& inputs, const NettedBook& book,
                                                const std::vector<market::UnderlyingToday>& underlyings);

}  // namespace tailbit
