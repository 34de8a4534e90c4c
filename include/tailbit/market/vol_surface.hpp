// Today's volatility surface of one underlying: which smile an expiry has (docs/definitions, "Today's market").
#pragma once

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "tailbit/market/shocked_smile.hpp"
#include "tailbit/market/smile.hpp"

namespace tailbit::market {

// Raw SVI parameters at one expiry: w(k) is total variance from as_of to it.
struct SviSlice {
  double years;  // to the slice's expiry, > 0
  double a, b, rho, m, sigma;
};

// Total variance to an expiry as today's surface has it: a weighted sum of at most two slices, or a fixed volatility.
struct SmileToday {
  struct Weighted {
    SviSlice slice;
    double weight;
  };
  double fixed_vol = 0.0;    // used when there are no slices
  double fixed_slope = 0.0;  // then: d(total variance)/dk at as_of
  bool own = false;          // the contract's own vol, which has no skew
  std::vector<Weighted> slices;

  // At k = ln(K/F); `years` to the expiry.
  double total_variance(double k, double years) const {
    if (slices.empty()) return fixed_vol * fixed_vol * years;
    double sum = 0.0;
    for (const auto& [s, weight] : slices) {
      const double distance = k - s.m;
      const double root = math::sqrt(math::fma(distance, distance, s.sigma * s.sigma));
      sum = math::fma(weight, math::fma(s.b, math::fma(s.rho, distance, root), s.a), sum);
    }
    return sum;
  }

  // d(total variance)/dk at k.
  double slope(double k) const {
    double sum = slices.empty() ? fixed_slope : 0.0;
    for (const auto& [s, weight] : slices) {
      const double distance = k - s.m;
      const double root = math::sqrt(math::fma(distance, distance, s.sigma * s.sigma));
      sum = math::fma(weight * s.b, s.rho + distance / root, sum);
    }
    return sum;
  }

  // The smile of one strike that keeps the vol it has at k (sticky strike).
  SmileToday frozen(double k, double years) const {
    SmileToday result;
    result.fixed_vol = math::sqrt(total_variance(k, years) / years);
    result.fixed_slope = slope(k);
    result.own = own;
    return result;
  }
};

class VolSurface {
 public:
  VolSurface() = default;
  explicit VolSurface(double flat_vol) : flat_vol_(flat_vol) {}
  explicit VolSurface(std::vector<SviSlice> slices) : slices_(std::move(slices)) {}  // ascending in years, not empty

  bool empty() const { return slices_.empty() && flat_vol_ == 0.0; }

  // The smile of an expiry in `years` > 0: between slices total variance is linear in time at fixed k; before the first
  // and after the last the volatility at that k is constant.
  SmileToday smile(double years) const {
    SmileToday smile;
    smile.fixed_vol = flat_vol_;
    if (slices_.empty()) return smile;
    const SviSlice& first = slices_.front();
    const SviSlice& last = slices_.back();
    if (years <= first.years) {
      smile.slices.push_back({first, years / first.years});
    } else if (years >= last.years) {
      smile.slices.push_back({last, years / last.years});
    } else {
      const auto right = std::lower_bound(slices_.begin(), slices_.end(), years,
                                          [](const SviSlice& s, double y) { return s.years < y; });
      if (right->years == years) {
        smile.slices.push_back({*right, 1.0});
      } else {
        const auto left = right - 1;
        const double weight = (years - left->years) / (right->years - left->years);
        smile.slices.push_back({*left, 1.0 - weight});
        smile.slices.push_back({*right, weight});
      }
    }
    return smile;
  }

 private:
  double flat_vol_ = 0.0;
  std::vector<SviSlice> slices_;
};

// The lists of shapes that a family whose price depends on volatility is compiled for.
// Position in this list = what `smile_shape` returns.
enum class SmileShape { fixed, svi, svi_blend };

inline SmileShape smile_shape(const SmileToday& smile) {
  return smile.slices.empty() ? SmileShape::fixed : smile.slices.size() == 1 ? SmileShape::svi : SmileShape::svi_blend;
}

// Hot-loop parameters of a smile. `time_left` of `time_total` years remain to the expiry; volatility at fixed moneyness
// is today's, so total variance shrinks in proportion. `mirrored` for puts (see smile.hpp).
template <class R>
SviVariance<R> svi_variance(const SmileToday::Weighted& w, double share_left, bool mirrored) {
  const double scale = w.weight * share_left;
  const double sign = mirrored ? -1.0 : 1.0;
  const double b = w.slice.b * scale;
  return {R(w.slice.a * scale), R(b), R(sign * (b * w.slice.rho)), R(sign * w.slice.m),
          R(w.slice.sigma * w.slice.sigma)};
}

template <class R>
void make_smile(FixedVol::Smile<R>& out, const SmileToday& smile, double time_left, double time_total, bool mirrored) {
  const double stdev = smile.fixed_vol * math::sqrt(time_left);
  const double slope = smile.fixed_slope * (time_left / time_total);
  out = {R(stdev), R(1.0 / stdev), R(mirrored ? -slope : slope)};
}
template <class R>
void make_smile(SviVol::Smile<R>& out, const SmileToday& smile, double time_left, double time_total, bool mirrored) {
  out = {svi_variance<R>(smile.slices[0], time_left / time_total, mirrored)};
}
template <class R>
void make_smile(SviBlendVol::Smile<R>& out, const SmileToday& smile, double time_left, double time_total,
                bool mirrored) {
  out = {svi_variance<R>(smile.slices[0], time_left / time_total, mirrored),
         svi_variance<R>(smile.slices[1], time_left / time_total, mirrored)};
}

template <class Smile>
concept MovedSmile = requires(Smile smile) {
  smile.tilt;
};

template <MovedSmile Smile>
void make_smile(Smile& out, const SmileToday& smile, double time_left, double time_total, bool mirrored) {
  using R = decltype(out.floor);
  make_smile(out.base, smile, time_left, time_total, mirrored);
  out.tilt = R(smile.own ? 0.0 : mirrored ? 1.0 : -1.0);
  out.floor = R(kVolFloor * math::sqrt(time_left));
}

}  // namespace tailbit::market
