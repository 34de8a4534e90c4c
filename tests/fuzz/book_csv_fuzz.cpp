// Books as CSV.
#include <algorithm>
#include <cmath>

#include "books.hpp"
#include "host/io/limits.hpp"
#include "host/io/write_book.hpp"

namespace tailbit::fuzz {
namespace {

bool read(std::string_view text, Positions& positions) {
  const std::string& path = as_file(text);
  return accepts([&](Problems& problems) {
    BookRows rows(path, problems);
    read_csv_book(rows);
    positions = rows.take_positions();
  });
}

}  // namespace

void hold_positions(const Positions& positions) {
  hold(!positions.empty(), "a book that is accepted has a position");
  for (const PositionRow row : positions) {
    hold(!row.instrument.empty() && row.instrument.size() <= limits::kLongestName, "a position has an instrument");
    hold(std::isfinite(row.quantity), "quantities are finite");
    hold(!row.entry_price || (*row.entry_price > 0.0 && std::isfinite(*row.entry_price)), "entry prices are above 0");
  }
  Positions again;
  hold(read(book_csv(positions), again), "a book that was written is read");
  hold(std::equal(positions.begin(), positions.end(), again.begin(), again.end()), "a book stays what it is");
}

void book_csv(std::string_view input) {
  Positions positions;
  if (read(input, positions)) hold_positions(positions);
}

}  // namespace tailbit::fuzz
