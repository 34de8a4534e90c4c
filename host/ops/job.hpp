// A job on its way from a config file to what a backend computes: read and fitted, named, compiled.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "host/compile/compile.hpp"
#include "host/io/read_inputs.hpp"

namespace tailbit {

// Inputs read, fitted and brought into the form that the run starts from.
struct ResolvedInputs {
  Inputs inputs;
  std::string market, model;            // the texts of resolved/*.json; `inputs` holds exactly what they say
  std::size_t coin_cash_positions = 0;  // the last of the positions: what coin-settled ones have earned so far
};
// Throws Failure.
ResolvedInputs resolve(const std::string& config_path, const Overrides& overrides, Sources sources = Sources::any);

// The same with what names it: the same name, the same result.
struct NamedJob {
  ResolvedInputs resolved;
  nlohmann::ordered_json files;    // the inputs with their digests, as in the manifest
  nlohmann::ordered_json digests;  // of inputs by their role, and of the resolved files
  std::string run_id;

  const RunConfig& config() const { return resolved.inputs.config; }
};
NamedJob name_job(ResolvedInputs resolved);

}  // namespace tailbit
