#include <cmath>
#include <limits>
#include <map>

#include "host/backtest/report.hpp"

namespace tailbit::backtest {
namespace {

using Json = nlohmann::ordered_json;

Json number_or_null(const std::optional<double>& x) { return x ? Json(*x) : Json(nullptr); }

Json test_json(const TestResult& test, double significance) {
  Json out{{"test", test.test}};
  if (!test.law.empty()) out["law"] = test.law;
  out["statistic"] = number_or_null(test.statistic);
  out["p_asymptotic"] = number_or_null(test.asymptotic_p);
  out["p_finite_sample"] = number_or_null(test.finite_sample_p);
  out["rejected"] = test.p_value() ? Json(test.rejects(significance)) : Json(nullptr);
  out["decides"] = test.decides;
  return out;
}

Json basel_json(const BaselWindows& basel) {
  return {{"exceptions", basel.exceptions},
          {"zone", zone_name(basel.zone)},
          {"multiplier", basel.multipliers.market_risk},
          {"multiplier_1996", basel.multipliers.of_1996},
          {"windows", {{"green", basel.green}, {"yellow", basel.yellow}, {"red", basel.red}}}};
}

Json verdict_json(const Assessment& a, double significance) {
  Json rejected_by = Json::array();
  for (const TestResult& test : a.tests) {
    if (test.decides && test.rejects(significance)) rejected_by.push_back(test.test);
  }
  return {{"passed", a.passed}, {"rejected_by", std::move(rejected_by)}};
}

Json series_json(const ForecastSeries& s, const Assessment& a, double significance) {
  Json out{{"book", s.book},
           {"model", s.model},
           {"level", s.level},
           {"days", s.days.size()},
           {"first", s.days.front().date},
           {"last", s.days.back().date},
           {"exceptions", a.hits.exceptions},
           {"expected", a.expected},
           {"zone", zone_name(a.light.zone)},
           {"cumulative", a.light.cumulative},
           {"basel", a.basel ? basel_json(*a.basel) : Json(nullptr)}};
  for (const TestResult& test : a.tests) out["tests"].push_back(test_json(test, significance));
  out["scores"] = {{"quantile", a.quantile_score}, {"fissler_ziegel", number_or_null(a.fissler_ziegel_score)}};
  out["pit_histogram"] = a.uniformity ? Json(a.uniformity->histogram) : Json(nullptr);
  out["verdict"] = verdict_json(a, significance);
  return out;
}

// Book by book, in the order of the series: which models passed.
Json books_json(const Report& report) {
  Json books = Json::array();
  std::map<std::pair<std::string, double>, std::size_t> place;
  for (std::size_t i = 0; i < report.series.size(); ++i) {
    const ForecastSeries& s = report.series[i];
    const auto [found, is_new] = place.try_emplace({s.book, s.level}, books.size());
    if (is_new) books.push_back({{"book", s.book}, {"level", s.level}, {"models", 0}, {"passed", Json::array()}});
    Json& book = books[found->second];
    book["models"] = book["models"].get<std::size_t>() + 1;
    if (report.assessments[i].passed) book["passed"].push_back(s.model);
  }
  return books;
}

Json comparison_json(const Report& report, const Comparison& c) {
  const ForecastSeries& a = report.series[c.a];
  const bool finite = std::abs(c.score.statistic) < std::numeric_limits<double>::infinity();
  return {{"book", a.book},
          {"level", a.level},
          {"model_a", a.model},
          {"model_b", report.series[c.b].model},
          {"days", c.days},
          {"mean_difference", c.score.mean},
          {"statistic", finite ? Json(c.score.statistic) : Json(nullptr)},
          {"p_value", c.score.p_value},
          {"better", c.score.p_value >= report.settings.significance ? Json(nullptr)
                     : c.score.mean < 0.0                            ? Json(a.model)
                                                                     : Json(report.series[c.b].model)}};
}

}  // namespace

Json report_json(const Report& report) {
  Json out{{"schema", "tailbit.backtest/1"},
           {"source", report.source},
           {"source_sha256", report.source_sha256},
           {"significance", report.settings.significance},
           {"reference_dof", report.settings.reference_dof},
           {"simulations", report.settings.simulations.count},
           {"seed", report.settings.simulations.seed},
           {"books", books_json(report)},
           {"series", Json::array()},
           {"comparisons", Json::array()}};
  for (std::size_t i = 0; i < report.series.size(); ++i)
    out["series"].push_back(series_json(report.series[i], report.assessments[i], report.settings.significance));
  for (const Comparison& c : report.comparisons) out["comparisons"].push_back(comparison_json(report, c));
  out["warnings"] = report.warnings;
  return out;
}

}  // namespace tailbit::backtest
