#include <cmath>
#include <limits>

#include "host/fit/regime_fit.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"

namespace tailbit::calibration {
namespace {

// Six decimals: a report, and long.
nlohmann::ordered_json probabilities_json(const fit::Rows& rows) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const auto& row : rows) {
    nlohmann::ordered_json entry = nlohmann::ordered_json::array();
    for (const double probability : row) entry.push_back(std::round(probability * 1e6) / 1e6);
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

void calibrate_regimes(Work& work) {
  if (!work.config.regimes) return;
  const auto& [name, states] = *work.config.regimes;
  const std::string part = name + ".spot";
  const std::vector<double>& returns = work.returns.at(name);
  const std::size_t have = fit::without_gaps(returns).size(), need = 100 * states;
  if (have < need) too_short(part, "returns for " + std::to_string(states) + " regimes", have, need);
  const bool student_t = work.config.innovations == InnovationsEstimate::student_t;
  const fit::RegimeFit fit = fit::fit_regimes(returns, states, student_t);
  const fit::RegimeParameters &p = fit.parameters, &e = fit.errors;
  const double years = work.grid.period_years(), none = std::numeric_limits<double>::quiet_NaN();
  Estimate told(part, std::string("Markov-switching returns, ") + (student_t ? "Student-t" : "Gaussian") + ", EM",
                work.grid.period, fit.likelihood.observations);
  for (std::size_t k = 0; k < states; ++k) {
    const std::string of = ", regime " + std::to_string(k + 1);
    told.parameter("mean" + of, p.means[k] / years, e.means[k] / years, "per year")
        .parameter("vol" + of, p.deviations[k] / std::sqrt(years), e.deviations[k] / std::sqrt(years), "per root year")
        .parameter("stays" + of, p.transition[k][k], e.transition[k][k], "probability by period")
        .parameter("probability now" + of, fit.path.ahead.back()[k], none, "");
  }
  if (student_t) told.parameter("dof", p.dof, e.dof, "");
  work.report.add(told.likelihood(fit.likelihood));
  work.report.set_regimes({{"underlying", name},
                           {"from", timestamp_text(work.grid.first)},
                           {"period", duration_text(work.grid.period)},
                           {"transition", p.transition},
                           {"filtered", probabilities_json(fit.path.filtered)},
                           {"ahead", probabilities_json(fit.path.ahead)}});
}

}  // namespace tailbit::calibration
