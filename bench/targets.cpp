// What the project wants to reach, beside what was measured in this run.
#include <cstdio>
#include <optional>
#include <string>

#include "bench/parts.hpp"

namespace tailbit::bench {
namespace {

struct Figure {
  double value;
  double spread;  // relative
};
using Maybe = std::optional<Figure>;

// The figure of the first row of a part that holds all of `like`.
Maybe find(const Json& results, const char* part, const Json& like, const char* figure) {
  if (!results.contains(part)) return std::nullopt;
  for (const Json& row : results[part]) {
    bool fits = row.contains(figure);
    for (const auto& [key, value] : like.items()) fits = fits && row.contains(key) && row[key] == value;
    if (fits) return Figure{row[figure].get<double>(), row.value("spread", 0.0)};
  }
  return std::nullopt;
}

Maybe over(const Maybe& a, const Maybe& b) {
  if (!a || !b) return std::nullopt;
  return Figure{a->value / b->value, a->spread + b->spread};
}

Maybe larger(const Maybe& a, const Maybe& b) {
  if (!a || !b) return a ? a : b;
  return a->value < b->value ? b : a;
}

Maybe scaled(const Maybe& a, double factor) { return a ? Maybe({factor * a->value, a->spread}) : std::nullopt; }

Maybe of_part(const Json& results, const char* part, const char* figure) {
  if (!results.contains(part) || !results[part].contains(figure)) return std::nullopt;
  return Figure{results[part][figure].get<double>(), results[part]["spread"].get<double>()};
}

class Targets {
 public:
  explicit Targets(bool quick) : quick_(quick) {}
  void at_least(const std::string& what, const Maybe& measured, double target) { add(what, measured, target, true); }
  void at_most(const std::string& what, const Maybe& measured, double target) { add(what, measured, target, false); }
  Json rows = Json::array();

 private:
  void add(const std::string& what, const Maybe& measured, double target, bool least) {
    Json row = {{"what", what}, {least ? "at_least" : "at_most", target}};
    const char* sign = least ? ">=" : "<=";
    if (!measured) {
      std::printf("%-62s %10s %s %-8.4g not measured\n", what.c_str(), "", sign, target);
      row["measured"] = nullptr;
    } else {
      const bool reached = least ? measured->value >= target : measured->value <= target;
      const char* verdict = quick_ ? "quick" : reached ? "reached" : "NOT REACHED";
      std::printf("%-62s %10.4g %s %-8.4g %-11s +- %.1f %%\n", what.c_str(), measured->value, sign, target, verdict,
                  100.0 * measured->spread);
      row["measured"] = rounded(measured->value);
      row["spread"] = rounded(measured->spread);
      if (!quick_) row["reached"] = reached;
    }
    rows.push_back(row);
  }

