// The standard normal distribution: density, cumulative distribution N, and its inverse. All within 2 ulp of the exact
// value over the whole range, subnormal results included (measured: tests/unit/math_test.cpp).
//
// Coefficients: our own minimax fits, scripts/fit/fit_normal.py.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/format.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/polynomial.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

template <class R>
struct NormalConstants;

// Pairs high + low hold a constant to twice the precision.
template <>
struct NormalConstants<double> {
  static constexpr double underflow = 40.0;  // density and tail are 0 from here on
  static constexpr double inverse_root_two_pi_high = 0.3989422804014327;
  static constexpr double inverse_root_two_pi_low = -2.49232720227773e-17;
  static constexpr double root_two_pi_high = 2.5066282746310007;
  static constexpr double root_two_pi_low = -1.8328579980459167e-16;
  // c0 and c1 of normal_tail_series. The high words are short, so that differences with them are exact.
  static constexpr double tail_c0_high = 0.75528513041574996;
  static constexpr double tail_c0_low = 1.5171845002616002e-15;
  static constexpr double tail_c1_high = -0.60789664197189097;
  static constexpr double tail_c1_low = -1.0774476939539929e-15;
};

template <>
struct NormalConstants<float> {
  static constexpr float underflow = 15.0f;
  static constexpr float inverse_root_two_pi_high = 0.398942292f;
  static constexpr float inverse_root_two_pi_low = -1.133517e-08f;
  static constexpr float root_two_pi_high = 2.50662827f;
  static constexpr float root_two_pi_low = -2.8660205e-10f;
  static constexpr float tail_c0_high = 0.755285263f;
  static constexpr float tail_c0_low = -1.31766348e-7f;
  static constexpr float tail_c1_high = -0.607896805f;
  static constexpr float tail_c1_low = 1.55434531e-7f;
};

// exp(-a^2/2), 0 <= a <= underflow or NaN. The square is kept in two words: in the far tail its rounding error
// alone would be hundreds of ulp of the result.
template <class R>
HD ExpParts<R> gaussian_parts(R a) {
  const R square = a * a;
  const R square_rest = fma(a, a, -square);
  return exp_parts(R(-0.5) * square, R(-0.5) * square_rest);
}

// exp(-x^2/2) / sqrt(2 pi), per unit of x. Largest error measured: 0.6 ulp (float 0.66); 0.77 in subnormal results.
template <class R>
HD R normal_density(R x) {
  using C = NormalConstants<R>;
  const R a = abs(x) > C::underflow ? C::underflow : abs(x);
  const ExpParts<R> e = gaussian_parts(a);
  const R high = e.high * C::inverse_root_two_pi_high;
  const R low = fma(e.high, C::inverse_root_two_pi_high, -high) +
                fma(e.high, C::inverse_root_two_pi_low, e.low * C::inverse_root_two_pi_high);
  const PowerOfTwo<R> power = power_of_two(e.rounded_exponent);
  return ((high + low) * power.first) * power.second;
}

// g in (a + 4) N(-a) exp(a^2/2) = c0 + c1 t + t^2 g(t), t = (a - 4)/(a + 4). Relative error of the fit:
// 2e-17 in double (a <= 39), 1.3e-9 in float (a <= 15).
HD double normal_tail_series(double t) {
  return horner(t, 0.38713740074221947, -0.18652185795966539, 0.060396574890666348, -0.0075401889664360455,
                -0.0034796923616076604, 0.0016308184532898662, 0.00013334424852795617, -0.00023109490377918541,
                -1.9078439863291763e-06, 3.5144569916377913e-05, 7.149755539222701e-07, -5.920011883049233e-06,
                -6.2522851362636758e-07, 1.0218582219598449e-06, 2.6415473079629832e-07, -1.5659316378239355e-07,
                -7.7210683738132149e-08, 1.6069887892518959e-08, 1.4619239532329837e-08, -3.392124506041564e-10,
                -1.1966140457025427e-09);
}
HD float normal_tail_series(float t) {
  return horner(t, 0.387137305f, -0.186521573f, 0.0603983544f, -0.00754261642f, -0.00349222436f, 0.00163549222f,
                0.000171866793f, -0.000219287803f, -4.50651354e-5f);
}

