#include "host/ops/leaf_profits.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "host/ops/job_change.hpp"
#include "host/report/measure.hpp"

namespace tailbit {
namespace {

constexpr std::uint64_t kPiece = measure::kBlock;  // scenarios that are handed on at a time

measure::Request leaf_request(const CompiledJob& job, const RunConfig& config,
                              const std::vector<std::uint32_t>& leaves) {
  measure::Request request = make_request(job, config);
  request.groups.clear();
  for (const std::uint32_t leaf : leaves) request.groups.push_back({leaf, leaf + 1, 0});
  request.full_groups = true;
  return request;
}

template <class Callable>
void each_piece(std::uint64_t scenarios, Callable&& call) {
  for (std::uint64_t first = 0; first < scenarios; first += kPiece) call(first, std::min(kPiece, scenarios - first));
}

}  // namespace

LeafProfits::LeafProfits(const CompiledJob& job, const RunConfig& config, const std::vector<std::uint32_t>& leaves)
    : numbers_(leaves),
      request_(leaf_request(job, config, leaves)),
      collector_(request_, job.plan.leaves, job.plan.scenarios) {
  const std::vector<std::string> names = leaf_names(job);
  for (const std::uint32_t leaf : leaves) leaves_.push_back(names[leaf]);
  for (const measure::KeptRow& kept : collector_.rows()) {
    if (nodes_.empty() || nodes_.back() != kept.node) nodes_.push_back(kept.node);
  }
}

std::span<const std::int64_t> LeafProfits::row(std::uint32_t kept_node, std::uint32_t leaf) {
  return collector_.part_row(kept_node * leaves_.size() + leaf, {0, collector_.scenarios()}).profits;
}

void LeafProfits::set_to_none() {
  const std::vector<std::int64_t> none(kPiece, 0);
  for (std::size_t row = 0; row < nodes_.size() * leaves_.size(); ++row) {
    each_piece(collector_.scenarios(), [&](std::uint64_t first, std::uint64_t count) {
      collector_.take_whole(row, first, std::span(none.data(), count));
    });
  }
}

void LeafProfits::add(LeafProfits& other, const std::function<std::int64_t(std::uint32_t leaf)>& sign) {
  std::unordered_map<std::string_view, std::uint32_t> mine;
  for (std::uint32_t leaf = 0; leaf < leaves_.size(); ++leaf) mine.emplace(leaves_[leaf], leaf);
  std::vector<std::int64_t> sums(kPiece);
  for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
    for (std::uint32_t leaf = 0; leaf < other.leaves_.size(); ++leaf) {
      const auto found = mine.find(other.leaves_[leaf]);
      if (found == mine.end()) continue;
      const std::int64_t times = sign(other.numbers_[leaf]);
      const auto to = row(node, found->second), from = other.row(node, leaf);
      each_piece(collector_.scenarios(), [&](std::uint64_t first, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) sums[i] = to[first + i] + times * from[first + i];
        collector_.take_whole(node * leaves_.size() + found->second, first, std::span(sums.data(), count));
      });
    }
  }
}

void LeafProfits::give_to(measure::Collector& taker) {
  const std::size_t leaves = leaves_.size();
  std::vector<std::int64_t> profits((std::size_t{nodes_.back()} + 1) * leaves * kPiece);
  each_piece(collector_.scenarios(), [&](std::uint64_t first, std::uint64_t count) {
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
      for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
        const auto from = row(node, leaf).subspan(first, count);
        std::copy(from.begin(), from.end(),
                  profits.begin() + static_cast<std::ptrdiff_t>((nodes_[node] * leaves + leaf) * kPiece));
      }
    }
    taker.take(first, count, profits.data(), kPiece);
  });
}

double leaf_profits_bytes(const CompiledJob& job, const RunConfig& config) {
  return measure::collector_bytes(leaf_request(job, config, all_leaves(job)), job.plan.scenarios);
}

std::vector<std::uint32_t> all_leaves(const CompiledJob& job) {
  std::vector<std::uint32_t> leaves(job.plan.leaves);
  std::iota(leaves.begin(), leaves.end(), 0);
  return leaves;
}

std::vector<std::uint32_t> held_leaves(const CompiledJob& job) {
  std::set<std::uint32_t> leaves;
  for (const Row& row : job.plan.rows) {
    for (const Weight& weight : std::span(job.plan.weights).subspan(row.first_weight, row.weight_count))
      leaves.insert(weight.leaf);
  }
  return {leaves.begin(), leaves.end()};
}

}  // namespace tailbit
