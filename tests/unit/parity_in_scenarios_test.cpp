// Identities between contracts that hold in every scenario, whatever the factors do: put-call parity in both
// settlements, options settled in coin against those settled in USD, inverse against linear. Values before they are
// rounded to quanta, so tolerances are those of the arithmetic; the last test takes the same identity through the sums.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/moving_book.hpp"

namespace tailbit::parity_in_scenarios_test {
namespace {

using test::hold;
using test::in_days;
using test::kDaySeconds;
using test::kSpotAAA;

constexpr OptionKind kCall = OptionKind::call, kPut = OptionKind::put;
constexpr double kHere[] = {30'000.0 / kDaySeconds,
                            2.0};  // days of the two nodes: inside the first step, and the horizon

// A surface, or a vol of the contracts' own, and how strikes see it as the spot moves.
struct Shape {
  const char* name;
  std::optional<double> own_vol;
  bool flat;
  Sticky sticky;
};
const Shape kShapes[] = {{"OwnVol", 0.55, false, Sticky::moneyness},
                         {"FlatSurface", {}, true, Sticky::moneyness},
                         {"Svi", {}, false, Sticky::moneyness},
                         {"FlatSurfaceStickyStrike", {}, true, Sticky::strike},
                         {"SviStickyStrike", {}, false, Sticky::strike}};
// Before the first slice, on it, between the two, beyond the last; and expiries on the way and at the horizon.
constexpr double kExpiries[] = {0.2, 1.3, 2.0, 5.0, 10.0, 30.0, 90.0};
constexpr double kStrikes[] = {35'000.0, 49'000.0, 52'000.0, 70'000.0};

std::string name_of(const char* what, double days, double strike = 0.0) {
  return std::string(what) + "-" + std::to_string(days) + "-" + std::to_string(strike);
}

class Parity : public testing::TestWithParam<std::tuple<Shape, bool, Precision>> {
 protected:
  void SetUp() override {
    const auto& [shape, factors, precision] = GetParam();
    Inputs inputs = test::two_coins(300, 3);
    inputs.config.precision = precision;
    inputs.config.exposure_seconds = {30'000, 2 * kDaySeconds};
    if (shape.flat) inputs.market.underlyings["AAA"].surface = FlatSurface{0.6};
    if (factors) {
      test::move_everything(inputs);
      inputs.model.student_t = StudentT{4.0, kDaySeconds, {}};
    }
    inputs.market.underlyings["AAA"].funding.premium = 0.0007;
    inputs.model.underlyings["AAA"].sticky = shape.sticky;
    for (const double days : kExpiries) {
      for (const double strike : kStrikes) {
        for (const Settlement settlement : {Settlement::usd, Settlement::coin}) {
          const bool coin = settlement == Settlement::coin;
          hold(inputs, name_of(coin ? "COIN-CALL" : "CALL", days, strike), "AAA",
               European::Terms{kCall, strike, in_days(days), settlement, shape.own_vol}, 1.0);
          hold(inputs, name_of(coin ? "COIN-PUT" : "PUT", days, strike), "AAA",
               European::Terms{kPut, strike, in_days(days), settlement, shape.own_vol}, 1.0);
        }
      }
      hold(inputs, name_of("FUTURE", days), "AAA", Future::Terms{in_days(days), Settlement::usd}, 1.0);
      hold(inputs, name_of("INVERSE", days), "AAA", Future::Terms{in_days(days), Settlement::coin}, 1.0);
    }
    hold(inputs, "PERPETUAL", "AAA", Perpetual::Terms{}, 1.0);
    hold(inputs, "INVERSE-PERPETUAL", "AAA", Perpetual::Terms{Settlement::coin}, 1.0);
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    job_ = test::compile_fitted(inputs);
    notes_ = test::take_notes(job_);
  }

  const std::vector<double>& values(const std::string& id, std::uint32_t node) const {
    return test::values_of(job_, notes_, id, node);
  }
  static double mark(double days) {  // today's
    return kSpotAAA * std::exp(std::log(test::kForwardAAA / kSpotAAA) * days / 60.0);
  }
  // Per USD of the greatest of forward, strike and spot: a few units in the last place of what is added and subtracted.
  static double ulps() { return std::get<Precision>(GetParam()) == Precision::double_ ? 9e-16 : 4e-7; }
  double worst_ = 0.0;
  // |difference| over the scale, the worst so far.
  void note(double difference, double scale) {
    const double relative = std::abs(difference) / scale;
    worst_ = relative <= worst_ ? worst_ : relative;  // NaN stays
  }

  CompiledJob job_;
  test::Notes notes_;
};

TEST_P(Parity, CallLessPutIsTheDiscountedForwardLessTheStrike) {
  for (std::uint32_t node = 0; node < 2; ++node) {
    for (const double days : kExpiries) {
      const double left = std::max(days - kHere[node], 0.0) / 365.0;
      const std::vector<double>& future = values(name_of("FUTURE", days), node);
      for (const double strike : kStrikes) {
        const std::vector<double>& call = values(name_of("CALL", days, strike), node);
        const std::vector<double>& put = values(name_of("PUT", days, strike), node);
        for (std::size_t s = 0; s < call.size(); ++s) {
          const double forward = mark(days) + future[s];
          note(call[s] - put[s] - std::exp(-test::kUsdRate * left) * (forward - strike), std::max(forward, strike));
        }
      }
    }
  }
  EXPECT_LT(worst_, ulps());
}

// In coin a call less a put is 1 - K/F: 1 - K/M_0 coins, and K of an inverse future. Also after it has paid.
TEST_P(Parity, InCoinCallLessPutIsAnInverseFuture) {
  for (std::uint32_t node = 0; node < 2; ++node) {
    const std::vector<double>& spot = values("AAA", node);
    for (const double days : kExpiries) {
      const std::vector<double>& inverse = values(name_of("INVERSE", days), node);
      for (const double strike : kStrikes) {
        const std::vector<double>& call = values(name_of("COIN-CALL", days, strike), node);
        const std::vector<double>& put = values(name_of("COIN-PUT", days, strike), node);
        for (std::size_t s = 0; s < call.size(); ++s) {
          const double parity = spot[s] * (1.0 - strike / mark(days)) + strike * inverse[s];
          note(call[s] - put[s] - parity, std::max(spot[s], strike) * std::max(1.0, spot[s] / kSpotAAA));
        }
      }
    }
  }
  EXPECT_LT(worst_, ulps());
}

// Both are Black(F, K): discounted at the USD rate, or times S/F.
TEST_P(Parity, AnOptionInCoinIsTheOneInUsdDiscountedAtTheCarry) {
  for (std::uint32_t node = 0; node < 2; ++node) {
    const std::vector<double>& spot = values("AAA", node);
    for (const double days : kExpiries) {
      if (days <= kHere[node]) continue;
      const double growth = std::exp(test::kUsdRate * (days - kHere[node]) / 365.0);
      const std::vector<double>& future = values(name_of("FUTURE", days), node);
      for (const double strike : kStrikes) {
        for (const std::string kind : {"CALL", "PUT"}) {
          const std::vector<double>& coin = values(name_of(("COIN-" + kind).c_str(), days, strike), node);
          const std::vector<double>& usd = values(name_of(kind.c_str(), days, strike), node);
          for (std::size_t s = 0; s < usd.size(); ++s) {
            const double forward = mark(days) + future[s];
            note(coin[s] - usd[s] * growth * spot[s] / forward, std::max(spot[s], strike * spot[s] / forward));
          }
        }
      }
    }
  }
  EXPECT_LT(worst_, ulps());
}

// Q USD inverse against Q/M_0 coins linear: Q (1/M_0 - 1/M) = Q/M_0 (M - M_0) / M coins.
TEST_P(Parity, AnInverseContractEarnsTheLinearOnesUsdOverTheMarkInCoins) {
  for (std::uint32_t node = 0; node < 2; ++node) {
    const std::vector<double>& spot = values("AAA", node);
    const auto expect = [&](const std::string& linear_id, const std::string& inverse_id, double mark_0) {
      const std::vector<double>&linear = values(linear_id, node), &inverse = values(inverse_id, node);
      for (std::size_t s = 0; s < linear.size(); ++s) {
        const double gain = linear[s] / mark_0;
        const double coins = gain / (mark_0 + linear[s]);
        note(inverse[s] - coins * spot[s], 1.0 + spot[s] / mark_0);
      }
    };
    for (const double days : kExpiries) expect(name_of("FUTURE", days), name_of("INVERSE", days), mark(days));
    expect("PERPETUAL", "INVERSE-PERPETUAL", kSpotAAA * std::exp(0.0007));
  }
  EXPECT_LT(worst_, 1e-15);  // priced in double, whatever the precision
}

INSTANTIATE_TEST_SUITE_P(Shapes, Parity,
                         testing::Combine(testing::ValuesIn(kShapes), testing::Bool(),
                                          testing::Values(Precision::double_, Precision::single)),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param).name) + (std::get<1>(test.param) ? "Moved" : "") +
                                  (std::get<2>(test.param) == Precision::single ? "Single" : "Double");
                         });

