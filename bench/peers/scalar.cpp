// Plain scalar C++: one option after another, the library's log, exp, erfc and sqrt.
#include "bench/peers/peers.hpp"

namespace tailbit::bench {

void scalar_profit(const PeerProblem& problem, std::vector<double>& profit) {
  for (const PeerOption& option : problem.options) {
    const double* spots = problem.spots[static_cast<std::size_t>(option.underlying)].data();
    const double fixed_stdev = option.vol > 0.0 ? total_stdev(option, 0.0) : 0.0;
    for (std::size_t i = 0; i < profit.size(); ++i) {
      const double forward = spots[i] * option.growth;
      const double stdev = option.vol > 0.0 ? fixed_stdev : total_stdev(option, forward);
      const double value = plain_black(option.call, forward, option.strike, stdev, option.discount);
      profit[i] += option.quantity * (value - option.value_today);
    }
  }
}

}  // namespace tailbit::bench
