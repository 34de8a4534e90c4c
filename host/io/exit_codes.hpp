// What the program's exit codes mean, and what whoever started it should do: the one table that the man page is made
// from and that the documentation and the files of configs/deploy are held against (tests/unit/exit_codes_test.cpp).
#pragma once

#include <string_view>
#include <vector>

#include "host/io/problems.hpp"

namespace tailbit {

// What a scheduler does next.
enum class Next {
  use,    // there is a result
  mend,   // the same again would end the same; somebody has to look
  hold,   // keep the job until the machine is mended
  retry,  // the place it writes to, or reads from, may be well again soon: a few more tries
  again,  // nothing is wrong with the job: run it again
};

struct ExitCodeMeaning {
  ExitCode code;
  Next next;
  std::string_view meaning;  // a phrase without a capital and a full stop
};

// By rising code.
const std::vector<ExitCodeMeaning>& exit_codes();

// "use the result", "mend and run again", ...
std::string_view advice(Next next);

}  // namespace tailbit
