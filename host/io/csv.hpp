// CSV files with a header line: one pass over the bytes, block by block, cells as views into them, columns by name.
//
//   CsvFile csv(path, ExitCode::bad_data, {{"instrument", true}, {"desk", false}}, problems);
//   while (csv.next()) { csv[0] ... csv[1] ... }     // in the order of the columns asked for, not of the file
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/files.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// A cell as it is written: in quotes where it must be.
std::string csv_cell(std::string_view text);

struct CsvColumn {
  std::string name;
  bool required;
};

// How files of others differ from ours.
struct CsvLayout {
  char separator = ',';
  bool other_columns = false;  // columns that were not asked for are left out, not refused
};

class CsvFile {
 public:
  // Checks the header: unknown, repeated and missing columns are problems. Then there are no rows.
  CsvFile(std::string path, ExitCode bad_content, std::vector<CsvColumn> columns, Problems& problems,
          CsvLayout layout = {});
  CsvFile(const CsvFile&) = delete;

  // Goes to the next row that is not blank; false at the end.
  bool next();
  // What is wrong with the shape of the row, or "". Its cells are then all empty.
  const std::string& malformed() const { return malformed_; }

  // The cell in the column asked for as number `column`, without its quotes; "" if the file lacks the column. Valid
  // until the next row.
  std::string_view operator[](std::size_t column) const { return values_[column]; }
  const std::vector<CsvColumn>& columns() const { return columns_; }
  std::string where() const { return "line " + std::to_string(row_line_); }
  std::size_t line() const { return row_line_; }

  void problem(const std::string& what, const std::string& remedy) const;

 private:
  std::size_t block() const;
  void read_more(std::size_t line);
  void read_row();     // into cells_
  bool read_cells();   // false if the text ended inside a quoted cell, and the file goes on
  bool quoted_cell();  // at a quote; leaves position_ behind the closing one; the same
  bool read_header();  // false if there was a problem
  void end_text();     // there are no more rows
  void row_too_long(std::size_t line);

  std::string path_;
  ExitCode code_;
  std::vector<CsvColumn> columns_;
  CsvLayout layout_;
  Problems& problems_;
  FileBytes file_;
  std::string text_;     // what is there of the file
  std::size_t end_ = 0;  // of the whole lines in it; all of it at the file's end
  std::size_t position_ = 0, line_ = 1;
  std::size_t row_begin_ = 0, row_line_ = 1;  // of the current record
  bool at_end_ = false;                       // of the file
  std::vector<std::string_view> cells_;       // of the current record, as in the file
  std::deque<std::string> unquoted_;          // those that had doubled quotes in them
  std::vector<std::size_t> place_;            // [columns] position in cells_, or npos
  std::size_t header_cells_ = 0;
  std::vector<std::string_view> values_;  // [columns]
  std::string malformed_;
};

}  // namespace tailbit
