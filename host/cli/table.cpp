#include "host/cli/table.hpp"

#include <algorithm>
#include <cstdio>

namespace tailbit::cli {

std::string usd(const nlohmann::ordered_json& amount) {
  if (amount.is_null()) return "-";
  const double x = amount.get<double>();
  const double size = x < 0 ? -x : x;
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, size >= 1000.0 ? "%.0f" : "%.4g", x);
  std::string text = buffer;
  if (size < 1000.0) return text;
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > (x < 0 ? 1 : 0); i -= 3) {
    text.insert(static_cast<std::size_t>(i), ",");
  }
  return text;
}

std::string number(double x, const char* format) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, x);
  return buffer;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> width;
  for (const auto& row : rows) {
    width.resize(std::max(width.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string padding(width[c] - row[c].size(), ' ');
      text += c == 0 ? row[c] + padding : "  " + padding + row[c];
    }
    text += '\n';
  }
  return text;
}

}  // namespace tailbit::cli
