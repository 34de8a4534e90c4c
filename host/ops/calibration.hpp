// From histories to a model: every estimate that `tailbit calibrate` makes. A backtest calls it window by window.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/calibrate_config.hpp"
#include "host/io/model.hpp"

namespace tailbit {

// The series of an underlying as read, by what the config names.
struct UnderlyingHistories {
  History price;
  std::optional<History> vol_index;
  std::map<std::int64_t, History> atm_vol, risk_reversal, basis;  // by the seconds of the term
  std::optional<History> funding;
};
using Histories = std::map<std::string, UnderlyingHistories>;

// Reads each series of the config once; all of them are read before problems are told.
Histories read_histories(const CalibrateConfig& config, Problems& problems);

struct Calibration {
  Model model;                    // as the program's reader takes it
  nlohmann::ordered_json report;  // series, estimates, correlation, defaults, warnings of tailbit.calibration/1
  Grid grid;                      // the boundaries whose prices were used
  std::vector<Timestamp> history_times{};  // [rows] ends of the periods in the model's bootstrap; else none
};

// Estimates from what is known from config.from to config.to, both included; nothing later is looked at. Deterministic.
// Throws Failure (bad_data) where a series is too short for what is asked for, with the series and a remedy.
Calibration calibrate(const CalibrateConfig& config, const Histories& histories);

}  // namespace tailbit
