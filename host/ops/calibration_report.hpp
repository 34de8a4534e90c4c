// What a calibration tells of its estimates: tailbit.calibration/1, in the order in which they are made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/fit/goodness.hpp"
#include "host/fit/maximum_likelihood.hpp"
#include "host/io/history.hpp"

namespace tailbit {

// One estimate as it is told: of what, by which method, with which errors.
class Estimate {
 public:
  using Json = nlohmann::ordered_json;

  Estimate(const std::string& part, const std::string& method, std::int64_t period_seconds, std::size_t observations);

  // What is not a number is told as null.
  Estimate& parameter(const std::string& name, double value, double error, const std::string& unit);
  Estimate& test(const std::string& name, const fit::Test& test);
  Estimate& statistic(const std::string& name, double value);  // of which no probability is known
  Estimate& likelihood(const fit::MaximumLikelihood& likelihood);

  Json take() { return std::move(json_); }

 private:
  Json json_;
};

class CalibrationReport {
 public:
  using Json = nlohmann::ordered_json;

  void add(Estimate& estimate) { estimates_.push_back(estimate.take()); }
  void add_series(const std::string& part, const History& history, const Grid& grid, const Sampled& sampled);
  void set_correlation(Json correlation) { correlation_ = std::move(correlation); }
  void set_regimes(Json regimes) { regimes_ = std::move(regimes); }
  // Of the regime behind the last one that was added.
  void add_regime_correlation(Json correlation) { regimes_["correlations"].push_back(std::move(correlation)); }
  // A part of the model that nothing was given for.
  void add_default(const std::string& part, const std::string& what);
  void warn(const std::string& text) { warnings_.push_back(text); }

  // With what the command adds at the beginning.
  Json json(Json head) const;

 private:
  Json series_ = Json::array(), estimates_ = Json::array(), defaults_ = Json::array(), correlation_ = nullptr,
       regimes_ = nullptr;
  std::vector<std::string> warnings_;
};

// A number, or null.
nlohmann::ordered_json number_or_null(double value);

}  // namespace tailbit
