#include "host/report/measure.hpp"

#include <algorithm>
#include <numeric>

namespace tailbit {

measure::Request make_request(const CompiledJob& job, const RunConfig& config) {
  measure::Request request;
  for (const Group& group : job.groups.groups)
    request.groups.push_back({group.first_leaf, group.last_leaf, job.base_of(group)});
  request.node_seconds = job.node_seconds;
  request.exposure_seconds = config.exposure_seconds;
  for (const double level : config.levels) request.levels.push_back(measure::make_level(level));
  request.worst = config.worst;
  request.unit = job.plan.quantum.unit;
  return request;
}

std::vector<std::int64_t> group_profit(const Pnl& pnl, std::uint32_t node, std::uint32_t first_leaf,
                                       std::uint32_t last_leaf) {
  std::vector<std::int64_t> profit(pnl.row(node, first_leaf), pnl.row(node, first_leaf) + pnl.scenarios);
  for (std::uint32_t leaf = first_leaf + 1; leaf < last_leaf; ++leaf) {
    const std::int64_t* row = pnl.row(node, leaf);
    for (std::uint64_t s = 0; s < pnl.scenarios; ++s) profit[s] += row[s];
  }
  for (const std::int64_t q : profit) {
    if (q <= -kMostQuanta || q >= kMostQuanta) throw measure::SumTooLarge();
  }
  return profit;
}

const measure::HostSample& HostSource::sample(std::uint32_t node, const measure::GroupRange& group) {
  profit_ = group_profit(pnl_, node, group.first_leaf, group.last_leaf);
  return sample_.emplace(profit_);
}

std::vector<std::pair<std::uint64_t, std::int64_t>> HostSource::worst(std::uint32_t count) const {
  const std::vector<std::int64_t> profit = group_profit(pnl_, pnl_.nodes - 1, 0, pnl_.leaves);
  std::vector<std::uint64_t> order(profit.size());
  std::iota(order.begin(), order.end(), 0);
  const std::size_t kept = std::min<std::size_t>(count, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
      [&](std::uint64_t a, std::uint64_t b) { return std::pair(profit[a], a) < std::pair(profit[b], b); });
  std::vector<std::pair<std::uint64_t, std::int64_t>> result;
  for (std::size_t i = 0; i < kept; ++i) result.emplace_back(order[i], profit[order[i]]);
  return result;
}

}  // namespace tailbit
