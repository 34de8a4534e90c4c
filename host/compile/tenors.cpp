#include "host/compile/tenors.hpp"

#include <iterator>

#include "tailbit/market/shocked_smile.hpp"
#include "tailbit/models/ornstein_uhlenbeck.hpp"

namespace tailbit {

void TenorTable::begin_date(std::int64_t seconds) {
  seconds_ = seconds;
  tenors_.clear();
  index_.clear();
}

std::uint32_t TenorTable::index_of(std::uint32_t underlying, std::optional<Timestamp> expiry, bool in_coin) {
  constexpr std::int64_t kPerpetual = -1;
  const auto [place, is_new] = index_.try_emplace({underlying, expiry ? expiry->seconds : kPerpetual, in_coin},
                                                  static_cast<std::uint32_t>(tenors_.size()));
  if (is_new) tenors_.push_back(make(underlying, expiry, in_coin));
  return place->second;
}

Tenor TenorTable::make(std::uint32_t underlying, std::optional<Timestamp> expiry, bool in_coin) const {
  const UnderlyingModel& model = std::next(inputs_.model.underlyings.begin(), underlying)->second;
  const FactorIds& factors = factors_[underlying];
  Tenor tenor{};
  tenor.underlying = underlying;
  tenor.level = tenor.skew = tenor.shift = kNoFactor;
  const auto shift_by = [&](FactorId factor, double scale) {
    tenor.shift = factor;
    tenor.shift_scale = scale;
    (in_coin ? tenor.dollar_scale : tenor.coin_scale) = in_coin ? -scale : scale;
  };
  if (!expiry) {
    shift_by(factors.premium, 1.0);
    return tenor;
  }
  const double years_total = years_between(inputs_.market.as_of, *expiry);
  const double years_passed = static_cast<double>(seconds_) / kSecondsPerYear;
  const double years_left = years_between(Timestamp{inputs_.market.as_of.seconds + seconds_}, *expiry);
  if (model.level) {
    tenor.level = factors.level;
    tenor.level_scale = market::term_scale(years_total, model.level->term_decay);
    tenor.level_variance = ornstein_uhlenbeck_variance(model.level->vol_of_vol, model.level->kappa, years_passed);
  }
  if (model.skew) {
    tenor.skew = factors.skew;
    tenor.skew_scale = market::term_scale(years_total, 0.5) * math::sqrt(years_left);
  }
  if (model.basis) {
    shift_by(factors.basis, market::term_scale(years_total, model.basis->term_decay) * years_left);
  }
  return tenor;
}

}  // namespace tailbit
