#include "host/ops/supervisor.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>
#include <new>
#include <optional>
#include <utility>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/io/problems.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/stop_signals.hpp"

namespace tailbit {
namespace {

constexpr int kTemporary = static_cast<int>(ExitCode::temporary);
// Workers that a run, or one update of a service, may lose to anything but devices, each of which is lost once.
constexpr std::uint32_t kMostLosses = 3;

// Memory that a child process shares.
class SharedControl {
 public:
  SharedControl() {
    void* memory = mmap(nullptr, sizeof(RunControl), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      throw Failure(ExitCode::temporary,
                    std::string("no memory for a worker: ") + std::strerror(errno) + "; run again");
    control_ = new (memory) RunControl;
  }
  SharedControl(const SharedControl&) = delete;
  SharedControl& operator=(const SharedControl&) = delete;
  ~SharedControl() { munmap(control_, sizeof(RunControl)); }
  RunControl* get() { return control_; }

 private:
  RunControl* control_;
};

sigset_t watched_signals() {
  sigset_t set = stop_signals();
  sigaddset(&set, SIGCHLD);
  return set;
}

// How a worker ended.
struct End {
  bool by_signal = false;
  int code = 0;  // exit code, or signal
};

// A process that a driver holds in the kernel does not die.
constexpr double kSecondsToDie = 30.0;

class Supervisor {
 public:
  Supervisor(const SupervisorOptions& options, const RunFlags& flags, const std::function<int(const RunFlags&)>& work)
      : options_(options), flags_(flags), work_(work), signals_(watched_signals()) {}

  Supervised run() {
    std::signal(SIGCHLD, SIG_DFL);  // who ignores it is told of no child
    sigprocmask(SIG_BLOCK, &signals_, &before_);
    for (;;) {
      const End end = one_worker();
      const std::optional<int> code = judge(end);
      if (code) {
        sigprocmask(SIG_SETMASK, &before_, nullptr);
        return {*code, flags_.restarts, shared_.get()->audit_mismatches};
      }
      ++flags_.restarts;
    }
  }

 private:
  End one_worker() {
    RunControl& control = *shared_.get();
    control.failed = {};
    control.used = {};
    control.probing = false;
    control.failure[0] = '\0';
    control.of = 0;
    control.finishing = false;
    flags_.control = &control;
    std::fflush(nullptr);
    std::cout.flush();
    const pid_t supervisor = getpid();
    const pid_t worker = fork();
    if (worker < 0)
      throw Failure(ExitCode::temporary,
                    std::string("no worker can be started: ") + std::strerror(errno) + "; run again");
    if (worker == 0) be_worker(supervisor);
    return watch(worker);
  }

  [[noreturn]] void be_worker(pid_t supervisor) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // no worker outlives its supervisor
    if (getppid() != supervisor) _exit(kTemporary);
    // Whoever signals a whole group, as terminals and schedulers do, reaches the supervisor too, which passes it on.
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) std::signal(signal, SIG_IGN);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
    const int code = work_(flags_);
    std::cout.flush();
    std::fflush(nullptr);
    _exit(code);
  }

  // Passes signals on until the worker has ended.
  End watch(pid_t worker) {
    RunControl& control = *shared_.get();
    std::uint64_t beats = control.beats;
    double quiet_since = now();
    std::optional<double> killed_since;
    const auto end = [&] {
      kill(worker, SIGKILL);
      if (!killed_since) killed_since = now();
    };
    for (;;) {
      int status = 0;
      if (waitpid(worker, &status, WNOHANG) == worker) {
        if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
        return {false, WEXITSTATUS(status)};
      }
      if (killed_since && now() - *killed_since > kSecondsToDie) {
        options_.tell(
            "the worker (process " + std::to_string(worker) + ") was killed and does not end, as where a " +
            "device's driver hangs; it holds the results' folder until it does: see to the machine, then run again");
        control.failed = {};  // nobody goes on
        return {false, kTemporary};
      }
      const timespec second{1, 0};
      const int signal = sigtimedwait(&signals_, nullptr, &second);
      if (signal == SIGUSR2) ++control.checkpoints;
      if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGUSR1) {
        if (++stops_ > 1) {
          end();
        } else {
          control.stop = true;
        }
      }
      if (control.beats != beats || !(control.probing || simulating())) {
        beats = control.beats;
        quiet_since = now();
      }
      if (options_.stall_seconds > 0.0 && now() - quiet_since > options_.stall_seconds) {
        options_.tell("the worker has shown no progress for " +
                      std::to_string(static_cast<int>(options_.stall_seconds)) + " s and is stopped");
        stalled_ = true;
        end();
        quiet_since = now();
      }
    }
  }

