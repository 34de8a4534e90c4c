#include "host/cli/print.hpp"

#include "host/cli/table.hpp"

namespace tailbit::cli {

using Json = nlohmann::ordered_json;

std::string json_shown(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

namespace {

// " in antithetic pairs"; nothing of independent ones.
std::string sampling_text(const Json& summary) {
  if (!summary.contains("sampling")) return "";
  const Json& sampling = summary["sampling"];
  if (sampling["method"] == "antithetic") return " in antithetic pairs";
  return " of " + sampling["randomisations"].dump() + " randomisations of Sobol points";
}

}  // namespace

std::string summary_text(const Json& summary, const std::string& folder) {
  std::vector<std::vector<std::string>> rows{{"group", "level", "VaR", "+-", "ES", "+-", "ES 95% interval"}};
  for (const Json& m : summary["measures"]) {
    rows.push_back({m["group"], m["level"].dump(), usd(m["var"]), usd(m["var_se"]), usd(m["es"]), usd(m["es_se"]),
                    usd(m["es_ci95"][0]) + " .. " + usd(m["es_ci95"][1])});
  }
  std::string text = "as of " + summary["as_of"].get<std::string>() + ", " + summary["contracts"].dump() +
                     " contracts, " + summary["scenarios"].dump() + " scenarios" + sampling_text(summary) +
                     ", horizon " + summary["horizon_seconds"].dump() + " s in " + summary["steps"].dump() +
                     " steps, " + summary["precision"].get<std::string>() + "\n";
  text += "value now " + usd(summary["base_value"]) + " USD; profit and loss: mean " + usd(summary["pnl"]["mean"]) +
          ", deviation " + usd(summary["pnl"]["stdev"]) + ", worst " + usd(summary["pnl"]["min"]) + ", best " +
          usd(summary["pnl"]["max"]) + "\n\n";
  text += table(rows) + "(USD; losses are positive; +- is one standard error)\n\n";
  double total = 0.0;
  std::string stages;
  for (const auto& [stage, seconds] : summary["timings"].items()) {
    total += seconds.get<double>();
    stages += (stages.empty() ? "" : ", ") + stage + " " + number(seconds.get<double>(), "%.2f");
  }
  text += number(summary["reprices"].get<double>() / 1e6, "%.1f") + " million reprices, " +
          number(summary["reprices_per_second"].get<double>() / 1e6, "%.0f") + " million/s, " + number(total, "%.2f") +
          " s in all (" + stages + ") on " + summary["device"].get<std::string>() + "\n";
  text += "losses " + summary["digests"]["losses_sha256"].get<std::string>() + " (numerics " +
          summary["numerics"].dump() + ")\n";
  text += "results in " + folder + "/\n";
  return text;
}

std::string shard_text(const Json& manifest, const std::string& folder) {
  return "shard " + manifest["shard"]["rank"].dump() + " of " + manifest["shard"]["count"].dump() + ", " +
         manifest["device"].get<std::string>() + "\nparts in " + folder + "/; merge them with `tailbit merge`\n";
}

std::string plan_text(const Json& plan) {
  const auto shown = [](const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_number_float() ? number(value.get<double>(), "%.6g") : value.dump();
  };
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : plan.items()) {
    if (key == "schema" || key == "warnings") continue;
    std::string text;
    if (value.is_array()) {
      for (const Json& item : value) text += (text.empty() ? "" : " ") + shown(item);
    } else if (value.is_object()) {
      for (const auto& [part, of_part] : value.items())
        text += (text.empty() ? "" : ", ") + part + " " + shown(of_part);
    } else {
      text = shown(value);
    }
    rows.push_back({key, text});
  }
  return table(rows) + "The inputs are valid; `tailbit run` would run them.\n";
}

}  // namespace tailbit::cli
