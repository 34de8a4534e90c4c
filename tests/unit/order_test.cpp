// Order statistics by parts against sorting.
#include "tailbit/measure/order.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "tailbit/random/draws.hpp"

namespace tailbit::measure::order_test {
namespace {

using Values = std::vector<std::int64_t>;

Values drawn(std::size_t count, double scale, int power) {
  Values values;
  for (std::size_t i = 0; i < count; ++i) {
    const double z = random::two_normals<random::Philox4x32>({5, 7}, i, 0, 0, random::kInnovations).first;
    double x = z;
    for (int p = 1; p < power; ++p) x *= z * z;
    values.push_back(static_cast<std::int64_t>(scale * x));
  }
  return values;
}

struct Case {
  std::string name;
  Values values;
};
std::vector<Case> cases() {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                         kGreatest = std::numeric_limits<std::int64_t>::max();
  std::vector<Case> out{{"One", {7}},
                        {"Few", drawn(1000, 1e12, 1)},
                        {"Many", drawn(50'000, 1e12, 1)},
                        {"FarTails", drawn(50'000, 1e6, 4)},
                        {"FewDifferent", drawn(50'000, 2.0, 1)},
                        {"AllEqual", Values(20'000, -3)},
                        {"WholeRange", drawn(20'000, 1e18, 1)}};
  out.push_back({"CrowdAndOutliers", drawn(30'000, 1e3, 1)});
  for (const std::int64_t far : {kLeast, kGreatest, std::int64_t{-1} << 60, std::int64_t{1} << 61})
    out.back().values.push_back(far);
  return out;
}

class Orders : public testing::TestWithParam<Case> {};

TEST_P(Orders, AreThoseOfSorting) {
  const Values& values = GetParam().values;
  Values sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const Order order(values);
  const std::size_t n = values.size();
  // From the middle outwards, so that parts are met before the least values are.
  for (const std::size_t rank : {n / 2, n / 4, 3 * n / 4, n / 100, n - 1, n - 1 - n / 100, std::size_t{0}})
    EXPECT_EQ(order.at(rank), sorted[rank]) << rank;
  for (const std::size_t count : {n / 50, n / 20, n / 200, std::size_t{1}, n}) {
    const auto least = order.least(count);
    EXPECT_TRUE(
        std::equal(least.begin(), least.end(), sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count)))
        << count;
    EXPECT_EQ(least.size(), count);
  }
  for (std::size_t rank = 0; rank < n; rank += 1 + n / 997) EXPECT_EQ(order.at(rank), sorted[rank]) << rank;
}

TEST_P(Orders, OfEveryRankWithoutTheLeast) {
  const Values& values = GetParam().values;
  Values sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const Order order(values);
  for (std::size_t rank = values.size(); rank-- > 0;) ASSERT_EQ(order.at(rank), sorted[rank]) << rank;
}

INSTANTIATE_TEST_SUITE_P(Values, Orders, testing::ValuesIn(cases()), [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tailbit::measure::order_test
