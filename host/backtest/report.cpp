#include "host/backtest/report.hpp"

#include "host/backtest/plot.hpp"
#include "host/io/csv.hpp"
#include "host/io/files.hpp"
#include "host/io/text.hpp"
#include "host/io/write_inputs.hpp"

namespace tailbit::backtest {
namespace {

std::string series_cells(const ForecastSeries& s) {
  return csv_cell(s.book) + "," + csv_cell(s.model) + "," + number_text(s.level) + ",";
}

std::string optional_cell(const std::optional<double>& x) { return x ? number_text(*x) : ""; }

std::string series_text(const ForecastSeries& s) {
  return "book " + in_quotes(s.book) + ", model " + in_quotes(s.model) + ", level " + number_text(s.level);
}

std::string plural(std::uint64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

void add_warnings(const ForecastSeries& s, const Assessment& a, std::vector<std::string>& warnings) {
  if (a.expected < 5.0)
    warnings.push_back(series_text(s) + ": " + number_text(a.expected) +
                       " exceptions are expected of all days, too few to find most errors of a model");
  // A few fall on the other side where VaR is a scenario's loss; half of them do where it is another quantity.
  if (a.pits_across > 2 && 2 * a.pits_across > a.hits.exceptions)
    warnings.push_back(series_text(s) + ": on " + plural(a.pits_across, "day") +
                       " pit and VaR disagree whether there was an exception; pit is the probability of a profit not "
                       "above the one that came");
}

}  // namespace

Report make_report(std::string source, std::string source_sha256, std::vector<ForecastSeries> series,
                   const Settings& settings) {
  Report report{std::move(source), std::move(source_sha256), settings, std::move(series), {}, {}, {}};
  for (const ForecastSeries& s : report.series) {
    report.assessments.push_back(assess(s, settings));
    add_warnings(s, report.assessments.back(), report.warnings);
  }
  report.comparisons = compare_models(report.series);
  return report;
}

std::string tests_csv(const Report& report) {
  std::string text = "book,model,level,test,law,statistic,p_asymptotic,p_finite_sample,rejected\n";
  for (std::size_t i = 0; i < report.series.size(); ++i) {
    for (const TestResult& test : report.assessments[i].tests) {
      const char* rejected = !test.p_value() ? "" : test.rejects(report.settings.significance) ? "yes" : "no";
      text += series_cells(report.series[i]) + std::string(test.test) + "," + std::string(test.law) + "," +
              optional_cell(test.statistic) + "," + optional_cell(test.asymptotic_p) + "," +
              optional_cell(test.finite_sample_p) + "," + rejected + "\n";
    }
  }
  return text;
}

std::string exceptions_csv(const Report& report) {
  std::string text = "book,model,level,date,outcome,var,es,beyond_var\n";
  for (const ForecastSeries& s : report.series) {
    for (const Forecast& day : s.days) {
      if (!is_exception(day)) continue;
      text += series_cells(s) + csv_cell(day.date) + "," + number_text(-day.loss + 0.0) + "," + number_text(day.var) +
              "," + optional_cell(day.es) + "," + number_text(day.loss - day.var) + "\n";
    }
  }
  return text;
}

void write_report(const Report& report, const std::string& folder) {
  make_folder(folder);
  write_file(folder + "/backtest.csv", tests_csv(report));
  write_file(folder + "/exceptions.csv", exceptions_csv(report));
  write_file(folder + "/backtest.svg", plot_svg(report));
  write_file(folder + "/backtest.json", json_text(report_json(report)));
}

}  // namespace tailbit::backtest
