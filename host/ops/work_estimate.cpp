#include "host/ops/work_estimate.hpp"

namespace tailbit {

WorkEstimate work_estimate(const CompiledJob& job) {
  constexpr double kRepricesPerSecond = 4e8, kDrawsPerSecond = 2e8, kTermsPerSecond = 1e10;
  const Plan& plan = job.plan;
  const auto scenarios = static_cast<double>(plan.scenarios);
  const auto draws = static_cast<double>((plan.paths.steps.size() + plan.paths.fixings.size()) * plan.factors +
                                         plan.paths.shares.size());
  double terms = 0.0;  // what leaf groups hold of contracts
  for (const Row& row : plan.rows) terms += static_cast<double>(row.weight_count);
  return {scenarios * draws / kDrawsPerSecond,
          scenarios * (static_cast<double>(job.reprices_per_scenario) / kRepricesPerSecond + terms / kTermsPerSecond)};
}

}  // namespace tailbit