  // The run's exit code, or nothing where another worker is to go on.
  std::optional<int> judge(const End& end) {
    RunControl& control = *shared_.get();
    const bool stalled = std::exchange(stalled_, false);
    if (control.updates.exchange(0) != 0) losses_ = 0;
    if (!end.by_signal && control.failed.count == 0) return end.code;
    if (stops_ > 1) {
      options_.tell("stopped at once; what the checkpoint holds is kept: " + same_command_again(flags_.force));
      return kTemporary;
    }
    if (stops_ == 1) {
      options_.tell("stopped, and the worker was lost on the way; " + same_command_again(flags_.force) +
                    " from the checkpoint");
      return kTemporary;
    }
    if (control.failed.count != 0) return device_failed(end.code == static_cast<int>(ExitCode::device_unavailable));
    return lost(end, stalled);
  }

  std::optional<int> device_failed(bool for_good) {
    flags_.failed_for_good = for_good && (flags_.failed_devices.empty() || flags_.failed_for_good);
    leave_out(shared_.get()->failed);
    const std::string what = std::string(shared_.get()->failure) + "; ";
    const std::uint32_t mismatches = shared_.get()->audit_mismatches;
    const bool corrupt = std::exchange(mismatches_, mismatches) != mismatches;
    const DeviceRequest request = parse_device(options_.device);
    const bool others = automatic() || std::any_of(request.ids.begin(), request.ids.end(), [&](int id) {
                          return std::count(flags_.failed_devices.begin(), flags_.failed_devices.end(), id) == 0;
                        });
    if (others || request.kind == DeviceRequest::Kind::all) {
      options_.tell(what + "going on without it from the " +
                    (corrupt ? "first scenario on" : "checkpoint (" + progress() + ")"));
      return std::nullopt;
    }
    if (for_good) {
      options_.tell(what + "or use --device auto, which is the CPU then");
      return static_cast<int>(ExitCode::device_unavailable);
    }
    if (corrupt) {
      options_.tell(what + "run again with another --device, or auto");
      return kTemporary;
    }
    // A new process may find the device well again: errors of CUDA that stick are the process's.
    if (++losses_ <= 1) {
      options_.tell(what + "trying it once more in a new process, from the checkpoint (" + progress() + ")");
      flags_.failed_devices.clear();
      return std::nullopt;
    }
    options_.tell(what + "the checkpoint holds what was saved (" + progress() + "): run again, or with --device auto");
    return kTemporary;
  }

  std::optional<int> lost(const End& end, bool stalled) {
    const std::string how = stalled ? "stalled" : std::string("was killed by signal ") + strsignal(end.code);
    const bool memory = end.code == SIGKILL && !stalled;
    if (automatic() && !memory && perhaps_by_devices(how)) return std::nullopt;
    if (++losses_ < kMostLosses) {
      options_.tell("the worker " + how + (memory ? " (the kernel does that where memory is short)" : "") +
                    "; another goes on from the checkpoint");
      return std::nullopt;
    }
    const bool fault = end.code == SIGSEGV || end.code == SIGABRT || end.code == SIGFPE || end.code == SIGILL;
    options_.tell("the worker " + how + ", and no other is started after " + std::to_string(kMostLosses) + " losses; " +
                  (fault ? "please report it with the command line"
                         : "what was saved is kept: free memory, or use fewer groups, and run again"));
    return fault ? static_cast<int>(ExitCode::internal_error) : kTemporary;
  }

  // Under `auto`, what a worker is lost to while it uses devices is taken for their fault.
  bool perhaps_by_devices(const std::string& how) {
    const RunControl& control = *shared_.get();
    if (control.probing) {
      flags_.no_devices = true;
      options_.tell("the worker " + how +
                    " while it asked CUDA for devices; going on without any, from the checkpoint");
      return true;
    }
    if (control.used.count == 0 || !simulating()) return false;
    std::string names;
    for (std::uint32_t i = 0; i < control.used.count; ++i)
      names += (i == 0 ? "cuda:" : ", cuda:") + std::to_string(control.used.id[i]);
    leave_out(control.used);
    options_.tell(names + ": the worker " + how +
                  " while it computed there; going on without it from the checkpoint (" + progress() + ")");
    return true;
  }

  void leave_out(const DeviceList& devices) {
    std::vector<int>& out = flags_.failed_devices;
    for (std::uint32_t i = 0; i < devices.count; ++i) {
      if (std::count(out.begin(), out.end(), devices.id[i]) == 0) out.push_back(devices.id[i]);
    }
  }

  bool automatic() const { return parse_device(options_.device).kind == DeviceRequest::Kind::automatic; }
  bool simulating() { return shared_.get()->of != 0 && !shared_.get()->finishing; }
  std::string progress() { return std::to_string(shared_.get()->done) + " scenarios were done"; }
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  const SupervisorOptions& options_;
  RunFlags flags_;
  const std::function<int(const RunFlags&)>& work_;
  sigset_t signals_, before_{};
  SharedControl shared_;
  std::uint32_t stops_ = 0, losses_ = 0, mismatches_ = 0;
  bool stalled_ = false;
};

}  // namespace

void hold_signals() {
  const sigset_t signals = watched_signals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
}

void let_signals_go() {
  const sigset_t signals = watched_signals();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

Supervised supervise(const SupervisorOptions& options, const RunFlags& flags,
                     const std::function<int(const RunFlags&)>& work) {
  return Supervisor(options, flags, work).run();
}

}  // namespace tailbit
