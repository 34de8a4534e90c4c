// Merton's, Kou's, Heston's and Bates's options on ten million paths, within three standard errors of the prices from
// characteristic functions. Twelve checks: by chance one in thirty other seeds would fail. Some ten minutes.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/characteristic_prices.hpp"

namespace tailbit::path_prices_test {
namespace {

using test::characteristic_price;
using test::Complex;
using test::Heston;
using test::ListRow;
using test::number_of;
using Json = nlohmann::json;

constexpr std::uint64_t kPaths = 10'000'000;
constexpr double kYears = 0.25, kVol = 0.5;

void expect_prices(const Json& underlying, std::uint32_t steps, const std::function<Complex(Complex)>& law,
                   const std::string& what) {
  std::vector<ListRow> rows;
  for (const double strike : {80.0, 100.0, 125.0}) rows.push_back({"european", "call", strike, kYears, 0.03, 0.08});
  const auto priced = test::price_on_paths(rows, test::path_model(underlying), {"", kPaths, steps, 20});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double exact = characteristic_price(rows[i], law);
    const double value = number_of(priced[i], "value"), se = number_of(priced[i], "se");
    EXPECT_LT(std::abs(value - exact), 3.0 * se)
        << what << ", " << rows[i].text() << ": " << value << " against " << exact << ", standard error " << se;
    EXPECT_LT(se, 2e-3 * exact) << what;  // so that the check means something
  }
}

Json heston(const Heston& h) {
  return {{"kind", "heston"},           {"v0", h.v0},  {"kappa", h.kappa}, {"theta", h.theta},
          {"vol_of_vol", h.vol_of_vol}, {"rho", h.rho}};
}
const Json kConstant{{"kind", "constant"}, {"vol", kVol}};

TEST(PathPrices, OfMerton) {
  const Json jumps{{"intensity", 12.0}, {"mean", -0.05}, {"stdev", 0.08}};
  expect_prices(
      {{"spot_vol", kConstant}, {"jumps", jumps}}, 3,
      [](Complex u) {
        return test::diffusion(u, kVol * kVol * kYears) *
               test::jumps(u, 12.0 * kYears, [](Complex v) { return test::normal_size(v, -0.05, 0.08); });
      },
      "Merton");
}

TEST(PathPrices, OfKou) {
  const Json jumps{
      {"intensity", 24.0}, {"kind", "kou"}, {"up_probability", 0.4}, {"up_rate", 25.0}, {"down_rate", 15.0}};
  expect_prices(
      {{"spot_vol", kConstant}, {"jumps", jumps}}, 3,
      [](Complex u) {
        return test::diffusion(u, kVol * kVol * kYears) *
               test::jumps(u, 24.0 * kYears, [](Complex v) { return test::kou_size(v, 0.4, 25.0, 15.0); });
      },
      "Kou");
}

TEST(PathPrices, OfHeston) {
  const Heston h{0.255, 9.3, 0.286, 2.33, -0.35};
  expect_prices(
      {{"spot_vol", heston(h)}}, 100, [&](Complex u) { return test::heston(u, kYears, h); }, "Heston");
}

TEST(PathPrices, OfBates) {
  const Heston h{0.224, 13.4, 0.108, 0.94, -0.43};
  const Json jumps{{"intensity", 1.29}, {"mean", -0.066}, {"stdev", 0.158}};
  expect_prices(
      {{"spot_vol", heston(h)}, {"jumps", jumps}}, 100,
      [&](Complex u) {
        return test::heston(u, kYears, h) *
               test::jumps(u, 1.29 * kYears, [](Complex v) { return test::normal_size(v, -0.066, 0.158); });
      },
      "Bates");
}

}  // namespace
}  // namespace tailbit::path_prices_test
