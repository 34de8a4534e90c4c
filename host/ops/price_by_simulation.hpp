// `price --model`: the contracts of a list valued on simulated paths, the outside check of the path engine. Docs,
// "Prices by simulation".
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "host/io/problems.hpp"

namespace tailbit {

struct PathFlags {
  std::string model;  // a tailbit.model/1 file of one underlying
  std::uint64_t paths = 1'000'000;
  std::uint32_t steps = 1;
  std::uint64_t seed = 42;
};

struct PricedByPaths {
  ExitCode code = ExitCode::done;  // bad_data if a row could not be valued
  std::vector<std::string> warnings;
};

// As `price`, but a value is what the contract pays at its expiry, averaged over the paths of a run of its own and
// discounted to today, and `se` that mean's standard error; Greeks are left empty. The run is that of `run` for a book
// of this one contract: the same compile, the same backend, the paths a function of the seed alone, so no row's result
// depends on the other rows. Of the row come spot, rate, carry and terms; of the model everything else but the drift,
// which makes the mean of Gaussian paths the row's forward. Throws Failure if model or list cannot be read, or the
// model cannot price.
PricedByPaths price_by_simulation(const std::string& path, const PathFlags& flags, std::ostream& out, bool as_json);

}  // namespace tailbit
