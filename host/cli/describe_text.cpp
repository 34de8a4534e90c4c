#include <cmath>
#include <cstdio>
#include <vector>

#include "host/cli/print.hpp"
#include "host/io/text.hpp"

namespace tailbit::cli {

using Json = nlohmann::ordered_json;

namespace {

// Thousands apart, no decimals: for sums of USD.
std::string usd(double x) {
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.0f", std::abs(x));
  std::string text = digits;
  for (std::ptrdiff_t place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3)
    text.insert(static_cast<std::size_t>(place), ",");
  return (x < 0.0 && text != "0" ? "-" : "") + text;
}

std::string coins(double x) {
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.4f", x);
  return digits;
}

std::string line(const std::string& name, const std::vector<std::string>& cells) {
  char cell[64];
  std::snprintf(cell, sizeof cell, "%-24s", name.c_str());
  std::string text = name.size() > 24 ? name : cell;
  for (const std::string& c : cells) {
    std::snprintf(cell, sizeof cell, " %14s", c.c_str());
    text += cell;
  }
  return text + "\n";
}

std::string rows_text(const std::string& title, const Json& rows) {
  const bool has_coin = !rows.empty() && rows[0].contains("value_coin");
  std::vector<std::string> header{"positions", "gross", "value", "delta", "gamma 1%", "vega", "theta"};
  if (has_coin) header.emplace_back("value in coin");
  std::string text = "\n" + line(title, header);
  for (const Json& row : rows) {
    const std::string name = row["name"].get<std::string>();
    std::vector<std::string> cells{row["positions"].dump()};
    for (const char* key : {"gross_notional", "value", "delta", "gamma_1pct", "vega", "theta"})
      cells.push_back(usd(row[key].get<double>()));
    if (has_coin) cells.push_back(coins(row["value_coin"].get<double>()));
    text += line(name.empty() ? "(none)" : name, cells);
  }
  return text;
}

std::string slices_text(const Json& market) {
  std::string text;
  char cells[128];
  for (const Json& u : market) {
    std::snprintf(cells, sizeof cells, "\n%s  spot %.10g", u["underlying"].get<std::string>().c_str(),
                  u["spot"].get<double>());
    text += cells;
    if (u.contains("flat_vol")) text += ", flat vol " + number_text(u["flat_vol"].get<double>());
    text += "\n";
    if (!u.contains("slices")) continue;
    text += line("expiry", {"days", "forward", "vol at money", "options", "two-sided", "inside", "median width"});
    for (const Json& s : u["slices"]) {
      const auto number = [&](const char* format, double x) {
        std::snprintf(cells, sizeof cells, format, x);
        return std::string(cells);
      };
      std::vector<std::string> row{number("%.1f", s["days"].get<double>()), number("%.2f", s["forward"].get<double>()),
                                   number("%.2f%%", 100.0 * s["atm_vol"].get<double>())};
      if (s.contains("options")) {
        for (const char* key : {"options", "two_sided", "inside"}) row.push_back(s[key].dump());
        row.push_back(number("%.2f%%", 100.0 * s["median_width"].get<double>()));
      }
      text += line(s["expiry"].get<std::string>().substr(0, 10), row);
    }
  }
  return text;
}

// The chances of the regimes today, at the horizon and in the long run.
std::string regimes_text(const Json& regimes) {
  const auto percent = [](const Json& probability) {
    return probability.is_null() ? std::string("-")
                                 : number_text(std::round(1e4 * probability.get<double>()) / 1e2) + "%";
  };
  std::string text = "\n" + line("regime", {"vol times", "jumps times", "correlation", "mean periods", "first period",
                                            "at horizon", "long run"});
  const Json &first = regimes["periods"].front(), &last = regimes["periods"].back();
  for (std::size_t i = 0; i < regimes["states"].size(); ++i) {
    const Json& state = regimes["states"][i];
    const Json& spell = state["mean_periods"];
    text += line(
        state["name"].get<std::string>(),
        {number_text(state["vol_multiplier"].get<double>()), number_text(state["intensity_multiplier"].get<double>()),
         state["own_correlation"].get<bool>() ? "its own" : "the model's",
         spell.is_null() ? "for ever" : number_text(std::round(10.0 * spell.get<double>()) / 10.0),
         percent(first["probabilities"][i]), percent(last["probabilities"][i]), percent(state["long_run"])});
  }
  return text;
}

}  // namespace

std::string describe_text(const Json& d) {
  Json total = Json::array({d["total"]});
  total[0]["name"] = "book";
  std::string text = "as of " + d["as_of"].get<std::string>() + ", " + d["total"]["positions"].dump() +
                     " positions in " + d["contracts"].dump() + " contracts";
  if (d["coin_cash_positions"] != 0)
    text += " (" + d["coin_cash_positions"].dump() + " of them coins that entry prices say were earned)";
  text += "\n";
  text += rows_text("", total);
  for (const char* key : {"underlying", "expiry", "family", "venue", "desk", "account"})
    text += rows_text(std::string("by ") + key, d[std::string("by_") + key]);
  text += rows_text("most vega", d["top_vega"]) + rows_text("most delta", d["top_delta"]);
  text += slices_text(d["market"]);
  if (d.contains("regimes")) text += regimes_text(d["regimes"]);
  if (d.contains("surfaces")) text += surfaces_text(d["surfaces"]);
  return text +
         "\nUSD: delta per 100 % of spot, gamma the change of delta per 1 % of spot, vega per vol point, theta per "
         "day; options at the vol of their strike, kept as the spot moves.\n";
}

}  // namespace tailbit::cli
