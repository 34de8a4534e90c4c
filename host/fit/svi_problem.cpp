#include "host/fit/svi_problem.hpp"

#include <array>

#include <Eigen/Cholesky>

#include "host/fit/arbitrage.hpp"

namespace tailbit::fit {
namespace {

// Strengths of the ridges, per unit of a coordinate, in quotes missed by their width.
constexpr double kUsualRidge = 0.03;
constexpr double kNeighbourRidge = 0.1;  // over a factor e in time

// What slices must keep clear of arbitrage by, so that penalties of finite weight leave almost none.
constexpr double kLeastG = 0.01;
constexpr double kStdevMargin = 1e-4;  // relative, of total standard deviation from one expiry to the next
constexpr double kSlopeMargin = 1e-3;  // relative, of wings

// Where arbitrage is looked for, in standard deviations at the money of an expiry.
constexpr int kChecks = 41;
constexpr double kFarthestCheck = 40.0;

std::array<double, kChecks> check_grid() {
  std::array<double, kChecks> grid{};
  constexpr int kSide = (kChecks - 1) / 2;
  const double reach = std::asinh(kFarthestCheck);
  for (int i = 0; i < kChecks; ++i) grid[static_cast<std::size_t>(i)] = std::sinh(reach * (i - kSide) / kSide);
  return grid;
}

// Normal equations J'J step = -J'r, by expiry.
struct System {
  explicit System(std::size_t expiries)
      : diagonal(expiries, Matrix5::Zero()), coupling(expiries, Matrix5::Zero()), gradient(expiries, Vector5::Zero()) {}
  std::vector<Matrix5> diagonal;
  std::vector<Matrix5> coupling;  // of i (rows) with i + 1 (columns); the last one unused
  std::vector<Vector5> gradient;

  // Damped by lambda times the diagonal, by elimination from the first expiry to the last.
  std::vector<Vector5> solve(double lambda) const {
    const std::size_t n = diagonal.size();
    std::vector<Eigen::LLT<Matrix5>> factors(n);
    std::vector<Vector5> step(n);
    for (std::size_t i = 0; i < n; ++i) {
      Matrix5 block = diagonal[i];
      block.diagonal() *= 1.0 + lambda;
      block.diagonal().array() += 1e-12;
      step[i] = -gradient[i];
      if (i > 0) {
        block -= coupling[i - 1].transpose() * factors[i - 1].solve(coupling[i - 1]);
        step[i] -= coupling[i - 1].transpose() * factors[i - 1].solve(step[i - 1]);
      }
      factors[i].compute(block);
    }
    for (std::size_t i = n; i-- > 0;) {
      if (i + 1 < n) step[i] -= coupling[i] * step[i + 1];
      step[i] = factors[i].solve(step[i]);
    }
    return step;
  }
};

class Problem {
 public:
  Problem(std::span<const FittedExpiry> expiries, double penalty) : expiries_(expiries), penalty_(penalty) {}

  // Cost of the points; its quadratic model goes to `system`.
  double evaluate(const std::vector<Vector5>& x, System& system) const {
    double cost = 0.0;
    std::vector<SviPoint> points;
    for (std::size_t i = 0; i < x.size(); ++i) points.emplace_back(x[i], expiries_[i].scale);
    for (std::size_t i = 0; i < x.size(); ++i) {
      cost += quotes(i, points[i], system) + usual_shape(i, x[i], system) + butterflies(i, points[i], system);
      if (i > 0) cost += neighbours(i, x, points, system) + calendars(i, points, system) + wings(i, x, system);
    }
    return cost;
  }

 private:
  // A residual of one expiry. `weight` multiplies its square.
  static void add(System& system, std::size_t i, double weight, const Graded& r) {
    system.diagonal[i] += weight * r.gradient * r.gradient.transpose();
    system.gradient[i] += weight * r.value * r.gradient;
  }
  // A residual later - earlier of expiries i - 1 and i; returns its cost.
  static double add_difference(System& system, std::size_t i, double residual, const Vector5& earlier,
                               const Vector5& later) {
    add(system, i - 1, 1.0, {residual, -earlier});
    add(system, i, 1.0, {residual, later});
    system.coupling[i - 1] -= earlier * later.transpose();
    return 0.5 * residual * residual;
  }

  double quotes(std::size_t i, const SviPoint& point, System& system) const {
    double cost = 0.0;
    const double years = expiries_[i].scale.years;
    for (const VolQuote& quote : expiries_[i].quotes) {
      const GradedVariance w = point.graded(quote.k);
      const double vol = std::sqrt(w.variance.value / years);
      const double residual = (vol - quote.vol) / tolerated(quote);
      const Loss loss = huber(residual);
      add(system, i, quote.weight * loss.weight,
          {residual, w.variance.gradient / (2.0 * vol * years * tolerated(quote))});
      cost += quote.weight * loss.cost;
    }
    return cost;
  }

  double usual_shape(std::size_t i, const Vector5& x, System& system) const {
    double cost = 0.0;
    const Vector5 residual = kUsualRidge * (x - usual_point());
    for (const Coordinate c : {kLeft, kRight, kCentre, kSigma}) {
      add(system, i, 1.0, {residual[c], kUsualRidge * Vector5::Unit(c)});
      cost += 0.5 * residual[c] * residual[c];
    }
    return cost;
  }

