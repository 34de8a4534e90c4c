#include "host/compile/path_splits.hpp"

#include <algorithm>

#include "tailbit/math/primitives.hpp"

namespace tailbit {
namespace {

struct Interval {
  std::uint32_t first, length;
};

Interval left_of(const Interval& whole) { return {whole.first, whole.length - whole.length / 2}; }
Interval right_of(const Interval& whole) { return {whole.first + left_of(whole).length, whole.length / 2}; }

}  // namespace

PathSplits path_splits(std::uint32_t steps) {
  PathSplits out;
  std::vector<Interval> split;  // in the order of the steps
  std::vector<Interval> waiting{{0, steps}};
  for (std::uint32_t step = 0; step < steps; ++step) {
    out.steps.push_back({static_cast<std::uint32_t>(split.size()), 0, static_cast<std::uint32_t>(waiting.size()) - 1});
    for (; waiting.back().length > 1; ++out.steps.back().split_count) {
      const Interval whole = waiting.back();
      split.push_back(whole);
      waiting.back() = right_of(whole);
      waiting.push_back(left_of(whole));
      out.stack = std::max(out.stack, static_cast<std::uint32_t>(waiting.size()));
    }
    waiting.pop_back();
  }
  out.stack = std::max(out.stack, 1u);
  std::vector<std::uint32_t> by_importance(split.size());
  for (std::uint32_t i = 0; i < split.size(); ++i) by_importance[i] = i;
  std::sort(by_importance.begin(), by_importance.end(), [&](std::uint32_t a, std::uint32_t b) {
    return split[a].length != split[b].length ? split[a].length > split[b].length : split[a].first < split[b].first;
  });
  out.splits.resize(split.size());
  for (std::uint32_t k = 0; k < by_importance.size(); ++k) {
    const double length = split[by_importance[k]].length;
    const double left = left_of(split[by_importance[k]]).length;
    out.splits[by_importance[k]] = {k + 1, left / length, math::sqrt(left * (length - left) / length)};
  }
  return out;
}

}  // namespace tailbit
