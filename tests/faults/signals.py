#!/usr/bin/env python3
"""Signals to a run at known calls of its phases: to the supervisor, or to every process as terminals and schedulers send
them; once, or twice. The exit code is 75 with a checkpoint, from which the same command goes on to the same bits, or 0
with the result. A supervisor that is killed leaves no worker; a worker that stops moving is replaced.

  tests/faults/signals.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from calls import Tracer
from harness import Failed, Suite, compiled, require, run, spread
from jobs import Job, fingerprint, read_by_program, require_nothing_left_over, require_whole
from kills import in_place
from uses import NEW, OLD, Use

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
OTHERS = (signal.SIGUSR2, signal.SIGPIPE)


def phases(calls):
    """(phase, call of the worker in it, whether a stop comes too late to matter, whether parts are there by then)"""
    def first(name, ending):
        return next(call for call in calls if call.name == name and call.path.endswith(ending))
    parts = [call for call in calls if call.name == "create" and "/.part-" in call.path]
    return [
        ("reading", first("open", "book.csv"), False, False),
        ("locking", first("flock", "lock"), False, False),
        ("simulating", parts[0], False, True),
        ("simulating more", parts[-1], False, True),
        ("measuring", first("mkdir", "/new"), True, True),
        ("writing", first("write", "losses.npy"), True, True),
        ("publishing", next(call for call in calls if call.second.endswith("/commit")), True, True),
        ("replacing", first("rename", "commit/run.json"), True, True),
    ]


def judge(use, place, code, resumes):
    out = place / use.out
    require_whole(out, "before anything read it")
    found = read_by_program(use.command[0], out, use.shard)
    require(found in (use.old, use.new), "neither the old nor the new result is there")
    require(code != 0 or found == use.new, "it ended well without the result")
    run(*use.command, cwd=place).want(0)
    require(fingerprint(out) == use.new, "the command, run again, gave other bits")
    require_nothing_left_over(out)
    if code == 75 and resumes and found == use.old:
        resumed = json.loads((out / "run.json").read_text())["resumed_scenarios"]
        require(resumed > 0, "it did not go on from the checkpoint")


def point(suite, tracer, use, phase, number, victim, times):
    name, call, too_late, parts = phase

    def check():
        place = use.begin(suite)
        ran, struck = tracer.strike(suite.scratch, in_place(use, place), "signal", call.who, call.n, victim, int(number),
                                    times)
        require(struck or times == 2, "the run did not come to that call")
        if number in STOPPING and (times == 2 or not too_late):
            ran.want(75).says("stopped")
        else:
            ran.want(0)
        judge(use, place, ran.code, parts and (times == 1 or name != "simulating"))
        shutil.rmtree(place)
    return check


# --- Processes of their own -----------------------------------------------------------------------------------------

def children(pid):
    try:
        return [int(each) for each in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_for(what, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.002)
    raise Failed("what was waited for did not come")


class Running:
    """A run on its way, once it has kept `parts` parts; the worker's process is `worker`."""

    def __init__(self, job, place, parts, *flags, preload=None):
        self.process = subprocess.Popen([str(word) for word in job.command("out", *flags, seed=NEW)], cwd=place,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **({"LD_PRELOAD": str(preload)} if preload else {})})
        self.worker = wait_for(lambda: children(self.process.pid))[0]
        kept = pathlib.Path(place) / "out/.tailbit/parts"
        wait_for(lambda: len(list(kept.glob("*.tbp"))) >= parts or self.process.poll() is not None)
        require(self.process.poll() is None, "the run was over too soon for the test")

    def end(self, seconds=60):
        try:
            err = self.process.communicate(timeout=seconds)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed(f"did not end within {seconds} s") from None
        return self.process.returncode, err


def orphan(suite, job, wanted, parts):
    def check():
        place = suite.folder("orphan")
        running = Running(job, place, parts)
        running.process.kill()
        running.end()
        wait_for(lambda: not alive(running.worker), 5)
        run(*job.command("out", seed=NEW), cwd=place).want(0)
        require(fingerprint(place / "out") == wanted, "the command, run again, gave other bits")
        shutil.rmtree(place)
    return check


def parts_in(place):
    return len(list((pathlib.Path(place) / "out/.tailbit/parts").glob("part-*.tbp")))


def strike_workers(running, place, number, times):
    """A signal to one worker after another, each as soon as it has added a part to those of the one before."""
    for _ in range(times):
        before = parts_in(place)
        wait_for(lambda: parts_in(place) > before)
        worker = wait_for(lambda: children(running.process.pid))[0]
        os.kill(worker, number)
        wait_for(lambda: not alive(worker))


