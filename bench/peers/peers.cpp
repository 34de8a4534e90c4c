// Our reprices beside those of others: the same contracts in the same scenarios, on one core or a GPU, and only if the
// profits agree.
#include "bench/peers/peers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "bench/cases.hpp"
#include "bench/parts.hpp"
#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"

namespace tailbit::bench {
namespace {

// Of a scenario's profit, relative to the gross value of the book.
constexpr double kAgreement = 1e-9;

double largest_difference(const PeerProblem& problem, const std::vector<double>& profit) {
  double most = 0.0;
  for (std::size_t i = 0; i < profit.size(); ++i) {
    const double difference = std::abs(profit[i] - problem.own_profit[i]) / problem.gross_value;
    if (!(difference <= most)) most = difference;  // not a number is a difference too
  }
  return most;
}

class Table {
 public:
  // What is measured is compared with `own_rate`, reprices in a second; 0 until measure_own.
  Table(const Settings& settings, Smile smile, const Size& size, Json& rows, double own_rate = 0.0)
      : settings_(settings),
        smile_(smile),
        rows_(rows),
        inputs_(make_inputs(find_case("european", Settlement::usd, smile), size, Precision::double_)),
        problem_(make_problem(inputs_)),
        own_rate_(own_rate) {}

  const PeerProblem& problem() const { return problem_; }
  double own_rate() const { return own_rate_; }
  // Scenarios that take a fraction of a second at so many reprices in a second.
  std::size_t scenarios(double reprices_per_second) const {
    const double wanted = 0.25 * reprices_per_second / static_cast<double>(problem_.options.size());
    return std::clamp(static_cast<std::size_t>(wanted), std::size_t{16}, problem_.own_profit.size());
  }

  // A whole simulation, random numbers and paths too, which the others are given.
  void measure_own() {
    const CompiledJob job = compile(inputs_);
    cpu::Options options;
    options.threads = 1;
    options.isa = measured_isas().back();
    const Timed time = repeat(settings_.repeats, [&] { cpu::run(job.plan, options); });
    own_rate_ = static_cast<double>(problem_.own_profit.size() * problem_.options.size()) / time.seconds;
    add("tailbit, double", time, problem_.own_profit);
  }

  void measure(const char* name, std::size_t scenarios, const std::function<void(std::vector<double>&)>& work) {
    std::vector<double> profit;
    const Timed time = repeat(settings_.repeats, [&] {
      profit.assign(scenarios, 0.0);
      work(profit);
    });
    add(name, time, profit);
  }

  void measure(const char* name, std::size_t scenarios, const ScriptPeer& script) {
    std::vector<double> profit(scenarios);
    const ScriptRun run = script.run(problem_, settings_.repeats, profit);
    Json about = {{"versions", run.versions}};
    if (!run.device.empty()) about["device"] = run.device;
    add(name, run.time, profit, about);
  }

  void skip(const char* name, const std::string& why) {
    std::printf("%-26s %-19s skipped: %s\n", name, smile_name(smile_), why.c_str());
    rows_.push_back({{"peer", name}, {"smile", smile_name(smile_)}, {"skipped", why}});
  }

 private:
  void add(const std::string& name, const Timed& time, const std::vector<double>& profit, const Json& about = {}) {
    const double difference = largest_difference(problem_, profit);
    const double rate = static_cast<double>(profit.size() * problem_.options.size()) / time.seconds;
    std::printf("%-26s %-19s %10.2f %8.1f %13.1f %18.1e\n", name.c_str(), smile_name(smile_), rate / 1e6,
                100.0 * time.spread, own_rate_ / rate, difference);
    if (!(difference < kAgreement)) throw std::runtime_error(name + " and tailbit differ: one of them is wrong");
    rows_.push_back({{"peer", name},
                     {"smile", smile_name(smile_)},
                     {"contracts", problem_.options.size()},
                     {"scenarios", profit.size()},
                     {"reprices_per_second", rounded(rate)},
                     {"spread", rounded(time.spread)},
                     {"largest_difference", rounded(difference)}});
    if (!about.is_null()) rows_.back().update(about);
  }

  const Settings& settings_;
  Smile smile_;
  Json& rows_;
  Inputs inputs_;
  PeerProblem problem_;
  double own_rate_;
};

void measure_quantlib(Table& table) {
#if TAILBIT_HAS_QUANTLIB
  table.measure("QuantLib blackFormula", table.scenarios(25e6),
                [&](std::vector<double>& profit) { quantlib_formula_profit(table.problem(), profit); });
  QuantlibEngine engine(table.problem());
  table.measure("QuantLib engine, quotes", table.scenarios(0.5e6),
                [&](std::vector<double>& profit) { engine.profit(profit); });
#else
  for (const char* name : {"QuantLib blackFormula", "QuantLib engine, quotes"})
    table.skip(name, "QuantLib was not found when this was built");
#endif
}

struct Script {
  const char* name;
  ScriptPeer peer;
};

std::vector<Script> scripts_on_a_core() {
  return {{"numpy and scipy", {"numpy_black.py", "cpu"}},
          {"PyTorch, compiled", {"torch_black.py", "cpu"}},
          {"JAX, jit", {"jax_black.py", "cpu"}}};
}

std::vector<Script> scripts_on_a_gpu() {
  return {{"CuPy kernel, GPU", {"cupy_black.py", "gpu"}},
          {"PyTorch, compiled, GPU", {"torch_black.py", "gpu"}},
          {"JAX, jit, GPU", {"jax_black.py", "gpu"}}};
}

void measure_scripts(Table& table, const std::vector<Script>& scripts, std::size_t scenarios) {
  for (const auto& [name, peer] : scripts) {
    if (peer.skipped().empty()) {
      table.measure(name, scenarios, peer);
    } else {
      table.skip(name, peer.skipped());
    }
  }
}

}  // namespace

Json measure_peers(const Settings& settings) {
  std::printf("\n%-26s %-19s %10s %8s %13s %18s\n", "peer (a core, or its GPU)", "smile", "million/s", "+- %",
              "ours over it", "largest difference");
  const Size size = settings.quick ? Size{50, 256} : Size{500, 8'192};
  const Size gpu_size = settings.quick ? size : Size{500, 262'144};  // a GPU needs more work at once
  const std::vector<Script> on_core = scripts_on_a_core(), on_gpu = scripts_on_a_gpu();
  const bool gpu = std::any_of(on_gpu.begin(), on_gpu.end(), [](const Script& s) { return s.peer.skipped().empty(); });
  Json rows = Json::array();
  for (const Smile smile : {Smile::own, Smile::svi}) {
    Table table(settings, smile, size, rows);
    table.measure_own();
    table.measure("plain scalar C++", table.scenarios(25e6),
                  [&](std::vector<double>& profit) { scalar_profit(table.problem(), profit); });
    measure_quantlib(table);
    measure_scripts(table, on_core, table.scenarios(80e6));
    Table large(settings, smile, gpu ? gpu_size : Size{1, 16}, rows, table.own_rate());
    measure_scripts(large, on_gpu, large.problem().own_profit.size());
  }
  return rows;
}

}  // namespace tailbit::bench
