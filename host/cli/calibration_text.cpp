#include "host/cli/print.hpp"
#include "host/cli/table.hpp"

namespace tailbit::cli {

using Json = nlohmann::ordered_json;

namespace {

std::string figure(const Json& value, const char* format = "%.4g") {
  return value.is_null() ? "-" : number(value.get<double>(), format);
}

// Parameters one a row, and the tests of the fit behind them.
std::string estimates_text(const Json& estimates) {
  std::string text;
  for (const Json& e : estimates) {
    text += "\n" + e["part"].get<std::string>() + ": " + e["method"].get<std::string>() + ", " +
            e["observations"].dump() + " observations by " + e["period"].get<std::string>() + "\n";
    std::vector<std::vector<std::string>> rows;
    for (const Json& p : e["parameters"])
      rows.push_back({"  " + p["name"].get<std::string>(), figure(p["value"]), "+- " + figure(p["standard_error"]),
                      p["unit"].get<std::string>()});
    text += table(rows);
    rows.clear();
    if (e.contains("tests")) {
      for (const Json& t : e["tests"])
        rows.push_back(
            {"  " + t["name"].get<std::string>(), figure(t["statistic"]), "p " + figure(t["p_value"], "%.3f")});
      text += table(rows);
    }
    if (e.contains("log_likelihood")) {
      text += "  log-likelihood " + figure(e["log_likelihood"], "%.2f") + ", AIC " + figure(e["aic"], "%.2f") +
              ", BIC " + figure(e["bic"], "%.2f") + "\n";
    }
  }
  return text;
}

// A matrix and its errors, below the diagonal.
std::string matrix_text(const Json& factors, const Json& of) {
  std::vector<std::vector<std::string>> rows{{""}};
  for (std::size_t i = 0; i < factors.size(); ++i) {
    rows.front().push_back(factors[i]);
    std::vector<std::string> row{factors[i]};
    for (std::size_t j = 0; j <= i; ++j) {
      row.push_back(figure(of["matrix"][i][j], "%.2f"));
      if (j < i) row.back() += " +- " + figure(of["standard_errors"][i][j], "%.2f");
    }
    rows.push_back(std::move(row));
  }
  return table(rows);
}

std::string correlation_text(const Json& report) {
  const Json& correlation = report["correlation"];
  std::string text = "\ncorrelation of innovations by " + correlation["period"].get<std::string>() + ", " +
                     correlation["method"].get<std::string>() + " (mean shrinkage " +
                     figure(correlation["shrinkage"], "%.3f") + ")\n" +
                     matrix_text(correlation["factors"], correlation);
  if (!report.contains("regimes") || !report["regimes"].contains("correlations")) return text;
  for (const Json& of : report["regimes"]["correlations"])
    text += "\ncorrelation in " + of["regime"].get<std::string>() + "\n" + matrix_text(correlation["factors"], of);
  return text;
}

}  // namespace

std::string calibration_text(const Json& report) {
  std::string text = "calibrated from " + report["from"].get<std::string>() + " to " + report["to"].get<std::string>() +
                     " by " + report["period"].get<std::string>() + "\n\n";
  std::vector<std::vector<std::string>> rows{{"series", "values", "gaps", "rows", "file"}};
  for (const Json& s : report["series"])
    rows.push_back({s["part"], s["values"].dump(), s["gaps"].dump(), s["rows"].dump(), s["file"]});
  text += table(rows) + estimates_text(report["estimates"]) + correlation_text(report);
  text += "\n(+- is one standard error)\nmodel: " + report["model"].get<std::string>() +
          "\nreport: " + report["report"].get<std::string>() + "\n";
  if (report.contains("history")) text += "history: " + report["history"].get<std::string>() + "\n";
  return text;
}

}  // namespace tailbit::cli
