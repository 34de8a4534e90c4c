// What every format of books becomes: rows that are checked, told of where they are wrong, and put into the table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "host/io/limits.hpp"
#include "host/io/positions.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// Where a row stands in its file.
struct RowPlace {
  enum class Kind { csv_line, json_line, element, member };
  Kind kind;
  std::size_t number = 0;                          // line, or index in the list
  std::string_view path = {};                      // of the list or map: "/result"
  std::string_view instrument_key = "instrument";  // what the format calls it

  // Of a key's value, or of the row if the key is "": "line 12"; "line 12, /quantity"; "/result/17/size". Of a member,
  // `key` is the instrument.
  std::string of(std::string_view key) const;
};

// How much a book may hold; tests ask for less.
struct BookLimits {
  std::size_t positions = limits::kMostPositions;
  std::size_t instruments = limits::kMostInstruments;
};

class BookRows {
 public:
  BookRows(std::string path, Problems& problems, const BookLimits& most = {});
  virtual ~BookRows() = default;
  BookRows(const BookRows&) = delete;

  // Checks names and limits, and puts the row into the table. False when no further row is taken.
  bool add(const PositionRow& row, const RowPlace& place);
  void problem(const std::string& where, const std::string& what, const std::string& remedy);
  // A problem if nothing was read and nothing else was wrong.
  void finish(const std::string& where);

  const std::string& path() const { return path_; }
  Problems& problems() { return problems_; }
  const Positions& positions() const { return positions_; }
  Positions take_positions() { return std::move(positions_); }

 protected:
  // Whether the row is to be put into the table.
  virtual bool wanted(const PositionRow&, const RowPlace&) { return true; }
  // Called at the first row of each instrument.
  virtual void first_met(std::string_view, const std::string& /*where*/) {}

 private:
  bool too_many(const std::string& where, const std::string& what, std::size_t most);

  std::string path_;
  Problems& problems_;
  BookLimits most_;
  std::size_t problems_before_;
  Positions positions_;
};

}  // namespace tailbit
