#include "host/ops/stop_signals.hpp"

#include <csignal>
#include <ctime>

#include <unistd.h>

#include "host/io/problems.hpp"

namespace tailbit {
namespace {

// Takes signals until it is told to end.
template <class Take>
void each_signal(const std::stop_token& ended, Take take) {
  const sigset_t set = stop_signals();
  while (!ended.stop_requested()) {
    const timespec moment{0, 50'000'000};
    const int signal = sigtimedwait(&set, nullptr, &moment);
    if (signal > 0) take(signal);
  }
}

}  // namespace

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  // Who started it with nohup wants it to outlive its terminal.
  struct sigaction hangup {};
  if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler == SIG_IGN) sigdelset(&set, SIGHUP);
  return set;
}

void hold_stop_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::string same_command_again(bool force) {
  return std::string("run the same command again ") + (force ? "without --force " : "") + "to go on";
}

StopSignals::StopSignals(RunControl& control, bool force, Tell tell)
    : thread_([&control, force, tell = std::move(tell)](const std::stop_token& ended) {
        each_signal(ended, [&](int signal) {
          if (signal == SIGUSR2) {
            ++control.checkpoints;
          } else if (control.stop.exchange(true)) {
            tell("stopped at once; what the checkpoint holds is kept: " + same_command_again(force));
            _exit(static_cast<int>(ExitCode::temporary));
          }
        });
      }) {}

StopSignals::StopSignals(ExitCode code, Tell tell)
    : thread_([code, tell = std::move(tell)](const std::stop_token& ended) {
        bool asked = code == ExitCode::temporary;
        each_signal(ended, [&](int signal) {
          if (signal == SIGUSR2) return;
          if (asked) {
            tell("stopped at once: the run has ended, other processes of it have not");
            _exit(static_cast<int>(code));
          }
          asked = true;
        });
      }) {}

}  // namespace tailbit
