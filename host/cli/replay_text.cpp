#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "host/cli/print.hpp"
#include "host/cli/table.hpp"
#include "host/io/text.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kMostDates = 24, kMostGroups = 40, kMostPeriods = 12, kMostJumps = 12, kColumnsInTable = 8;

std::string after(double seconds) {
  return seconds == std::floor(seconds) ? duration_text(static_cast<std::int64_t>(seconds)) : number(seconds, "%.1fs");
}

// "(24 of 288; --json has all)"
std::string left_out(std::size_t shown, std::size_t of, const std::string& rest) {
  return shown == of ? "" : " (" + std::to_string(shown) + " of " + std::to_string(of) + rest + ")";
}

// The indices of the largest by `size`, ascending.
template <class Size>
std::vector<std::size_t> largest(std::size_t count, std::size_t most, Size&& size) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  order.resize(std::min(count, most));
  std::sort(order.begin(), order.end());
  return order;
}

std::string losses_text(const Json& losses) {
  const auto shown =
      largest(losses.size(), kMostGroups, [&](std::size_t g) { return std::abs(losses[g]["loss"].get<double>()); });
  Rows rows{{"group", "loss"}};
  for (const std::size_t g : shown) rows.push_back({losses[g]["group"], usd(losses[g]["loss"])});
  return "\nLoss by group, USD" + left_out(shown.size(), losses.size(), ", the largest; --json has all") + "\n" +
         table(rows);
}

std::string span(const Json& period) {
  const double start = period["start_seconds"].get<double>();
  return (start == 0.0 ? "0" : after(start)) + " .. " + after(period["end_seconds"].get<double>());
}

std::string mixing_text(const Json& periods) {
  if (periods.empty()) return "";
  const auto shown =
      largest(periods.size(), kMostPeriods, [&](std::size_t p) { return periods[p]["variance"].get<double>(); });
  Rows rows{{"period", "variance"}};
  for (const std::size_t p : shown) {
    rows.push_back({span(periods[p]), number(periods[p]["variance"].get<double>(), "%.4g")});
  }
  return "\nMixing variable of the Student-t innovations: a period's variance over its mean" +
         left_out(shown.size(), periods.size(), ", the largest; --json has all") + "\n" + table(rows);
}

// Periods of one regime after another are one line.
std::string regimes_text(const Json& periods) {
  if (periods.empty()) return "";
  Json spells = Json::array();
  for (const Json& period : periods) {
    if (spells.empty() || spells.back()["regime"] != period["regime"]) spells.push_back(period);
    spells.back()["end_seconds"] = period["end_seconds"];
  }
  const std::size_t count = std::min<std::size_t>(spells.size(), kMostPeriods);
  Rows rows{{"period", "regime"}};
  for (std::size_t i = 0; i < count; ++i) rows.push_back({span(spells[i]), spells[i]["regime"]});
  return "\nRegimes" + left_out(count, spells.size(), ", the first; --json has all") + "\n" + table(rows);
}

std::string jumps_text(const Json& jumps) {
  if (jumps.empty()) return "";
  const auto shown =
      largest(jumps.size(), kMostJumps, [&](std::size_t j) { return std::abs(jumps[j]["log_size"].get<double>()); });
  Rows rows{{"after", "underlying", "log size"}};
  for (const std::size_t j : shown) {
    rows.push_back({after(std::floor(jumps[j]["seconds"].get<double>())), jumps[j]["underlying"],
                    number(jumps[j]["log_size"].get<double>(), "%+.4f")});
  }
  return "\nJumps" + left_out(shown.size(), jumps.size(), ", the largest; --json has all") + "\n" + table(rows);
}

// At most kMostDates of the dates, evenly, the last among them.
std::vector<std::size_t> evenly(std::size_t count) {
  const std::size_t shown = std::min(count, kMostDates);
  std::vector<std::size_t> indices;
  for (std::size_t i = 1; i <= shown; ++i) indices.push_back(i * count / shown - 1);
  return indices;
}

// A value per date and name, in tables of a few columns each.
template <class Text>
std::string paths_text(const std::string& title, const Json& dates, const std::vector<std::string>& names,
                       Text&& text) {
  std::string result =
      "\n" + title + left_out(std::min(dates.size(), kMostDates), dates.size(), " dates; --json has all") + "\n";
  for (std::size_t first = 0; first < names.size(); first += kColumnsInTable) {
    const std::size_t last = std::min(names.size(), first + kColumnsInTable);
    Rows rows{{"after"}};
    rows[0].insert(rows[0].end(), names.begin() + static_cast<std::ptrdiff_t>(first),
                   names.begin() + static_cast<std::ptrdiff_t>(last));
    for (const std::size_t d : evenly(dates.size())) {
      rows.push_back({after(dates[d]["seconds"].get<double>())});
      for (std::size_t n = first; n < last; ++n) rows.back().push_back(text(dates[d], n));
    }
    result += (first == 0 ? "" : "\n") + table(rows);
  }
  return result;
}

