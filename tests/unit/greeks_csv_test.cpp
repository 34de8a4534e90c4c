// greeks.csv: which rows there are, that they add up, and its units.
#include "host/report/greeks_csv.hpp"

#include <cmath>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "host/compile/greeks.hpp"
#include "host/compile/underlyings.hpp"
#include "host/io/text.hpp"
#include "tests/unit/chain_support.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::greeks_csv_test {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

std::vector<Row> rows_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> header = cells_of(line);
  std::vector<Row> rows;
  while (std::getline(lines, line)) {
    const std::vector<std::string> cells = cells_of(line);
    EXPECT_EQ(cells.size(), header.size()) << line;
    Row row;
    for (std::size_t c = 0; c < header.size(); ++c) row[header[c]] = cells.at(c);
    rows.push_back(row);
  }
  return rows;
}
double number(const Row& row, const std::string& column) { return parse_number(row.at(column)).value_or(NAN); }

const std::vector<std::string> kStandard{
    "value",      "delta",       "gamma",      "vega",       "theta",           "rho",        "vanna",
    "volga",      "funding_rho", "value_coin", "delta_coin", "delta_net",       "gamma_coin", "vega_coin",
    "theta_coin", "rho_coin",    "vanna_coin", "volga_coin", "funding_rho_coin"};

// Two underlyings, every family, both settlements, contracts of several desks.
struct GreeksJob : test::Job {
  GreeksJob() {
    book =
        "desk,instrument,quantity\n"
        "alpha,X1,-2\n"
        "beta,D1,1.5\n"
        "beta,SOL_USDC-27MAR26-140-P,10\n"
        "alpha,BTC_USDC-PERPETUAL,0.3\n"
        "\"a, b\",BTC-PERPETUAL,-30000\n"
        "beta,BTC-27MAR26,10000\n"
        "alpha,BTC-27MAR26-95000-C,3\n"
        "beta,BTC-27MAR26-95000-C,-1\n"
        "beta,BTC-26JUN26-60000-P,0.7\n"
        "alpha,BTC,-1\n"
        "alpha,X1,0.5\n";
  }
  std::string csv() const {
    const Inputs inputs = read();
    return greeks_csv(inputs, make_groups(inputs)).text;
  }
};

