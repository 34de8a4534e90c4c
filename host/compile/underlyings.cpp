#include "host/compile/underlyings.hpp"

#include <utility>

#include "tailbit/math/log.hpp"

namespace tailbit {

namespace {

market::FundingRate funding_rate(const Funding& funding) {
  market::FundingRate rate = market::constant_funding(funding.rate_8h);
  if (funding.rule == FundingRule::deribit) rate = market::deribit_funding();
  if (funding.rule == FundingRule::binance) rate = market::binance_funding(funding.rate_8h);
  if (funding.cap_8h) rate.cap = *funding.cap_8h;
  return rate;
}

}  // namespace

market::UnderlyingToday make_underlying(const std::string& name, const Market& market) {
  const auto found = market.underlyings.find(name);
  // A model may simulate what this book does not hold; its price is then never looked at.
  UnderlyingMarket quoted;
  quoted.spot = 1.0;
  if (found != market.underlyings.end()) quoted = found->second;
  std::vector<market::CarryCurve::Node> carry;
  for (const ListedForward& f : quoted.forwards)
    carry.push_back({years_between(market.as_of, f.expiry), math::log(f.forward / quoted.spot)});
  market::VolSurface surface;
  if (const auto* flat = std::get_if<FlatSurface>(&quoted.surface)) surface = market::VolSurface(flat->vol);
  if (const auto* svi = std::get_if<SviSurface>(&quoted.surface)) {
    std::vector<market::SviSlice> slices;
    for (const SviQuote& q : svi->slices)
      slices.push_back({years_between(market.as_of, q.expiry), q.a, q.b, q.rho, q.m, q.sigma});
    surface = market::VolSurface(std::move(slices));
  }
  market::UnderlyingToday today{name,
                                market.as_of,
                                quoted.spot,
                                market.usd_rate,
                                market::CarryCurve(std::move(carry), market.usd_rate),
                                std::move(surface)};
  today.funding = funding_rate(quoted.funding);
  today.premium = quoted.funding.premium;
  return today;
}

std::vector<market::UnderlyingToday> make_underlyings(const Inputs& inputs) {
  std::vector<market::UnderlyingToday> result;
  for (const auto& [name, model] : inputs.model.underlyings) {
    market::UnderlyingToday underlying = make_underlying(name, inputs.market);
    underlying.moves = {model.level || model.skew, model.basis.has_value(), model.premium.has_value(),
                        model.sticky == Sticky::strike};
    underlying.coins_sold_at_receipt = inputs.config.cash_conversion == CashConversion::at_receipt;
    result.push_back(std::move(underlying));
  }
  return result;
}

std::optional<double> mark_today(const ContractTerms& terms, const market::UnderlyingToday& underlying) {
  std::optional<double> mark;
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { Family::mark_today(held, underlying); }) mark = Family::mark_today(held, underlying);
  });
  return mark;
}

}  // namespace tailbit
