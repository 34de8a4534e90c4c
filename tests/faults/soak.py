#!/usr/bin/env python3
"""Many runs back to back into one folder, of two seeds in turn, one of them now and then cut off: memory, files in the
folder and bits stay as they were. Within one run of many checkpoints descriptors and memory stay flat too, and no run
writes anywhere but into its folder.

  tests/faults/soak.py --program build/cpu-release/tailbit [--long] [--report FILE] [--self-test]
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time

from calls import Tracer
from harness import Failed, Suite, require, run
from jobs import Job, fingerprint, require_nothing_left_over, require_whole


def peak(command, cwd):
    """(exit code, kB of resident memory at most) of a program and those that it waited for."""
    process = subprocess.Popen([str(word) for word in command], cwd=cwd, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss


def require_flat(values, what, share):
    """The later half is no more than `share` above the first."""
    half = len(values) // 2
    first, later = max(values[:half]), max(values[half:])
    require(later <= first * (1 + share), f"{what} grows: at most {first} in the first half, {later} in the later")


class Soak:
    """Runs one after another; each is a point of its own."""

    def __init__(self, suite, job, count):
        self.suite, self.job, self.count = suite, job, count
        self.place = suite.folder("soak")
        self.memory, self.files, self.seen = [], [], {}

    def one(self, index):
        seed = index % 2
        command = self.job.command("out", seed=seed)
        if index % 5 == 4:  # cut off before
            process = subprocess.Popen([str(word) for word in command], cwd=self.place, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(0.003 * (index % 29))
            process.terminate()
            require(process.wait() in (0, 75, -15), f"exit {process.returncode} when terminated")
        code, kilobytes = peak(command, self.place)
        require(code == 0, f"exit {code}")
        out = self.place / "out"
        require_whole(out, "after a run")
        require(self.seen.setdefault(seed, fingerprint(out)) == fingerprint(out), "other bits")
        require_nothing_left_over(out)
        self.memory.append(kilobytes)
        self.files.append(sum(len(files) for _, _, files in os.walk(self.place)))

    def all(self):
        for index in range(self.count):
            self.one(index)
        require_flat(self.memory, "memory of runs", 0.05)
        require(len(set(self.files)) == 1, f"files in the folder: {sorted(set(self.files))}")
        require(len(os.listdir(self.place)) == 1, f"beside the results: {os.listdir(self.place)}")
        print(f"{self.count} runs: {min(self.memory)} to {max(self.memory)} kB, {self.files[0]} files", flush=True)
        shutil.rmtree(self.place)
        return self.count


def worker_of(pid):
    try:
        found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(found[0]) if found else None
    except OSError:
        return None


def looked_at(command, place):
    """(exit code, kB of memory, descriptors) at most, of the worker of a run."""
    process = subprocess.Popen([str(word) for word in command], cwd=place, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    memory, descriptors = [], []
    while process.poll() is None:
        worker = worker_of(process.pid)
        try:
            memory.append(int(pathlib.Path(f"/proc/{worker}/status").read_text().split("VmHWM:")[1].split()[0]))
            descriptors.append(len(os.listdir(f"/proc/{worker}/fd")))
        except (OSError, IndexError):
            pass
        time.sleep(0.004)
    require(process.returncode == 0, f"exit {process.returncode}")
    require(len(descriptors) > 20, f"only {len(descriptors)} looks at it")
    return max(memory), max(descriptors)


def one_long_run(suite, job):
    """Memory and descriptors of a run that keeps hundreds of parts, against one that keeps none."""
    def check():
        place = suite.folder("long")
        memory, descriptors = looked_at(job.command("with"), place)
        memory_without, descriptors_without = looked_at(job.command("without", parts=False), place)
        require(memory <= 1.15 * memory_without, f"{memory} kB with parts, {memory_without} without")
        require(descriptors <= descriptors_without + 2, f"{descriptors} descriptors, {descriptors_without} without parts")
        shutil.rmtree(place)
    return check


def writes_nowhere_else(suite, tracer, command, out):
    def check():
        place = suite.folder("nowhere")
        ran, calls, _ = tracer.record("/", ["env", "-C", place, *command])
        ran.want(0)
        changed = {call.path for call in calls if call.changes and call.name not in ("write", "close", "fsync")}
        changed |= {call.second for call in calls if call.changes and call.second}
        inside = [path for path in changed if path.startswith(f"{place}/{out}")]
        elsewhere = sorted(changed - set(inside) - {"/dev/null"})
        require(len(inside) > 10, f"only {inside} were seen")
        require(not elsewhere, f"it changes {', '.join(elsewhere)}")
        shutil.rmtree(place)
    return check


def prepare(suite):
    tracer = Tracer(suite)
    job = Job(suite.args.program, suite.scratch / "job")
    suite.facts["runs"] = 500 if suite.args.long else 20
    suite.add("runs back to back", Soak(suite, job, suite.facts["runs"]).all)
    long_job = Job(suite.args.program, suite.scratch / "long-job", scenarios=200_000, positions=10, group_detail="tails")
    suite.add("descriptors and memory of a run of 390 parts", one_long_run(suite, long_job))
    suite.add("a run writes into its folder alone", writes_nowhere_else(suite, tracer, job.command("out"), "out"))
    shards = suite.folder("shards")
    for rank in range(2):
        run(*job.command("out", "--shard", f"{rank}/2"), cwd=shards).want(0)
    suite.add("a merge writes into its folder alone",
              writes_nowhere_else(suite, tracer, [job.program, "merge", "out", shards / "out", "--quiet"], "out"))
    suite.add("a replay writes nothing", reads_only(suite, tracer, job))


def reads_only(suite, tracer, job):
    def check():
        place = suite.folder("reads")
        run(*job.command("out"), cwd=place).want(0)
        for command in (["replay", "out", "--scenario", "0"], ["compare", "out", "out"]):
            ran, calls, _ = tracer.record(place, ["env", "-C", place, job.program, *command])
            ran.want(0)
            require(not [call for call in calls if call.changes], f"{command[0]} changes files")
            require(calls, "nothing was seen")
        shutil.rmtree(place)
    return check


def self_test(suite):
    """What grows is seen to grow."""
    require_flat([5, 6, 5, 6], "flat", 0.0)
    for growing in ([1, 1, 2, 2], [100, 100, 107, 100]):
        try:
            require_flat(growing, "memory", 0.05)
        except Failed:
            continue
        raise AssertionError(f"{growing} is taken for flat")
    small, large = (peak([sys.executable, "-I", "-c", f"x = b'1' * {size}"], suite.scratch)[1]
                    for size in (1, 50_000_000))
    assert large > small + 40_000, (small, large)


if __name__ == "__main__":
    sys.exit(Suite("soak", "500 runs back to back: memory, descriptors, temp files flat", self_test).main(prepare))
