// Options on paths that jump, against prices from characteristic functions.
//
// False alarms: z-tests at 4 standard errors, some 100 of them, 6.3e-5 each for a normal mean: below 1 % for the file
// if the random numbers change. As long as they do not, a passing program passes again.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/characteristic_prices.hpp"

namespace tailbit::jump_prices_test {
namespace {

using test::characteristic_price;
using test::Complex;
using test::ListRow;
using test::number_of;
using test::path_model;
using Json = nlohmann::json;

constexpr std::uint64_t kPaths = 250'000;
constexpr double kVol = 0.5;

// A jump process as a model has it, and as its formula does.
struct Jumps {
  const char* name;
  Json model;
  double intensity;
  std::function<Complex(Complex)> size;
};
const std::vector<Jumps> kJumps{
    {"Merton",
     {{"intensity", 12.0}, {"mean", -0.05}, {"stdev", 0.08}},
     12.0,
     [](Complex u) { return test::normal_size(u, -0.05, 0.08); }},
    {"MertonUpwards",
     {{"intensity", 3.0}, {"kind", "normal"}, {"mean", 0.12}, {"stdev", 0.2}},
     3.0,
     [](Complex u) { return test::normal_size(u, 0.12, 0.2); }},
    {"Kou",
     {{"intensity", 24.0}, {"kind", "kou"}, {"up_probability", 0.4}, {"up_rate", 25.0}, {"down_rate", 15.0}},
     24.0,
     [](Complex u) { return test::kou_size(u, 0.4, 25.0, 15.0); }},
    {"KouOnlyDown",
     {{"intensity", 6.0}, {"kind", "kou"}, {"up_probability", 0.0}, {"up_rate", 3.0}, {"down_rate", 8.0}},
     6.0,
     [](Complex u) { return test::kou_size(u, 0.0, 3.0, 8.0); }},
    {"KouOnlyUp",
     {{"intensity", 6.0}, {"kind", "kou"}, {"up_probability", 1.0}, {"up_rate", 10.0}, {"down_rate", 2.0}},
     6.0,
     [](Complex u) { return test::kou_size(u, 1.0, 10.0, 2.0); }},
    {"ToZero",
     {{"intensity", 0.3}, {"kind", "to_zero"}, {"recovery", 0.01}},
     0.3,
     [](Complex u) { return test::normal_size(u, std::log(0.01), 0.0); }},
};

std::vector<ListRow> rows() {
  std::vector<ListRow> all;
  for (const double years : {0.05, 0.5}) {
    for (const double strike : {80.0, 100.0, 125.0}) {
      all.push_back({"european", "call", strike, years, 0.03, 0.08});
      all.push_back({"inverse", "put", strike, years, 0.5, -0.06});
    }
  }
  return all;
}

void expect_prices(const Json& model, std::uint32_t steps, const std::string& name,
                   const std::function<Complex(Complex, double years)>& jumps) {
  const std::vector<ListRow> list = rows();
  const auto priced = test::price_on_paths(list, model, {"", kPaths, steps, 7 + steps});
  for (std::size_t i = 0; i < list.size(); ++i) {
    const double years = list[i].years;
    const double exact = characteristic_price(
        list[i], [&](Complex u) { return test::diffusion(u, kVol * kVol * years) * jumps(u, years); });
    const double z = (number_of(priced[i], "value") - exact) / number_of(priced[i], "se");
    EXPECT_LT(std::abs(z), 4.0) << name << ", " << list[i].text() << " in " << steps
                                << " steps: " << number_of(priced[i], "value") << " against " << exact;
  }
}

Json with_jumps(const Json& jumps) {
  return path_model({{"spot_vol", {{"kind", "constant"}, {"vol", kVol}}}, {"jumps", jumps}});
}

class JumpPrices : public testing::TestWithParam<Jumps> {};

TEST_P(JumpPrices, AreThoseOfTheCharacteristicFunction) {
  const Jumps& j = GetParam();
  for (const std::uint32_t steps : {1u, 5u}) {
    expect_prices(with_jumps(j.model), steps, j.name,
                  [&](Complex u, double years) { return test::jumps(u, j.intensity * years, j.size); });
  }
}

INSTANTIATE_TEST_SUITE_P(Laws, JumpPrices, testing::ValuesIn(kJumps),
                         [](const auto& info) { return std::string(info.param.name); });

// Processes are independent, those in common with other underlyings included: their characteristic functions multiply.
TEST(JumpPrices, OfSeveralProcesses) {
  Json list = Json::array(), common = Json::array();
  for (const Jumps& j : {kJumps[0], kJumps[2]}) list.push_back(j.model);
  Json size = kJumps[1].model;
  size.erase("intensity");
  for (const double correlation : {0.0, 0.6})
    common.push_back({{"intensity", 3.0}, {"correlation", correlation}, {"underlyings", {{"XYZ", size}}}});
  Json model = with_jumps(list);
  model["common_jumps"] = common;
  expect_prices(model, 3, "several", [&](Complex u, double years) {
    return test::jumps(u, 12.0 * years, kJumps[0].size) * test::jumps(u, 24.0 * years, kJumps[2].size) *
           test::jumps(u, 6.0 * years, kJumps[1].size);
  });
}

// The published table of Haug (1998), as recomputed by the maintainers.
TEST(JumpPrices, AreThoseOfHaugsTable) {
  TAILBIT_ORACLE_OR_SKIP(table, "merton_haug_gamma25.csv");
  std::size_t checked = 0;
  for (const auto& row : table.rows) {
    const double exact = row.number("ref");
    const Json model = path_model({{"spot_vol", {{"kind", "constant"}, {"vol", row.number("sigma_diff")}}},
                                   {"jumps",
                                    {{"intensity", row.number("lambda")},
                                     {"mean", row.number("mu_log_jump")},
                                     {"stdev", row.number("sig_log_jump")}}}});
    const double rate = row.number("r");
    const ListRow option{"european", row.text("type"), row.number("K"), row.number("T"), rate, rate - row.number("q"),
                         0.0,        row.number("S")};
    const double law = characteristic_price(option, [&](Complex u) {
      return test::diffusion(u, std::pow(row.number("sigma_diff"), 2) * option.years) *
             test::jumps(u, row.number("lambda") * option.years, [&](Complex v) {
               return test::normal_size(v, row.number("mu_log_jump"), row.number("sig_log_jump"));
             });
    });
    EXPECT_NEAR(law, exact, 1e-8) << option.text();  // the reference of this file is right
    const auto priced = test::price_on_paths({option}, model, {"", 200'000, 2, 42});
    EXPECT_LT(std::abs(number_of(priced[0], "value") - exact), 4.5 * number_of(priced[0], "se")) << option.text();
    ++checked;
  }
  EXPECT_EQ(checked, table.rows.size());
  EXPECT_GE(checked, 40u);
}

}  // namespace
}  // namespace tailbit::jump_prices_test