// N(x), the probability of a standard normal below x.
//
// Method: N(-a) = exp(-a^2/2) (a + 4)^-1 (polynomial in t = (a - 4)/(a + 4)), the arrangement of Shepherd and
// Laframboise (1981) for erfc; the factors are kept in two words each until the last product, so that one rounding of
// the result dominates. Largest error measured: 1.16 ulp (float 0.94).
template <class R>
HD R normal_cdf(R x) {
  using C = NormalConstants<R>;
  const R a = abs(x) > C::underflow ? C::underflow : abs(x);
  const ExpParts<R> e = gaussian_parts(a);

  // 1/(a + 4) in two words.
  const R larger = max(a, R(4));
  const R sum = a + R(4);
  const R sum_rest = (larger - sum) + min(a, R(4));
  const R inverse = R(1) / sum;
  const R inverse_rest = inverse * fma(-inverse, sum_rest, fma(-inverse, sum, R(1)));

  // t = 1 - 8/(a + 4), and the polynomial in two words; slope is its derivative to a few per cent.
  const R t_unrounded = fma(R(-8), inverse, R(1));
  const R t = fma(R(-8), inverse_rest, t_unrounded);
  const R t_rest = fma(R(-8), inverse_rest, (t_unrounded - t) + fma(R(-8), inverse, R(1) - t_unrounded));
  const R slope = horner(t, R(-0.61), R(0.77), R(-0.56), R(0.24));
  const R series = normal_tail_series(t);
  const R inner = fma(t, series, C::tail_c1_high);
  const R inner_rest = fma(t, series, C::tail_c1_high - inner) + C::tail_c1_low;
  const R poly = fma(t, inner, C::tail_c0_high);
  const R poly_exact_rest = fma(t, inner, C::tail_c0_high - poly) + C::tail_c0_low;
  const R poly_rest = fma(t_rest, slope, fma(t, inner_rest, poly_exact_rest));

  const R ratio = poly * inverse;
  const R ratio_rest = fma(poly, inverse, -ratio) + fma(poly, inverse_rest, poly_rest * inverse);
  const R high = e.high * ratio;
  const R low = fma(e.high, ratio, -high) + fma(e.high, ratio_rest, e.low * ratio);
  const PowerOfTwo<R> power = power_of_two(e.rounded_exponent);
  const R tail = (high + low) * power.first;
  return x > R(0) ? fma(-tail, power.second, R(1)) : tail * power.second;
}

// The rationals P/Q of the inverse, numerators and denominators apart: where a function returns both and the caller
// selects between two such pairs, clang 14 selects the pairs whole and does not vectorise.
//
// Centre, |x| <= 1.42: x/q = sqrt(2 pi) + q^2 P(z)/Q(z), q = p - 1/2, z = 23/128 - q^2. Every coefficient is positive,
// which is why z and not q^2 is the variable. Error relative to x/q: 4.5e-18 (float 3.9e-9).
HD double inverse_centre_numerator(double z) {
  return horner(z, 4.8474528469441083, 186.26879879073766, 2688.4188119029541, 18149.233054729277, 58154.022885815182,
                79300.866510002641, 33221.485082790852, 507.09747343780936);
}
HD double inverse_centre_denominator(double z) {
  return horner(z, 1.0, 44.388623849049345, 768.91182540804232, 6591.6283507982371, 29316.429364378564,
                64876.865691987783, 62184.364278160669, 18008.646675512053);
}
HD float inverse_centre_numerator(float z) { return horner(z, 4.84745258f, 68.235466f, 190.143243f, 24.4054046f); }
HD float inverse_centre_denominator(float z) { return horner(z, 1.0f, 20.0390307f, 108.35418f, 139.819867f); }

// Tails, 1.4 <= x <= 8.24 (float 14.3): x = r - 29/32 + P(y)/Q(y), y = r - 2, r = sqrt(-2 log N(-x)). The offset makes
// P/Q small where x is, and with it the effect of its rounding errors. Error relative to x: 8.6e-19 (float 5.4e-10).
HD double inverse_tail_numerator(double y) {
  return horner(y, 0.0077696284987687674, 0.25715338437800178, 0.3252581630711292, 0.1635063342615127,
                0.042159622155091697, 0.0060044800634158468, 0.00044347565608340465, 1.3879612618292421e-05,
                1.1951377120946385e-07);
}
HD double inverse_tail_denominator(double y) {
  return horner(y, 1.0, 1.6246270001833849, 1.073043033082848, 0.37610390797682802, 0.076409789428006747,
                0.009058808960584178, 0.00057761722059923755, 1.628691773878904e-05, 1.3238308323052818e-07);
}
HD float inverse_tail_numerator(float y) {
  return horner(y, 0.00776968918f, 0.251342462f, 0.135904487f, 0.0165947606f, 0.000395723358f);
}
HD float inverse_tail_denominator(float y) {
  return horner(y, 1.0f, 0.876800274f, 0.237822837f, 0.0211236578f, 0.000440305735f);
}

