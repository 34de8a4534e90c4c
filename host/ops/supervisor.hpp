// A run in two processes. The worker does the work and may be lost at any moment, to a device, the kernel or a fault;
// the supervisor holds no memory to speak of, never touches CUDA, passes signals on, and starts another worker, which
// goes on from the checkpoint, where that may help.
//
//   TERM, INT, HUP, USR1   end after the blocks begun, keep a checkpoint, exit 75; a second one: end at once, exit 75
//   USR2                   keep a checkpoint now and go on
//   HUP, if it was ignored when the process began (nohup): nothing
#pragma once

#include <functional>

#include "host/ops/run_flags.hpp"

namespace tailbit {

struct SupervisorOptions {
  std::string device = "auto";   // as RunFlags::device: what a worker may be moved to
  double stall_seconds = 900.0;  // without a sign of life while simulating or asking for devices; 0: no limit
  std::function<void(const std::string& message)> tell;  // what the user should know
};

struct Supervised {
  int exit_code;
  std::uint32_t restarts;          // workers started in place of one that was lost
  std::uint32_t audit_mismatches;  // audits that found wrong bits
};

// From here on a signal of those above waits until somebody supervises, or lets go: for the first moments of a process.
void hold_signals();
void let_signals_go();

// Runs `work` in a child process, perhaps several times, until one ends as it should or none can. It is given what
// changes from worker to worker, put into `flags`; it must return an exit code and not throw. Called while the process
// has one thread.
Supervised supervise(const SupervisorOptions& options, const RunFlags& flags,
                     const std::function<int(const RunFlags&)>& work);

}  // namespace tailbit
