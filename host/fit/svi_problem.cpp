#include "host/fit/svi_problem.hpp"

#include <cmath>

#include <Eigen/Cholesky>

#include "host/fit/arbitrage.hpp"

namespace tailbit::fit {
namespace {

// Strengths of the ridges, per unit of a coordinate, in quotes missed by their width.
constexpr double kUsualRidge = 0.1;
constexpr double kNeighbourRidge = 0.5;  // over a factor e in time

// Distances to arbitrage are measured in these: half a vol point of total standard deviation from one expiry to the
// next (kQuoteTolerance), a g, a change of a coordinate.
constexpr double kUnitOfG = 0.05;
constexpr double kUnitOfCoordinates = 0.05;
// What slices keep clear of arbitrage by, in those units.
constexpr double kMargin = 0.01;
// Pull of a distance of one reach, in quotes missed by their width.
constexpr double kPull = 10.0;

// A wall around arbitrage: cost of a distance to it, and its first two derivatives. Beyond one `reach` it falls off
// like 1/distance; nearer, and on the wrong side, it goes on as the parabola with the same derivatives, so that a fit
// may start on the wrong side.
struct Wall {
  double cost, slope, curvature;
};
Wall wall(double distance, double reach) {
  const double t = distance / reach;
  if (t >= 1.0) return {kPull * reach / t, -kPull / (t * t), 2.0 * kPull / (reach * t * t * t)};
  return {kPull * reach * (1.0 - (t - 1.0) + (t - 1.0) * (t - 1.0)), kPull * (2.0 * (t - 1.0) - 1.0),
          2.0 * kPull / reach};
}

// Where arbitrage is looked for: far out on both sides, dense at the money, and where the slice that the search starts
// from bends.
std::vector<double> check_points(const Vector5& x, const SviScale& scale) {
  constexpr int kSide = 24;
  constexpr double kFarthest = 40.0;  // in units of stdev
  std::vector<double> points;
  for (int i = -kSide; i <= kSide; ++i) points.push_back(std::sinh(std::asinh(kFarthest) * i / kSide));
  for (const double u : {-3.0, -1.5, -0.8, -0.4, 0.0, 0.4, 0.8, 1.5, 3.0}) {
    points.push_back(x[kCentre] + std::exp(x[kSigma]) * u);
  }
  for (double& k : points) k *= scale.stdev;
  return points;
}

// The log-moneyness at which f is least, of a fine scan about the money.
template <class F>
double least_place(const F& f, double stdev) {
  constexpr int kSide = 200;
  constexpr double kStep = 0.03;  // in units of stdev
  double place = 0.0, least = f(0.0);
  for (int i = -kSide; i <= kSide; ++i) {
    const double k = kStep * stdev * i;
    if (const double value = f(k); value < least) place = k, least = value;
  }
  return place;
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
  Problem(std::span<const FittedExpiry> expiries, const std::vector<Vector5>& start, double reach)
      : expiries_(expiries), reach_(reach) {
    // And where the slices at the start are nearest to it.
    std::vector<market::SviSlice> slices;
    for (std::size_t i = 0; i < start.size(); ++i) {
      const SviScale& scale = expiries[i].scale;
      slices.push_back(SviPoint(start[i], scale).slice());
      checks_.push_back(check_points(start[i], scale));
      checks_[i].push_back(least_place([&](double k) { return butterfly_g(slices[i], k); }, scale.stdev));
      if (i == 0) continue;
      const auto gap = [&](double k) {
        return std::sqrt(svi_variance_at(slices[i], k).variance) -
               std::sqrt(svi_variance_at(slices[i - 1], k).variance);
      };
      checks_[i].push_back(least_place(gap, scale.stdev));
    }
  }

  // Cost of the points; its quadratic model goes to `system`.
  double evaluate(const std::vector<Vector5>& x, System& system) const {
    double cost = 0.0;
    std::vector<SviPoint> points;
    for (std::size_t i = 0; i < x.size(); ++i) points.emplace_back(x[i], expiries_[i].scale);
    for (std::size_t i = 0; i < x.size(); ++i) {
      cost += quotes(i, points[i], system) + usual_shape(i, x[i], system) + inside(i, x[i], system) +
              butterflies(i, points[i], system);
      if (i > 0) cost += neighbours(i, x, points, system) + calendars(i, points, system) + wings(i, x, system);
    }
    return cost;
  }

 private:
  // A term of one expiry: derivatives of its cost by a number with this gradient.
  static void add(System& system, std::size_t i, double slope, double curvature, const Vector5& gradient) {
    system.diagonal[i] += curvature * gradient * gradient.transpose();
    system.gradient[i] += slope * gradient;
  }
  // The same for a number later - earlier of expiries i - 1 and i.
  static void add_difference(System& system, std::size_t i, double slope, double curvature, const Vector5& earlier,
                             const Vector5& later) {
    add(system, i - 1, slope, curvature, -earlier);
    add(system, i, slope, curvature, later);
    system.coupling[i - 1] -= curvature * earlier * later.transpose();
  }

  double quotes(std::size_t i, const SviPoint& point, System& system) const {
    double cost = 0.0;
    const double years = expiries_[i].scale.years;
    for (const VolQuote& quote : expiries_[i].quotes) {
      const GradedVariance w = point.graded(quote.k);
      const double vol = std::sqrt(w.variance.value / years);
      const double residual = (vol - quote.vol) / tolerated(quote);
      const Loss loss = huber(residual);
      const double weight = quote.weight * loss.weight;
      add(system, i, weight * residual, weight, w.variance.gradient / (2.0 * vol * years * tolerated(quote)));
      cost += quote.weight * loss.cost;
    }
    return cost;
  }

  double usual_shape(std::size_t i, const Vector5& x, System& system) const {
    double cost = 0.0;
    const Vector5 residual = kUsualRidge * (x - usual_point());
    for (const Coordinate c : {kLeft, kRight, kCentre, kSigma}) {
      add(system, i, residual[c], 1.0, kUsualRidge * Vector5::Unit(c));
      cost += 0.5 * residual[c] * residual[c];
    }
    return cost;
  }

  double inside(std::size_t i, const Vector5& x, System& system) const {
    double cost = 0.0;
    const Bounds box = bounds(expiries_[i].scale);
    for (const Coordinate c : {kVariance, kLeft, kRight, kCentre, kSigma}) {
      const Wall low = wall((x[c] - box.least[c]) / kUnitOfCoordinates, reach_);
      const Wall high = wall((box.most[c] - x[c]) / kUnitOfCoordinates, reach_);
      add(system, i, low.slope - high.slope, low.curvature + high.curvature, Vector5::Unit(c) / kUnitOfCoordinates);
      cost += low.cost + high.cost;
    }
    return cost;
  }

  double butterflies(std::size_t i, const SviPoint& point, System& system) const {
    double cost = 0.0;
    for (const double k : checks_[i]) {
      const GradedVariance w = point.graded(k);
      const double v = w.variance.value, slope = w.slope.value;
      const double g = butterfly_g(k, {v, slope, w.curvature.value});
      const double tilt = 1.0 - 0.5 * k * slope / v;
      const double by_variance = (tilt * k * slope + 0.25 * slope * slope) / (v * v);
      const double by_slope = -tilt * k / v - 0.5 * slope * (1.0 / v + 0.25);
      const Vector5 gradient =
          by_variance * w.variance.gradient + by_slope * w.slope.gradient + 0.5 * w.curvature.gradient;
      const Wall barrier = wall(g / kUnitOfG - kMargin, reach_);
      add(system, i, barrier.slope, barrier.curvature, gradient / kUnitOfG);
      cost += barrier.cost;
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
    add_difference(system, i, levels, 1.0, ridge * w1.gradient / w1.value, ridge * w2.gradient / w2.value);
    double cost = 0.5 * levels * levels;
    for (const Coordinate c : {kLeft, kRight, kCentre, kSigma}) {
      const Vector5 unit = ridge * Vector5::Unit(c);
      const double change = ridge * (x[i][c] - x[i - 1][c]);
      add_difference(system, i, change, 1.0, unit, unit);
      cost += 0.5 * change * change;
    }
    return cost;
  }

  // Total standard deviation must rise from expiry i - 1 to i, at the check points of both.
  double calendars(std::size_t i, const std::vector<SviPoint>& points, System& system) const {
    double cost = 0.0;
    const double unit = 1.0 / (kQuoteTolerance * std::sqrt(expiries_[i].scale.years));
    for (const std::size_t j : {i - 1, i}) {
      for (const double k : checks_[j]) {
        const Graded w1 = points[i - 1].graded(k).variance, w2 = points[i].graded(k).variance;
        const double stdev1 = std::sqrt(w1.value), stdev2 = std::sqrt(w2.value);
        const Wall barrier = wall(unit * (stdev2 - stdev1) - kMargin, reach_);
        add_difference(system, i, barrier.slope, barrier.curvature, unit * 0.5 / stdev1 * w1.gradient,
                       unit * 0.5 / stdev2 * w2.gradient);
        cost += barrier.cost;
      }
    }
    return cost;
  }

  // Nor may a wing become less steep.
  double wings(std::size_t i, const std::vector<Vector5>& x, System& system) const {
    double cost = 0.0;
    const double units = std::log(expiries_[i].scale.stdev / expiries_[i - 1].scale.stdev);
    for (const Coordinate wing : {kLeft, kRight}) {
      const Wall barrier = wall((x[i][wing] - x[i - 1][wing] + units) / kUnitOfCoordinates - kMargin, reach_);
      const Vector5 unit = Vector5::Unit(wing) / kUnitOfCoordinates;
      add_difference(system, i, barrier.slope, barrier.curvature, unit, unit);
      cost += barrier.cost;
    }
    return cost;
  }

  std::span<const FittedExpiry> expiries_;
  double reach_;
  std::vector<std::vector<double>> checks_;  // [expiry] log-moneyness
};

}  // namespace

std::vector<Vector5> minimise(std::span<const FittedExpiry> expiries, std::vector<Vector5> x, double reach) {
  const Problem problem(expiries, x, reach);
  System system(x.size());
  double cost = problem.evaluate(x, system);
  double lambda = 1e-3;
  for (int iteration = 0; iteration < 200 && lambda < 1e12; ++iteration) {
    const std::vector<Vector5> step = system.solve(lambda);
    std::vector<Vector5> trial = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
      trial[i] = x[i] + step[i].cwiseMax(-1.0).cwiseMin(1.0);
    }
    System trial_system(x.size());
    const double trial_cost = problem.evaluate(trial, trial_system);
    if (!(trial_cost < cost)) {
      lambda *= 4.0;
      continue;
    }
    const bool settled = cost - trial_cost < 1e-6 * cost;
    x = std::move(trial), system = std::move(trial_system), cost = trial_cost;
    lambda = std::max(1e-9, 0.2 * lambda);
    if (settled) break;
  }
  return x;
}

}  // namespace tailbit::fit
