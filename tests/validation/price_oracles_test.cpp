// `price`, from a CSV file to its CSV output, against published and independently recomputed values.
#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include "host/io/text.hpp"
#include "host/ops/price.hpp"
#include "tests/support/oracles.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::price_oracles_test {
namespace {

using test::OracleRow;
using test::OracleTable;

// What `price` printed of one contract, by column.
using Priced = std::map<std::string, double>;

// Writes the contracts to a file, prices it, reads the output back.
std::vector<Priced> price_rows(const std::vector<std::string>& rows) {
  const test::ScratchFolder folder;
  std::string text = "id,family,option,spot,strike,expiry_years,rate,carry,vol\n";
  for (std::size_t i = 0; i < rows.size(); ++i) text += "row" + std::to_string(i) + ",european," + rows[i] + "\n";
  std::ostringstream out;
  EXPECT_EQ(price(folder.write("contracts.csv", text), out), ExitCode::done) << out.str();

  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> header = test::split_cells(line);
  EXPECT_EQ(line, "id,value,delta,gamma,vega,theta,rho,error");
  std::vector<Priced> priced;
  while (std::getline(lines, line)) {
    const std::vector<std::string> cells = test::split_cells(line);
    EXPECT_EQ(cells.size(), header.size()) << line;
    EXPECT_EQ(cells.front(), "row" + std::to_string(priced.size()));
    EXPECT_EQ(cells.back(), "") << line;
    Priced numbers;
    for (std::size_t c = 1; c + 1 < header.size(); ++c) numbers[header[c]] = parse_number(cells.at(c)).value();
    priced.push_back(numbers);
  }
  EXPECT_EQ(priced.size(), rows.size());
  return priced;
}

// `option,spot,strike,expiry_years,rate,carry,vol` of a row of Haug's: carry b = r - q.
std::string haug_row(const OracleRow& row) {
  return row.text("type") + "," + row.text("S") + "," + row.text("K") + "," + row.text("T") + "," + row.text("r") +
         "," + number_text(row.number("r") - row.number("q")) + "," + row.text("sigma");
}

void expect_relative(double value, double reference, double tolerance, const std::string& what) {
  EXPECT_NEAR(value, reference, tolerance * std::abs(reference)) << what;
}

TEST(PriceOracles, EuropeanValuesOfHaug) {
  TAILBIT_ORACLE_OR_SKIP(table, "european_haug.csv");
  std::vector<std::string> rows;
  for (const OracleRow& row : table.rows) rows.push_back(haug_row(row));
  const std::vector<Priced> priced = price_rows(rows);
  ASSERT_EQ(priced.size(), 43u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    expect_relative(priced[i].at("value"), table.rows[i].number("ref"), 1e-10, rows[i]);
    // The printed number, where the book rounded it well.
    if (table.rows[i].text("ref_ok") == "1") {
      EXPECT_NEAR(priced[i].at("value"), table.rows[i].number("published"), 5.1e-5) << rows[i];
    }
  }
}

TEST(PriceOracles, EuropeanGreeksOfHaug) {
  TAILBIT_ORACLE_OR_SKIP(table, "european_greeks_haug.csv");
  std::vector<std::string> rows;
  for (const OracleRow& row : table.rows) rows.push_back(haug_row(row));
  const std::vector<Priced> priced = price_rows(rows);
  ASSERT_EQ(priced.size(), 11u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const OracleRow& row = table.rows[i];
    const Priced& p = priced[i];
    const std::string& greek = row.text("greek");
    double value = NAN;
    if (greek == "elasticity") {
      value = p.at("delta") * row.number("S") / p.at("value");
    } else if (greek == "theta_per_day") {
      value = p.at("theta") / 365.0;
    } else if (greek == "dividend_rho") {
      value = -row.number("T") * row.number("S") * p.at("delta");  // d/dq of S exp(-qT) N(d1) - ..., r fixed
    } else {
      value = p.at(greek);
    }
    expect_relative(value, row.number("ref"), 1e-10, greek + " of " + rows[i]);
  }
}

TEST(PriceOracles, Black76) {
  TAILBIT_ORACLE_OR_SKIP(table, "black76_reference.csv");
  std::vector<std::string> rows;
  for (const OracleRow& row : table.rows) {
    rows.push_back(row.text("type") + "," + row.text("F") + "," + row.text("K") + "," + row.text("T") + "," +
                   row.text("r") + ",0," + row.text("sigma"));
  }
  const std::vector<Priced> priced = price_rows(rows);
  ASSERT_EQ(priced.size(), 14u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    expect_relative(priced[i].at("value"), table.rows[i].number("price"), 1e-12, rows[i]);
  }
}

// Without the tables too: identities that hold for every right implementation.
TEST(PriceOracles, CallMinusPutIsTheForward) {
  const double spot = 95000.0, rate = 0.03, carry = 0.05, years = 0.4;
  for (const double strike : {50000.0, 95000.0, 97000.0, 180000.0}) {
    const std::string terms =
        number_text(spot) + "," + number_text(strike) + "," + number_text(years) + ",0.03,0.05,0.55";
    const std::vector<Priced> p = price_rows({"call," + terms, "put," + terms});
    const double growth = std::exp((carry - rate) * years), discount = std::exp(-rate * years);
    EXPECT_NEAR(p[0].at("value") - p[1].at("value"), spot * growth - strike * discount, 1e-10 * spot);
    EXPECT_NEAR(p[0].at("delta") - p[1].at("delta"), growth, 1e-14);
    EXPECT_NEAR(p[0].at("gamma"), p[1].at("gamma"), 1e-13 * p[0].at("gamma"));
    EXPECT_NEAR(p[0].at("vega"), p[1].at("vega"), 1e-13 * p[0].at("vega"));
    EXPECT_NEAR(p[0].at("rho") - p[1].at("rho"), years * strike * discount, 1e-10 * spot);
    EXPECT_NEAR(p[0].at("theta") - p[1].at("theta"), -(carry - rate) * spot * growth - rate * strike * discount,
                1e-9 * spot);
  }
}

}  // namespace
}  // namespace tailbit::price_oracles_test
