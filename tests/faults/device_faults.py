#!/usr/bin/env python3
"""Makes CUDA calls of a run fail, one after the other, and looks at what becomes of the run.

  device_faults.py PROGRAM SOURCE-FOLDER [--only TEXT] [--report FILE]     PROGRAM built with TAILBIT_CUDA=SIMULATED

A small job, of many batches on a device of little memory, makes every kind of call; a first run lists them. A point is a call (its
kind and which of its kind) x a fault x how the device was asked for:

  auto       whatever fails in whatever process: exit 0 and the CPU's losses; where the device was given up, its number and the
             error's name are said
  cuda       fails in every process: exit 75, no result, device and error are said; afterwards, with a device that is well, the same
             command goes on and ends with the CPU's losses
  cuda once  fails in the first process only: exit 0 and the CPU's losses
  cuda:all   one of two devices fails: exit 0 and the CPU's losses, from the other

  flipped    a copy from the device brings a wrong bit, all that is simulated is kept or of most groups only tails, and all blocks
             are audited: exit 0 and the CPU's losses and measures, or, for cuda, 75 and no result
  hung       a call never returns, in the first process: the supervisor ends it after a while; exit 0 and the CPU's losses
  crashed    a call kills the first process: exit 0 and the CPU's losses
  lost       a call never returns, or kills, in every process: under auto one worker is lost, and the next leaves the device out;
             under cuda three are, and the run ends with 75, or with 70 where it was killed
  no code    a device that the program has no code for, which is found out late: exit 0 and the CPU's losses under auto, 69 at once
             with no result under cuda and, where no device is left, cuda:all; what the program was built for is said

Faults that must hurt nobody (a call that frees, memory that is short once where less will do) are to leave the run on its device.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile

from device_judge import Judge
from points import Points

WHAT = ("CUDA faults by fake driver and failing backend (no driver, old driver, no device, out of memory, sticky error, "
        "lost device, flipped bit)")
NAMES = {2: "cudaErrorMemoryAllocation", 46: "cudaErrorDevicesUnavailable", 214: "cudaErrorECCUncorrectable",
         226: "cudaErrorContained", 700: "cudaErrorIllegalAddress", 702: "cudaErrorLaunchTimeout", 719: "cudaErrorLaunchFailure",
         209: "cudaErrorNoKernelImageForDevice", 222: "cudaErrorUnsupportedPtxVersion", 802: "cudaErrorSystemNotReady", 999: "cudaErrorUnknown"}
# Errors that a device does not come back from in this process.
STICKY = {214, 226, 700, 702, 719}
# Nobody asks for the result of these: what they fail to free goes with the process.
FREEING = {"cudaFree", "cudaFreeHost", "cudaFreeAsync", "cudaStreamDestroy", "cudaGraphDestroy", "cudaGraphExecDestroy"}
VERSIONS = {"cudaRuntimeGetVersion", "cudaDriverGetVersion", "cudaDeviceGetPCIBusId"}
PROBING = {"cudaGetDeviceCount", "cudaGetDeviceProperties"}
# Before there are batches that could be made smaller.
SETUP = {"cudaSetDevice", "cudaDeviceGetDefaultMemPool", "cudaMemPoolSetAttribute", "cudaMemGetInfo"}
TEMPORARY_CODES = {46, 802}

SETTINGS = "memory=6M"

# `result`: what must not change, or None.
Outcome = collections.namedtuple("Outcome", "code text result device struck folder")


def make_jobs(source, folder):
    """Two configs of one job: of most groups only tails are kept, or all that is simulated."""
    shutil.copytree(f"{source}/tests/golden/known_job", f"{folder}/job")
    with open(f"{folder}/job/run.json", encoding="utf-8") as file:
        config = json.load(file)
    config["scenarios"] = 5000
    del config["exposure_dates"]
    paths = {}
    for detail in ("tails", "full"):
        paths[detail] = f"{folder}/job/{detail}.json"
        with open(paths[detail], "w", encoding="utf-8") as file:
            json.dump({**config, "group_detail": detail}, file)
    return paths


class Runner:
    def __init__(self, program, source, folder):
        self.program, self.folder = program, folder
        self.configs = make_jobs(source, folder)

    def place(self, name):
        path = f"{self.folder}/{name.replace(' ', '_').replace('/', '_')}"
        os.makedirs(path, exist_ok=True)
        return path

    def run(self, name, faults, device, *flags, detail="tails", limit=60):
        """In a folder of the run's name, which may hold what an earlier run has left."""
        folder = self.place(name)
        environment = {**os.environ, "TAILBIT_SIMULATED_CUDA": f"{SETTINGS};state={folder}/state;{faults}"}
        command = [self.program, "run", self.configs[detail], "--out", f"{folder}/out", "--device", device, *flags]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=limit)
            code, text = done.returncode, done.stderr
        except subprocess.TimeoutExpired as error:
            code, text = None, f"not ended after {limit} s: {error.stderr}"
        result = on = None
        try:
            with open(f"{folder}/out/summary.json", encoding="utf-8") as file:
                summary = json.load(file)
            result = [summary["digests"]["losses_sha256"], summary["measures"], summary["pnl"]]
            on = summary["device"]
        except FileNotFoundError:
            pass
        return Outcome(code, text, result, on, os.path.exists(f"{folder}/state"), folder)


