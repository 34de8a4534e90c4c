#include <cstdio>

#include "host/cli/print.hpp"

namespace tailbit::cli {

using Json = nlohmann::ordered_json;

namespace {

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", 100.0 * share);
  return text;
}

std::string chain_text(const Json& report) {
  char line[256];
  std::string text = "imported " + report["imported"].dump() + " of " + report["rows"].dump() + " rows as of " +
                     report["as_of"].get<std::string>() + " (" + report["as_of_from"].get<std::string>() + ")\n";
  for (const auto& [name, u] : report["underlyings"].items()) {
    std::snprintf(line, sizeof line, "\n%s  spot %.10g\n%-12s %12s %8s %10s %8s %8s %10s\n", name.c_str(),
                  u["spot"].get<double>(), "expiry", "forward", "options", "two-sided", "inside", "width", "rms");
    text += line;
    for (const Json& e : u["expiries"]) {
      std::snprintf(line, sizeof line, "%-12s %12.10g %8d %10d %8d %7.2f%% %9.2f%%\n",
                    e["expiry"].get<std::string>().substr(0, 10).c_str(), e["forward"].get<double>(),
                    e["options"].get<int>(), e["two_sided"].get<int>(), e["inside"].get<int>(),
                    100.0 * e["median_width"].get<double>(), 100.0 * e["rms"].get<double>());
      text += line;
    }
  }
  const Json& fit = report["fit"];
  text += "\nexpiries fitted: " + fit["expiries_fitted"].dump() + " of " + fit["expiries"].dump();
  if (!fit["inside_share"].is_null()) {
    text += "; two-sided quotes out of the money of 2 days to a year within bid and ask +- 0.5 vol point: " +
            fit["inside"].dump() + " of " + fit["two_sided"].dump() + ", " +
            percent(fit["inside_share"].get<double>()) + ", median width " + percent(fit["median_width"].get<double>());
  }
  text += "\n";
  if (const Json& marks = report["marks"]; marks.contains("median_error")) {
    std::snprintf(line, sizeof line, "marks recomputed at their vols: median error %.1e coin over %d\n",
                  marks["median_error"].get<double>(), marks["checked"].get<int>());
    text += line;
  }
  return text;
}

}  // namespace

std::string import_text(const Json& report, const std::string& folder) {
  const bool is_chain = report.contains("as_of");
  std::string text = is_chain ? chain_text(report)
                              : "imported " + report["imported"].dump() + " of " + report["rows"].dump() +
                                    " positions into " + folder + "/book.csv\n";
  if (const std::size_t dropped = report["dropped"].size(); dropped != 0)
    text += std::to_string(dropped) + " rows dropped, reasons in " + folder + "/import_report.json\n";
  return text;
}

}  // namespace tailbit::cli
