#include "host/compile/infinite_losses.hpp"

#include "tailbit/core/exact_sum.hpp"

namespace tailbit {
namespace {

// Change of the USD value per 1 of spot as the spot grows without bound: of one unit, in coin.
double slope_at_infinity(const ContractTerms& terms, const market::UnderlyingToday& underlying) {
  double slope = 0.0;
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { Family::delta_today(held, underlying); }) {
      slope = Family::delta_today(held, underlying);  // linear
    } else if constexpr (requires { held.payoff; }) {
      slope = held.option == OptionKind::call && held.payoff == DigitalPayoff::asset ? 1.0 : 0.0;
    } else {
      slope = held.option == OptionKind::call ? 1.0 : 0.0;
    }
  });
  return slope;
}

}  // namespace

std::vector<std::string> infinite_loss_warnings(const Inputs& inputs, const NettedBook& book,
                                                const std::vector<market::UnderlyingToday>& underlyings) {
  std::vector<std::string> warnings;
  const auto& law = inputs.model.student_t;
  if (!law || law->max_move || inputs.model.returns == Returns::simple) return warnings;
  std::vector<ExactSum> slopes(underlyings.size());
  for (const Contract& contract : book.contracts) {
    const double slope = slope_at_infinity(contract.instrument->terms, underlyings[contract.underlying]);
    for (std::uint32_t w = contract.first_weight; w < contract.first_weight + contract.weight_count; ++w)
      slopes[contract.underlying].add(book.weights[w].quantity * slope);
  }
  for (std::size_t u = 0; u < slopes.size(); ++u) {
    if (slopes[u].value() >= 0.0) continue;
    warnings.push_back("es_not_finite: the book loses without bound as " + underlyings[u].name +
                       " rises, and t-distributed log-returns have no finite mean there; the expected shortfall is " +
                       "that of this sample alone; set innovations.max_move");
  }
  return warnings;
}

}  // namespace tailbit
