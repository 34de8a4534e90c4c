// VaR and expected shortfall of a million losses with their errors, beside std::nth_element and a sum, and std::sort.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "bench/parts.hpp"
#include "tailbit/measure/estimates.hpp"
#include "tailbit/measure/host_sample.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::bench {
namespace {

constexpr std::size_t kTail = 100;  // one in a hundred

std::vector<std::int64_t> make_profits(std::size_t count) {
  std::vector<std::int64_t> profits(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto z = random::two_normals<random::Philox4x32>({1, 2}, i, 0, 0, random::kInnovations);
    profits[i] = static_cast<std::int64_t>(1e12 * z.first);
  }
  return profits;
}

struct Tail {
  double var, es;
};
// VaR is the loss after the worst hundredth, expected shortfall the hundredth's mean: the counts divide.
Tail of_worst(const std::vector<std::int64_t>& worst_first, std::size_t tail) {
  __int128 sum = 0;
  for (std::size_t i = 0; i < tail; ++i) sum += worst_first[i];
  return {-static_cast<double>(worst_first[tail]), -static_cast<double>(sum) / static_cast<double>(tail)};
}

Tail own(const std::vector<std::int64_t>& profits) {
  const measure::HostSample sample(profits);
  const measure::TailEstimate estimate =
      measure::tail_estimate(sample, measure::level_ranks(profits.size(), measure::make_level(0.99)), 1.0);
  return {estimate.var, estimate.es};
}
Tail by_nth_element(const std::vector<std::int64_t>& profits) {
  std::vector<std::int64_t> copy = profits;
  const std::size_t tail = profits.size() / kTail;
  std::nth_element(copy.begin(), copy.begin() + static_cast<std::ptrdiff_t>(tail), copy.end());
  return of_worst(copy, tail);
}
Tail by_sort(const std::vector<std::int64_t>& profits) {
  std::vector<std::int64_t> copy = profits;
  std::sort(copy.begin(), copy.end());
  return of_worst(copy, profits.size() / kTail);
}

constexpr struct {
  const char* name;
  Tail (*find)(const std::vector<std::int64_t>&);
} kWays[] = {{"tailbit, with errors", own}, {"std::nth_element and a sum", by_nth_element}, {"std::sort", by_sort}};

}  // namespace

Json measure_tails(const Settings& settings) {
  const std::vector<std::int64_t> profits = make_profits(settings.quick ? 20'000 : 1'000'000);
  Json rows = Json::array();
  std::printf("\n%-34s %-4s %14s %8s\n", "VaR and ES at 99 % of the losses", "", "ms", "+- %");
  const Tail expected = own(profits);
  for (const auto& way : kWays) {
    Tail tail{};
    const Timed time = repeat(settings.repeats, [&] { tail = way.find(profits); });
    const bool same = tail.var == expected.var && std::abs(tail.es / expected.es - 1.0) < 1e-9;
    if (!same) throw std::logic_error(std::string(way.name) + " finds another tail");
    std::printf("%-34s %-4s %14.3f %8.1f\n", way.name, "", 1e3 * time.seconds, 100.0 * time.spread);
    rows.push_back({{"way", way.name},
                    {"losses", profits.size()},
                    {"milliseconds", rounded(1e3 * time.seconds)},
                    {"spread", rounded(time.spread)}});
  }
  return rows;
}

}  // namespace tailbit::bench
