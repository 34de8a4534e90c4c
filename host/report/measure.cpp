#include "host/report/measure.hpp"

namespace tailbit {
namespace {

measure::Clusters clusters_of(const RunConfig& config) {
  switch (config.sampling) {
    case Sampling::antithetic: return {measure::Clusters::Kind::pairs};
    case Sampling::sobol: return {measure::Clusters::Kind::interleaved, config.randomisations};
    case Sampling::independent: break;
  }
  return {};
}

}  // namespace

measure::Request make_request(const CompiledJob& job, const RunConfig& config) {
  measure::Request request;
  for (const Group& group : job.groups.groups)
    request.groups.push_back({group.first_leaf, group.last_leaf, job.base_of(group)});
  request.node_seconds = job.node_seconds;
  request.exposure_seconds = config.exposure_seconds;
  for (const double level : config.levels) request.levels.push_back(measure::make_level(level));
  request.worst = config.worst;
  request.clusters = clusters_of(config);
  request.full_groups = config.group_detail == GroupDetail::full;
  request.unit = job.plan.quantum.unit;
  return request;
}

}  // namespace tailbit
