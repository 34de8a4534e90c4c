// A finished run once more, in memory: whoever has the inputs can prove what somebody else's machine computed. Nothing
// is written, and every text that is compared comes from the function that wrote it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "host/ops/result_folder.hpp"
#include "host/ops/run_flags.hpp"

namespace tailbit {

struct RecomputeOptions {
  RunFlags flags;                // what to compute on; `overrides` are the run's, whatever is here
  std::optional<double> blocks;  // the share of blocks to compute; absent: the whole run
  std::string blocks_seed;       // which ones
};

struct Recomputed {
  nlohmann::ordered_json report;  // `recompute` of a tailbit.verify/1
  bool equal;
};

// `result` and the inputs have been verified. Of a shard, `blocks` is absent. Throws Failure.
Recomputed recompute(const ResultFolder& result, const std::string& config_path, const RecomputeOptions& options);

}  // namespace tailbit
