// Lists of contracts priced on simulated paths as a user would, and what Black says of them with the standard library's
// functions only.
#pragma once

#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "host/io/text.hpp"
#include "host/ops/price_by_simulation.hpp"
#include "tests/support/one_asset_book.hpp"
#include "tests/support/oracles.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::test {

struct ListRow {
  std::string family, option;
  double strike, years;
  double rate = 0.03, carry = 0.08, vol = 0.0;
  double spot = 100.0;
  std::string payoff = "", cash = "";  // of digitals

  std::string text() const {
    std::string cells = family + "," + option;
    for (const double x : {spot, strike, years, rate, carry, vol}) cells += "," + number_text(x);
    return cells + "," + payoff + "," + cash;
  }
  double discount() const { return std::exp(-rate * years); }
  double forward() const { return spot * std::exp(carry * years); }
};

// Of the law S_T = F exp(s Z - s^2 / 2): what the row is worth, of `inverse` in coin.
inline double black(const ListRow& row, double stdev) {
  const double sign = row.option == "call" ? 1.0 : -1.0, forward = row.forward();
  const double d1 = std::log(forward / row.strike) / stdev + 0.5 * stdev;
  const double n1 = normal_below(sign * d1), n2 = normal_below(sign * (d1 - stdev));
  if (row.family == "digital")
    return row.discount() * (row.payoff == "asset" ? forward * n1 : std::stod(row.cash) * n2);
  const double undiscounted = sign * (forward * n1 - row.strike * n2);
  return row.family == "inverse" ? undiscounted / forward : row.discount() * undiscounted;
}

// A model of one underlying, XYZ: its object in the file, and what else the file holds.
inline nlohmann::json path_model(const nlohmann::json& underlying,
                                 const nlohmann::json& rest = nlohmann::json::object()) {
  nlohmann::json model{{"schema", "tailbit.model/1"}, {"underlyings", {{"XYZ", underlying}}}};
  model.update(rest);
  return model;
}
inline nlohmann::json constant_vol(double vol) { return {{"spot_vol", {{"kind", "constant"}, {"vol", vol}}}}; }

using PricedRow = std::map<std::string, std::string>;  // by column, as printed
inline double number_of(const PricedRow& row, const std::string& column) {
  return parse_number(row.at(column)).value_or(NAN);
}

struct PricedList {
  ExitCode code;
  std::string header, text;
  std::vector<PricedRow> rows;
  std::vector<std::string> warnings;
};

// The files lie in `folder` as list.csv and model.json; what messages of a Failure name.
inline PricedList price_on_paths(const ScratchFolder& folder, const std::vector<std::string>& rows,
                                 const nlohmann::json& model, PathFlags flags, bool as_json = false) {
  std::string list = "id,family,option,spot,strike,expiry_years,rate,carry,vol,payoff,cash\n";
  for (std::size_t i = 0; i < rows.size(); ++i) list += "row" + std::to_string(i) + "," + rows[i] + "\n";
  flags.model = folder.write("model.json", model.dump(1));
  std::ostringstream out;
  const PricedByPaths done = price_by_simulation(folder.write("list.csv", list), flags, out, as_json);
  PricedList priced{done.code, "", out.str(), {}, done.warnings};
  if (as_json) return priced;
  std::istringstream lines(out.str());
  std::getline(lines, priced.header);
  const std::vector<std::string> columns = split_cells(priced.header);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> cells = split_cells(line);
    EXPECT_EQ(cells.size(), columns.size()) << line;
    for (std::size_t c = 0; c < std::min(columns.size(), cells.size()); ++c) {
      if (c == 0) priced.rows.emplace_back();
      priced.rows.back()[columns[c]] = cells[c];
    }
  }
  return priced;
}

// All rows must have been priced.
inline std::vector<PricedRow> price_on_paths(const std::vector<ListRow>& rows, const nlohmann::json& model,
                                             const PathFlags& flags) {
  const ScratchFolder folder;
  std::vector<std::string> texts;
  for (const ListRow& row : rows) texts.push_back(row.text());
  const PricedList priced = price_on_paths(folder, texts, model, flags);
  EXPECT_EQ(priced.code, ExitCode::done) << priced.text;
  EXPECT_EQ(priced.rows.size(), rows.size());
  return priced.rows;
}

}  // namespace tailbit::test
