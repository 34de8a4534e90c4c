// Measures on the host: samples from a profit-and-loss array in host memory.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "host/compile/compile.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/measure/host_sample.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit {

measure::Request make_request(const CompiledJob& job, const RunConfig& config);

// A group's profit in every scenario, quanta. Throws measure::SumTooLarge.
std::vector<std::int64_t> group_profit(const Pnl& pnl, std::uint32_t node, std::uint32_t first_leaf,
                                       std::uint32_t last_leaf);

class HostSource {
 public:
  explicit HostSource(const Pnl& pnl) : pnl_(pnl) {}

  const measure::HostSample& sample(std::uint32_t node, const measure::GroupRange& group);
  std::vector<std::pair<std::uint64_t, std::int64_t>> worst(std::uint32_t count) const;

 private:
  const Pnl& pnl_;
  std::vector<std::int64_t> profit_;           // of the group at hand
  std::optional<measure::HostSample> sample_;  // over profit_
};

}  // namespace tailbit
