// QuantLib's blackFormula, one call per reprice.
#include <ql/pricingengines/blackformula.hpp>

#include "bench/peers/peers.hpp"

namespace tailbit::bench {

void quantlib_formula_profit(const PeerProblem& problem, std::vector<double>& profit) {
  for (const PeerOption& option : problem.options) {
    const double* spots = problem.spots[static_cast<std::size_t>(option.underlying)].data();
    const auto type = option.call ? QuantLib::Option::Call : QuantLib::Option::Put;
    const double fixed_stdev = option.vol > 0.0 ? total_stdev(option, 0.0) : 0.0;
    for (std::size_t i = 0; i < profit.size(); ++i) {
      const double forward = spots[i] * option.growth;
      const double stdev = option.vol > 0.0 ? fixed_stdev : total_stdev(option, forward);
      const double value = QuantLib::blackFormula(type, option.strike, forward, stdev, option.discount);
      profit[i] += option.quantity * (value - option.value_today);
    }
  }
}

}  // namespace tailbit::bench