TEST(GreeksCsv, ContractsAreQuantityTimesTheirGreeks) {
  const GreeksJob job;
  const Inputs inputs = job.read();
  const std::vector<Row> rows = rows_of(greeks_csv(inputs, make_groups(inputs)).text);
  const std::map<std::string, double> held{{"X1", -1.5},
                                           {"D1", 3.0},  // a multiplier of 2
                                           {"SOL_USDC-27MAR26-140-P", 10.0},
                                           {"BTC_USDC-PERPETUAL", 0.3},
                                           {"BTC-PERPETUAL", -30'000.0},
                                           {"BTC-27MAR26", 10'000.0},
                                           {"BTC-27MAR26-95000-C", 2.0},
                                           {"BTC-26JUN26-60000-P", 0.7},
                                           {"BTC", -1.0}};
  std::size_t seen = 0;
  for (const Row& row : rows) {
    if (row.at("scope") != "contract") continue;
    ++seen;
    EXPECT_EQ(row.at("group"), "book");
    const double quantity = held.at(row.at("instrument"));
    EXPECT_EQ(number(row, "quantity"), quantity);
    for (const Instrument& i : inputs.instruments) {
      if (i.id != row.at("instrument")) continue;
      EXPECT_EQ(row.at("underlying"), i.underlying);
      const ContractGreeks g = contract_greeks(i.terms, make_underlying(i.underlying, inputs.market), 1.0 / 365.0);
      const std::vector<double> unit{g.usd.value,  g.usd.delta,      g.usd.gamma,  g.usd.vega,        g.usd.theta,
                                     g.usd.rho,    g.usd.vanna,      g.usd.volga,  g.funding_rho,     g.coin.value,
                                     g.coin.delta, g.coin.delta_net, g.coin.gamma, g.coin.vega,       g.coin.theta,
                                     g.coin.rho,   g.coin.vanna,     g.coin.volga, g.funding_rho_coin};
      for (std::size_t c = 0; c < unit.size(); ++c)
        EXPECT_DOUBLE_EQ(number(row, kStandard[c]), quantity * unit[c]) << i.id << " " << kStandard[c];
    }
  }
  EXPECT_EQ(seen, held.size());
}

// What a row sums: contracts by every key that it names.
TEST(GreeksCsv, RowsAddUp) {
  const std::vector<Row> rows = rows_of(GreeksJob().csv());
  const auto sum = [&](const Row& of, const std::string& scope, const std::string& group,
                       const std::vector<std::string>& keys, const std::string& column) {
    double total = 0.0;
    for (const Row& row : rows) {
      bool in = row.at("scope") == scope && (group.empty() ? row.at("group") != "book" : row.at("group") == group);
      for (const std::string& key : keys) in = in && row.at(key) == of.at(key);
      if (in) total += number(row, column);
    }
    return total;
  };
  std::map<std::string, std::size_t> counts;
  for (const Row& row : rows) {
    const std::string scope = row.at("scope"), group = row.at("group");
    ++counts[scope];
    EXPECT_EQ(row.at("instrument").empty(), scope != "contract");
    EXPECT_EQ(row.at("quantity").empty(), scope != "contract");
    EXPECT_EQ(row.at("expiry").empty(), scope == "underlying");
    EXPECT_EQ(row.at("strike_bucket").empty(),
              scope != "bucket" && (scope != "contract" || number(row, "vega") == 0.0));
    for (const std::string& column : kStandard) {
      const auto near = [&](double total) {
        EXPECT_NEAR(number(row, column), total, 1e-12 * (1.0 + std::abs(total)))
            << scope << " " << group << " " << column;
      };
      if (scope == "underlying") near(sum(row, "expiry", group, {"underlying"}, column));
      if (group != "book" || scope == "contract") continue;
      // The book is its contracts, and its desks.
      if (scope == "underlying") near(sum(row, "contract", "book", {"underlying"}, column));
      if (scope == "expiry") near(sum(row, "contract", "book", {"underlying", "expiry"}, column));
      if (scope == "bucket") near(sum(row, "contract", "book", {"underlying", "expiry", "strike_bucket"}, column));
      near(sum(row, scope, "", {"underlying", "expiry", "strike_bucket"}, column));
    }
  }
  // BTC in the book and three desks, SOL in the book and one; and so on, only where something is held.
  EXPECT_EQ(counts,
            (std::map<std::string, std::size_t>{{"underlying", 6}, {"expiry", 10}, {"bucket", 10}, {"contract", 9}}));
}

TEST(GreeksCsv, StrikesAreGroupedByTheForward) {
  std::map<std::string, std::string> buckets;
  for (const Row& row : rows_of(GreeksJob().csv()))
    if (row.at("scope") == "contract") buckets[row.at("instrument")] = row.at("strike_bucket");
  EXPECT_EQ(buckets.at("X1"), "0.7-0.8");                     // 70,000 of 91,000
  EXPECT_EQ(buckets.at("BTC-27MAR26-95000-C"), "0.95-1.05");  // 95,000 of 91,000
  EXPECT_EQ(buckets.at("BTC-26JUN26-60000-P"), "0.5-0.7");    // 60,000 of 92,000
  EXPECT_EQ(buckets.at("BTC-27MAR26"), "");
  GreeksJob job;
  job.book = "instrument,quantity\nBTC-27MAR26-45500-C,1\nBTC-27MAR26-45499-C,1\nBTC-27MAR26-182000-C,1\n";
  job.run.erase("group_by");
  buckets.clear();
  for (const Row& row : rows_of(job.csv()))
    if (row.at("scope") == "contract") buckets[row.at("instrument")] = row.at("strike_bucket");
  EXPECT_EQ(buckets.at("BTC-27MAR26-45499-C"), "<0.5");
  EXPECT_EQ(buckets.at("BTC-27MAR26-182000-C"), ">=2");
}

TEST(GreeksCsv, DoesNotDependOnTheOrderOfTheBook) {
  GreeksJob job;
  const std::string before = job.csv();
  std::istringstream lines(job.book);
  std::string header, line, reversed;
  std::getline(lines, header);
  while (std::getline(lines, line)) reversed = line + "\n" + reversed;
  job.book = header + "\n" + reversed;
  EXPECT_EQ(job.csv(), before);
}

// What is left when large positions cancel, within an expiry and between expiries, is kept to the last bit.
TEST(GreeksCsv, SumsDoNotCancel) {
  GreeksJob job;
  job.run.erase("group_by");
  job.run["greek_units"] = "deribit";
  job.book = "instrument,quantity\nBTC,0.5\nBTC_USDC-PERPETUAL,1e16\nBTC_USDC-27MAR26,-1e16\n";
  const std::vector<Row> rows = rows_of(job.csv());
  EXPECT_EQ(rows.at(0).at("scope"), "underlying");
  EXPECT_EQ(number(rows.at(0), "delta"), 0.5);
}

TEST(GreeksCsv, RowsAreLimitedFromTheFinestOn) {
  const GreeksJob job;
  const Inputs inputs = job.read();
  const Groups groups = make_groups(inputs);
  const auto counted = [&](std::size_t most) {
    const GreeksFile file = greeks_csv(inputs, groups, most);
    std::map<std::string, std::size_t> counts;
    for (const Row& row : rows_of(file.text)) ++counts[row.at("scope") + (row.at("group") == "book" ? " book" : "")];
    return std::pair(counts, file.warnings);
  };
  const auto [all, no_warning] = counted(35);
  EXPECT_TRUE(no_warning.empty());
  auto [some, warnings] = counted(34);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0], "greeks.csv: there would be more than 34 rows; those by strike are only there for the book");
  EXPECT_EQ(some.count("bucket"), 0u);
  EXPECT_EQ(some.at("bucket book"), all.at("bucket book"));
  EXPECT_EQ(some.at("expiry"), all.at("expiry"));
  std::tie(some, warnings) = counted(1);
  EXPECT_EQ(warnings.size(), 2u);
  EXPECT_EQ(some.count("expiry"), 0u);
  EXPECT_EQ(some.at("expiry book"), all.at("expiry book"));
  EXPECT_EQ(some.at("contract book"), all.at("contract book"));
  EXPECT_EQ(some.at("underlying"), all.at("underlying"));
}