def stall(suite, job, wanted, parts, times):
    """The worker is stopped, `times` times; each time another takes over, but for the third."""
    def check():
        place = suite.folder("stall")
        running = Running(job, place, parts, "--stall-seconds", "1")
        strike_workers(running, place, signal.SIGSTOP, times)
        code, err = running.end()
        require("no progress for 1 s" in err, f"it does not say that a worker stalled: {err[-300:]}")
        require(code == (0 if times < 3 else 75), f"exit {code}: {err[-300:]}")
        require(times < 3 or "the worker stalled, and no other is started after 3 losses" in err, f"it does not say why: {err[-300:]}")
        run(*job.command("out", seed=NEW), cwd=place).want(0)
        require(fingerprint(place / "out") == wanted, "other bits")
        shutil.rmtree(place)
    return check


def lost_worker(suite, job, wanted, number, times):
    """Workers that end by a signal of their own."""
    def check():
        place = suite.folder("lost")
        running = Running(job, place, 2)
        strike_workers(running, place, number, times)
        code, err = running.end()
        fault = number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)
        require(code == (0 if times < 3 else 70 if fault else 75), f"exit {code}: {err[-300:]}")
        require(times < 3 or "no other is started after 3 losses" in err, f"it does not say why: {err[-300:]}")
        run(*job.command("out", seed=NEW), cwd=place).want(0)
        require(fingerprint(place / "out") == wanted, "other bits")
        shutil.rmtree(place)
    return check


def blocked(process, call):
    """Whether a process waits in a system call of x86-64."""
    try:
        return pathlib.Path(f"/proc/{process.pid}/syscall").read_text().split()[0] == str(call)
    except (OSError, IndexError):
        return False


WRITE, OPENAT = 1, 257


def at_the_start(suite, job, wanted, number):
    """A signal before there is a worker: while the run waits for whoever reads its first message."""
    def check():
        place = suite.folder("start")
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        while True:  # until it is full
            try:
                os.write(writer, b"x")
            except BlockingIOError:
                break
        os.set_blocking(writer, True)
        process = subprocess.Popen([str(word) for word in job.command("out", seed=NEW)], cwd=place, stdout=subprocess.DEVNULL,
                                   stderr=writer, stdin=subprocess.DEVNULL, env={**os.environ, "TAILBIT_LOG_FORMAT": "neither"})
        os.close(writer)
        try:
            wait_for(lambda: blocked(process, WRITE))
            process.send_signal(number)
            time.sleep(0.05)
            with open(reader, "rb") as messages:
                err = messages.read().decode()
            code = process.wait(60)
        finally:
            process.kill()
        require(code == 75 and "stopped" in err, f"exit {code}: {err[-300:]}")
        run(*job.command("out", seed=NEW), cwd=place).want(0)
        require(fingerprint(place / "out") == wanted, "other bits")
        shutil.rmtree(place)
    return check


def another_command(suite, number):
    """A command that is no run ends by the signal, whatever its words."""
    def check():
        place = suite.folder("other")
        os.mkfifo(place / "run")
        process = subprocess.Popen([suite.args.program, "validate", "run"], cwd=place, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: blocked(process, OPENAT))
            process.send_signal(number)
            require(process.wait(20) == -number, f"exit {process.returncode}")
        finally:
            process.kill()
        shutil.rmtree(place)
    return check


def inherited(suite, job, wanted, ignored, sent):
    """What the process that starts it ignores: HUP as with nohup, or CHLD, so that nobody is told of children that end."""
    def check():
        place = suite.folder("inherited")
        process = subprocess.Popen([str(word) for word in job.command("out", seed=NEW)], cwd=place, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                   preexec_fn=lambda: signal.signal(ignored, signal.SIG_IGN))
        try:
            wait_for(lambda: (place / "out/.tailbit/parts").exists() and parts_in(place) >= 2 or process.poll() is not None)
            if sent:
                process.send_signal(sent)
            err = process.communicate(timeout=60)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            raise Failed("it does not end") from None
        finally:
            process.kill()
        require(process.returncode == 0, f"exit {process.returncode}: {err[-300:]}")
        require(fingerprint(place / "out") == wanted, "other bits")
        shutil.rmtree(place)
    return check


def unkillable(suite, job):
    """A worker that stalls and does not die: the run ends all the same, and says why the folder is held."""
    def check():
        place = suite.folder("unkillable")
        running = Running(job, place, 2, "--stall-seconds", "1", preload=compiled(suite, "deaf.c", "-shared", "-fPIC"))
        os.kill(running.worker, signal.SIGSTOP)
        code, err = running.end(90)
        require(code == 75 and f"process {running.worker}) was killed and does not end" in err, f"exit {code}: {err[-500:]}")
        wait_for(lambda: not alive(running.worker), 10)  # its supervisor has gone
        shutil.rmtree(place)
    return check


