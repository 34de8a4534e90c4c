#include "host/fit/model.hpp"

#include <algorithm>
#include <cmath>

#include "host/fit/correlation.hpp"
#include "host/fit/regimes.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// The factors that are drawn for a whole period.
std::vector<std::string> drawn_at_once(const Model& model) {
  if (model.bootstrap) return model.bootstrap->factors;
  std::vector<std::string> factors;
  if (!model.grouped_t) return factors;
  for (const TGroup& group : model.grouped_t->groups)
    factors.insert(factors.end(), group.factors.begin(), group.factors.end());
  return factors;
}

// The others are drawn step by step, which is too late for what a period's draw would have to know of them.
void check_independence(const Model& model, const std::string& file, Problems& problems) {
  const std::vector<std::string> drawn = drawn_at_once(model);
  if (drawn.empty()) return;
  const std::vector<std::string>& factors = model.correlation.factors;
  const auto is_drawn = [&](std::size_t f) { return std::find(drawn.begin(), drawn.end(), factors[f]) != drawn.end(); };
  for (std::size_t i = 0; i < factors.size(); ++i) {
    for (std::size_t j = 0; j < factors.size(); ++j) {
      if (!is_drawn(i) || is_drawn(j) || model.correlation.matrix[i][j] == 0.0) continue;
      const bool heston = factors[j].ends_with(".variance");
      problems.add(ExitCode::bad_config,
                   {file, "/innovations",
                    in_quotes(factors[i]) + " is drawn for whole periods, and " + in_quotes(factors[j]) +
                        ", which is correlated with it, is not",
                    heston ? "use another kind of spot_vol, or innovations that are \"gaussian\" or \"student_t\""
                           : "draw both, or leave their correlation out"});
      return;
    }
  }
  if (!model.regimes) return;
  for (std::size_t i = 0; i < model.regimes->states.size(); ++i) {
    if (!model.regimes->states[i].correlation) continue;
    problems.add(ExitCode::bad_config,
                 {file, "/regimes/states/" + std::to_string(i) + "/correlation",
                  "the innovations of a period are drawn at once, with one dependence for all regimes",
                  "leave it out, or use innovations that are \"gaussian\" or \"student_t\""});
    return;
  }
}

// Residuals scale vols: what is not of unit variance changes them.
void look_at_residuals(const Model& model, const std::string& file, std::vector<std::string>& warnings) {
  if (!model.bootstrap) return;
  const BootstrapModel& bootstrap = *model.bootstrap;
  const double count = static_cast<double>(bootstrap.rows.size());
  for (std::size_t i = 0; i < bootstrap.factors.size(); ++i) {
    double sum = 0.0, squares = 0.0;
    for (const std::vector<double>& row : bootstrap.rows) {
      sum += row[i];
      squares += row[i] * row[i];
    }
    const double root = std::sqrt(squares / count), mean = sum / count;
    if (root > 0.8 && root < 1.25 && std::abs(mean) < 0.25) continue;
    warnings.push_back(file + ":/innovations: the residuals of " + bootstrap.factors[i] + " have a mean of " +
                       number_text(std::round(mean * 1e3) / 1e3) + " and a root mean square of " +
                       number_text(std::round(root * 1e3) / 1e3) +
                       ", not 0 and 1: its moves are that much larger or smaller than its vol says");
  }
}

}  // namespace

std::optional<RepairSize> fit_model(Model& model, const std::string& file, Problems& problems,
                                    std::vector<std::string>& warnings) {
  const std::size_t before = problems.count();
  const auto repair = fit_correlation(model, file, problems);
  if (repair) warnings.push_back(file + ":/correlation/matrix: " + repair_text(*repair));
  if (problems.count() == before) complete_regimes(model, file, problems, warnings);
  if (problems.count() == before) check_independence(model, file, problems);
  look_at_residuals(model, file, warnings);
  return repair;
}

}  // namespace tailbit
