// Whether smiles admit static arbitrage (Gatheral and Jacquier 2014, "Arbitrage-free SVI volatility surfaces").
#pragma once

#include "tailbit/market/vol_surface.hpp"

namespace tailbit {

// Total variance of a smile at a log-moneyness k = ln(K/F), and its first two derivatives by k.
struct SmileVariance {
  double variance, slope, curvature;
};
SmileVariance svi_variance_at(const market::SviSlice& slice, double k);

// Gatheral and Jacquier's g (their equation 2.1): the implied density of ln(S/F) at k is g times a positive factor, so
// g < 0 is a butterfly that pays for nothing. Holds for any smile with variance > 0, fitted or shocked.
double butterfly_g(double k, const SmileVariance& w);
double butterfly_g(const market::SviSlice& slice, double k);

// The least g of a slice over all k, the limits at both ends included: < 0 means butterfly arbitrage, and -infinity
// that total variance is not positive somewhere. The limits are 1/4 - slope^2/16: negative where a wing is steeper than
// 2 (Lee 2004).
double least_butterfly_g(const market::SviSlice& slice);

// The least of w_later(k) - w_earlier(k) over all k: < 0 means calendar arbitrage; -infinity where the earlier slice
// has the steeper wing.
double least_calendar_gap(const market::SviSlice& earlier, const market::SviSlice& later);

}  // namespace tailbit
