#include "host/backtest/acerbi_szekely.hpp"

#include "host/backtest/exception_times.hpp"

namespace tailbit::backtest {
namespace {

// Of T days with `exceptions`, whose losses relative to ES add up to `sum`.
ShortfallStatistics statistics(std::uint64_t exceptions, double sum, std::size_t days, double p) {
  ShortfallStatistics z{std::nullopt, 1.0 - sum / (static_cast<double>(days) * p)};
  if (exceptions > 0) z.z1 = 1.0 - sum / static_cast<double>(exceptions);
  return z;
}

}  // namespace

ShortfallStatistics shortfall_statistics(const std::vector<ShortfallDay>& days, double p) {
  std::uint64_t exceptions = 0;
  double sum = 0.0;
  for (const ShortfallDay& day : days) {
    if (!(day.loss > day.var)) continue;
    ++exceptions;
    sum += day.loss / day.es;
  }
  return statistics(exceptions, sum, days.size(), p);
}

ShortfallPValues shortfall_p_values(const ShortfallStatistics& observed, const std::vector<ShortfallDay>& days,
                                    double p, const std::vector<const TailLaw*>& laws, const Simulations& simulations) {
  const ExceptionTimes times(p, days.size());
  std::uint64_t low_z1 = 0, with_z1 = 0, low_z2 = 0;
  for (std::uint64_t s = 0; s < simulations.count; ++s) {
    Uniforms uniforms(simulations.seed, Purpose::shortfall, s);
    std::uint64_t exceptions = 0;
    double sum = 0.0;
    times.draw(uniforms, [&](std::uint64_t i) {
      const ShortfallDay& day = days[i];
      ++exceptions;
      sum += (day.var + (day.es - day.var) * laws[i]->excess(uniforms.next())) / day.es;
    });
    const ShortfallStatistics drawn = statistics(exceptions, sum, days.size(), p);
    low_z2 += drawn.z2 <= observed.z2;
    with_z1 += drawn.z1.has_value();
    low_z1 += drawn.z1 && observed.z1 && *drawn.z1 <= *observed.z1;
  }
  ShortfallPValues values{std::nullopt, simulated_p_value(low_z2, simulations.count)};
  if (observed.z1) values.z1 = simulated_p_value(low_z1, with_z1);
  return values;
}

}  // namespace tailbit::backtest
