// Books as CSV files.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "host/io/positions.hpp"

namespace tailbit {

// Reading what is written gives the same positions, bit for bit. The column entry_price is left out when no position
// has one.
std::string book_csv(const Positions& positions);

// A tailbit.book/1 with a list of positions.
nlohmann::ordered_json book_json(const Positions& positions);

// Throws Failure.
void write_book_csv(const std::string& path, const Positions& positions);

}  // namespace tailbit