def forced(suite, tracer, job, wanted):
    """--force begins anew once, not with every worker, and does so also where the first is lost before it can."""
    def check():
        place = suite.folder("forced")
        running = Running(job, place, 3, "--force")
        os.kill(running.worker, signal.SIGKILL)
        code, err = running.end()
        require(code == 0 and fingerprint(place / "out") == wanted, f"exit {code}: {err[-300:]}")
        resumed = json.loads((place / "out/run.json").read_text())["resumed_scenarios"]
        require(resumed > 0, "the second worker began anew")
        stopped = Running(job, place, 1, "--force")
        stopped.process.send_signal(signal.SIGTERM)
        code, err = stopped.end()
        require(code == 75 and "without --force to go on" in err, f"exit {code}: {err[-300:]}")
        stopped = Running(job, place, 1, "--force")
        stopped.process.send_signal(signal.SIGTERM)
        stopped.process.send_signal(signal.SIGUSR1)
        code, err = stopped.end()
        require(code == 75 and "without --force to go on" in err, f"exit {code}: {err[-300:]}")
        ran, _ = tracer.strike(place, ["env", "-C", place, *job.command("out", "--force", seed=NEW)], "kill", 1, 1, 1)
        ran.want(0)
        resumed = json.loads((place / "out/run.json").read_text())["resumed_scenarios"]
        require(resumed == 0, f"{resumed} scenarios are of before")
        shutil.rmtree(place)
    return check


def add_processes(suite, tracer):
    job = Job(suite.args.program, suite.scratch / "long", scenarios=400_000, positions=20, group_detail="tails")
    place = suite.folder("wanted")
    run(*job.command("out", seed=NEW, parts=False), cwd=place).want(0)
    wanted = fingerprint(place / "out")
    for parts in (0, 2, 5):
        suite.add(f"supervisor killed after {parts} parts: no worker is left", orphan(suite, job, wanted, parts))
    for number in STOPPING:
        suite.add(f"{number.name} before there is a worker", at_the_start(suite, job, wanted, number))
        suite.add(f"{number.name} to another command", another_command(suite, number))
    suite.add("HUP that is ignored", inherited(suite, job, wanted, signal.SIGHUP, signal.SIGHUP))
    suite.add("CHLD that is ignored", inherited(suite, job, wanted, signal.SIGCHLD, None))
    suite.add("a worker that does not die", unkillable(suite, job))
    suite.add("--force, and a worker killed", forced(suite, tracer, job, wanted))
    for times in (1, 2, 3):
        suite.add(f"a worker that stalls, {times} times", stall(suite, job, wanted, 2, times))
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
        for times in (1, 3):
            suite.add(f"workers ended by {number.name}, {times} times", lost_worker(suite, job, wanted, number, times))


def prepare(suite):
    tracer = Tracer(suite)
    job = Job(suite.args.program, suite.scratch / "job")
    old = suite.folder("old")
    run(*job.command("out", seed=OLD), cwd=old).want(0)
    use = Use("run over old", old, job.command("out", seed=NEW), "out", True).learn(suite)
    place = use.begin(suite)
    _, calls, _ = tracer.record(suite.scratch, in_place(use, place))
    for phase in phases(calls):
        for number in STOPPING + OTHERS:
            for victim, whose in ((0, "the supervisor"), (-1, "both processes")):
                for times in (1, 2) if number in STOPPING else (1,):
                    suite.add(f"{number.name} {'twice ' if times == 2 else ''}to {whose}, {phase[0]}",
                              point(suite, tracer, use, phase, number, victim, times))
    if suite.args.quick:
        suite.points = {name: suite.points[name] for name in spread(suite.points, 43)}
    add_processes(suite, tracer)


def self_test(suite):
    """Processes that live, and those that do not, are told apart; what does not come is waited for in vain."""
    sleeper = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(60)"])
    assert alive(sleeper.pid) and sleeper.pid in children(os.getpid())
    sleeper.kill()
    sleeper.wait()
    assert not alive(sleeper.pid)
    try:
        wait_for(lambda: False, 0.05)
        raise AssertionError("nothing is taken for something")
    except Failed:
        pass
    Tracer(suite)


if __name__ == "__main__":
    sys.exit(Suite("signals", "signals in every phase of a run", self_test).main(prepare))
