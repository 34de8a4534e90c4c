// A backtest's results as files: backtest.json (tailbit.backtest/1), backtest.csv, exceptions.csv.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/backtest/assessment.hpp"

namespace tailbit::backtest {

struct Report {
  std::string source, source_sha256;  // name of the file that the forecasts, or the config, are from
  Settings settings;
  std::vector<ForecastSeries> series;
  std::vector<Assessment> assessments;  // [series]
  std::vector<Comparison> comparisons;
  std::vector<std::string> warnings;
};

Report make_report(std::string source, std::string source_sha256, std::vector<ForecastSeries> series,
                   const Settings& settings);

nlohmann::ordered_json report_json(const Report& report);

// One line for each test of each model: book,model,level,test,law,statistic,p_asymptotic,p_finite_sample,rejected
std::string tests_csv(const Report& report);

// Each exception: book,model,level,date,outcome,var,es,beyond_var
std::string exceptions_csv(const Report& report);

// Writes backtest.json, backtest.csv, exceptions.csv and backtest.svg to a folder that is made. Throws Failure.
void write_report(const Report& report, const std::string& folder);

}  // namespace tailbit::backtest
