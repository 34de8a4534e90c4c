// What a check of surfaces tells.
#include <algorithm>
#include <cmath>

#include "host/io/text.hpp"
#include "host/ops/surface_check.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// Slices of all surfaces, and how many of them have what.
struct Sum {
  std::uint64_t slices = 0, pairs = 0, butterflies_3 = 0, butterflies_5 = 0, crossings_3 = 0, crossings_5 = 0,
                floored = 0;
  double least_g_3 = std::numeric_limits<double>::infinity(), least_g_5 = least_g_3;
};

void add(Sum& sum, const SliceCheck& slice, std::uint64_t surfaces) {
  sum.slices += surfaces;
  sum.pairs += slice.has_next ? surfaces : 0;
  sum.butterflies_3 += slice.within_3.butterflies;
  sum.butterflies_5 += slice.within_5.butterflies;
  sum.crossings_3 += slice.within_3.crossings;
  sum.crossings_5 += slice.within_5.crossings;
  sum.floored += slice.floored;
  sum.least_g_3 = std::min(sum.least_g_3, slice.within_3.least_g);
  sum.least_g_5 = std::min(sum.least_g_5, slice.within_5.least_g);
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json range_json(std::uint64_t butterflies, std::uint64_t slices, std::uint64_t crossings, std::uint64_t pairs,
                double least_g) {
  return {{"butterflies", butterflies},
          {"butterfly_share", share(butterflies, slices)},
          {"least_g", number(least_g)},
          {"crossings", crossings},
          {"crossing_share", share(crossings, pairs)}};
}

Json range_json(const RangeCheck& range, const SliceCheck& slice, std::uint64_t surfaces) {
  Json out = range_json(range.butterflies, surfaces, range.crossings, slice.has_next ? surfaces : 0, range.least_g);
  out["least_g_unshocked"] = number(range.least_g_unshocked);
  return out;
}

Json sum_json(const Sum& sum) {
  return {{"slices", sum.slices},
          {"within_3", range_json(sum.butterflies_3, sum.slices, sum.crossings_3, sum.pairs, sum.least_g_3)},
          {"within_5", range_json(sum.butterflies_5, sum.slices, sum.crossings_5, sum.pairs, sum.least_g_5)},
          {"floored", sum.floored}};
}

}  // namespace

Json to_json(const SurfaceCheck& check) {
  const SurfaceShocks& s = check.shocks;
  Json underlyings = Json::object();
  Sum total;
  for (const UnderlyingCheck& u : check.underlyings) {
    Json slices = Json::array();
    Sum sum;
    for (const SliceCheck& slice : u.slices) {
      slices.push_back({{"expiry", timestamp_text(slice.expiry)},
                        {"atm_vol", slice.atm_vol},
                        {"within_3", range_json(slice.within_3, slice, check.surfaces)},
                        {"within_5", range_json(slice.within_5, slice, check.surfaces)},
                        {"floored", slice.floored}});
      add(sum, slice, check.surfaces);
      add(total, slice, check.surfaces);
    }
    underlyings[u.name] = sum_json(sum);
    underlyings[u.name]["expired"] = u.expired;
    underlyings[u.name]["surfaces_with_butterfly"] = {{"within_3", u.with_butterfly_3},
                                                      {"within_5", u.with_butterfly_5}};
    underlyings[u.name]["expiries"] = std::move(slices);
  }
  return {{"as_of", timestamp_text(check.as_of)},
          {"horizon_seconds", check.horizon_seconds},
          {"surfaces", check.surfaces},
          {"seed", check.seed},
          {"points_per_deviation", check.points_per_deviation},
          {"shocks",
           {{"vol_of_vol", s.vol_of_vol},
            {"level_kappa", s.level_kappa},
            {"term_decay", s.term_decay},
            {"skew_vol", s.skew_vol},
            {"skew_kappa", s.skew_kappa},
            {"correlation", s.correlation}}},
          {"total", sum_json(total)},
          {"underlyings", std::move(underlyings)}};
}

}  // namespace tailbit
