// The list of contracts that `price` reads, row by row, whichever way they are then valued.
#pragma once

#include <functional>
#include <ostream>
#include <stdexcept>
#include <string>

#include "host/io/problems.hpp"
#include "host/ops/price_output.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/instruments/closed_form.hpp"

namespace tailbit {

// Ends the row that is being read or valued; the text is the reason in its cell `error`.
struct BadRow : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The families of the list.
template <class Family>
concept HasClosedForm = requires(const typename Family::Terms& terms, const ClosedFormInputs& in) {
  Family::closed_form(terms, in);
};

// One contract and the inputs it is valued under.
struct PriceRow {
  std::string id;
  ContractTerms terms;      // of a family with HasClosedForm, but for the expiry; `inverse` is a European in coin
  ClosedFormInputs inputs;  // as in the row; an empty carry is the rate
};

struct PriceFormat {
  bool json = false;
  bool with_error_of_mean = false;  // the column `se`
};

// Reads the contracts of a CSV file, values each and writes the results in the same order. A row that cannot be read,
// that `value` ends with a BadRow, or whose result is not finite, has the reason in `error`; the code returned is then
// bad_data, else done. Throws Failure if the file cannot be read or its header is wrong.
ExitCode price_rows(const std::string& path, std::ostream& out, const PriceFormat& format,
                    const std::function<Priced(const PriceRow&)>& value);

}  // namespace tailbit