  bool quick_;
};

// Rates of the hardest case (SVI, everything moves, paid in coin) and of a flat smile, beside the peers', which see
// neither shocks nor coins.
void rates(const Json& results, Targets& targets) {
  const std::string isa = cpu::isa_name(measured_isas().back());
  const auto rate = [&](const char* smile, const char* settlement, const char* precision) {
    return find(
        results, "reprices",
        {{"family", "european"}, {"settlement", settlement}, {"smile", smile}, {"precision", precision}, {"isa", isa}},
        "reprices_per_second");
  };
  const Maybe svi = rate("SVI slice, shocked", "coin", "double"), flat = rate("flat", "usd", "double");
  targets.at_least("million reprices/s, double, SVI, shocked, coin", scaled(svi, 1e-6), 240);
  targets.at_least("million reprices/s, double, flat", scaled(flat, 1e-6), 320);
  targets.at_least("single over double, SVI, shocked, coin", over(rate("SVI slice, shocked", "coin", "single"), svi),
                   2.3);
  targets.at_least("single over double, flat", over(rate("flat", "usd", "single"), flat), 2.3);
  constexpr struct {
    const char* name;
    double svi, flat;
  } kPeers[] = {{"QuantLib blackFormula", 18, 25}, {"QuantLib engine, quotes", 500, 700}, {"numpy and scipy", 9, 12}};
  for (const auto& peer : kPeers) {
    const auto of_peer = [&](const char* smile) {
      return find(results, "peers", {{"peer", peer.name}, {"smile", smile}}, "reprices_per_second");
    };
    targets.at_least(std::string("over ") + peer.name + ", SVI", over(svi, of_peer("SVI slice")), peer.svi);
    targets.at_least(std::string("over ") + peer.name + ", flat", over(flat, of_peer("own vol")), peer.flat);
  }
}

// A million positions from files to results, by two threads.
void whole_runs(const Json& results, Targets& targets) {
  constexpr struct {
    const char* run;
    double seconds, gibibytes;
  } kRuns[] = {{"book", 5, 1}, {"1,000 accounts, everything", 30, 4}, {"1,000 accounts, tails", 30, 4}};
  for (const auto& [run, seconds, gibibytes] : kRuns) {
    const Json like = {{"run", run}};
    targets.at_most(std::string("s, a million positions, ") + run, find(results, "large", like, "seconds"), seconds);
    targets.at_most(std::string("GiB, a million positions, ") + run,
                    scaled(find(results, "large", like, "peak_megabytes"), 1e6 / (1 << 30)), gibibytes);
  }
  targets.at_most("s, start to the first scenarios of the sample job", of_part(results, "startup", "seconds"), 0.2);
}

// The memory is that of whichever format takes most.
void reading(const Json& results, Targets& targets) {
  constexpr struct {
    const char* format;
    double seconds;
  } kFormats[] = {{"CSV, 8 columns", 0.25}, {"Deribit, 6 keys", 0.35}, {"Deribit, 19 keys", 0.35}};
  Maybe memory;
  for (const auto& [format, seconds] : kFormats) {
    const Json like = {{"format", format}};
    targets.at_most(std::string("s, reading a million positions, ") + format, find(results, "reading", like, "seconds"),
                    seconds);
    memory = larger(memory, find(results, "reading", like, "peak_megabytes"));
  }
  targets.at_most("MB, reading a million positions", memory, 300);
}

}  // namespace

Json compare_with_targets(const Json& results) {
  std::printf("\ntargets\n");
  Targets targets(results.at("quick").get<bool>());
  rates(results, targets);
  const std::string isa = cpu::isa_name(measured_isas().back());
  // Eight factors in whichever composition takes longest.
  Maybe path;
  for (const int underlyings : {2, 4, 8}) {
    const Json like = {{"factors", 8}, {"underlyings", underlyings}, {"isa", isa}};
    path = larger(path, find(results, "paths", like, "nanoseconds"));
  }
  targets.at_most("ns of path and random numbers, scenario and date, 8 factors", path, 60);
  const Maybe reprice = find(results, "reprices",
                             {{"family", "european"},
                              {"settlement", "coin"},
                              {"smile", "SVI slice, shocked"},
                              {"precision", "double"},
                              {"isa", isa}},
                             "reprices_per_second");
  if (reprice) {
    const Figure thousand{1000.0 * 1e9 / reprice->value, reprice->spread};
    targets.at_most("% of it over 1,000 contracts' reprices", scaled(over(path, thousand), 100.0), 2);
  } else {
    targets.at_most("% of it over 1,000 contracts' reprices", std::nullopt, 2);
  }
  targets.at_most("ms for VaR and ES of 1,000,000 losses",
                  find(results, "tails", {{"way", "tailbit, with errors"}, {"losses", 1'000'000}}, "milliseconds"), 3);
  targets.at_least("two cores over one", of_part(results, "threads", "ratio"), 1.95);
  targets.at_most("whole run over its reprices alone", of_part(results, "stages", "ratio"), 1.10);
  whole_runs(results, targets);
  reading(results, targets);
  return targets.rows;
}

}  // namespace tailbit::bench
