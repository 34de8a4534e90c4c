#include "host/backtest/coverage.hpp"

#include <algorithm>
#include <cmath>

#include "host/backtest/binomial.hpp"
#include "host/backtest/exception_times.hpp"
#include "host/fit/distributions.hpp"

namespace tailbit::backtest {
namespace {

// ln of p^hits (1 - p)^misses.
double log_likelihood(double hits, double misses, double p) {
  const double of_hits = hits > 0.0 ? hits * std::log(p) : 0.0;
  return misses > 0.0 ? of_hits + misses * std::log1p(-p) : of_hits;
}
// The same at the p that makes it greatest.
double greatest_log_likelihood(double hits, double misses) {
  return hits + misses > 0.0 ? log_likelihood(hits, misses, hits / (hits + misses)) : 0.0;
}

// Never below 0, which rounding may make it.
double likelihood_ratio(double under_hypothesis, double greatest) {
  return std::max(0.0, 2.0 * (greatest - under_hypothesis));
}

double kupiec_ratio(const HitCounts& hits, double p) {
  const auto x = static_cast<double>(hits.exceptions), misses = static_cast<double>(hits.days) - x;
  return likelihood_ratio(log_likelihood(x, misses, p), greatest_log_likelihood(x, misses));
}

// How often a day without, and one with, an exception is followed by one with, and one without.
struct Transitions {
  explicit Transitions(const HitCounts& hits)
      : hit_hit(static_cast<double>(hits.pairs)),
        miss_hit(static_cast<double>(hits.exceptions) - (hits.first ? 1.0 : 0.0) - hit_hit),
        hit_miss(static_cast<double>(hits.exceptions) - (hits.last ? 1.0 : 0.0) - hit_hit),
        miss_miss(hits.days > 0 ? static_cast<double>(hits.days - 1) - hit_hit - miss_hit - hit_miss : 0.0) {}

  double to_hit() const { return hit_hit + miss_hit; }
  double to_miss() const { return hit_miss + miss_miss; }
  // Each state with a probability of its own.
  double markov() const {
    return greatest_log_likelihood(miss_hit, miss_miss) + greatest_log_likelihood(hit_hit, hit_miss);
  }

  double hit_hit, miss_hit, hit_miss, miss_miss;
};

double independence_ratio(const HitCounts& hits) {
  const Transitions t(hits);
  return likelihood_ratio(greatest_log_likelihood(t.to_hit(), t.to_miss()), t.markov());
}

double coverage_ratio_after_first(const HitCounts& hits, double p) {
  const Transitions t(hits);
  return likelihood_ratio(log_likelihood(t.to_hit(), t.to_miss(), p), t.markov());
}

// Statistics of simulations are those of the same counts but for rounding.
bool reaches(double simulated, double observed) { return simulated >= observed - 1e-9 * (1.0 + observed); }

// Orders of as many exceptions as there are, all equally probable.
class RandomOrders {
 public:
  explicit RandomOrders(const HitCounts& hits) : hits_(hits), marked_(hits.days, 0) {}

  HitCounts draw(Uniforms& uniforms) {
    HitCounts drawn{hits_.days, hits_.exceptions, 0, false, false};
    chosen_.clear();
    while (chosen_.size() < hits_.exceptions) {
      const auto day = static_cast<std::size_t>(uniforms.next() * static_cast<double>(hits_.days));
      if (marked_[day] != 0) continue;
      marked_[day] = 1;
      chosen_.push_back(day);
      drawn.pairs += (day > 0 ? marked_[day - 1] : 0u) + (day + 1 < hits_.days ? marked_[day + 1] : 0u);
    }
    drawn.first = hits_.days > 0 && marked_.front() != 0;
    drawn.last = hits_.days > 0 && marked_.back() != 0;
    for (const std::size_t day : chosen_) marked_[day] = 0;
    return drawn;
  }

 private:
  HitCounts hits_;
  std::vector<unsigned char> marked_;
  std::vector<std::size_t> chosen_;
};

HitCounts draw_exceptions(const ExceptionTimes& times, std::uint64_t days, Uniforms& uniforms) {
  HitCounts drawn{days, 0, 0, false, false};
  std::uint64_t before = days;
  times.draw(uniforms, [&](std::uint64_t day) {
    ++drawn.exceptions;
    drawn.pairs += before != days && before + 1 == day;
    drawn.first = drawn.first || day == 0;
    drawn.last = day + 1 == days;
    before = day;
  });
  return drawn;
}

}  // namespace

HitCounts count_hits(const std::vector<bool>& exceptions) {
  HitCounts counts;
  counts.days = exceptions.size();
  for (std::size_t i = 0; i < exceptions.size(); ++i) {
    counts.exceptions += exceptions[i];
    counts.pairs += i > 0 && exceptions[i] && exceptions[i - 1];
  }
  counts.first = !exceptions.empty() && exceptions.front();
  counts.last = !exceptions.empty() && exceptions.back();
  return counts;
}

TestValues kupiec(const HitCounts& hits, double p) {
  const double ratio = kupiec_ratio(hits, p);
  return {ratio, fit::chi_square_tail(ratio, 1), Binomial{hits.days, p}.two_sided_p_value(hits.exceptions)};
}

TestValues independence(const HitCounts& hits, const Simulations& simulations) {
  const double ratio = independence_ratio(hits);
  RandomOrders orders(hits);
  std::uint64_t as_extreme = 0;
  for (std::uint64_t s = 0; s < simulations.count; ++s) {
    Uniforms uniforms(simulations.seed, Purpose::independence, s);
    as_extreme += reaches(independence_ratio(orders.draw(uniforms)), ratio);
  }
  return {ratio, fit::chi_square_tail(ratio, 1), simulated_p_value(as_extreme, simulations.count)};
}

ConditionalCoverage conditional_coverage(const HitCounts& hits, double p, const Simulations& simulations) {
  const double sum = kupiec_ratio(hits, p) + independence_ratio(hits);
  const double after_first = coverage_ratio_after_first(hits, p);
  const ExceptionTimes times(p, hits.days);
  std::uint64_t extreme_sums = 0, extreme_after_first = 0;
  for (std::uint64_t s = 0; s < simulations.count; ++s) {
    Uniforms uniforms(simulations.seed, Purpose::coverage, s);
    const HitCounts drawn = draw_exceptions(times, hits.days, uniforms);
    extreme_sums += reaches(kupiec_ratio(drawn, p) + independence_ratio(drawn), sum);
    extreme_after_first += reaches(coverage_ratio_after_first(drawn, p), after_first);
  }
  return {
      {sum, fit::chi_square_tail(sum, 2), simulated_p_value(extreme_sums, simulations.count)},
      {after_first, fit::chi_square_tail(after_first, 2), simulated_p_value(extreme_after_first, simulations.count)}};
}

}  // namespace tailbit::backtest
