// The signals of a run without a supervisor: a thread takes them, with the meanings that they have there
// (supervisor.hpp).
#pragma once

#include <functional>
#include <string>
#include <thread>

#include <signal.h>

#include "host/io/problems.hpp"
#include "host/ops/run_control.hpp"

namespace tailbit {

// TERM, INT, USR1, USR2, and HUP but where it is ignored already.
sigset_t stop_signals();

// They wait from now on, in every thread that begins after it: to be called while the process
// has one.
void hold_stop_signals();

// For messages of a run that was stopped: what goes on where it was. --force would begin anew.
std::string same_command_again(bool force);

class StopSignals {
 public:
  using Tell = std::function<void(const std::string& message)>;

  // After hold_stop_signals(). A second signal to stop is told of by `tell`, and ends the process with 75.
  StopSignals(RunControl& control, bool force, Tell tell);

  // After the run, while others are waited for that may never come: a second signal to stop (the first, if the run was
  // stopped by one) ends the process with the run's exit code.
  StopSignals(ExitCode code, Tell tell);

 private:
  std::jthread thread_;
};

}  // namespace tailbit
