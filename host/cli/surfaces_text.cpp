#include <cstdio>

#include "host/cli/print.hpp"

namespace tailbit::cli {

using Json = nlohmann::ordered_json;

namespace {

std::string percent(const Json& share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g%%", 100.0 * share.get<double>());
  return text;
}

// Of a slice, or of all.
std::string line(const std::string& name, const Json& checked) {
  const Json &near = checked["within_3"], &far = checked["within_5"];
  char text[256];
  std::snprintf(text, sizeof text, "%-12s %12s %12s %12s %12s\n", name.c_str(),
                percent(near["butterfly_share"]).c_str(), percent(far["butterfly_share"]).c_str(),
                percent(near["crossing_share"]).c_str(), percent(far["crossing_share"]).c_str());
  return text;
}

}  // namespace

std::string surfaces_text(const Json& check) {
  char head[256];
  std::snprintf(head, sizeof head, "%-12s %12s %12s %12s %12s\n", "expiry", "butterfly 3", "butterfly 5", "crossing 3",
                "crossing 5");
  const Json& shocks = check["shocks"];
  std::string text = "\n" + check["surfaces"].dump() + " simulated surfaces of each underlying, " +
                     check["horizon_seconds"].dump() + " s ahead; a year's deviation at 30 days: level " +
                     shocks["vol_of_vol"].dump() + ", skew " + shocks["skew_vol"].dump() + "\n";
  for (const auto& [name, u] : check["underlyings"].items()) {
    text += "\n" + name + "\n" + head;
    for (const Json& slice : u["expiries"]) text += line(slice["expiry"].get<std::string>().substr(0, 10), slice);
    text += line("all slices", u);
    if (const auto expired = u["expired"].get<int>(); expired != 0)
      text += "(" + std::to_string(expired) + " expiring before the horizon left out)\n";
  }
  return text + "\n" + line("in all", check["total"]) +
         "\nShares of slices with butterfly arbitrage, and with more total variance than the next, within 3 and 5 "
         "total\n"
         "standard deviations of the forward.\n";
}

}  // namespace tailbit::cli
