#include "host/backtest/assessment.hpp"

#include <algorithm>
#include <map>

#include "host/backtest/acerbi_szekely.hpp"
#include "host/backtest/du_escanciano.hpp"
#include "tailbit/measure/level.hpp"

namespace tailbit::backtest {
namespace {

TestResult result(std::string_view test, const TestValues& values, bool decides) {
  return {test, "", values.statistic, values.asymptotic, values.finite_sample, decides};
}

void add_coverage_tests(const HitCounts& hits, double p, const Settings& settings, std::vector<TestResult>& tests) {
  const ConditionalCoverage coverage = conditional_coverage(hits, p, settings.simulations);
  tests.push_back(result(kKupiec, kupiec(hits, p), true));
  tests.push_back(result(kIndependence, independence(hits, settings.simulations), true));
  tests.push_back(result(kConditionalCoverage, coverage.sum, true));
  tests.push_back(result("christoffersen_coverage_after_first", coverage.conditional_on_first, false));
}

// Laws of tails by their degrees of freedom, each made once.
class TailLaws {
 public:
  explicit TailLaws(double p) : p_(p) {}
  const TailLaw* at(double dof) { return &laws_.try_emplace(dof, dof, p_).first->second; }

 private:
  double p_;
  std::map<double, TailLaw> laws_;
};

void add_shortfall_tests(const ForecastSeries& series, double p, const Settings& settings,
                         std::vector<TestResult>& tests) {
  std::vector<ShortfallDay> days;
  for (const Forecast& day : series.days) days.push_back({day.loss, day.var, *day.es});
  const ShortfallStatistics z = shortfall_statistics(days, p);
  TailLaws laws(p);
  const auto add = [&](std::string_view law, const std::vector<const TailLaw*>& tails, bool decides) {
    const ShortfallPValues values = shortfall_p_values(z, days, p, tails, settings.simulations);
    tests.push_back({kZ1, law, z.z1, {}, values.z1, false});
    tests.push_back({kZ2, law, z.z2, {}, values.z2, decides});
  };
  const auto same_law = [&](double dof) { return std::vector<const TailLaw*>(days.size(), laws.at(dof)); };
  add("normal", same_law(kNormalDof), false);
  add("student_t", same_law(settings.reference_dof), !series.has_dof());
  if (!series.has_dof()) return;
  std::vector<const TailLaw*> own;
  for (const Forecast& day : series.days) own.push_back(laws.at(*day.dof));
  add("forecast", own, true);
}

void add_pit_tests(const ForecastSeries& series, double p, const Settings& settings, Assessment& out) {
  std::vector<double> pits;
  for (const Forecast& day : series.days) {
    pits.push_back(*day.pit);
    out.pits_across += is_exception(day) ? *day.pit > p : *day.pit < p;
  }
  const CumulativeViolations violations = cumulative_violations(pits, p, settings.simulations);
  out.tests.push_back(result("du_escanciano_unconditional", violations.unconditional, false));
  out.tests.push_back(result("du_escanciano_conditional", violations.conditional, false));
  const Uniformity& u = out.uniformity.emplace(uniformity(std::move(pits)));
  out.tests.push_back({"pit_chi_square", "", u.chi_square, u.chi_square_p, {}, false});
  out.tests.push_back({"pit_kolmogorov_smirnov", "", u.kolmogorov_smirnov, u.kolmogorov_smirnov_p, {}, false});
  out.tests.push_back({"pit_anderson_darling", "", u.anderson_darling, u.anderson_darling_p, {}, false});
}

void add_scores(const ForecastSeries& series, double p, Assessment& out) {
  const auto n = static_cast<double>(series.days.size());
  double shortfall_score = 0.0;
  for (const Forecast& day : series.days) {
    out.quantile_score += quantile_score(day.loss, day.var, p) / n;
    if (day.es) shortfall_score += fissler_ziegel_score(day.loss, day.var, *day.es, p) / n;
  }
  if (series.has_es()) out.fissler_ziegel_score = shortfall_score;
}

// Scores of a less those of b on the days of both.
std::vector<double> score_differences(const ForecastSeries& a, const ForecastSeries& b, double p) {
  const auto score = [&](const Forecast& day) { return fissler_ziegel_score(day.loss, day.var, *day.es, p); };
  std::vector<double> differences;
  auto other = b.days.begin();
  for (const Forecast& day : a.days) {
    while (other != b.days.end() && other->time < day.time) ++other;
    if (other != b.days.end() && other->time == day.time) differences.push_back(score(day) - score(*other));
  }
  return differences;
}

}  // namespace

double tail_probability(double level) {
  const measure::Level exact = measure::make_level(level);
  return static_cast<double>(exact.denominator - exact.numerator) / static_cast<double>(exact.denominator);
}

bool is_exception(const Forecast& day) { return day.loss > day.var; }

Assessment assess(const ForecastSeries& series, const Settings& settings) {
  const double p = tail_probability(series.level);
  std::vector<bool> exceptions;
  for (const Forecast& day : series.days) exceptions.push_back(is_exception(day));

  Assessment out;
  out.hits = count_hits(exceptions);
  out.expected = p * static_cast<double>(out.hits.days);
  out.light = traffic_light(out.hits.days, out.hits.exceptions, p);
  if (p == 0.01) out.basel = basel_windows(exceptions);
  add_coverage_tests(out.hits, p, settings, out.tests);
  if (series.has_es()) add_shortfall_tests(series, p, settings, out.tests);
  if (series.has_pit()) add_pit_tests(series, p, settings, out);
  add_scores(series, p, out);
  out.passed = std::none_of(out.tests.begin(), out.tests.end(), [&](const TestResult& test) {
    return test.decides && test.rejects(settings.significance);
  });
  return out;
}

std::vector<Comparison> compare_models(const std::vector<ForecastSeries>& series) {
  std::vector<Comparison> out;
  for (std::size_t b = 0; b < series.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      if (series[a].book != series[b].book || series[a].level != series[b].level) continue;
      if (!series[a].has_es() || !series[b].has_es()) continue;
      const auto differences = score_differences(series[a], series[b], tail_probability(series[a].level));
      if (differences.size() >= kFewestForecasts)
        out.push_back({a, b, differences.size(), diebold_mariano(differences)});
    }
  }
  return out;
}

}  // namespace tailbit::backtest
