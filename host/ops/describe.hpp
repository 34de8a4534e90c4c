// `describe`: what is in a book, at a glance.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "host/io/inputs.hpp"

namespace tailbit {

// Reads the job's inputs and values the book today: totals, the same by underlying, expiry, family, venue, desk and
// account, the contracts with the most vega and delta, and how well the market is known (tailbit.describe/1). Values
// and Greeks in USD, as sum over positions of quantity times multiplier times the contract's own:
//   delta       value per 1 % of spot times 100: S dV/dS
//   gamma_1pct  change of delta per 1 % of spot: S^2 d2V/dS2 / 100
//   vega        value per vol point
//   theta       value per calendar day
//   rho         value per 1 % of rate
//   value_coin  by underlying only: the value over the spot
// The `top` contracts are listed. Throws Failure.
//
// With `surfaces`, that many shocked surfaces at the horizon are simulated and checked (surface_check.hpp).
struct DescribeOptions {
  std::size_t top = 10;
  std::uint64_t surfaces = 0;
  bool stressed = false;  // shocks of a crash, kStressedShocks
};
nlohmann::ordered_json describe_job(const std::string& config_path, const DescribeOptions& options = {});

}  // namespace tailbit
