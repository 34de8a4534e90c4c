// What a JSON file of positions seems to hold, by its beginning. A guess: whoever reads it checks all of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tailbit {

struct JsonBookShape {
  enum class Kind {
    list,    // of records
    map,     // of instruments to quantities
    lines,   // an object a line
    answer,  // of a JSON-RPC service, without a list of positions
    other,
  };
  Kind kind = Kind::other;
  std::size_t at = 0;             // of the list's bracket or the map's brace
  std::string path;               // "", "/result" or "/positions"
  std::vector<std::string> keys;  // of the list's first record
};

JsonBookShape json_book_shape(std::string_view head);

}  // namespace tailbit
