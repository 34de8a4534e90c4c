// Results for people's eyes.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tailbit::cli {

// The table that `run` ends with.
std::string summary_text(const nlohmann::ordered_json& summary, const std::string& folder);
std::string plan_text(const nlohmann::ordered_json& plan);
std::string import_text(const nlohmann::ordered_json& report, const std::string& folder);
std::string describe_text(const nlohmann::ordered_json& description);
// Of a description's `surfaces`.
std::string surfaces_text(const nlohmann::ordered_json& check);
std::string replay_text(const nlohmann::ordered_json& replay);
std::string devices_text(const nlohmann::ordered_json& devices);

}  // namespace tailbit::cli
