// Rows of a book that is read by itself: names are not looked up.
#pragma once

#include <string_view>

#include "host/io/book_readers.hpp"
#include "targets.hpp"

namespace tailbit::fuzz {

// Holds positions that were accepted against what every reader promises, and against themselves written and read again.
void hold_positions(const Positions& positions);

}  // namespace tailbit::fuzz
