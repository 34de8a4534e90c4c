// All profits of a book's leaves, kept in memory so that a later state of the book needs only what changed.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "host/compile/compile.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit {

class LeafProfits {
 public:
  // Of these leaves of the job, at the dates that its measures need; not set to anything yet.
  LeafProfits(const CompiledJob& job, const RunConfig& config, const std::vector<std::uint32_t>& leaves);
  LeafProfits(const LeafProfits&) = delete;
  LeafProfits& operator=(const LeafProfits&) = delete;

  // What takes them, and keeps all of them.
  measure::Collector& collector() { return collector_; }

  void set_to_none();  // 0 everywhere
  // Adds the other's profits of every leaf that both have, by name, times -1 or 1: `sign` of the leaf's number in its
  // job. Throws SumTooLarge, with some added.
  void add(LeafProfits& other, const std::function<std::int64_t(std::uint32_t leaf)>& sign);

  // Profits of all leaves of a job to another collector for it. Throws SumTooLarge.
  void give_to(measure::Collector& taker);

  const std::vector<std::string>& leaves() const { return leaves_; }

 private:
  std::span<const std::int64_t> row(std::uint32_t kept_node, std::uint32_t leaf);

  std::vector<std::uint32_t> numbers_;  // [leaves] in the job
  std::vector<std::string> leaves_;     // by name
  measure::Request request_;            // a group for each leaf
  measure::Collector collector_;
  std::vector<std::uint32_t> nodes_;  // those of which anything is kept
};

// Bytes that profits of all leaves take.
double leaf_profits_bytes(const CompiledJob& job, const RunConfig& config);

// Every leaf, and those that hold any of the job's contracts.
std::vector<std::uint32_t> all_leaves(const CompiledJob& job);
std::vector<std::uint32_t> held_leaves(const CompiledJob& job);

}  // namespace tailbit
