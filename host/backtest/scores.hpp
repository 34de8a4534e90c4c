// Scores: smaller is better, and smallest on average for the true VaR and ES. They compare forecasts; tests judge them.
#pragma once

#include <vector>

namespace tailbit::backtest {

// Quantile (pinball) score of VaR at 1 - p: (p - 1{loss > var}) (var - loss), in money (Koenker and Bassett 1978;
// Gneiting 2011, "Making and evaluating point forecasts", with signs of losses).
double quantile_score(double loss, double var, double p);

// The score FZ0 of VaR and ES together (Fissler, Ziegel and Gneiting 2016, "Expected shortfall is jointly elicitable
// with value at risk", Risk; this member is that of Patton, Ziegel and Chen 2019, eq. 6). With y = -loss, v = -var, e =
// -es < 0:
//   -1{y <= v} (v - y) / (p e) + v / e + ln(-e) - 1
// Differences of it do not change with the unit of money. es > 0.
double fissler_ziegel_score(double loss, double var, double es, double p);

// Whether scores differ on average (Diebold and Mariano 1995, "Comparing predictive accuracy", Journal of Business &
// Economic Statistics 13): mean over its standard error, with autocorrelations as of Newey and West (1987), Bartlett
// weights up to the lag floor(4 (n/100)^(2/9)).
struct DieboldMariano {
  double mean = 0.0;
  double statistic = 0.0;  // 0 where the differences are all the same 0
  double p_value = 1.0;    // N(0, 1), both sides
  std::size_t lags = 0;
};
DieboldMariano diebold_mariano(const std::vector<double>& differences);

}  // namespace tailbit::backtest
