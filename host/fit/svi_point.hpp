// A raw SVI slice in the coordinates it is fitted in.
#pragma once

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "host/fit/svi_fit.hpp"

namespace tailbit::fit {

using Vector5 = Eigen::Matrix<double, 5, 1>;
using Matrix5 = Eigen::Matrix<double, 5, 5>;

// What is fixed of an expiry: its time, and a rough total standard deviation at the money, the unit in which
// log-moneyness is measured. In this unit smiles of all expiries and markets look alike, so bounds and ridges are the
// same numbers for all.
struct SviScale {
  double years;
  double stdev;
  double least_variance() const { return kLeastFittedVol * kLeastFittedVol * years; }
};

// Coordinates: ln of the least total variance above the floor, ln of the left and the right wing's slope, centre, ln of
// sigma; variances in units of stdev^2, the rest in units of stdev. Any numbers are a slice with |rho| < 1, b > 0,
// sigma > 0 and vols above the floor.
enum Coordinate { kVariance, kLeft, kRight, kCentre, kSigma };

// What keeps parameters tame where quotes do not identify them: sigma of 0.1 to 6 and a centre within 3 standard
// deviations at the money; a wing's slope at least 0.02 of its unit and below Lee's 2.
struct Bounds {
  Vector5 least, most;
};
inline Bounds bounds(const SviScale& scale) {
  const double steepest = std::log(1.999 / scale.stdev);
  const double flattest = std::min(std::log(0.02), steepest - 1.0);
  Bounds out;
  out.least << std::log(1e-4), flattest, flattest, -3.0, std::log(0.1);
  out.most << std::log(1e4), steepest, steepest, 3.0, std::log(6.0);
  return out;
}

// A usual smile: wings of slope 1, bent over 2.5 standard deviations.
inline Vector5 usual_point() {
  Vector5 x;
  x << 0.0, 0.0, 0.0, 0.0, std::log(2.5);
  return x;
}

// A number and its gradient by the coordinates.
struct Graded {
  double value;
  Vector5 gradient;
};

// Total variance in true units at log-moneyness k, and its derivatives by k.
struct GradedVariance {
  Graded variance, slope, curvature;
};

// A point read once, evaluated at many k.
class SviPoint {
 public:
  SviPoint(const Vector5& x, const SviScale& scale)
      : scale_(scale),
        above_floor_(std::exp(x[kVariance])),
        left_(std::exp(x[kLeft])),
        right_(std::exp(x[kRight])),
        centre_(x[kCentre]),
        sigma_(std::exp(x[kSigma])),
        dip_(sigma_ * std::sqrt(left_ * right_)) {}

  GradedVariance graded(double k) const {
    const double s = scale_.stdev, s2 = s * s;
    const double u = k / s - centre_, q = std::sqrt(u * u + sigma_ * sigma_);
    const double b = 0.5 * (left_ + right_), tilt = 0.5 * (right_ - left_);
    const double bend = sigma_ * sigma_ / (q * q);  // share of the curvature
    const double curvature = b * bend / q, slope = tilt + b * u / q;
    GradedVariance out;
    out.variance.value = scale_.least_variance() + s2 * (above_floor_ - dip_ + tilt * u + b * q);
    out.variance.gradient << above_floor_, 0.5 * (left_ * (q - u) - dip_), 0.5 * (right_ * (q + u) - dip_), -slope,
        b * bend * q - dip_;
    out.variance.gradient *= s2;
    out.slope.value = s * slope;
    out.slope.gradient << 0.0, 0.5 * left_ * (u / q - 1.0), 0.5 * right_ * (u / q + 1.0), -curvature, -u * curvature;
    out.slope.gradient *= s;
    out.curvature.value = curvature;
    out.curvature.gradient << 0.0, 0.5 * left_ * bend / q, 0.5 * right_ * bend / q, 3.0 * u / (q * q) * curvature,
        curvature * (2.0 - 3.0 * bend);
    return out;
  }

  market::SviSlice slice() const {
    const double s = scale_.stdev;
    return {scale_.years,
            scale_.least_variance() + s * s * (above_floor_ - dip_),
            0.5 * s * (left_ + right_),
            (right_ - left_) / (right_ + left_),
            s * centre_,
            s * sigma_};
  }

 private:
  SviScale scale_;
  double above_floor_, left_, right_, centre_, sigma_, dip_;
};

}  // namespace tailbit::fit
