#include "host/backtest/forecaster.hpp"

#include <cmath>
#include <stdexcept>

#include "host/backtest/uniforms.hpp"
#include "host/fit/dependence.hpp"
#include "host/fit/garch_fit.hpp"
#include "tailbit/math/cholesky.hpp"
#include "tailbit/math/gamma_quantile.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit::backtest {
namespace {

using Columns = fit::Rows;  // [factors][rows]

Columns columns_of(const Moves& rows) {
  Columns out(rows.front().size(), std::vector<double>(rows.size()));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t f = 0; f < out.size(); ++f) out[f][r] = rows[r][f];
  }
  return out;
}

Moves rows_of(const Columns& columns) {
  Moves out(columns.front().size(), std::vector<double>(columns.size()));
  for (std::size_t f = 0; f < columns.size(); ++f) {
    for (std::size_t r = 0; r < out.size(); ++r) out[r][f] = columns[f][r];
  }
  return out;
}

fit::GarchParameters ewma_of(double decay) { return {.alpha = 1.0 - decay, .beta = decay}; }

// The vols that a window's moves had and the next will have, factor by factor; parameters from the last fit.
class Filter {
 public:
  explicit Filter(const ForecastModel& model) : model_(model) {}

  struct Result {
    Columns residuals;              // of unit variance
    std::vector<double> mean, vol;  // of the next move, [factors]
  };
  Result apply(const Columns& moves, bool refit) {
    if (refit) fit_to(moves);
    Result out;
    for (std::size_t f = 0; f < moves.size(); ++f) {
      const fit::GarchParameters parameters = parameters_of(f);
      fit::GarchPath path = fit::garch_path(moves[f], parameters);
      out.residuals.push_back(std::move(path.residuals));
      out.mean.push_back(parameters.mean);
      out.vol.push_back(std::sqrt(path.variances.back()));
    }
    return out;
  }
  // Of the first factor's innovations; infinite for normal ones.
  double dof() const { return parameters_of(0).dof; }

 private:
  fit::GarchParameters parameters_of(std::size_t factor) const {
    return model_.filter == VolFilter::ewma ? ewma_of(model_.decay) : fits_[factor].parameters;
  }
  void fit_to(const Columns& moves) {
    if (model_.filter == VolFilter::ewma) return;
    const fit::GarchKind kind = model_.filter == VolFilter::garch ? fit::GarchKind::garch : fit::GarchKind::gjr;
    std::vector<fit::GarchFit> fits;
    for (std::size_t f = 0; f < moves.size(); ++f)
      fits.push_back(fit::fit_garch(moves[f], kind, true, fits_.empty() ? nullptr : &fits_[f]));
    fits_ = std::move(fits);
  }

  ForecastModel model_;
  std::vector<fit::GarchFit> fits_;  // [factors] the last
};

class Historical : public Forecaster {
 public:
  const Moves& scenarios(const Moves& past) override { return scenarios_ = past; }

 private:
  Moves scenarios_;
};

// Each scenario is the residuals of one moment of the window, of all factors together, at the vols of now
// (Barone-Adesi, Giannopoulos and Vosper 1999).
class FilteredHistorical : public Forecaster {
 public:
  explicit FilteredHistorical(const ForecastModel& model) : model_(model), filter_(model) {}

  const Moves& scenarios(const Moves& past) override {
    Filter::Result now = filter_.apply(columns_of(past), calls_++ % model_.refit == 0);
    for (std::size_t f = 0; f < now.residuals.size(); ++f) {
      for (double& z : now.residuals[f]) z = now.mean[f] + now.vol[f] * z;
    }
    return scenarios_ = rows_of(now.residuals);
  }

 private:
  ForecastModel model_;
  Filter filter_;
  std::uint64_t calls_ = 0;
  Moves scenarios_;
};

// Multivariate t variates of unit variance, or normal ones, the same uniforms at each call.
class Draws {
 public:
  Draws(std::uint64_t count, std::uint64_t seed) : count_(count), seed_(seed) {}

  // dof of infinity: normal.
  void make(const fit::Rows& correlation, double dof) {
    fit::Rows lower;
    if (!math::cholesky(correlation, lower)) throw std::invalid_argument("a correlation is not positive definite");
    const std::size_t factors = correlation.size();
    rows_.assign(count_, std::vector<double>(factors));
    std::vector<double> normals(factors);
    for (std::uint64_t i = 0; i < count_; ++i) {
      Uniforms uniforms(seed_, Purpose::scenarios, i);
      for (double& z : normals) z = math::normal_from_uniform(uniforms.next());
      const double scale = mixing(dof, uniforms.next());
      for (std::size_t f = 0; f < factors; ++f) {
        double sum = 0.0;
        for (std::size_t k = 0; k <= f; ++k) sum += lower[f][k] * normals[k];
        rows_[i][f] = scale * sum;
      }
    }
  }

  const Moves& rows() const { return rows_; }

 private:
  // Root of (dof - 2) / chi-square.
  static double mixing(double dof, double uniform) {
    if (std::isinf(dof)) return 1.0;
    const double log_half = math::log_gamma_quantile(0.5 * dof, math::normal_from_uniform(uniform));
    return std::sqrt(0.5 * (dof - 2.0) * std::exp(-log_half));
  }

