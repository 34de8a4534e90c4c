#include "host/ops/job.hpp"

#include "host/compile/coin_cash.hpp"
#include "host/fit/model.hpp"
#include "host/fit/quoted_surface.hpp"
#include "host/io/write_inputs.hpp"
#include "host/report/digest.hpp"
#include "host/report/manifest.hpp"

namespace tailbit {
ResolvedInputs resolve(const std::string& config_path, const Overrides& overrides, Sources sources) {
  ResolvedInputs resolved{read_inputs(config_path, overrides, sources), {}, {}, 0};
  Inputs& inputs = resolved.inputs;
  Problems problems;
  inputs.repair = fit_model(inputs.model, inputs.config.model, problems, inputs.warnings);
  problems.throw_if_any();
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
  const std::vector<InputFile> roles = input_roles(job.config());
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const std::string digest = job.files[i]["sha256"];
    if (roles[i].role == "trades") {
      trades += digest;
    } else {
      job.digests[roles[i].role] = digest;
    }
  }
  if (!trades.empty()) job.digests["trades"] = sha256(trades);
  job.digests["resolved_market"] = sha256(job.resolved.market);
  job.digests["resolved_model"] = sha256(job.resolved.model);
  job.run_id = run_id(job.digests, job.config());
  return job;
}

}  // namespace tailbit
