// Books as JSON: maps, lists, JSON Lines, Deribit's and ccxt's positions. An input that begins with a letter is read as
// only one of them: `l` JSON Lines, `d` Deribit's, `c` ccxt's.
#include "books.hpp"

namespace tailbit::fuzz {

void book_json(std::string_view input) {
  const char first = input.empty() ? '\0' : input.front();
  const bool chosen = first == 'l' || first == 'd' || first == 'c';
  const std::string& path = as_file(input.substr(chosen));
  Positions positions;
  const bool accepted = accepts([&](Problems& problems) {
    BookRows rows(path, problems);
    std::vector<std::string> warnings;
    if (first == 'd' || first == 'c') {
      read_venue_positions(first == 'd' ? VenueFormat::deribit : VenueFormat::ccxt, rows, warnings);
    } else {
      read_json_book(first == 'l' ? BookFormat::json_lines : BookFormat::json, rows, warnings);
    }
    positions = rows.take_positions();
  });
  if (accepted) hold_positions(positions);
}

}  // namespace tailbit::fuzz
