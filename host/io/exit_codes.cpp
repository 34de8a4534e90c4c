#include "host/io/exit_codes.hpp"

namespace tailbit {

const std::vector<ExitCodeMeaning>& exit_codes() {
  static const std::vector<ExitCodeMeaning> table = {
      {ExitCode::done, Next::use, "done"},
      {ExitCode::limit_breached, Next::use, "done, and a risk limit is breached (reserved: limits come later)"},
      {ExitCode::compare_mismatch, Next::mend, "compare: the results differ"},
      {ExitCode::stopped_early, Next::use, "done with fewer scenarios, or a larger error, than was asked for"},
      {ExitCode::usage, Next::mend, "wrong usage: an unknown command or flag, or a value that it does not take"},
      {ExitCode::bad_data, Next::mend, "bad data in a book, instruments, a market, a chain, price rows or a result"},
      {ExitCode::input_missing, Next::mend, "an input is missing"},
      {ExitCode::device_unavailable, Next::hold, "a device or an instruction set that was asked for is not there"},
      {ExitCode::internal_error, Next::mend, "internal error, or selftest failed"},
      {ExitCode::cannot_create_output, Next::retry, "the output cannot be created"},
      {ExitCode::io_error, Next::retry, "reading or writing failed"},
      {ExitCode::temporary, Next::again, "temporary: stopped by a signal, short of memory, or a device failed"},
      {ExitCode::permission, Next::retry, "an input may not be read"},
      {ExitCode::bad_config, Next::mend, "bad config or model"},
  };
  return table;
}

std::string_view advice(Next next) {
  switch (next) {
    case Next::use: return "use the result";
    case Next::mend: return "mend it first; the same again ends the same";
    case Next::hold: return "keep the job until the machine is mended";
    case Next::retry: return "try a few more times";
    case Next::again: return "run it again";
  }
  return "";
}

}  // namespace tailbit
