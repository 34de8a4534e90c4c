// `verify`: is a result what its manifest says, made from the inputs that it says, and is it what they make?
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "host/io/problems.hpp"
#include "host/ops/recompute.hpp"

namespace tailbit {

struct VerifyOptions {
  std::optional<std::string> config;  // where the run's config is now; absent: where the manifest says
  bool outputs_only = false;          // the inputs are not at hand
  std::string public_key;             // who must have signed the statement; "": nobody
  std::optional<RecomputeOptions> recompute;
};

struct Verification {
  nlohmann::ordered_json report;  // tailbit.verify/1
  // bad_data where something is another than it says; else input_missing where something is not there; else
  // compare_mismatch where the job, done again, gives something else.
  ExitCode code = ExitCode::done;
};

// Writes nothing, but for finishing a publication that was cut off. Throws Failure: input_missing where there is no
// result; bad_data where the manifest is damaged; temporary where another run is writing here, or has while it was
// looked at.
Verification verify_result(const std::string& folder, const VerifyOptions& options);

}  // namespace tailbit
