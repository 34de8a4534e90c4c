#include "host/ops/replay.hpp"

#include <algorithm>
#include <numeric>

#include "host/backend_cpu/replay.hpp"
#include "host/io/text.hpp"
#include "host/ops/factor_scale.hpp"
#include "host/ops/replay_output.hpp"
#include "host/ops/result_folder.hpp"
#include "host/ops/run.hpp"
#include "host/report/npy.hpp"
#include "tailbit/measure/moments.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// The column of losses.npy that ranks.
std::size_t column_of(const std::string& group, const nlohmann::json& summary) {
  std::vector<std::string> names;
  for (const auto& listed : summary["groups"]) names.push_back(listed["group"].get<std::string>());
  const auto found = std::find(names.begin(), names.end(), group);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  throw Failure(ExitCode::usage, "--group: the result has no group " + in_quotes(group) + did_you_mean(group, names) +
                                     "; name one as `groups` in summary.json does");
}

void require_in_range(const char* flag, std::uint64_t value, std::uint64_t most, std::uint64_t scenarios) {
  if (value <= most) return;
  throw Failure(ExitCode::usage, std::string(flag) + " " + std::to_string(value) + " is out of range: the result has " +
                                     std::to_string(scenarios) + " scenarios, 0 to " + std::to_string(scenarios - 1));
}

// Whether scenario a comes before b when the largest loss comes first, ties by id.
struct ByLoss {
  const std::vector<double>& losses;
  bool operator()(std::uint64_t a, std::uint64_t b) const {
    return losses[a] != losses[b] ? losses[a] > losses[b] : a < b;
  }
};

std::vector<std::uint64_t> chosen(const ReplayOptions& options, const std::vector<double>& losses) {
  if (options.scenario) {
    require_in_range("--scenario", *options.scenario, losses.size() - 1, losses.size());
    return {*options.scenario};
  }
  require_in_range("--worst", options.worst, losses.size(), losses.size());
  std::vector<std::uint64_t> order(losses.size());
  std::iota(order.begin(), order.end(), 0);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(options.worst);
  std::partial_sort(order.begin(), end, order.end(), ByLoss{losses});
  return {order.begin(), end};
}

// From 1, the largest loss.
std::uint64_t rank_of(std::uint64_t scenario, const std::vector<double>& losses) {
  const ByLoss before{losses};
  std::uint64_t rank = 1;
  for (std::uint64_t s = 0; s < losses.size(); ++s) rank += before(s, scenario) ? 1 : 0;
  return rank;
}

[[noreturn]] void not_the_same(const std::string& folder, const std::string& what) {
  throw Failure(ExitCode::internal_error,
                folder + ": " + what +
                    ": this build, or the files, are not those that made the result; compare `tailbit version` and "
                    "report it if they should be");
}

// The contracts' profits, summed by group, as losses; each equal to the bit to what the run wrote.
Json equal_losses(const cpu::Replay& replay, const CompiledJob& job, const std::vector<double>& written,
                  const std::string& folder) {
  std::vector<std::int64_t> leaves(job.groups.leaves, 0);
  for (const cpu::TermSeen& term : replay.terms) leaves[term.leaf] += term.quanta;
  Json losses = Json::array();
  for (std::size_t g = 0; g < job.groups.groups.size(); ++g) {
    const Group& group = job.groups.groups[g];
    const std::int64_t quanta =
        std::accumulate(leaves.begin() + group.first_leaf, leaves.begin() + group.last_leaf, std::int64_t{0});
    const double loss = measure::loss_of(quanta, job.plan.quantum.unit);
    if (g < written.size() && math::to_bits(loss) != math::to_bits(written[g])) {
      not_the_same(folder, "scenario " + std::to_string(replay.scenario) + ", group " + in_quotes(group.name) +
                               ": the loss is " + number_text(loss) + " here and " + number_text(written[g]) +
                               " in losses.npy");
    }
    losses.push_back({{"group", group.name}, {"loss", loss}});
  }
  return losses;
}

// What the job compiles to now must have the groups, dates and quantum of then, before losses are compared.
void require_same_job(const ResultFolder& result, const Inputs& inputs, const CompiledJob& job) {
  const nlohmann::json& summary = result.summary();
  bool same = summary["horizon_seconds"] == inputs.config.horizon_seconds && summary["steps"] == inputs.config.steps &&
              summary["quantum"] == job.plan.quantum.unit && summary["groups"].size() == job.groups.groups.size();
  for (std::size_t g = 0; same && g < job.groups.groups.size(); ++g)
    same = summary["groups"][g]["group"] == job.groups.groups[g].name;
  if (!same) not_the_same(result.folder(), "summary.json has another horizon, steps, quantum or groups than the job");
}

Json header_json(const ResultFolder& result, const ReplayOptions& options, const Inputs& inputs,
                 const FactorScale& scale, std::size_t compared) {
  Json json{{"schema", "tailbit.replay/1"}, {"result", result.folder()}};
  for (const char* key : {"run_id", "as_of", "horizon_seconds", "steps", "scenarios", "seed", "precision", "numerics"})
    json[key] = result.summary()[key];
  json["group"] = options.group;
  json["equal_to_losses"] = true;  // anything else has ended the program
  json["groups_compared"] = compared;
  const std::vector<std::string>& names = inputs.model.correlation.factors;
  for (FactorId f = 0; f < names.size(); ++f) {
    json["factors"].push_back({{"factor", names[f]}, {"unit", scale.unit_name(f)}});
  }
  return json;
}

Json replay_unchanged(const std::string& folder, const ReplayOptions& options) {
  const ResultFolder result(folder);
  if (result.is_shard()) {
    throw Failure(ExitCode::bad_data,
                  folder + ": is a shard of a run; replay from the result that `tailbit merge` makes of all shards");
  }
  for (const char* output : {"summary.json", "losses.npy", "resolved/market.json", "resolved/model.json"})
    result.verify_output(output);
  const std::size_t column = column_of(options.group, result.summary());
  NpyFile file(result.path("losses.npy"));
  const std::size_t groups = result.summary()["groups"].size();
  if (file.rows() != result.summary()["scenarios"] || (file.columns() != groups && file.columns() != 1))
    not_the_same(folder, "losses.npy has another shape than summary.json says");
  if (column >= file.columns())
    throw Failure(ExitCode::usage, "--group " + options.group +
                                       ": the run kept the losses of the book alone; rank by " +
                                       "the book, or run with \"group_detail\": \"full\"");
  const std::vector<double> losses = file.column(column);
  const std::vector<std::uint64_t> scenarios = chosen(options, losses);

  const std::string config = options.config.value_or(result.config_path());
  result.verify_inputs(config);
  const Inputs inputs = resolve(config, result.overrides()).inputs;
  const CompiledJob job = compile(inputs);
  require_same_job(result, inputs, job);

  const FactorScale scale(inputs, job.plan);
  Json json = header_json(result, options, inputs, scale, file.columns());
  for (const std::uint64_t scenario : scenarios) {
    const cpu::Replay replay = cpu::replay(job.plan, scenario);
    Json one{{"scenario", scenario},
             {"rank", rank_of(scenario, losses)},
             {"losses", equal_losses(replay, job, file.row(scenario), folder)}};
    one.update(seen_json(replay, inputs, job, scale, job.groups.groups[column], options.top));
    json["replays"].push_back(std::move(one));
  }
  return json;
}

}  // namespace

Json replay_result(const std::string& folder, const ReplayOptions& options) {
  return while_unchanged({folder}, [&] { return replay_unchanged(folder, options); });
}

}  // namespace tailbit
