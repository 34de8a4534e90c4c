// `run` and `validate`: from a config file to a result directory.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "host/backend_cpu/hot_loops.hpp"
#include "host/io/read_inputs.hpp"
#include "host/report/summary.hpp"

namespace tailbit {

struct RunFlags {
  Overrides overrides;
  std::string device = "auto";  // auto | cpu | cuda | cuda:ID[,ID...] | cuda:all
  unsigned threads = 0;         // 0: all
  std::size_t tile = 0;         // 0: by the caches
  std::optional<cpu::Isa> isa;  // absent: the best there is
  bool force = false;           // run without FMA
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

// Inputs read, fitted and brought into the form that the run starts from.
struct ResolvedInputs {
  Inputs inputs;
  std::string market, model;            // the texts of resolved/*.json; `inputs` holds exactly what they say
  std::size_t coin_cash_positions = 0;  // the last of the positions: what coin-settled ones have earned so far
};
ResolvedInputs resolve(const std::string& config_path, const Overrides& overrides);

struct JobDone {
  nlohmann::ordered_json summary;
  std::string folder;  // where the results are
};

// Runs and writes the result directory. Throws Failure.
JobDone run_job(const std::string& config_path, const RunFlags& flags);

// Reads, checks and compiles, without running: the plan as JSON.
nlohmann::ordered_json validate_job(const std::string& config_path, const RunFlags& flags);

}  // namespace tailbit
