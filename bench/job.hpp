// A job from files to results, as a desk would run it.
#pragma once

#include <string>
#include <vector>

#include "bench/folder.hpp"
#include "bench/timing.hpp"
#include "host/io/inputs.hpp"

namespace tailbit::bench {

// Writes the inputs' files and the config `name`.json: one day in one step, results in the folder `name`, and what
// `more` says. Returns the config's path.
std::string write_job(const Inputs& inputs, const TemporaryFolder& folder, const std::string& name,
                      std::uint64_t scenarios, const Json& more = Json::object());

// Medians of the stages that runs say they had; what is left of their wall time is writing.
Json stages_of(const std::vector<Json>& timings, const std::vector<double>& wall);

}  // namespace tailbit::bench
