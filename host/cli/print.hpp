// Results for people's eyes.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tailbit::cli {

// Indented; of names that are not UTF-8, as paths may be, what is.
std::string json_shown(const nlohmann::ordered_json& json);
// The table that `run` ends with.
std::string summary_text(const nlohmann::ordered_json& summary, const std::string& folder);
// What `run --shard` ends with, of its manifest.
std::string shard_text(const nlohmann::ordered_json& manifest, const std::string& folder);
std::string plan_text(const nlohmann::ordered_json& plan);
std::string import_text(const nlohmann::ordered_json& report, const std::string& folder);
std::string calibration_text(const nlohmann::ordered_json& report);
std::string describe_text(const nlohmann::ordered_json& description);
// Of a description's `surfaces`.
std::string surfaces_text(const nlohmann::ordered_json& check);
std::string replay_text(const nlohmann::ordered_json& replay);
// Of `quiet` only what is not right, and the last line.
std::string verification_text(const nlohmann::ordered_json& report, bool quiet);
// Of tailbit.backtest/1.
std::string backtest_text(const nlohmann::ordered_json& report);
std::string devices_text(const nlohmann::ordered_json& devices);

}  // namespace tailbit::cli
