// Today's carry: the forward of any expiry from the listed ones (docs/definitions, "Today's market").
#pragma once

#include <vector>

#include "tailbit/math/log.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::market {

// ln(F/S) is linear in time between listed expiries, from 0 at as_of; beyond the last the rate ln(F/S)/T stays that of
// the last; without listed forwards F = S exp(usd_rate T).
class CarryCurve {
 public:
  struct Node {
    double years;       // to expiry, > 0
    double log_growth;  // ln(F/S)
  };

  // `nodes` ascending in years.
  CarryCurve(std::vector<Node> nodes, double usd_rate) : nodes_(std::move(nodes)), usd_rate_(usd_rate) {}

  // Carry c(T) = ln(F(T)/S)/T per year, T > 0 in years.
  double rate(double years) const {
    if (nodes_.empty()) return usd_rate_;
    if (years >= nodes_.back().years) return nodes_.back().log_growth / nodes_.back().years;
    Node left{0.0, 0.0};
    for (const Node& right : nodes_) {
      if (years <= right.years) {
        const double weight = (years - left.years) / (right.years - left.years);
        return math::fma(weight, right.log_growth - left.log_growth, left.log_growth) / years;
      }
      left = right;
    }
    return usd_rate_;  // not reached: the last node is beyond `years`
  }

 private:
  std::vector<Node> nodes_;
  double usd_rate_;
};

}  // namespace tailbit::market
