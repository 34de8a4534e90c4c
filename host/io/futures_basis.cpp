#include "host/io/futures_basis.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailbit {
namespace {

// ln(F/S) by seconds to expiry.
using CarryCurve = std::map<std::int64_t, double>;

std::optional<double> carry_at(const CarryCurve& curve, std::int64_t term) {
  const auto behind = curve.lower_bound(term);
  if (behind == curve.end()) return std::nullopt;
  std::pair<std::int64_t, double> before{0, 0.0};
  if (behind != curve.begin()) before = *std::prev(behind);
  const double share = static_cast<double>(term - before.first) / static_cast<double>(behind->first - before.first);
  return before.second + share * (behind->second - before.second);
}

}  // namespace

History basis_of_futures(const History& futures, const History& spot, std::int64_t term_seconds,
                         std::int64_t most_age) {
  constexpr std::int64_t kShortestTerm = 86'400;
  const double years = static_cast<double>(term_seconds) / kSecondsPerYear;
  History out;
  out.source = futures.source;
  out.rows = futures.rows;
  out.blank = futures.blank;
  std::size_t next = 0;
  for (std::size_t i = 0; i < futures.observations.size();) {
    const Timestamp now = futures.observations[i].known;
    while (next < spot.observations.size() && spot.observations[next].known <= now) ++next;
    const Observation* latest = next == 0 ? nullptr : &spot.observations[next - 1];
    const bool has_spot = latest != nullptr && now.seconds - latest->known.seconds < most_age;
    CarryCurve curve;
    for (; i < futures.observations.size() && futures.observations[i].known == now; ++i) {
      const std::int64_t left = futures.expiries[i].seconds - now.seconds;
      if (has_spot && left > kShortestTerm) curve[left] = std::log(futures.observations[i].value / latest->value);
    }
    if (const auto carry = carry_at(curve, term_seconds)) out.observations.push_back({now, *carry / years});
  }
  return out;
}

}  // namespace tailbit
