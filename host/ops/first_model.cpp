#include "host/ops/first_model.hpp"

#include <cmath>

#include "host/compile/greeks.hpp"
#include "host/compile/underlyings.hpp"
#include "host/ops/usual_factors.hpp"
#include "tailbit/math/exp.hpp"

namespace tailbit {
namespace {

// Of thirty days at the money, to four decimals.
double spot_vol(const std::string& name, const Market& market) {
  constexpr double kYears = 30.0 / 365.0;
  const market::UnderlyingToday underlying = make_underlying(name, market);
  if (underlying.surface.empty()) return 0.6;
  const Timestamp thirty_days{market.as_of.seconds + 30 * 86'400};
  const double forward = underlying.spot * math::exp(underlying.carry.rate(kYears) * kYears);
  return std::round(vol_today(forward, thirty_days, 0.0, underlying) * 1e4) / 1e4;
}

UnderlyingModel first_underlying(const std::string& name, const Market& market) {
  const UnderlyingMarket& quoted = market.underlyings.at(name);
  UnderlyingModel model;
  model.vol = spot_vol(name, market);
  if (!std::holds_alternative<std::monostate>(quoted.surface)) {
    model.level = kUsualLevel;
    model.skew = kUsualSkew;
  }
  if (!quoted.forwards.empty()) model.basis = kUsualBasis;
  model.premium = kUsualPremium;
  model.premium->mean = quoted.funding.premium;
  return model;
}

enum class FactorKind { spot, level };

double correlation(FactorKind a, FactorKind b) {
  if (a != b) return -0.3;
  return a == FactorKind::spot ? 0.8 : 0.75;
}

}  // namespace

Model first_model(const Market& market) {
  Model model;
  model.student_t = StudentT{kUsualDof, 86'400, kUsualMaxMove};
  Correlation& c = model.correlation;
  std::vector<FactorKind> kinds;
  for (const auto& [name, quoted] : market.underlyings) {
    model.underlyings[name] = first_underlying(name, market);
    c.factors.push_back(name + ".spot");
    kinds.push_back(FactorKind::spot);
  }
  for (const auto& [name, underlying] : model.underlyings) {
    if (!underlying.level) continue;
    c.factors.push_back(name + ".vol");
    kinds.push_back(FactorKind::level);
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    c.matrix.emplace_back();
    for (std::size_t j = 0; j < kinds.size(); ++j)
      c.matrix[i].push_back(i == j ? 1.0 : correlation(kinds[i], kinds[j]));
  }
  return model;
}

}  // namespace tailbit
