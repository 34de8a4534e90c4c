// NumPy's array file (format 1.0), float64, C order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tailbit {

// `columns` [groups][scenarios] written as an array of shape (scenarios, groups).
void write_npy(const std::string& path, const std::vector<std::vector<double>>& columns);

// Reads such a file back, as columns. Throws Failure.
std::vector<std::vector<double>> read_npy(const std::string& path);

}  // namespace tailbit
