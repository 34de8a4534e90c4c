// Our reprices beside those of others: the same contracts in the same scenarios, on one thread, and only if the profits
// agree.
#include "bench/peers/peers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "bench/cases.hpp"
#include "bench/parts.hpp"

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
  Table(const Settings& settings, Smile smile, Json& rows)
      : settings_(settings),
        smile_(smile),
        rows_(rows),
        problem_(make_problem(make_inputs(find_case("european", Settlement::usd, smile),
                                          settings.quick ? Size{50, 256} : Size{500, 8'192}, Precision::double_))) {}

  const PeerProblem& problem() const { return problem_; }
  // Scenarios that take a fraction of a second at so many reprices in a second.
  std::size_t scenarios(double reprices_per_second) const {
    const double wanted = 0.25 * reprices_per_second / static_cast<double>(problem_.options.size());
    return std::clamp(static_cast<std::size_t>(wanted), std::size_t{16}, problem_.own_profit.size());
  }

  void measure(const char* name, std::size_t scenarios, const std::function<void(std::vector<double>&)>& work) {
    std::vector<double> profit;
    const Timed time = repeat(settings_.repeats, [&] {
      profit.assign(scenarios, 0.0);
      work(profit);
    });
    add(name, time, profit);
  }

  void add(const std::string& name, const Timed& time, const std::vector<double>& profit) {
    const double difference = largest_difference(problem_, profit);
    const double rate = static_cast<double>(profit.size() * problem_.options.size()) / time.seconds;
    std::printf("%-26s %-19s %14.2f %8.1f %18.1e\n", name.c_str(), smile_name(smile_), rate / 1e6, 100.0 * time.spread,
                difference);
    if (!(difference < kAgreement)) throw std::runtime_error(name + " and tailbit differ: one of them is wrong");
    rows_.push_back({{"peer", name},
                     {"smile", smile_name(smile_)},
                     {"contracts", problem_.options.size()},
                     {"scenarios", profit.size()},
                     {"reprices_per_second", rounded(rate)},
                     {"spread", rounded(time.spread)},
                     {"largest_difference", rounded(difference)}});
  }

  void skip(const char* name, const std::string& why) {
    std::printf("%-26s %-19s skipped: %s\n", name, smile_name(smile_), why.c_str());
    rows_.push_back({{"peer", name}, {"smile", smile_name(smile_)}, {"skipped", why}});
  }

 private:
  const Settings& settings_;
  Smile smile_;
  Json& rows_;
  PeerProblem problem_;
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

void measure_numpy(const Settings& settings, Table& table) {
  std::vector<double> profit(table.scenarios(25e6));
  const NumpyRun run = numpy_profit(table.problem(), settings.repeats, profit);
  if (run.skipped.empty()) {
    table.add("numpy and scipy", run.time, profit);
  } else {
    table.skip("numpy and scipy", run.skipped);
  }
}

}  // namespace

Json measure_peers(const Settings& settings) {
  std::printf("\n%-26s %-19s %14s %8s %18s\n", "peer", "smile", "million/s/core", "+- %", "largest difference");
  Json rows = Json::array();
  for (const Smile smile : {Smile::own, Smile::svi}) {
    Table table(settings, smile, rows);
    table.measure("plain scalar C++", table.scenarios(25e6),
                  [&](std::vector<double>& profit) { scalar_profit(table.problem(), profit); });
    measure_quantlib(table);
    measure_numpy(settings, table);
  }
  return rows;
}

}  // namespace tailbit::bench
