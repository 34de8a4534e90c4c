// greeks.csv: what the book is worth today and how that moves, by group and underlying, expiry, strike and contract
// (docs/formats). Greeks of different underlyings are never added.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "host/compile/groups.hpp"
#include "host/io/inputs.hpp"

namespace tailbit {

// Some 400 bytes each. Where there would be more rows, those by strike are left out but for the book's, then those by
// expiry; a warning says so. Rows by underlying are always there.
inline constexpr std::size_t kMostGreekRows = 200'000;

struct GreeksFile {
  std::string text;
  std::vector<std::string> warnings;
};

// `inputs` as compile takes them and `groups` made from them. Rows are there where a group holds something, in an order
// that does not depend on the order of the book's rows; neither do the sums, which are exact to the last bit or two.
// Throws Failure where a Greek is not finite.
GreeksFile greeks_csv(const Inputs& inputs, const Groups& groups, std::size_t most_rows = kMostGreekRows);

}  // namespace tailbit
