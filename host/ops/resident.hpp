// A job that stays in memory between runs of it. When its inputs change, it computes again what they change and no
// more, and publishes the result that `run` would, to the bit.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/ops/leaf_profits.hpp"
#include "host/ops/run.hpp"
#include "host/ops/scenario_run.hpp"
#include "host/report/work_folder.hpp"

namespace tailbit {

class Resident {
 public:
  // `folder` is that of the results; both must outlive it.
  Resident(const WorkFolder& folder, const RunFlags& flags) : folder_(folder), flags_(flags) {}

  struct Update {
    JobDone done;
    std::string run_id;
    std::string whole;          // why all contracts were computed; "" where only some were
    std::size_t computed = 0;   // contracts that were
    std::size_t contracts = 0;  // of the book
    double seconds = 0.0;       // from reading to publication
  };
  // Reads the inputs, and publishes their result unless it is there already. Nothing where it was told to stop; what
  // was computed is kept then. Throws Failure: what was published stays.
  std::optional<Update> update(const std::string& config_path, const Overrides& overrides);
  // Bytes that a job needs at least. Throws Failure (bad_config) where it may not have them.
  double require_room(const CompiledJob& job, const RunConfig& config) const;

 private:
  struct Simulated {
    ScenarioOutcome outcome;
    std::string device;
    nlohmann::ordered_json hardware{};
    bool fell_back_to_cpu = false;
  };
  // The inputs at some time, and all profits.
  struct State {
    std::unique_ptr<const NamedJob> named;
    std::unique_ptr<const CompiledJob> job;
    std::unique_ptr<LeafProfits> profits;
    Simulated simulated;
  };
  // Some contracts, to be simulated as they are, as they were, or both at once.
  struct Pass {
    CompiledJob job;
    std::uint32_t leaves;  // those before are as they are, the others as they were
    bool law_of_now;
    int reprices;  // 1: they come, -1: they go, 0: they stay
  };
  struct Parts {
    std::string whole;  // why everything has to be computed instead
    std::vector<Pass> passes;
    std::size_t contracts = 0;
  };

  Parts parts_to_compute(const State& next) const;
  // Each makes next.profits. False where it was told to stop.
  bool compute(State& next, Update& update, std::vector<std::string>& warnings);
  bool compute_whole(State& next, std::vector<std::string>& warnings);
  bool compute_changed(State& next, const Parts& parts, std::vector<std::string>& warnings);
  Simulated simulate(const CompiledJob& job, const std::string& id, measure::Collector& collector,
                     std::vector<std::string>& warnings);

  const WorkFolder& folder_;
  const RunFlags& flags_;
  std::optional<State> state_;
};

}  // namespace tailbit
