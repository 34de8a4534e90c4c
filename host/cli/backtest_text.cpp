#include <cstdio>

#include "host/cli/print.hpp"
#include "host/cli/table.hpp"
#include "host/io/problems.hpp"

namespace tailbit::cli {

using Json = nlohmann::ordered_json;

namespace {

// The p-value that counts: that of the finite sample where there is one.
std::string p_cell(const Json& test) {
  const Json& p = test["p_finite_sample"].is_null() ? test["p_asymptotic"] : test["p_finite_sample"];
  if (p.is_null()) return "-";
  return number(p.get<double>(), "%.4f") + (test["rejected"].get<bool>() ? "*" : "");
}

// Of the tests of that name the one that decides, if one does; else the last.
std::string p_of(const Json& series, const std::string& name) {
  std::string cell = "-";
  for (const Json& test : series["tests"]) {
    if (test["test"] != name) continue;
    cell = p_cell(test);
    if (test["decides"].get<bool>()) break;
  }
  return cell;
}

std::string score_cell(const Json& score) { return score.is_null() ? "-" : number(score.get<double>(), "%.4f"); }

std::vector<std::string> series_row(const Json& s) {
  return {as_shown(s["book"].get<std::string>()),
          as_shown(s["model"].get<std::string>()),
          s["level"].dump(),
          s["days"].dump(),
          s["exceptions"].dump(),
          number(s["expected"].get<double>(), "%.1f"),
          s["zone"].get<std::string>(),
          p_of(s, "kupiec"),
          p_of(s, "christoffersen_independence"),
          p_of(s, "christoffersen_coverage"),
          p_of(s, "acerbi_szekely_z2"),
          p_of(s, "du_escanciano_unconditional"),
          p_of(s, "pit_anderson_darling"),
          score_cell(s["scores"]["fissler_ziegel"]),
          s["verdict"]["passed"].get<bool>() ? "passed" : "rejected"};
}

std::string book_line(const Json& book) {
  std::string names;
  for (const Json& model : book["passed"]) names += (names.empty() ? ": " : ", ") + as_shown(model.get<std::string>());
  return as_shown(book["book"].get<std::string>()) + " at " + book["level"].dump() + ": " +
         std::to_string(book["passed"].size()) + " of " + book["models"].dump() + " models passed" + names + "\n";
}

}  // namespace

std::string backtest_text(const Json& report) {
  std::vector<std::vector<std::string>> rows{{"book", "model", "level", "days", "exceptions", "expected", "zone",
                                              "Kupiec", "independence", "coverage", "Z2", "Du-Escanciano", "PIT", "FZ0",
                                              "verdict"}};
  for (const Json& s : report["series"]) rows.push_back(series_row(s));
  std::string text = table(rows) + "(p-values; * rejected at " + report["significance"].dump() +
                     "; the verdict is of Kupiec, independence, coverage and Z2; FZ0: smaller is better)\n\n";
  for (const Json& book : report["books"]) text += book_line(book);
  return text;
}

}  // namespace tailbit::cli
