// From resolved inputs to a plan: nets positions to unique contracts, sorts them, lays out factors and dates,
// precomputes what does not change from scenario to scenario, values the book today. Own fixed-order arithmetic only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/compile/groups.hpp"
#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

struct CompiledJob {
  Plan plan;
  Groups groups;
  std::vector<std::string> contracts;      // names, by Row::contract
  std::vector<std::int64_t> base_quanta;   // [leaves] value now
  std::vector<std::int64_t> node_seconds;  // [nodes] revaluation dates, from as_of
  double gross_notional = 0.0;             // USD
  double unrealised_profit = 0.0;          // USD, to date; no part of the results
  std::size_t reprices_per_scenario = 0;   // rows over all nodes
  std::vector<std::string> warnings;

  // A group's value now, in quanta and in USD.
  std::int64_t base_of(const Group& group) const;
};

// `inputs` must have passed the readers' checks. Throws Failure where a contract cannot be valued.
CompiledJob compile(const Inputs& inputs);

// Some of the contracts of several books side by side, each with leaves of its own, those of the first book first. All
// inputs must have the same market, model and config; the quantum is that of the whole first book. So profits of a part
// of a book add to those of the rest, and what a book becomes is found in one simulation with what it was. No contract
// at all is a job too.
CompiledJob compile_books(const std::vector<const Inputs*>& books,
                          const std::function<bool(const std::string& contract)>& wanted);

}  // namespace tailbit
