#include "host/ops/job_change.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <nlohmann/json.hpp>

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

std::string digest_of(const NamedJob& job, const char* role) { return job.digests.value(role, ""); }

// Why no profit of before can be kept, or "".
std::string why_whole(const NamedJob& before, const CompiledJob& job_before, const NamedJob& after,
                      const CompiledJob& job_after) {
  if (digest_of(before, "config") != digest_of(after, "config")) return "the config has changed";
  if (digest_of(before, "instruments") != digest_of(after, "instruments")) return "the instruments have changed";
  if (before.resolved.model != after.resolved.model) return "the model has changed";
  const Market &then = before.resolved.inputs.market, &now = after.resolved.inputs.market;
  if (then.as_of != now.as_of) return "the market is of another moment";
  if (then.usd_rate != now.usd_rate) return "the rate has changed";
  if (job_before.plan.quantum.unit != job_after.plan.quantum.unit) return "the book's scale has changed";
  return "";
}

// Underlyings that are not the same in both resolved markets. Numbers are written so that equal texts are equal bits.
std::unordered_set<std::string> changed_underlyings(const std::string& before, const std::string& after) {
  std::unordered_set<std::string> changed;
  if (before == after) return changed;
  const Json then = Json::parse(before)["underlyings"], now = Json::parse(after)["underlyings"];
  for (const auto& [name, market] : then.items()) {
    if (!now.contains(name) || now[name] != market) changed.insert(name);
  }
  for (const auto& [name, market] : now.items()) {
    if (!then.contains(name)) changed.insert(name);
  }
  return changed;
}

std::unordered_map<std::string_view, const Instrument*> by_name(const Inputs& inputs) {
  std::unordered_map<std::string_view, const Instrument*> named;
  for (const Instrument& instrument : inputs.instruments) named.emplace(instrument.id, &instrument);
  return named;
}

// Where instruments are defined alike, only coins that positions have earned may bear a name
// (host/compile/coin_cash.hpp) that a contract bears later; and they are spot.
bool same_contract(const Instrument& a, const Instrument& b) {
  return a.underlying == b.underlying && a.terms.index() == b.terms.index() && a.multiplier == b.multiplier;
}

// Who holds how much of each contract.
using LeafWeights = std::span<const Weight>;
std::unordered_map<std::string_view, LeafWeights> holdings(const CompiledJob& job) {
  std::unordered_map<std::string_view, LeafWeights> found;
  const RevaluationNode& node = job.plan.nodes.front();  // every node has every contract
  for (std::uint32_t r = node.first_run; r < node.first_run + node.run_count; ++r) {
    const Run& run = job.plan.runs[r];
    for (const Row& row : std::span(job.plan.rows).subspan(run.first_row, run.row_count)) {
      found.emplace(job.contracts[row.contract],
                    std::span(job.plan.weights).subspan(row.first_weight, row.weight_count));
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> leaf_names(const CompiledJob& job) {
  std::vector<std::string> names(job.plan.leaves);
  for (const Group& group : job.groups.groups) {  // the deepest last
    if (group.last_leaf - group.first_leaf == 1) names[group.first_leaf] = group.name;
  }
  return names;
}

JobChange change_between(const NamedJob& before, const CompiledJob& job_before, const NamedJob& after,
                         const CompiledJob& job_after) {
  JobChange change;
  change.whole = why_whole(before, job_before, after, job_after);
  if (!change.whole.empty()) return change;

  JobChange::Contracts moved;  // of another market
  if (const auto underlyings = changed_underlyings(before.resolved.market, after.resolved.market);
      !underlyings.empty()) {
    for (const Inputs* inputs : {&before.resolved.inputs, &after.resolved.inputs}) {
      for (const Instrument& instrument : inputs->instruments) {
        if (underlyings.contains(instrument.underlying)) moved.insert(instrument.id);
      }
    }
  }
  const auto then = holdings(job_before), now = holdings(job_after);
  const auto named_then = by_name(before.resolved.inputs), named_now = by_name(after.resolved.inputs);
  const std::vector<std::string> leaves_then = leaf_names(job_before), leaves_now = leaf_names(job_after);
  const auto same_quantities = [&](const LeafWeights& a, const LeafWeights& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const Weight& x, const Weight& y) {
      return x.quantity == y.quantity && leaves_then[x.leaf] == leaves_now[y.leaf];
    });
  };
  for (const auto& [name, holding] : then) {
    const std::string contract(name);
    const auto found = now.find(name);
    if (found == now.end() || moved.contains(contract)) {
      change.gone.insert(contract);
    } else if (!same_quantities(holding, found->second)) {
      change.held.insert(contract);
    }
    if (found != now.end() && !same_contract(*named_then.at(name), *named_now.at(name)))
      change.whole = "a name means another contract";
  }
  for (const auto& [name, unused] : now) {
    const std::string contract(name);
    if (!then.contains(name) || moved.contains(contract)) change.come.insert(contract);
  }
  // Then nobody would count, along the paths of now, the moves that are limited.
  if (before.resolved.market != after.resolved.market && change.held.empty() && change.come.empty())
    change.whole = "the market of what is not held has changed";
  return change;
}

}  // namespace tailbit