// The same for 8.2 <= x <= 38.5, probabilities below 2^-53, which no uniform random number reaches: 5.1e-18. In float
// the tail above reaches that far.
HD double inverse_far_tail_numerator(double y) {
  return horner(y, 0.0077696679794987461, 0.25233824735281379, 0.16803111313177124, 0.032950471572704448,
                0.002405620901937894, 6.7413888374896161e-05, 6.538323038459161e-07, 1.5409659950288111e-09);
}
HD double inverse_far_tail_denominator(double y) {
  return horner(y, 1.0, 1.0047663054955713, 0.34582306014796121, 0.049737257380882041, 0.0030890568329939817,
                7.9396745335435647e-05, 7.3643946187519409e-07, 1.7020449454071487e-09);
}
HD float inverse_far_tail_numerator(float y) { return inverse_tail_numerator(y); }
HD float inverse_far_tail_denominator(float y) { return inverse_tail_denominator(y); }

// 1/x within 6.3 %, x positive and normal: enough to weigh a rounding error with, and one integer subtraction.
HD double crude_reciprocal(double x) { return double_from_bits(0x7fde000000000000ull - to_bits(x)); }
HD float crude_reciprocal(float x) { return float_from_bits(0x7ef00000u - to_bits(x)); }

// The inverse for p in (0, 1); `whole_range` adds what p below 2^-53 needs.
//
// x = r - 29/32 + P/Q in the tails and sqrt(2 pi) q + q^3 P/Q in the centre: the last sum's rounding dominates, the
// quotient being the smaller term. Both forms share one division. Three small terms are carried along because x is
// sensitive to them: what the rounding of q = 1/2 - p lost (times an approximate dx/dp), and of the logarithm and of
// its square root.
template <bool whole_range, class R>
HD R inverse_cdf_inside(R p) {
  using C = NormalConstants<R>;
  const R lower = p > R(0.5) ? R(1) - p : p;  // exact
  const bool centre = lower >= R(0.08);

  // Centre, |q| <= 0.42.
  const R q = R(0.5) - lower;
  const R q_rest = (R(0.5) - q) - lower;
  const R square = q * q;
  const R z = fma(-q, q, R(0.1796875));
  const R slope = fma(R(31.5), square, R(0.8));  // dx/dp within 13 % where q_rest is not 0
  const R middle_rest = fma(q, C::root_two_pi_low, q_rest * slope);

  // Tails, r = sqrt(-2 log lower).
  const bool subnormal = whole_range && lower < Format<R>::smallest_normal;
  const LogParts<R> log_lower = log_parts(subnormal ? lower * LogConstants<R>::subnormal_scale : lower,
                                          subnormal ? LogConstants<R>::subnormal_exponent : R(0));
  const R log_high = log_lower.high + log_lower.low;
  const R log_rest = (log_lower.high - log_high) + log_lower.low;
  const R r = sqrt(R(-2) * log_high);
  const R r_times_rest = fma(R(-0.5), fma(r, r, R(2) * log_high), -log_rest);  // r (true r - r)
  const R y = r - R(2);
  R tail_numerator = inverse_tail_numerator(y);
  R tail_denominator = inverse_tail_denominator(y);
  if constexpr (whole_range) {
    const bool far = lower < R(0x1p-53);
    tail_numerator = far ? inverse_far_tail_numerator(y) : tail_numerator;
    tail_denominator = far ? inverse_far_tail_denominator(y) : tail_denominator;
  }

  const R numerator = centre ? (q * square) * inverse_centre_numerator(z) : tail_numerator;
  const R denominator = centre ? inverse_centre_denominator(z) : tail_denominator;
  const R quotient = numerator / denominator;
  const R small = fma(centre ? middle_rest : r_times_rest, centre ? R(1) : crude_reciprocal(r), quotient);
  const R size = fma(centre ? q : r - R(0.90625), centre ? C::root_two_pi_high : R(1), small);
  return copysign(size, p - R(0.5));
}

// The standard normal variate of a uniform one: normal_inverse_cdf, bit for bit, for u in [2^-53, 1 - 2^-53] (float:
// [2^-126, 1 - 2^-24]), without what the rest of the range needs. For the path generator's loop.
template <class R>
HD R normal_from_uniform(R u) {
  return inverse_cdf_inside<false>(u);
}

// Largest error measured: 1.20 ulp (float 1.34).
//
// The x with N(x) = p, p in [0, 1]; -infinity at 0, infinity at 1, NaN elsewhere. Close to 1 it is the inverse at the p
// given, whose spacing is 1.1e-16: where the upper tail matters, use -normal_inverse_cdf(1 - p) with 1 - p computed
// elsewhere.
template <class R>
HD R normal_inverse_cdf(R p) {
  const R inside = inverse_cdf_inside<true>(p);
  const R edge = p == R(0) ? -infinity<R>() : (p == R(1) ? infinity<R>() : not_a_number<R>());
  return p > R(0) && p < R(1) ? inside : edge;
}

}  // namespace tailbit::math
