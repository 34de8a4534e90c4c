// What a run found out, as summary.json and exposure.csv say it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/compile/compile.hpp"
#include "host/report/numerics.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit {

// Where the time of a run went, in seconds, in order.
using Timings = std::vector<std::pair<std::string, double>>;

// How a run ended that has results.
enum class RunStatus { complete, stopped_early, target_missed };
const char* status_text(RunStatus status);

struct RunRecord {
  const Inputs& inputs;
  const CompiledJob& job;
  const measure::Results& results;
  std::string run_id;
  RunStatus status = RunStatus::complete;
  std::uint64_t scenarios = 0;  // that the results are of
  std::string device{};         // what the run was computed on
  std::string losses_sha256{};
  std::map<std::string, std::string> digests{};  // of inputs: book, market, model, ..., resolved_market, resolved_model
  Timings timings{};
  std::vector<std::string> warnings{};
  std::size_t coin_cash_positions = 0;  // of the inputs' positions, those that no row of the book is (coin_cash.hpp)
};

nlohmann::ordered_json summary_json(const RunRecord& record);

// The key "correlation_repair" of summary and plan.
nlohmann::ordered_json repair_json(const RepairSize& size);
// Which of a path's numbers Sobol points decide; of antithetic pairs their name.
nlohmann::ordered_json sampling_json(const RunConfig& config, const Plan& plan);

// The text of exposure.csv.
std::string exposure_csv(const RunRecord& record);

}  // namespace tailbit