std::string dates_text(const Json& dates, const Json& factors) {
  std::vector<std::string> spots, names, headings;
  for (const auto& [name, unused] : dates[0]["spots"].items()) spots.push_back(name);
  bool any_of_today = false;
  for (const Json& factor : factors) {
    const bool of_today = factor["unit"] != "own_deviation";
    names.push_back(factor["factor"]);
    headings.push_back(names.back() + (of_today ? "*" : ""));
    any_of_today = any_of_today || of_today;
  }
  std::string text = paths_text("Spots, USD", dates, spots, [&](const Json& date, std::size_t n) {
    return number(date["spots"][spots[n]].get<double>(), "%.6g");
  });
  text += paths_text("Factors, in standard deviations from their means", dates, headings,
                     [&](const Json& date, std::size_t n) {
                       const Json& deviation = date["deviations"][names[n]];
                       return deviation.is_null() ? "-" : number(deviation.get<double>(), "%+.2f");
                     });
  if (any_of_today)
    text += "(* the spot vol moves: in deviations at today's vol; of implied ones, today's 30-day vol at the money)\n";
  return text;
}

// Those that lost (sign -1), the largest loss first, or gained (1).
std::string contracts_text(const Json& scenario, int sign) {
  const Json& side = scenario[sign < 0 ? "lost" : "gained"];
  Rows rows{{"contract", "quantity", "P&L", sign < 0 ? "of losses" : "of gains"}};
  for (const Json& c : scenario["contracts"]) {
    if (c["pnl"].get<double>() * sign <= 0.0) continue;
    rows.push_back({c["contract"], number(c["quantity"].get<double>(), "%.6g"), usd(c["pnl"]),
                    number(100.0 * c["share"].get<double>(), "%.1f%%")});
  }
  if (sign > 0) std::reverse(rows.begin() + 1, rows.end());
  std::string text = std::string("\n") + (sign < 0 ? "Losses" : "Gains") + " by contract: " + usd(side["pnl"]) +
                     " USD in " + side["contracts"].dump();
  if (rows.size() == 1) return text + "\n";
  return text + left_out(rows.size() - 1, side["contracts"].get<std::size_t>(), " listed; --top N lists more") + "\n" +
         table(rows);
}

// A run with "group_detail": "tails" keeps the losses of the book alone.
std::string compared_text(const Json& compared, std::size_t groups) {
  if (compared == groups) return "in all " + std::to_string(groups) + " groups";
  return "in the " + compared.dump() + " of " + std::to_string(groups) + " groups that it holds";
}

std::string scenario_text(const Json& replay, const Json& scenario) {
  double loss = 0.0;
  for (const Json& group : scenario["losses"]) {
    if (group["group"] == replay["group"]) loss = group["loss"].get<double>();
  }
  std::string text = "Scenario " + scenario["scenario"].dump() + ": loss of " + replay["group"].get<std::string>() +
                     " " + usd(loss) + " USD, rank " + scenario["rank"].dump() + " of " + replay["scenarios"].dump() +
                     "; equals losses.npy to the bit " +
                     compared_text(replay["groups_compared"], scenario["losses"].size()) + "\n";
  text += losses_text(scenario["losses"]) + mixing_text(scenario["mixing"]) + regimes_text(scenario["regimes"]) +
          jumps_text(scenario["jumps"]) + dates_text(scenario["dates"], replay["factors"]) +
          contracts_text(scenario, -1) + contracts_text(scenario, 1);
  for (const auto& [key, what] : {std::pair("moves_limited", " moves of a spot over a period were cut at max_move"),
                                  std::pair("vols_at_floor", " reprices met a vol below 0.1 point")}) {
    if (scenario[key] != 0) text += scenario[key].dump() + what + "\n";
  }
  return text;
}

}  // namespace

std::string replay_text(const Json& replay) {
  std::string text;
  for (const Json& scenario : replay["replays"]) text += (text.empty() ? "" : "\n\n") + scenario_text(replay, scenario);
  return text;
}

}  // namespace tailbit::cli
