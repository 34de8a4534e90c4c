// A venue's positions as a book.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "host/io/book_readers.hpp"

namespace tailbit {

// What the book says of every position; `venue` only where the file does not.
struct ImportLabels {
  std::string account, desk;
  std::optional<std::string> venue;
};

// Writes DIR/book.csv and DIR/import_report.json (tailbit.import/1), whose content it returns. Positions of size zero
// are dropped, and listed with their place. Throws Failure if anything in the file is wrong, or nothing is left of it.
nlohmann::ordered_json import_positions(VenueFormat format, const std::string& path, const std::string& out_dir,
                                        const ImportLabels& labels);

}  // namespace tailbit