TEST(GreeksCsv, WhatIsNotFiniteIsRefused) {
  GreeksJob job;
  job.book += "alpha,BTC-26JUN26-60000-P,1e305\n";
  const Inputs inputs = job.read();
  const auto outcome = test::outcome_of(job.folder, [&] { greeks_csv(inputs, make_groups(inputs)); });
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_TRUE(outcome.message.starts_with("a Greek of the group book is not a finite number")) << outcome.message;
}

// --- Deribit's units ---

TEST(GreeksCsv, InTheUnitsOfDeribit) {
  const GreeksJob job;
  const Inputs inputs =
      job.read({.scenarios = {}, .seed = {}, .precision = {}, .out = {}, .greek_units = GreekUnits::deribit});
  const std::string csv = greeks_csv(inputs, make_groups(inputs)).text;
  EXPECT_TRUE(csv.starts_with(
      "scope,group,underlying,expiry,strike_bucket,instrument,quantity,value,delta,gamma,vega,theta,rho,value_coin\n"));
  const auto standard = rows_of(job.csv());
  std::map<std::string, Row> rows;
  for (const Row& row : rows_of(csv))
    if (row.at("scope") == "contract") rows[row.at("instrument")] = row;
  const market::UnderlyingToday btc = make_underlying("BTC", inputs.market);
  const auto expiry = *parse_expiry("2026-03-27");
  const double years = years_between(inputs.market.as_of, expiry);
  const auto expected = test::listed_values(true, 91'000.0, 95'000.0, years, vol_today(95'000.0, expiry, 0.0, btc));
  const Row& option = rows.at("BTC-27MAR26-95000-C");
  EXPECT_NEAR(number(option, "delta"), 2.0 * expected.delta, 1e-12);
  EXPECT_NEAR(number(option, "gamma"), 2.0 * expected.gamma, 1e-15);
  EXPECT_NEAR(number(option, "vega"), 2.0 * expected.vega, 1e-9);
  EXPECT_NEAR(number(option, "theta"), 2.0 * expected.theta, 1e-9);
  EXPECT_NEAR(number(option, "rho"), 2.0 * expected.rho, 1e-9);
  for (const Row& row : standard) {
    if (row.at("instrument") != "BTC-27MAR26-95000-C") continue;
    EXPECT_EQ(row.at("value"), option.at("value"));
    EXPECT_EQ(row.at("value_coin"), option.at("value_coin"));
  }
  // Coins of what is not an option: of a future at its own mark.
  EXPECT_NEAR(number(rows.at("BTC-27MAR26"), "delta"), 10'000.0 / 91'000.0, 1e-13);
  EXPECT_NEAR(number(rows.at("BTC-PERPETUAL"), "delta"), -30'000.0 / 90'000.1, 1e-13);
  EXPECT_EQ(number(rows.at("BTC_USDC-PERPETUAL"), "delta"), 0.3);
  EXPECT_EQ(number(rows.at("BTC"), "delta"), -1.0);
  for (const char* greek : {"gamma", "vega", "theta", "rho"}) EXPECT_EQ(number(rows.at("BTC-27MAR26"), greek), 0.0);
}

TEST(PublishedGreeksToday, CountWholeMinutesAndWhatIsLeftOfTheDay) {
  const Timestamp as_of{1'767'225'600 + 41};
  const auto greeks = [&](std::int64_t seconds, double strike) {
    const market::UnderlyingToday x{"X", as_of, 100.0, 0.05, market::CarryCurve({}, 0.0), market::VolSurface(0.8)};
    return published_greeks_today(
        European::Terms{OptionKind::call, strike, {as_of.seconds + seconds}, Settlement::coin, std::nullopt}, x);
  };
  // 41 seconds into the minute: the time to expiry counts from its beginning.
  const std::int64_t month = 30 * 86'400;
  const auto expected = test::listed_values(true, 100.0, 110.0, static_cast<double>(month + 41) / 31'536'000.0, 0.8);
  EXPECT_NEAR(greeks(month, 110.0)[2], expected.vega, 1e-13);
  EXPECT_NEAR(greeks(month, 110.0)[3], expected.theta, 1e-13);
  // Six hours left: a quarter of a day's decay.
  const double left = (21'600.0 + 41.0) / 31'536'000.0;
  const double stdev = 0.8 * std::sqrt(left), d1 = 0.5 * stdev;
  const double density = std::exp(-0.5 * d1 * d1) / std::sqrt(2.0 * std::acos(-1.0));
  EXPECT_NEAR(greeks(21'600, 100.0)[3], -100.0 * density * 0.8 / (2.0 * std::sqrt(left)) * left, 1e-12);
  // An option that is worth less than its decay loses what it is worth.
  const PublishedGreeks worthless = greeks(21'600, 112.0);
  const double b1 = std::log(100.0 / 112.0) / stdev + 0.5 * stdev;
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); };
  EXPECT_NEAR(worthless[3], -(100.0 * below(b1) - 112.0 * below(b1 - stdev)), 1e-12);
  EXPECT_LT(worthless[3], 0.0);
}

}  // namespace
}  // namespace tailbit::greeks_csv_test
