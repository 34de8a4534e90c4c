#include <ql/pricingengines/blackformula.hpp>

#include "bench/peers.hpp"

namespace tailbit::bench {

double quantlib_black_formula(const std::vector<PeerOption>& options, const std::vector<double>& forwards) {
  double sum = 0.0;
  for (const PeerOption& option : options) {
    const auto type = option.call ? QuantLib::Option::Call : QuantLib::Option::Put;
    for (const double forward : forwards) sum += QuantLib::blackFormula(type, option.strike, forward, option.stdev);
  }
  return sum;
}

}  // namespace tailbit::bench
