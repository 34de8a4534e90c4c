// The result directory: summary.json, losses.npy, exposure.csv, greeks.csv, resolved inputs, and the manifest run.json,
// written last.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/compile/compile.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit {

// Rises with any change of the bits of losses; see CHANGELOG.md.
inline constexpr int kNumerics = 2;

// Where the time of a run went, in seconds, in order.
using Timings = std::vector<std::pair<std::string, double>>;

struct RunRecord {
  const Inputs& inputs;
  const CompiledJob& job;
  const measure::Results& results;
  std::string device;  // what the run was computed on
  std::string losses_sha256;
  std::map<std::string, std::string> digests;  // of inputs: book, market, model, ..., resolved_market, resolved_model
  Timings timings;
  std::vector<std::string> warnings;
  std::size_t coin_cash_positions = 0;  // of the inputs' positions, those that no row of the book is (coin_cash.hpp)
  std::string greeks{};                 // the text of greeks.csv
};

nlohmann::ordered_json summary_json(const RunRecord& record);

// The key "correlation_repair" of summary and plan.
nlohmann::ordered_json repair_json(const RepairSize& size);

// Makes sure, before the work is done, that results can be put into the folder and would not overwrite an input. Throws
// Failure.
void prepare_folder(const std::string& folder, const RunConfig& config);

// Config, book, instruments, market and model, as far as there are: the order of the manifest, the config first.
std::vector<std::string> input_paths(const RunConfig& config);

// The inputs as files: path, size and digest, as of now.
nlohmann::ordered_json input_files(const RunConfig& config);

// Everything but the manifest.
void write_results(const RunRecord& record, const nlohmann::ordered_json& summary, const std::string& folder,
                   const std::string& resolved_market, const std::string& resolved_model);

// The manifest: every input and output with size and digest. Its presence means that the result is complete.
void write_manifest(const nlohmann::ordered_json& inputs, const std::string& folder);

}  // namespace tailbit