  double butterflies(std::size_t i, const SviPoint& point, System& system) const {
    double cost = 0.0;
    for (const double check : checks_) {
      const double k = check * expiries_[i].scale.stdev;
      const GradedVariance w = point.graded(k);
      const double v = w.variance.value, slope = w.slope.value;
      const double g = butterfly_g(k, {v, slope, w.curvature.value});
      if (g >= kLeastG) continue;
      const double tilt = 1.0 - 0.5 * k * slope / v;
      const double by_variance = (tilt * k * slope + 0.25 * slope * slope) / (v * v);
      const double by_slope = -tilt * k / v - 0.5 * slope * (1.0 / v + 0.25);
      const Vector5 gradient =
          by_variance * w.variance.gradient + by_slope * w.slope.gradient + 0.5 * w.curvature.gradient;
      const double residual = penalty_ * (g - kLeastG);
      add(system, i, 1.0, {residual, penalty_ * gradient});
      cost += 0.5 * residual * residual;
    }
    return cost;
  }

  // Level at the money and shape change little from an expiry to the next, in units of each one's stdev.
  double neighbours(std::size_t i, const std::vector<Vector5>& x, const std::vector<SviPoint>& points,
                    System& system) const {
    const SviScale &earlier = expiries_[i - 1].scale, &later = expiries_[i].scale;
    const double ridge = kNeighbourRidge / std::sqrt(std::max(0.1, std::log(later.years / earlier.years)));
    const Graded w1 = points[i - 1].graded(0.0).variance, w2 = points[i].graded(0.0).variance;
    const double levels = ridge * std::log(w2.value / later.years / (w1.value / earlier.years));
    double cost = add_difference(system, i, levels, ridge * w1.gradient / w1.value, ridge * w2.gradient / w2.value);
    for (const Coordinate c : {kLeft, kRight, kCentre, kSigma}) {
      const Vector5 unit = ridge * Vector5::Unit(c);
      cost += add_difference(system, i, ridge * (x[i][c] - x[i - 1][c]), unit, unit);
    }
    return cost;
  }

  // Total standard deviation must not fall from expiry i - 1 to i, on the grids of both; in half vol points.
  double calendars(std::size_t i, const std::vector<SviPoint>& points, System& system) const {
    double cost = 0.0;
    const double unit = penalty_ / (kQuoteTolerance * std::sqrt(expiries_[i].scale.years));
    for (const std::size_t grid : {i - 1, i}) {
      for (const double check : checks_) {
        const double k = check * expiries_[grid].scale.stdev;
        const double sqrt1 = std::sqrt(points[i - 1].variance(k)), sqrt2 = std::sqrt(points[i].variance(k));
        const double rise = sqrt2 - (1.0 + kStdevMargin) * sqrt1;
        if (rise >= 0.0) continue;
        const double unit1 = unit * (1.0 + kStdevMargin) * 0.5 / sqrt1, unit2 = unit * 0.5 / sqrt2;
        cost += add_difference(system, i, unit * rise, unit1 * points[i - 1].graded(k).variance.gradient,
                               unit2 * points[i].graded(k).variance.gradient);
      }
    }
    return cost;
  }

  // Nor may a wing become less steep.
  double wings(std::size_t i, const std::vector<Vector5>& x, System& system) const {
    double cost = 0.0;
    const double units = std::log(expiries_[i].scale.stdev / expiries_[i - 1].scale.stdev);
    for (const Coordinate wing : {kLeft, kRight}) {
      const double rise = x[i][wing] - x[i - 1][wing] + units - kSlopeMargin;
      if (rise >= 0.0) continue;
      const Vector5 unit = penalty_ * Vector5::Unit(wing);
      cost += add_difference(system, i, penalty_ * rise, unit, unit);
    }
    return cost;
  }

  std::span<const FittedExpiry> expiries_;
  double penalty_;
  std::array<double, kChecks> checks_ = check_grid();
};

}  // namespace

std::vector<Vector5> minimise(std::span<const FittedExpiry> expiries, std::vector<Vector5> x, double penalty) {
  const Problem problem(expiries, penalty);
  System system(x.size());
  double cost = problem.evaluate(x, system);
  double lambda = 1e-3;
  for (int iteration = 0; iteration < 200 && lambda < 1e12; ++iteration) {
    const std::vector<Vector5> step = system.solve(lambda);
    std::vector<Vector5> trial = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
      trial[i] = clamped(x[i] + step[i].cwiseMax(-1.0).cwiseMin(1.0), expiries[i].scale);
    }
    System trial_system(x.size());
    const double trial_cost = problem.evaluate(trial, trial_system);
    if (!(trial_cost < cost)) {
      lambda *= 4.0;
      continue;
    }
    const bool settled = cost - trial_cost < 1e-9 * cost;
    x = std::move(trial), system = std::move(trial_system), cost = trial_cost;
    lambda = std::max(1e-9, 0.3 * lambda);
    if (settled) break;
  }
  return x;
}

}  // namespace tailbit::fit
