#include "host/ops/price.hpp"

#include <stdexcept>

#include "host/ops/price_rows.hpp"

namespace tailbit {
namespace {

template <class Form>
PriceNumbers numbers(const Form& f) {
  return {f.value, f.delta, f.gamma, f.vega, f.theta, f.rho};
}

// The European settled in coin is one in USD discounted at its carry, over the spot (instruments/option_market.hpp):
// Black(F, K) / F coins, whatever the rate.
Priced price_in_coin(ClosedFormInputs in) {
  in.rate = in.carry;
  const ClosedForm usd = closed_form_or_limit<European>({}, in);
  const CoinForm coin = value_in_coin(usd, in.spot);
  return {.numbers = numbers(coin), .inverse_extra = {{usd.value, usd.delta, coin.delta_net}}};
}

Priced price_by_formula(const PriceRow& row) {
  if (in_coin(row.terms)) return price_in_coin(row.inputs);
  Priced out;
  visit_family(row.terms, [&]<class Family>(const auto& terms) {
    if constexpr (HasClosedForm<Family>) {
      out.numbers = numbers(closed_form_or_limit<Family>(terms, row.inputs));
    } else {
      throw std::logic_error("price: a family without a closed form");
    }
  });
  return out;
}

}  // namespace

ExitCode price(const std::string& path, std::ostream& out, bool as_json) {
  return price_rows(path, out, {.json = as_json}, price_by_formula);
}

}  // namespace tailbit
