// Readers of one format of books each: they add rows, and problems to those of `rows`. What the formats are is in
// docs/formats.
#pragma once

#include <string>
#include <vector>

#include "host/io/book_rows.hpp"

namespace tailbit {

enum class BookFormat { csv, json, json_lines };

// By the file's name; if that does not say, by what the file begins with.
BookFormat book_format(const std::string& path);

void read_csv_book(BookRows& rows);

// A map or list of the project's own, or positions as Deribit or ccxt give them; which, tells the content.
void read_json_book(BookFormat format, BookRows& rows, std::vector<std::string>& warnings);

// Positions as a venue gives them and nothing else.
enum class VenueFormat { deribit, ccxt };
void read_venue_positions(VenueFormat format, BookRows& rows, std::vector<std::string>& warnings);

}  // namespace tailbit