// 1000 calls less puts against the inverse future and coins that they are: nothing is left in any scenario but the
// arithmetic's last places and half a quantum for each term.
TEST(ParityInSums, LeavesNothingOfABookThatIsFlat) {
  for (const Precision precision : {Precision::double_, Precision::single}) {
    for (const double days : {1.3, 30.0}) {
      Inputs inputs = test::two_coins(1000, 3);
      inputs.config.precision = precision;
      inputs.config.exposure_seconds = {30'000, 2 * kDaySeconds};
      test::move_everything(inputs);
      inputs.model.student_t = StudentT{4.0, kDaySeconds, {}};
      const double strike = 52'000.0, quantity = 1000.0;
      const double mark = kSpotAAA * std::exp(std::log(test::kForwardAAA / kSpotAAA) * days / 60.0);
      hold(inputs, "CALL", "AAA", European::Terms{kCall, strike, in_days(days), Settlement::coin, {}}, quantity);
      hold(inputs, "PUT", "AAA", European::Terms{kPut, strike, in_days(days), Settlement::coin, {}}, -quantity);
      hold(inputs, "FUTURE", "AAA", Future::Terms{in_days(days), Settlement::coin}, -quantity * strike);
      hold(inputs, "AAA", "AAA", Spot::Terms{}, quantity * (strike / mark - 1.0));
      const test::RanBook ran(inputs);
      const double ulps = precision == Precision::double_ ? 9e-16 : 4e-7;
      for (std::uint32_t node = 0; node < 2; ++node) {
        const std::vector<double> call = ran.profit("CALL", node);
        const std::vector<std::int64_t> book = ran.quanta("book", node);
        for (std::size_t s = 0; s < book.size(); ++s) {
          // The call's profit bounds how far the spot has risen; today's values are rounded, too.
          const double scale = quantity * (2.0 * strike) + std::abs(call[s]);
          ASSERT_LT(std::abs(static_cast<double>(book[s]) * ran.pnl.unit), 2.0 * ulps * scale + 4.0 * ran.pnl.unit);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tailbit::parity_in_scenarios_test
