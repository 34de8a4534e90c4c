#include <algorithm>
#include <cmath>

#include "host/fit/dependence.hpp"
#include "host/fit/distributions.hpp"
#include "host/fit/student_t_fit.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"
#include "host/ops/usual_factors.hpp"

namespace tailbit::calibration {
namespace {

// What a model may have.
constexpr double kLeastGroupedDof = 2.05, kMostGroupedDof = 1e4;

bool of_spot(const std::string& factor) { return factor.ends_with(".spot"); }

// Two groups, the spots and all other factors, each a t copula; and a marginal for each factor.
class GroupedTPart {
 public:
  GroupedTPart(Work& work, const std::vector<std::string>& factors, const fit::Rows& series)
      : work_(work), factors_(factors), series_(series) {}

  void calibrate() {
    GroupedTModel out;
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      if (fit::without_gaps(series_[i]).size() >= kFewestShared) {
        out.marginals[factors_[i]] = marginal(i);
      } else {
        work_.report.warn("innovations: " + factors_[i] + " has fewer than " + std::to_string(kFewestShared) +
                          " periods of " + duration_text(work_.grid.period) + "; its marginal is that of its group");
      }
    }
    TGroup spots = group("spots", true), others = group("other factors", false);
    if (spots.dof == 0.0) {
      spots.dof = out.marginals.at(spots.factors.front());
      work_.report.warn(
          "innovations: fewer than two spots with 50 periods in common; the group's degrees of freedom are "
          "those of " +
          spots.factors.front());
    }
    if (others.dof == 0.0) {
      spots.factors.insert(spots.factors.end(), others.factors.begin(), others.factors.end());
      others.factors.clear();
    }
    out.groups.push_back(std::move(spots));
    if (!others.factors.empty()) out.groups.push_back(std::move(others));
    work_.model.grouped_t = std::move(out);
    work_.model.max_move = work_.config.max_move;
    if (work_.model.max_move) return;
    work_.model.max_move = kUsualMaxMove;
    work_.report.add_default("innovations max_move",
                             "log-returns over a period are cut to plus and minus " + number_text(kUsualMaxMove));
  }

 private:
  double within(const std::string& what, double dof) {
    const double cut = std::round(std::clamp(dof, kLeastGroupedDof, kMostGroupedDof) * 1e6) / 1e6;
    if (cut > dof + 1e-6) {
      work_.report.warn(what + ": " + number_text(dof) + " degrees of freedom are raised to " + number_text(cut) +
                        ": a model's are above 2, so that moves have a variance");
    }
    return cut;
  }

  // That of a spot is of the law that its vol was estimated with.
  double marginal(std::size_t i) {
    const std::string& factor = factors_[i];
    if (of_spot(factor)) return within(factor, work_.spot_dof.at(factor.substr(0, factor.rfind('.'))));
    const std::vector<double> values = fit::without_gaps(series_[i]);
    const fit::StudentTFit t = fit::fit_student_t(values);
    Estimate told(factor, "innovations, Student's t by maximum likelihood", work_.grid.period, values.size());
    told.parameter("dof", t.dof, t.likelihood.standard_errors[2], "")
        .likelihood(t.likelihood)
        .test("Kolmogorov-Smirnov to the t", fit::distance_to(values, [&](double x) {
                                               return fit::t_cdf((x - t.location) / t.scale, t.dof);
                                             }).kolmogorov_smirnov);
    work_.report.add(told);
    return within(factor, t.dof);
  }

  // dof 0 where fewer than two series have enough in common.
  TGroup group(const std::string& name, bool spots) {
    TGroup out;
    fit::Rows series;
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      if (of_spot(factors_[i]) != spots) continue;
      out.factors.push_back(factors_[i]);
      if (fit::without_gaps(series_[i]).size() >= kFewestShared) series.push_back(series_[i]);
    }
    const auto copula = fit::fit_t_copula(series);
    if (!copula) return out;
    Estimate told("innovations", "t copula of the " + name + "' innovations, maximum likelihood of ranks",
                  work_.grid.period, copula->observations);
    told.parameter("dof", copula->dof, copula->dof_error, "");
    work_.report.add(told);
    out.dof = within("innovations of the " + name, copula->dof);
    return out;
  }

  Work& work_;
  const std::vector<std::string>& factors_;
  const fit::Rows& series_;
};

}  // namespace

void calibrate_grouped_t(Work& work, const std::vector<std::string>& factors, const fit::Rows& series) {
  if (work.config.innovations == InnovationsEstimate::grouped_t) GroupedTPart(work, factors, series).calibrate();
}

bool has_t_innovations(const CalibrateConfig& config) {
  return config.innovations == InnovationsEstimate::student_t || config.innovations == InnovationsEstimate::grouped_t;
}

}  // namespace tailbit::calibration