  std::uint64_t count_, seed_;
  Moves rows_;
};

Moves scaled(const Moves& draws, const std::vector<double>& mean, const std::vector<double>& vol) {
  Moves out = draws;
  for (std::vector<double>& row : out) {
    for (std::size_t f = 0; f < row.size(); ++f) row[f] = mean[f] + vol[f] * row[f];
  }
  return out;
}

// Vols and correlations weighted exponentially (RiskMetrics 1996).
class EwmaNormal : public Forecaster {
 public:
  EwmaNormal(const ForecastModel& model, Draws draws) : decay_(model.decay), draws_(std::move(draws)) {}

  const Moves& scenarios(const Moves& past) override {
    const std::size_t factors = past.front().size();
    fit::Rows covariance(factors, std::vector<double>(factors, 0.0));
    double weight = 1.0 - decay_;
    for (auto row = past.rbegin(); row != past.rend(); ++row, weight *= decay_) {
      for (std::size_t i = 0; i < factors; ++i) {
        for (std::size_t j = 0; j < factors; ++j) covariance[i][j] += weight * (*row)[i] * (*row)[j];
      }
    }
    draws_.make(covariance, std::numeric_limits<double>::infinity());
    return draws_.rows();
  }

 private:
  double decay_;
  Draws draws_;
};

// GARCH of each factor; innovations jointly t, by maximum likelihood of the window's residuals.
class GarchT : public Forecaster {
 public:
  GarchT(const ForecastModel& model, Draws draws) : model_(model), filter_(model), draws_(std::move(draws)) {}

  const Moves& scenarios(const Moves& past) override {
    const bool refit = calls_++ % model_.refit == 0;
    const Filter::Result now = filter_.apply(columns_of(past), refit);
    if (refit && now.residuals.size() == 1) draws_.make({{1.0}}, filter_.dof());
    if (refit && now.residuals.size() > 1) {
      const fit::MultivariateTFit joint = fit::fit_multivariate_t(now.residuals);
      draws_.make(joint.correlation, joint.dof);
    }
    return scenarios_ = scaled(draws_.rows(), now.mean, now.vol);
  }

 private:
  ForecastModel model_;
  Filter filter_;
  Draws draws_;
  std::uint64_t calls_ = 0;
  Moves scenarios_;
};

struct Location {
  double mean, vol;
};

// Location of a t sample of known degrees of freedom and the deviation that its scale stands for, by the EM algorithm
// (Liu and Rubin 1995). A sample's own deviation says little where degrees of freedom are few.
Location t_location(const std::vector<double>& sample, double dof) {
  double mean = 0.0, square = 0.0;
  const auto n = static_cast<double>(sample.size());
  for (const double x : sample) square += x * x / n;
  for (int i = 0; i < 500; ++i) {
    double weights = 0.0, sum = 0.0, squares = 0.0;
    for (const double x : sample) {
      const double weight = (dof + 1.0) / (dof + (x - mean) * (x - mean) / square);
      weights += weight;
      sum += weight * x;
      squares += weight * (x - mean) * (x - mean);
    }
    const double before = square;
    mean = sum / weights;
    square = squares / n;
    if (std::abs(square - before) < 1e-12 * square) break;
  }
  return {mean, std::sqrt(square * dof / (dof - 2.0))};
}

// One multivariate t for the whole window: no vol changes inside it.
class StudentTMoves : public Forecaster {
 public:
  StudentTMoves(const ForecastModel& model, Draws draws) : refit_(model.refit), draws_(std::move(draws)) {}

  const Moves& scenarios(const Moves& past) override {
    const Columns moves = columns_of(past);
    if (calls_++ % refit_ == 0) {
      const fit::MultivariateTFit joint = fit::fit_multivariate_t(moves);
      dof_ = joint.dof;
      draws_.make(joint.correlation, dof_);
    }
    std::vector<double> mean, vol;
    for (const std::vector<double>& column : moves) {
      const Location location = t_location(column, dof_);
      mean.push_back(location.mean);
      vol.push_back(location.vol);
    }
    return scenarios_ = scaled(draws_.rows(), mean, vol);
  }

 private:
  std::uint64_t refit_, calls_ = 0;
  double dof_ = 0.0;
  Draws draws_;
  Moves scenarios_;
};

}  // namespace

std::unique_ptr<Forecaster> make_forecaster(const ForecastModel& model, std::uint64_t draws, std::uint64_t seed) {
  switch (model.kind) {
    case ForecastKind::historical: return std::make_unique<Historical>();
    case ForecastKind::filtered_historical: return std::make_unique<FilteredHistorical>(model);
    case ForecastKind::normal: return std::make_unique<EwmaNormal>(model, Draws(draws, seed));
    case ForecastKind::garch: return std::make_unique<GarchT>(model, Draws(draws, seed));
    case ForecastKind::student_t: return std::make_unique<StudentTMoves>(model, Draws(draws, seed));
    case ForecastKind::engine: break;
  }
  throw std::logic_error("a kind of model that makes no moves");
}

}  // namespace tailbit::backtest
