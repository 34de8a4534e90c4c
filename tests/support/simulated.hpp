// A job written to a folder as a user would, and what its simulation gives by instrument.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/io/text.hpp"
#include "host/ops/run.hpp"
#include "host/report/npy.hpp"
#include "tests/support/job_files.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::test {

inline constexpr double kDay = 1.0 / 365.0;  // years

// "90s" after as_of, as an expiry.
inline std::string after(double years) {
  return timestamp_text(Timestamp{kJobAsOf.seconds + std::llround(years * 31'536'000.0)});
}

// The files of a job; add what is to be simulated, hold instruments, then run. Every instrument is a group.
struct JobText {
  using Json = nlohmann::json;
  Json run = {{"schema", "tailbit.run/1"},
              {"book", "book.csv"},
              {"instruments", "instruments.json"},
              {"market", "market.json"},
              {"model", "model.json"},
              {"group_by", {"instrument"}},
              {"steps", 1},
              {"worst", 0},
              {"levels", {0.95, 0.99}},
              {"out", "results"}};
  Json market = {{"schema", "tailbit.market/1"}, {"as_of", timestamp_text(kJobAsOf)}, {"rates", {{"USD", 0.0}}}};
  Json model = {{"schema", "tailbit.model/1"}};
  Json instruments = {{"schema", "tailbit.instruments/1"}, {"instruments", Json::array()}};
  std::string book = "instrument,quantity,entry_price\n";

  JobText(double years, std::uint64_t scenarios, std::uint64_t seed, std::uint32_t steps = 1) {
    run["horizon"] = years;
    run["scenarios"] = scenarios;
    run["seed"] = seed;
    run["steps"] = steps;
  }
  // With a constant spot vol; more keys may follow in market["underlyings"][name] and model["underlyings"][name].
  void underlying(const std::string& name, double spot, double vol, double drift = 0.0) {
    market["underlyings"][name] = {{"spot", spot}};
    model["underlyings"][name] = {{"drift", drift}, {"spot_vol", {{"kind", "constant"}, {"vol", vol}}}};
  }
  void correlate(const std::vector<std::string>& factors, const std::vector<std::vector<double>>& matrix) {
    model["correlation"] = {{"factors", factors}, {"matrix", matrix}};
  }
  void hold(const std::string& id, double quantity, const std::string& entry_price = "") {
    book += id + "," + number_text(quantity) + "," + entry_price + "\n";
  }
  void define(const Json& instrument, double quantity) {
    instruments["instruments"].push_back(instrument);
    hold(instrument["id"].get<std::string>(), quantity);
  }
  std::string write(const ScratchFolder& folder) const {
    folder.write("book.csv", book);
    folder.write("instruments.json", instruments.dump(1));
    folder.write("market.json", market.dump(1));
    folder.write("model.json", model.dump(1));
    return folder.write("run.json", run.dump(1));
  }
};

inline nlohmann::json option(const std::string& id, const std::string& underlying, const std::string& kind,
                             double strike, double years) {
  return {{"id", id},         {"family", "european"},   {"underlying", underlying}, {"option", kind},
          {"strike", strike}, {"expiry", after(years)}, {"settlement", "usd"}};
}
inline nlohmann::json future(const std::string& id, const std::string& underlying, double years,
                             const std::string& settlement = "usd") {
  return {{"id", id},
          {"family", "future"},
          {"underlying", underlying},
          {"expiry", after(years)},
          {"settlement", settlement}};
}

// A whole run, results read back from its folder.
struct Ran {
  nlohmann::ordered_json summary;
  std::vector<std::string> groups;          // the book first
  std::vector<std::vector<double>> losses;  // [groups][scenarios], as in losses.npy

  const std::vector<double>& book() const { return losses.at(0); }
  const std::vector<double>& of(const std::string& group) const {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (groups[g] == group) return losses[g];
    }
    throw std::out_of_range("no group " + group);
  }
};
inline Ran run_files(const std::string& config) {
  RunFlags flags;
  flags.device = "cpu";
  const JobDone done = run_job(config, flags);
  Ran ran{done.report, {}, read_npy(done.folder + "/losses.npy")};
  for (const auto& measure : ran.summary["measures"]) {
    const std::string group = measure["group"];
    if (ran.groups.empty() || ran.groups.back() != group) ran.groups.push_back(group);
  }
  return ran;
}
inline Ran run_text(const JobText& job) {
  const ScratchFolder folder;
  return run_files(job.write(folder));
}

// The same files, read and simulated; instead of measures the profit of every instrument at every revaluation date
// (exposure_dates and the horizon), which a run keeps no file of.
struct Simulated {
  std::vector<std::map<std::string, std::vector<double>>> profit;  // [dates], by instrument
  Tally tally;
  const std::vector<double>& of(const std::string& instrument, std::size_t date = 0) const {
    return profit.at(date).at(instrument);
  }
};
inline Simulated simulate_text(const JobText& job) {
  const ScratchFolder folder;
  const CompiledJob compiled = compile(resolve(job.write(folder), {}).inputs);
  const Pnl pnl = cpu::run(compiled.plan, {});
  Simulated out;
  out.tally = pnl.tally;
  for (std::uint32_t node = 0; node < pnl.nodes; ++node) {
    auto& date = out.profit.emplace_back();
    for (const Group& group : compiled.groups.groups) {
      const std::string key = "instrument=";
      if (!group.name.starts_with(key)) continue;
      const std::int64_t* quanta = pnl.row(node, group.first_leaf);
      std::vector<double>& column = date[group.name.substr(key.size())];
      for (std::uint64_t i = 0; i < pnl.scenarios; ++i) column.push_back(static_cast<double>(quanta[i]) * pnl.unit);
    }
  }
  return out;
}

}  // namespace tailbit::test
