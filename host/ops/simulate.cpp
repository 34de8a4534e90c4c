#include "host/ops/simulate.hpp"

namespace tailbit {

Simulation simulate(const CompiledJob& job, const measure::Request& request, const RunFlags& flags) {
  Simulation simulation;
  const std::unique_ptr<Backend> backend = make_backend(job, flags, simulation.warnings);
  simulation.device = backend->name();
  measure::Collector collector(request, job.plan.leaves, job.plan.scenarios);
  simulation.tally = backend->simulate({0, job.plan.scenarios}, collector, {}).tally;
  simulation.results = measure::measure_all(collector, job.plan.scenarios, request);
  return simulation;
}

}  // namespace tailbit
