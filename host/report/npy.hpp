// NumPy's array file (format 1.0), float64, C order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "host/io/files.hpp"

namespace tailbit {

// `columns` [groups][scenarios] written as an array of shape (scenarios, groups).
void write_npy(const ByteSink& sink, const std::vector<std::vector<double>>& columns);

// Reads such a file back, as columns. Throws Failure.
std::vector<std::vector<double>> read_npy(const std::string& path);

// The same file, from which single rows and columns are read, whatever its size. Throws Failure.
class NpyFile {
 public:
  explicit NpyFile(const std::string& path);

  std::size_t rows() const { return rows_; }        // scenarios
  std::size_t columns() const { return columns_; }  // groups
  std::vector<double> row(std::size_t index);
  std::vector<double> column(std::size_t index);
  // `count` rows, [count][columns].
  void read(std::size_t first_row, std::size_t count, double* out);

  // Calls visit(row, const double* values) for every row in order.
  template <class Visit>
  void for_each_row(Visit&& visit) {
    std::vector<double> block(rows_in_block() * columns_);
    for (std::size_t first = 0; first < rows_; first += rows_in_block()) {
      const std::size_t count = std::min(rows_in_block(), rows_ - first);
      read(first, count, block.data());
      for (std::size_t i = 0; i < count; ++i) visit(first + i, block.data() + i * columns_);
    }
  }

 private:
  std::size_t rows_in_block() const { return std::max<std::size_t>(1, (std::size_t{1} << 16) / columns_); }

  std::string path_;
  std::ifstream file_;
  std::size_t rows_ = 0, columns_ = 0, data_ = 0;  // data_: where the first row begins
};

}  // namespace tailbit
