// Books read from texts, before anybody asks what the instruments are.
#pragma once

#include <string>
#include <vector>

#include "host/io/book_readers.hpp"
#include "host/io/text.hpp"
#include "tests/support/positions.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::test {

struct ReadRows {
  std::vector<Position> rows;
  std::vector<std::string> warnings;
  Outcome outcome;  // what a user would be told
};

// Reads the file as a book; the file's folder is left out of messages.
inline ReadRows read_rows(const ScratchFolder& folder, const std::string& path, const BookLimits& most = {}) {
  ReadRows result;
  Problems problems;
  BookRows rows(path, problems, most);
  const BookFormat format = book_format(path);
  if (format == BookFormat::csv) {
    read_csv_book(rows);
  } else {
    read_json_book(format, rows, result.warnings);
  }
  result.rows = rows_of(rows.positions());
  result.outcome = outcome_of(folder, [&] { problems.throw_if_any(); });
  for (std::string& warning : result.warnings) {
    if (warning.starts_with(folder.path(""))) warning.erase(0, folder.path("").size());
  }
  return result;
}

inline ReadRows read_rows(const std::string& name, const std::string& text, const BookLimits& most = {}) {
  const ScratchFolder folder;
  return read_rows(folder, folder.write(name, text), most);
}

// "instrument quantity entry_price account/desk/venue/counterparty #position_id" of each row, without what is empty.
inline std::vector<std::string> shown(const std::vector<Position>& rows) {
  std::vector<std::string> lines;
  for (const Position& p : rows) {
    std::string line = p.instrument + " " + number_text(p.quantity);
    if (p.entry_price) line += " @" + number_text(*p.entry_price);
    for (const std::string* label : {&p.account, &p.desk, &p.venue, &p.counterparty}) {
      if (!label->empty()) line += " " + *label;
    }
    if (!p.position_id.empty()) line += " #" + p.position_id;
    lines.push_back(line);
  }
  return lines;
}

}  // namespace tailbit::test
