#include "host/report/npy.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "host/io/files.hpp"
#include "host/io/problems.hpp"

namespace tailbit {
namespace {

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);

[[noreturn]] void not_losses(const std::string& path, const std::string& why) {
  throw Failure(ExitCode::bad_data,
                path + ": is not a losses file of tailbit (" + why + "); write it again with `tailbit run`");
}

}  // namespace

void write_npy(const std::string& path, const std::vector<std::vector<double>>& columns) {
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

  const std::size_t data = bytes.size();
  bytes.resize(data + rows * columns.size() * sizeof(double));
  char* out = bytes.data() + data;
  for (std::size_t row = 0; row < rows; ++row) {
    for (const std::vector<double>& column : columns) {
      std::memcpy(out, &column[row], sizeof(double));
      out += sizeof(double);
    }
  }
  write_file(path, bytes);
}

std::vector<std::vector<double>> read_npy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure(ExitCode::input_missing, path + ": no such file; name a result directory of `tailbit run`");
  std::stringstream stream;
  stream << file.rdbuf();
  const std::string bytes = std::move(stream).str();
  if (bytes.size() < 10 || std::string_view(bytes).substr(0, 8) != kMagic) not_losses(path, "no NumPy header");
  const std::size_t header_size = static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  if (bytes.size() < 10 + header_size) not_losses(path, "cut off in its header");
  const std::string header = bytes.substr(10, header_size);
  const std::size_t shape = header.find("'shape': (");
  if (header.find("'<f8'") == std::string::npos || shape == std::string::npos)
    not_losses(path, "not an array of float64");
  std::istringstream numbers(header.substr(shape + 10));
  std::size_t rows = 0, groups = 0;
  char comma = 0;
  if (!(numbers >> rows >> comma >> groups) || groups == 0) not_losses(path, "not a table");
  const std::size_t data = 10 + header_size;
  if (rows > bytes.size() || groups > bytes.size() || bytes.size() - data != rows * groups * sizeof(double)) {
    not_losses(path, "its size does not match its header");
  }
  std::vector<std::vector<double>> columns(groups, std::vector<double>(rows));
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t group = 0; group < groups; ++group) {
      std::memcpy(&columns[group][row], bytes.data() + data + (row * groups + group) * sizeof(double), sizeof(double));
    }
  }
  return columns;
}

}  // namespace tailbit
