// Lists of contracts to price, priced.
#include <sstream>

#include "host/ops/price.hpp"
#include "targets.hpp"

namespace tailbit::fuzz {

void price(std::string_view input) {
  std::ostringstream out;
  const std::string& path = as_file(input);
  ExitCode code = ExitCode::done;
  if (!accepts([&](Problems&) { code = tailbit::price(path, out, input.ends_with(' ')); })) return;
  hold(code == ExitCode::done || code == ExitCode::bad_data, "rows are priced or refused");
  const std::string written = out.str();
  hold(!written.empty() && written.ends_with('\n'), "there is an answer");
  hold(written.find("inf") == std::string::npos || written.find("error") != std::string::npos, "numbers are finite");
}

}  // namespace tailbit::fuzz
