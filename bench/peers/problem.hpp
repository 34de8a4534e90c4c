// A book of European options settled in USD, and its scenarios, in the plain form that other libraries are given: the
// same contracts and the same spots as ours, nothing of our formulas.
#pragma once

#include <vector>

#include "host/io/inputs.hpp"

namespace tailbit::bench {

struct PeerOption {
  int underlying;
  bool call;
  double strike, quantity;
  int days;                // from the scenarios' date to expiry
  double years;            // the same
  double growth;           // of the spot to expiry
  double discount;         // from expiry to the scenarios' date
  double vol;              // its own, or 0: the slice's
  double a, b, rho, m, s;  // raw SVI, total variance over `years`
  double value_today;      // USD
};

struct PeerProblem {
  std::vector<PeerOption> options;
  std::vector<std::vector<double>> spots;  // [underlyings][scenarios] USD
  double usd_rate;
  double spot_today;
  double gross_value;              // sum of |quantity value today|, USD
  std::vector<double> own_profit;  // [scenarios] what our engine makes of it, USD
};

// In all scenarios of the job. `inputs` as of make_inputs for a case of European options settled
// in USD, on their own vols or on slices of the surface, in double precision.
PeerProblem make_problem(const Inputs& inputs);

// Total standard deviation of an option at a forward.
double total_stdev(const PeerOption& option, double forward);

// Black 1976 by the library's log, exp and erfc.
double plain_black(bool call, double forward, double strike, double stdev, double discount);

}  // namespace tailbit::bench
