// A backtest as one picture: SVG without scripts and without anything from elsewhere.
#pragma once

#include <string>

#include "host/backtest/report.hpp"

namespace tailbit::backtest {

// A row for each series: profit and loss by day with -VaR and -ES and a dot for each exception; beside it the histogram
// of its PIT. Days that share a column of the picture are drawn as one bar from the least to the greatest.
std::string plot_svg(const Report& report);

}  // namespace tailbit::backtest
