// The maintainers' tables of reference numbers (TAILBIT_ORACLES, beside the repository); tests skip where they are
// absent.
#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace tailbit::test {

// A row by column names. Plain cells, no quotes, as all oracle tables are.
class OracleRow {
 public:
  explicit OracleRow(std::map<std::string, std::string> cells) : cells_(std::move(cells)) {}
  const std::string& text(const std::string& column) const { return cells_.at(column); }
  double number(const std::string& column) const { return std::stod(text(column)); }

 private:
  std::map<std::string, std::string> cells_;
};

struct OracleTable {
  std::vector<std::string> comments;  // without the leading '#'
  std::vector<OracleRow> rows;
};

inline std::vector<std::string> split_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  if (line.ends_with(',')) cells.emplace_back();
  return cells;
}

// Nothing if the file is not there.
inline std::optional<OracleTable> read_oracle(const std::string& name) {
  std::ifstream file(std::string(TAILBIT_ORACLES) + "/" + name);
  if (!file) return std::nullopt;
  OracleTable table;
  std::vector<std::string> header;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) {
      table.comments.push_back(line.substr(1));
      continue;
    }
    const std::vector<std::string> cells = split_cells(line);
    if (header.empty()) {
      header = cells;
      continue;
    }
    if (cells.size() != header.size()) throw std::runtime_error(name + ": a row of another length: " + line);
    std::map<std::string, std::string> row;
    for (std::size_t c = 0; c < cells.size(); ++c) row[header[c]] = cells[c];
    table.rows.emplace_back(std::move(row));
  }
  return table;
}

}  // namespace tailbit::test

// In a test's body: `table` is read, or the test is skipped with the reason.
#define TAILBIT_ORACLE_OR_SKIP(table, name)                                                        \
  const auto table##_read = tailbit::test::read_oracle(name);                                      \
  if (!table##_read) GTEST_SKIP() << "the oracle " << TAILBIT_ORACLES << "/" name " is not there"; \
  const tailbit::test::OracleTable& table = *table##_read
