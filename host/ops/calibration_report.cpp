#include "host/ops/calibration_report.hpp"

#include <cmath>
#include <filesystem>

#include "host/io/text.hpp"

namespace tailbit {

nlohmann::ordered_json number_or_null(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

Estimate::Estimate(const std::string& part, const std::string& method, std::int64_t period_seconds,
                   std::size_t observations)
    : json_{{"part", part},
            {"method", method},
            {"period", duration_text(period_seconds)},
            {"observations", observations},
            {"parameters", Json::array()}} {}

Estimate& Estimate::parameter(const std::string& name, double value, double error, const std::string& unit) {
  json_["parameters"].push_back(
      {{"name", name}, {"value", number_or_null(value)}, {"standard_error", number_or_null(error)}, {"unit", unit}});
  return *this;
}

Estimate& Estimate::test(const std::string& name, const fit::Test& test) {
  json_["tests"].push_back(
      {{"name", name}, {"statistic", number_or_null(test.statistic)}, {"p_value", number_or_null(test.p_value)}});
  return *this;
}

Estimate& Estimate::statistic(const std::string& name, double value) {
  json_["tests"].push_back({{"name", name}, {"statistic", number_or_null(value)}, {"p_value", nullptr}});
  return *this;
}

Estimate& Estimate::likelihood(const fit::MaximumLikelihood& likelihood) {
  json_["log_likelihood"] = number_or_null(likelihood.log_likelihood);
  json_["aic"] = number_or_null(likelihood.aic());
  json_["bic"] = number_or_null(likelihood.bic());
  json_["converged"] = likelihood.converged;
  return *this;
}

void CalibrationReport::add_series(const std::string& part, const History& history, const Grid& grid,
                                   const Sampled& sampled) {
  const auto& seen = history.observations;
  series_.push_back({{"part", part},
                     {"file", std::filesystem::path(history.source.file).filename().string()},
                     {"column", history.source.value},
                     {"rows", history.rows},
                     {"blank", history.blank},
                     {"first", timestamp_text(seen.front().known)},
                     {"last", timestamp_text(seen.back().known)},
                     {"period", duration_text(grid.period)},
                     {"values", sampled.known},
                     {"gaps", sampled.gaps}});
  if (sampled.gaps == 0) return;
  warn(part + ": " + std::to_string(sampled.gaps) + " of " + std::to_string(sampled.known + sampled.gaps) +
       " values by " + duration_text(grid.period) + " are missing, the first at " + timestamp_text(*sampled.first_gap) +
       "; changes over these gaps are not used");
}

void CalibrationReport::add_default(const std::string& part, const std::string& what) {
  defaults_.push_back({{"part", part}, {"what", what}});
  warn(part + ": " + what);
}

CalibrationReport::Json CalibrationReport::json(Json head) const {
  head["series"] = series_;
  head["estimates"] = estimates_;
  head["correlation"] = correlation_;
  head["defaults"] = defaults_;
  head["warnings"] = warnings_;
  return head;
}

}  // namespace tailbit
