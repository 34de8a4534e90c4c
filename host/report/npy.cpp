#include "host/report/npy.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "host/io/problems.hpp"

namespace tailbit {
namespace {

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);

[[noreturn]] void not_losses(const std::string& path, const std::string& why) {
  throw Failure(ExitCode::bad_data,
                path + ": is not a losses file of tailbit (" + why + "); write it again with `tailbit run`");
}

}  // namespace

void write_npy(const ByteSink& sink, const std::vector<std::vector<double>>& columns) {
  const std::size_t rows = columns.empty() ? 0 : columns[0].size();
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                       std::to_string(columns.size()) + "), }";
  constexpr std::size_t kPrefix = 10;                       // magic, version, header length
  header.append(63 - (kPrefix + header.size()) % 64, ' ');  // data start at a multiple of 64
  header += '\n';
  std::string bytes(kMagic);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;

  sink(bytes);
  // Some rows at a time: the columns may be most of what the machine's memory holds.
  constexpr std::size_t kRows = 64;
  std::vector<double> block;
  for (std::size_t first = 0; first < rows; first += kRows) {
    const std::size_t count = std::min(kRows, rows - first);
    block.resize(count * columns.size());
    for (std::size_t column = 0; column < columns.size(); ++column) {
      for (std::size_t row = 0; row < count; ++row) block[row * columns.size() + column] = columns[column][first + row];
    }
    sink({reinterpret_cast<const char*>(block.data()), block.size() * sizeof(double)});
  }
}

NpyFile::NpyFile(const std::string& path) : path_(path) {
  // A pipe might keep its reader waiting.
  if (std::error_code none; std::filesystem::exists(path, none) && !std::filesystem::is_regular_file(path, none))
    not_losses(path, "not a file");
  file_.open(path, std::ios::binary);
  if (!file_) throw Failure(ExitCode::input_missing, path + ": no such file; name a result directory of `tailbit run`");
  std::string prefix(10, '\0');
  if (!file_.read(prefix.data(), 10) || std::string_view(prefix).substr(0, 8) != kMagic)
    not_losses(path, "no NumPy header");
  const std::size_t header_size = static_cast<unsigned char>(prefix[8]) + 256u * static_cast<unsigned char>(prefix[9]);
  std::string header(header_size, '\0');
  if (!file_.read(header.data(), static_cast<std::streamsize>(header_size))) not_losses(path, "cut off in its header");
  const std::size_t shape = header.find("'shape': (");
  if (header.find("'<f8'") == std::string::npos || shape == std::string::npos)
    not_losses(path, "not an array of float64");
  std::istringstream numbers(header.substr(shape + 10));
  char comma = 0;
  if (!(numbers >> rows_ >> comma >> columns_) || columns_ == 0) not_losses(path, "not a table");
  data_ = 10 + header_size;
  file_.seekg(0, std::ios::end);
  const auto size = static_cast<std::size_t>(file_.tellg());
  if (rows_ > size || columns_ > size || size - data_ != rows_ * columns_ * sizeof(double))
    not_losses(path, "its size does not match its header");
}

void NpyFile::read(std::size_t first_row, std::size_t count, double* out) {
  const std::size_t row_size = columns_ * sizeof(double);
  file_.seekg(static_cast<std::streamoff>(data_ + first_row * row_size));
  if (!file_.read(reinterpret_cast<char*>(out), static_cast<std::streamsize>(count * row_size)))
    throw Failure(ExitCode::io_error, path_ + ": cannot be read to its end; check the disk");
}

std::vector<double> NpyFile::row(std::size_t index) {
  std::vector<double> values(columns_);
  read(index, 1, values.data());
  return values;
}

std::vector<double> NpyFile::column(std::size_t index) {
  std::vector<double> values(rows_);
  for_each_row([&](std::size_t row, const double* row_values) { values[row] = row_values[index]; });
  return values;
}

std::vector<std::vector<double>> read_npy(const std::string& path) {
  NpyFile file(path);
  std::vector<std::vector<double>> columns(file.columns(), std::vector<double>(file.rows()));
  file.for_each_row([&](std::size_t row, const double* values) {
    for (std::size_t column = 0; column < columns.size(); ++column) columns[column][row] = values[column];
  });
  return columns;
}

}  // namespace tailbit
