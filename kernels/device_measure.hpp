// Order statistics, tails and sums by Thrust, where the profits lie. Compiled by nvcc for the device, and by any
// compiler with Thrust's sequential CPP system for tests without one: the same code, the same bits.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <thrust/copy.h>
#include <thrust/device_vector.h>
#include <thrust/execution_policy.h>
#include <thrust/functional.h>
#include <thrust/host_vector.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>

#include "tailbit/core/platform.hpp"
#include "tailbit/engine/quantum.hpp"
#include "tailbit/measure/moments.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit::cuda {

struct MomentsOfBlock {
  const std::int64_t* quanta;
  std::size_t size;
  std::int64_t offset;
  measure::Part part;
  HD measure::BlockMoments operator()(std::size_t block) const {
    const std::size_t first = block * measure::kBlock;
    const std::size_t count = size - first < measure::kBlock ? size - first : measure::kBlock;
    return measure::block_moments(quanta + first, count, offset, part);
  }
};

// A group's profits; see measure/estimates.hpp for what a sample is.
class DeviceSample {
 public:
  explicit DeviceSample(thrust::device_vector<std::int64_t> quanta) : quanta_(std::move(quanta)), sorted_(quanta_) {
    thrust::sort(sorted_.begin(), sorted_.end());
  }

  std::uint64_t size() const { return quanta_.size(); }
  std::int64_t at(std::uint64_t rank) const { return sorted_[rank]; }
  std::vector<std::int64_t> worst(std::uint64_t count) const {
    std::vector<std::int64_t> result(count);
    thrust::copy(sorted_.begin(), sorted_.begin() + static_cast<std::ptrdiff_t>(count), result.begin());
    return result;
  }
  std::vector<double> losses(double unit) const {
    std::vector<std::int64_t> quanta(quanta_.size());
    thrust::copy(quanta_.begin(), quanta_.end(), quanta.begin());
    std::vector<double> result;
    result.reserve(quanta.size());
    for (const std::int64_t q : quanta) result.push_back(measure::loss_of(q, unit));
    return result;
  }
  measure::CentralMoments moments(measure::Part part, std::int64_t offset) const {
    const std::size_t count = measure::block_count(quanta_.size());
    thrust::device_vector<measure::BlockMoments> blocks(count);
    const auto first = thrust::counting_iterator<std::size_t>(0);
    thrust::transform(first, first + static_cast<std::ptrdiff_t>(count), blocks.begin(),
                      MomentsOfBlock{thrust::raw_pointer_cast(quanta_.data()), quanta_.size(), offset, part});
    std::vector<measure::BlockMoments> on_host(count);
    thrust::copy(blocks.begin(), blocks.end(), on_host.begin());
    return measure::combine(on_host, quanta_.size());
  }
  std::vector<std::pair<std::uint64_t, std::int64_t>> worst_scenarios(std::uint32_t count) const {
    thrust::device_vector<std::int64_t> quanta = quanta_;
    thrust::device_vector<std::uint64_t> scenario(quanta.size());
    thrust::sequence(scenario.begin(), scenario.end());
    thrust::stable_sort_by_key(quanta.begin(), quanta.end(), scenario.begin());
    const std::size_t kept = std::min<std::size_t>(count, quanta.size());
    std::vector<std::pair<std::uint64_t, std::int64_t>> result;
    for (std::size_t i = 0; i < kept; ++i) result.emplace_back(scenario[i], quanta[i]);
    return result;
  }

 private:
  thrust::device_vector<std::int64_t> quanta_, sorted_;
};

struct IsTooLarge {
  HD bool operator()(std::int64_t quanta) const { return quanta <= -kMostQuanta || quanta >= kMostQuanta; }
};

// Samples from the sums of a run, `quanta` [nodes][leaves][scenarios] in device memory.
class DeviceSource {
 public:
  // `request` must outlive the source.
  DeviceSource(const std::int64_t* quanta, std::uint32_t leaves, std::uint64_t scenarios,
               const measure::Request& request)
      : quanta_(thrust::device_pointer_cast(quanta)), leaves_(leaves), scenarios_(scenarios), request_(request) {}

  template <class Callable>
  void with_sample(std::uint32_t node, std::uint32_t group, Callable&& call) const {
    const measure::GroupRange& range = request_.groups[group];
    call(DeviceSample(profit(node, range.first_leaf, range.last_leaf)));
  }

 private:
  thrust::device_vector<std::int64_t> profit(std::uint32_t node, std::uint32_t first_leaf,
                                             std::uint32_t last_leaf) const {
    const auto row = [&](std::uint32_t leaf) {
      return quanta_ + static_cast<std::ptrdiff_t>((std::size_t{node} * leaves_ + leaf) * scenarios_);
    };
    const auto n = static_cast<std::ptrdiff_t>(scenarios_);
    thrust::device_vector<std::int64_t> sum(row(first_leaf), row(first_leaf) + n);
    for (std::uint32_t leaf = first_leaf + 1; leaf < last_leaf; ++leaf) {
      thrust::transform(sum.begin(), sum.end(), row(leaf), sum.begin(), thrust::plus<std::int64_t>());
    }
    if (thrust::transform_reduce(sum.begin(), sum.end(), IsTooLarge{}, false, thrust::logical_or<bool>())) {
      throw measure::SumTooLarge();
    }
    return sum;
  }

  thrust::device_ptr<const std::int64_t> quanta_;
  std::uint32_t leaves_;
  std::uint64_t scenarios_;
  const measure::Request& request_;
};

}  // namespace tailbit::cuda
