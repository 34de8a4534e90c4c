// Numbers and tables for people's eyes.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tailbit::cli {

// 1234567.8 -> "1,234,568"; small amounts keep digits, null is "-".
std::string usd(const nlohmann::ordered_json& amount);

std::string number(double x, const char* format);

// Columns padded to their widest cell; the first to the left, the others to the right.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace tailbit::cli