def calls(runner, detail):
    """How often each kind of call is made, by a run without faults."""
    log = f"{runner.folder}/log-{detail}"
    outcome = runner.run(f"calls, {detail}", f"log={log}", "cuda", detail=detail)
    assert outcome.code == 0, outcome.text
    with open(log, encoding="utf-8") as file:
        return collections.Counter(line.split()[1] for line in file)


def ordinals(count):
    """The first, the last, and some in between."""
    return sorted({n for n in (1, 2, 3, count // 4, count // 2, count - 1, count) if 1 <= n <= count})


def clause(api, ordinal, code, lasting):
    return f"fail={api}@{ordinal}:{code}:{lasting}"


def lasting_of(code):
    return "sticky" if code in STICKY else "once"


class Suite:
    def __init__(self, runner, judge):
        self.runner, self.judge = runner, judge
        self.counts = calls(runner, "tails")
        self.copies = {"tails": self.counts["copy_to_host"], "full": calls(runner, "full")["copy_to_host"]}
        self.points = []  # (name, function that gives a complaint)

    def add(self, name, function):
        self.points.append((name, function))

    def run(self, name, faults, device, *flags, **more):
        outcome = self.runner.run(name, faults, device, *flags, **more)
        return outcome, "" if outcome.struck else "the fault did not strike"

    def said(self, code, device=0):
        return (f"cuda:{device}", NAMES[code])

    # Each of these makes a point of a call and a fault.

    def on_auto(self, api, ordinal, code, lasting):
        name = f"auto: {api} {ordinal} {code} {lasting}"

        def check():
            outcome, complaint = self.run(name, clause(api, ordinal, code, lasting), "auto")
            if api in PROBING:
                wanted = ("running on the CPU", NAMES[code])
            elif api in VERSIONS or "Simulated" in (outcome.device or ""):
                wanted = ()
            else:
                wanted = self.said(code)
            return complaint or self.judge.complete(outcome, *wanted)
        self.add(name, check)

    def unhurt(self, api, ordinal, code, lasting):
        name = f"cuda: {api} {ordinal} {code} {lasting}"

        def check():
            outcome, complaint = self.run(name, clause(api, ordinal, code, lasting), "cuda")
            return complaint or self.judge.complete_on_device(outcome)
        self.add(name, check)

    def gives_up(self, api, ordinal, code, lasting):
        name = f"cuda: {api} {ordinal} {code} {lasting}, then well"

        def check():
            outcome, complaint = self.run(name, clause(api, ordinal, code, lasting), "cuda")
            complaint = (complaint or self.judge.ended(outcome, 75) or self.judge.nothing(outcome) or
                         self.judge.says(outcome, *self.said(code)))
            if complaint:
                return complaint
            return self.judge.complete_on_device(self.runner.run(name, "", "cuda"))
        self.add(name, check)

    def unavailable(self, api, code):
        name = f"cuda: {api} 1 {code} always"

        def check():
            outcome, complaint = self.run(name, clause(api, 1, code, "always"), "cuda")
            expected = 75 if code in TEMPORARY_CODES else 69
            return (complaint or self.judge.ended(outcome, expected) or self.judge.nothing(outcome) or
                    self.judge.says(outcome, "--device cuda", NAMES[code]))
        self.add(name, check)

    def recovers(self, api, ordinal, code, lasting):
        name = f"cuda, first process: {api} {ordinal} {code} {lasting}"

        def check():
            outcome, complaint = self.run(name, "strikes=1;" + clause(api, ordinal, code, lasting), "cuda")
            return complaint or self.judge.complete_on_device(outcome) or self.judge.says(outcome, *self.said(code))
        self.add(name, check)

    def one_of_two(self, api, ordinal, code, lasting):
        name = f"cuda:all: {api} {ordinal} {code} {lasting} on device 1"

        def check():
            faults = f"devices=2;{clause(api, ordinal, code, lasting)}:device=1"
            outcome, complaint = self.run(name, faults, "cuda:all")
            return complaint or self.judge.complete_on_device(outcome) or self.judge.says(outcome, *self.said(code, 1))
        self.add(name, check)

    def flipped(self, detail, copy, bit, device):
        name = f"{device}, {detail}: flipped bit {bit} of copy {copy}"

        def check():
            file = f"{self.runner.place(name)}/metrics.prom"
            outcome, complaint = self.run(name, f"flip={copy}:{bit}", device, "--audit", "1", "--metrics", file, detail=detail)
            complaint = complaint or self.judge.audit_told(outcome, file)
            if outcome.code == 75 and device != "auto":
                return complaint or self.judge.nothing(outcome)
            return complaint or self.judge.complete(outcome)
        self.add(name, check)

    def flipped_once(self, copy):
        """A device that was found to corrupt data is not used again, well as it may seem."""
        name = f"cuda, first process: flipped bit of copy {copy}"

        def check():
            outcome, complaint = self.run(name, f"strikes=1;flip={copy}:40", "cuda", "--audit", "1")
            if outcome.code == 0:
                return complaint or self.judge.complete_on_device(outcome) or ("audit" in outcome.text and "it is used again")
            return complaint or self.judge.ended(outcome, 75) or self.judge.nothing(outcome) or self.judge.says(outcome, "another --device")
        self.add(name, check)

    def unaudited(self, detail):
        """That the wrong bits are real, and that it is the audit that finds them."""
        name = f"cuda, {detail}: flipped bits that nobody looks for"

        def check():
            for copy in range(1, self.copies[detail] + 1):
                outcome, complaint = self.run(f"{name} {copy}", f"flip={copy}:40", "cuda", "--audit", "0", detail=detail)
                if outcome.code == 0 and not complaint and outcome.result != self.judge.expected:
                    return ""
            return "no flipped bit changes a result"
        self.add(name, check)

    def lost_process(self, api, ordinal, how, device):
        name = f"{device}, first process: {api} {ordinal} {how}"

        def check():
            outcome, complaint = self.run(name, f"strikes=1;{clause(api, ordinal, how, 'once')}", device, "--stall-seconds", "1",
                                          limit=20)
            return complaint or self.judge.complete(outcome)
        self.add(name, check)

    def lost_always(self, api, ordinal, how):
        name = f"auto, every process: {api} {ordinal} {how}"
        faults = clause(api, ordinal, how, "always")
        lost = "stalled" if how == "hang" else "Segmentation fault"
        while_it = "asked CUDA for devices; going on without any" if api in PROBING else "computed there; going on without it"

        def on_auto():
            outcome, complaint = self.run(name, faults, "auto", "--stall-seconds", "1", limit=20)
            complaint = complaint or self.judge.complete(outcome, lost, f"while it {while_it}",
                                                         *(["running on the CPU"] if api in PROBING else ["cuda:0: the worker"]))
            if complaint:
                return complaint
            with open(f"{outcome.folder}/out/run.json", encoding="utf-8") as file:
                restarts = json.load(file)["restarts"]
            return "" if restarts == 1 else f"{restarts} workers were lost"
        self.add(name, on_auto)
        explicit = name.replace("auto", "cuda")

        def on_cuda():
            outcome, complaint = self.run(explicit, faults, "cuda", "--stall-seconds", "1", limit=30)
            return (complaint or self.judge.ended(outcome, 75 if how == "hang" else 70) or self.judge.nothing(outcome) or
                    self.judge.says(outcome, lost))
        self.add(explicit, on_cuda)

    def without_code(self, api, code):
        says = (NAMES[code], "this program was built for 80-real 90-real", "compute capability 9.0")

        def point(device, faults, judged):
            name = f"{device}: {api} 1 {code}, {faults.split(';')[0]}"

            def check():
                for attempt in range(8):  # a device that the others leave nothing to launches nothing
                    outcome, complaint = self.run(f"{name}, {attempt}", faults, device)
                    if outcome.struck:
                        break
                return complaint or judged(outcome) or self.judge.says(outcome, *says)
            self.add(name, check)

        def refused(outcome):
            again = "in a new process" in outcome.text and "it is tried again"
            return self.judge.ended(outcome, 69) or self.judge.nothing(outcome) or again
        always = f"fail={api}@1:{code}:always"
        point("auto", f"devices=1;{always}", self.judge.complete)
        point("cuda", f"devices=1;{always}", refused)
        point("cuda:all", f"devices=2;{always}", refused)
        point("cuda:all", f"devices=3;{always}:device=1", self.judge.complete_on_device)

    def plan(self):
        self.plan_calls()
        for api, code in (("launch", 209), ("cudaFuncSetAttribute", 209), ("launch", 222)):
            self.without_code(api, code)
        for detail, copies in self.copies.items():
            for copy in range(1, copies + 1):
                for bit in (3, 62, 77, 1000):  # 62: a profit that is too large
                    self.flipped(detail, copy, bit, "auto")
                self.flipped(detail, copy, 40, "cuda")
                if detail == "tails":
                    self.flipped_once(copy)
            self.unaudited(detail)
        for api, how in (("cudaStreamSynchronize", "hang"), ("launch", "hang"), ("cudaMalloc", "hang"), ("launch", "crash"),
                         ("cudaMemcpyAsync", "crash"), ("cudaGetDeviceCount", "crash")):
            for device in ("auto", "cuda"):
                self.lost_process(api, max(1, self.counts[api] // 2), how, device)
        for api in ("cudaGetDeviceCount", "cudaGetDeviceProperties", "launch", "cudaStreamSynchronize"):
            for how in ("hang", "crash"):
                self.lost_always(api, max(1, self.counts[api] // 2), how)

    def plan_calls(self):
        for api, count in sorted(self.counts.items()):
            if api == "copy_to_host":
                continue
            if api in VERSIONS:
                self.unhurt(api, 1, 999, "always")
                self.on_auto(api, 1, 999, "always")
            elif api in PROBING:
                for code in (2, 46, 802, 999):
                    self.on_auto(api, 1, code, "always")
                    if api == "cudaGetDeviceCount":
                        self.unavailable(api, code)
            elif api in FREEING:
                for ordinal in ordinals(count):
                    self.unhurt(api, ordinal, 999, "once")
                self.unhurt(api, 1, 46, "always")
                self.on_auto(api, 1, 700, "sticky")
                self.on_auto(api, count, 214, "sticky")
            else:
                self.plan_working_call(api, count)

    def plan_working_call(self, api, count):
        if api == "cudaStreamSynchronize":
            count -= 3  # the last are those of destructors, which ask for nothing
        fatal_memory = api in SETUP or api == "kernel"
        for ordinal in ordinals(count):
            for code in (700, 214):
                self.on_auto(api, ordinal, code, lasting_of(code))
            self.on_auto(api, ordinal, 2, "once")
            self.recovers(api, ordinal, 719, "sticky")
        for ordinal in ordinals(count)[::2]:
            self.gives_up(api, ordinal, 702, "sticky")
            self.recovers(api, ordinal, 999, "once")
        self.gives_up(api, 1, 46, "always")
        self.gives_up(api, 1, 2, "always")
        self.on_auto(api, 1, 2, "always")
        self.on_auto(api, count, 999, "once")
        if "Graph" not in api and "Capture" not in api:  # each of two devices has too few batches
            self.one_of_two(api, 1, 226, "sticky")
        if not fatal_memory and count > 2:
            self.unhurt(api, count - 1, 2, "once")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("--only", default="", help="points whose name holds this")
    parser.add_argument("--report")
    asked = parser.parse_args()
    program = os.path.realpath(asked.program)
    listed = subprocess.run([program, "devices"], capture_output=True, text=True, check=True).stdout
    if "Simulated device" not in listed:
        print("SKIP: the program was not built on simulated devices")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(program, os.path.realpath(asked.source), folder)
        judge = Judge(runner.run("cpu", "", "cpu").result)
        suite = Suite(runner, judge)
        suite.plan()
        chosen = [point for point in suite.points if asked.only in point[0]]
        points = Points("device faults", WHAT)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for (name, _), complaint in zip(chosen, pool.map(lambda point: point[1](), chosen)):
                points.add(name, complaint)
        points.finish(least=0 if asked.only else 300, report=asked.report)


if __name__ == "__main__":
    main()
