#include "host/ops/job.hpp"

#include "host/compile/coin_cash.hpp"
#include "host/fit/correlation.hpp"
#include "host/fit/quoted_surface.hpp"
#include "host/io/write_inputs.hpp"
#include "host/report/digest.hpp"
#include "host/report/manifest.hpp"

namespace tailbit {
namespace {

// Which input a file is.
std::string role_of(const std::string& path, const RunConfig& config) {
  if (path == config.path) return "config";
  if (path == config.book) return "book";
  if (path == config.instruments) return "instruments";
  if (path == config.market) return "market";
  return path == config.model ? "model" : "trades";
}

}  // namespace

ResolvedInputs resolve(const std::string& config_path, const Overrides& overrides, Sources sources) {
  ResolvedInputs resolved{read_inputs(config_path, overrides, sources), {}, {}, 0};
  Inputs& inputs = resolved.inputs;
  Problems problems;
  inputs.repair = fit_correlation(inputs.model, inputs.config.model, problems);
  problems.throw_if_any();
  if (inputs.repair)
    inputs.warnings.push_back(inputs.config.model + ":/correlation/matrix: " + repair_text(*inputs.repair));
  fit_quoted_surfaces(resolved.inputs.market, resolved.inputs.warnings);
  resolved.coin_cash_positions = add_coin_cash(resolved.inputs);
  resolved.market = json_text(market_to_json(resolved.inputs.market));
  resolved.model = json_text(model_to_json(resolved.inputs.model));
  return resolved;
}

NamedJob name_job(ResolvedInputs resolved) {
  NamedJob job{std::move(resolved), {}, {}, {}};
  job.files = input_files(job.resolved.inputs);
  std::string trades;  // any number of files, in their order, by one digest
  for (const auto& file : job.files) {
    const std::string role = role_of(file["path"].get<std::string>(), job.config()), digest = file["sha256"];
    if (role == "trades") {
      trades += digest;
    } else {
      job.digests[role] = digest;
    }
  }
  if (!trades.empty()) job.digests["trades"] = sha256(trades);
  job.digests["resolved_market"] = sha256(job.resolved.market);
  job.digests["resolved_model"] = sha256(job.resolved.model);
  job.run_id = run_id(job.digests, job.config());
  return job;
}

}  // namespace tailbit
