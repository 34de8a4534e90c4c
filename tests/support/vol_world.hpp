// One underlying whose price, vols and forwards move together, in the words of docs/definitions ("The scenario at time
// t"): what its options are worth, and the files that say so. Written from the definitions, without the engine's
// formulas.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/implied_level.hpp"
#include "tests/support/ou_laws.hpp"
#include "tests/support/simulated.hpp"

namespace tailbit::test {

struct Slice {
  double years, a, b, rho, m, sigma;
  double variance(double k) const { return a + b * (rho * (k - m) + std::hypot(k - m, sigma)); }
};

struct Factors {
  double spot;                                  // S_t
  double level = 0.0, skew = 0.0, basis = 0.0;  // states
};

struct VolOption {
  std::string kind;  // call | put
  double strike, expiry;
  double own_vol = 0.0;  // 0: on the surface
  bool in_coin = false;
};

struct VolWorld {
  double spot = 100.0, vol = 0.7, drift = 0.2, rate = 0.03;
  std::vector<Slice> slices{};  // none: flat
  double flat_vol = 0.8;
  bool sticky_strike = false;
  Ornstein level{0.0, 0.0}, skew{0.0, 0.0}, basis{0.0, 0.0};  // vol 0: absent
  double level_decay = 0.0, basis_decay = 0.0;

  static double term_scale(double expiry, double decay) {
    return std::pow(30.0 * kDay / std::max(expiry, kDay), decay);
  }
  double forward(const Factors& now, double expiry, double t) const {
    return now.spot * std::exp((rate + now.basis * term_scale(expiry, basis_decay)) * (expiry - t));
  }
  // Of today, at k = ln(K/F).
  double vol_today(double k, double expiry) const {
    if (slices.empty()) return flat_vol;
    if (expiry <= slices.front().years) return std::sqrt(slices.front().variance(k) / slices.front().years);
    for (std::size_t i = 1; i < slices.size(); ++i) {
      const Slice &left = slices[i - 1], &right = slices[i];
      if (expiry > right.years) continue;
      const double share = (expiry - left.years) / (right.years - left.years);
      return std::sqrt(((1.0 - share) * left.variance(k) + share * right.variance(k)) / expiry);
    }
    return std::sqrt(slices.back().variance(k) / slices.back().years);
  }
  double vol_then(const VolOption& o, const Factors& now, double t) const {
    const double d = term_scale(o.expiry, level_decay);
    const double factor = std::exp(d * now.level - 0.5 * d * d * level.variance(t));
    if (o.own_vol > 0.0) return o.own_vol * factor;
    const double k = std::log(o.strike / forward(now, o.expiry, t));
    const double k_today = std::log(o.strike / spot) - rate * o.expiry;
    const double moved =
        vol_today(sticky_strike ? k_today : k, o.expiry) * factor + now.skew * k * term_scale(o.expiry, 0.5);
    return std::max(moved, 0.001);
  }
  // USD.
  double value(const VolOption& o, const Factors& now, double t) const {
    const double mark = forward(now, o.expiry, t), left = o.expiry - t;
    const double undiscounted = black(o.kind, mark, o.strike, vol_then(o, now, t), left);
    return o.in_coin ? undiscounted / mark * now.spot : undiscounted * std::exp(-rate * left);
  }
  double value_today(const VolOption& o) const { return value(o, {spot}, 0.0); }

  void describe(JobText& job) const {
    job.market["rates"]["USD"] = rate;
    job.underlying("XYZ", spot, vol, drift);
    auto& model = job.model["underlyings"]["XYZ"];
    auto& surface = job.market["underlyings"]["XYZ"]["surface"];
    surface = {{"kind", "flat"}, {"vol", flat_vol}};
    if (!slices.empty()) surface = {{"kind", "svi"}, {"slices", nlohmann::json::array()}};
    for (const Slice& s : slices) {
      surface["slices"].push_back(
          {{"expiry", after(s.years)}, {"a", s.a}, {"b", s.b}, {"rho", s.rho}, {"m", s.m}, {"sigma", s.sigma}});
    }
    if (sticky_strike) model["implied_vol"]["sticky"] = "strike";
    if (level.vol > 0.0) {
      model["implied_vol"]["level"] = {{"kappa", level.kappa}, {"vol_of_vol", level.vol}, {"term_decay", level_decay}};
    }
    if (skew.vol > 0.0) model["implied_vol"]["skew"] = {{"kappa", skew.kappa}, {"vol", skew.vol}};
    if (basis.vol > 0.0) model["basis"] = {{"kappa", basis.kappa}, {"vol", basis.vol}, {"term_decay", basis_decay}};
  }
  static void hold(JobText& job, const std::string& id, const VolOption& o, double quantity) {
    nlohmann::json contract = option(id, "XYZ", o.kind, o.strike, o.expiry);
    if (o.own_vol > 0.0) contract["vol"] = o.own_vol;
    if (o.in_coin) contract["settlement"] = "coin";
    job.define(contract, quantity);
  }
};

inline const std::vector<Slice> kTwoSlices{{14.0 * kDay, 0.005, 0.08, -0.3, 0.02, 0.15},
                                           {90.0 * kDay, 0.05, 0.2, -0.25, 0.05, 0.3}};

}  // namespace tailbit::test
