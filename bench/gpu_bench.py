#!/usr/bin/env python3
"""What bench/gpu.sh does once it has a program: checks, rates beside the machine code's bound, and the result as JSON.

  gpu_bench.py --probe PROGRAM     prints nothing where the program has a usable device, else why it has none
  gpu_bench.py --program FILE [--tests FILE] [--sanitizer FILE] [--out FILE] [--minutes N] [--quick]

Rates are reprices over the time that the program gives as `simulate`, in G/s; every run is a process of its own, so the time holds
the device's start. `cold` is the first run of a size, `warm` the best of those after it. `slope` is the rate of what a larger run has
more than a smaller one, by warm times, so that the start cancels: the figure that is held against the bound.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gpu_checks
import gpu_jobs
import gpu_roofline

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench/results"
JOBS = [{"job": "flat", "accounts": 1}, {"job": "svi", "accounts": 1}, {"job": "mixed", "accounts": 1000}]
PRECISIONS = ("double", "single")
# The last is for the slope: smaller ones end before a clock has seen much.
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
OF_GROUPS = 1_000_000  # the most where a thousand accounts' tails are kept
WITH_CPU = 100_000  # the size that the CPU runs too
RUNS = 4


class Failed(Exception):
    pass


def rounded(value):
    return float(f"{value:.4g}")


def run(program, job, precision, scenarios, device, folder):
    """A run's summary, and its wall time."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    words = [program, "run", job / "run.json", "--precision", precision, "--scenarios", scenarios, "--device", device]
    words += ["--quiet", "--out", out]
    start = time.monotonic()
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{job.name}, {precision}, {scenarios} scenarios on {device}: exit {done.returncode}: {done.stderr.strip()[-400:]}")
    return json.loads((out / "summary.json").read_text(encoding="utf-8")), time.monotonic() - start


def digests(summary):
    """Of the book's losses, and of all that is measured of every group."""
    measures = json.dumps(summary["measures"], sort_keys=True)
    return {"losses_sha256": summary["digests"]["losses_sha256"], "measures_sha256": hashlib.sha256(measures.encode()).hexdigest()}


class Bench:
    def __init__(self, program, device, quick, end, folder):
        self.program, self.device, self.quick, self.end, self.folder = program, device, quick, end, folder
        self.wrong, self.left_out = [], []
        self.cpu_size = SIZES[0] if quick else WITH_CPU

    def jobs(self, bounds):
        rows = []
        for arguments in JOBS:
            arguments = gpu_jobs.DEFAULTS | arguments
            made = gpu_jobs.write(self.folder / arguments["job"], **arguments)
            for precision in PRECISIONS:
                row = {"arguments": arguments, "inputs_sha256": made, "precision": precision}
                rows.append(row | {"bound": rounded(bounds(precision, gpu_jobs.kernels(**arguments))), "runs": []})
        # All jobs at the smallest size first: these are the digests that others compare.
        for size in SIZES[:1] if self.quick else SIZES:
            for row in rows:
                if size <= OF_GROUPS or row["arguments"]["accounts"] == 1:
                    self.add(row, size)
        for row in rows:
            self.conclude(row)
        return rows

    def add(self, row, size):
        name = f"{row['arguments']['job']}, {row['precision']}, {size} scenarios"
        before = row["runs"][-1]["wall_seconds"] if row["runs"] else 0.0
        # Never those that are compared with a CPU.
        if size > WITH_CPU and time.monotonic() + 10 * RUNS * before > self.end:
            self.left_out.append(name)
            return
        try:
            row["runs"].append(self.measure(row, size, name))
            print(f"   {name}: {row['runs'][-1]['warm']} G/s", flush=True)
        except (Failed, OSError, ValueError, KeyError) as error:
            self.wrong.append(f"{name}: {type(error).__name__}: {error}")
            print(f"   FAILED: {self.wrong[-1]}", flush=True)

    def measure(self, row, size, name):
        job = self.folder / row["arguments"]["job"]
        ours = [run(self.program, job, row["precision"], size, f"cuda:{self.device['id']}", self.folder) for _ in range(RUNS)]
        first = ours[0][0]
        if any(self.device["name"] not in summary["device"] for summary, _ in ours):
            raise Failed(f"ran on {first['device']}")
        if any(digests(summary) != digests(first) for summary, _ in ours):
            raise Failed("two runs differ in their digests")
        seconds = [summary["timings"]["simulate"] for summary, _ in ours]
        reprices = first["reprices"]
        result = {"scenarios": size, "reprices": reprices, **digests(first)}
        result |= {"cold": rounded(reprices / seconds[0] / 1e9), "warm": rounded(reprices / min(seconds[1:]) / 1e9)}
        result |= {"warm_seconds": rounded(min(seconds[1:])), "wall_seconds": rounded(min(wall for _, wall in ours[1:]))}
        if size == self.cpu_size:
            summary, _ = run(self.program, job, row["precision"], size, "cpu", self.folder)
            if digests(summary) != digests(first):
                self.wrong.append(f"{name}: the CPU's digests are others")
            rate = rounded(summary["reprices_per_second"] / 1e9)
            result["cpu"] = {**digests(summary), "rate": rate, "ratio": rounded(result["warm"] / rate)}
        return result

    def conclude(self, row):
        """The slope between the two largest sizes, and the part of the bound that was reached."""
        row["slope"] = row["fraction"] = None
        if len(row["runs"]) < 2:
            return
        less, more = row["runs"][-2:]
        seconds = more["warm_seconds"] - less["warm_seconds"]
        if seconds > 0:
            row["slope"] = rounded((more["reprices"] - less["reprices"]) / seconds / 1e9)
            row["fraction"] = rounded(row["slope"] / row["bound"])


def table(result):
    print(f"\n{result['device']['name']}, rates in G reprices/s; bound: {result['device']['bound_from']}")
    heads = "".join(f"{head:>10}" for head in ("cold", "warm", "CPU", "ratio", "slope", "bound", "reached"))
    print(f"{'job':<8}{'precision':<11}{'scenarios':>11}{heads}")
    for row in result["jobs"]:
        for one in row["runs"]:
            cpu = one.get("cpu", {"rate": "-", "ratio": "-"})
            ends = ["", "", ""]
            if one is row["runs"][-1]:
                ends = [row["slope"] or "-", row["bound"], f"{row['fraction']:.0%}" if row["fraction"] else "-"]
            figures = "".join(f"{figure:>10}" for figure in (one["cold"], one["warm"], cpu["rate"], cpu["ratio"], *ends))
            print(f"{row['arguments']['job']:<8}{row['precision']:<11}{one['scenarios']:>11}{figures}".rstrip())
    for name in result["left_out"]:
        print(f"left out for want of time: {name}")
    for part in ("selftest", "parity"):
        print(f"{part}: {result[part]['outcome']} {result[part].get('reason', '')}".rstrip())
    for kind, one in result["sanitizer"].items():
        print(f"{kind}: {one['outcome']} {one.get('reason', '')}".rstrip())


def default_out(name, quick):
    """Where the result of a device lies; one of --quick is none, and is only built."""
    folder = ROOT / "build" if quick else RESULTS
    folder.mkdir(exist_ok=True)
    return folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.json"


def measure_all(options):
    device, why_not = gpu_checks.usable_device(options.program)
    if device is None:
        print(f"SKIP: {why_not}")
        return 77
    start = time.monotonic()
    version = json.loads(subprocess.run([options.program, "version", "--json"], capture_output=True, text=True, check=True).stdout)
    known, bounds = gpu_roofline.of_device(device, ROOT)
    result = {"schema": "tailbit.device/1", "quick": options.quick, "device": known, "numerics": version["numerics"]}
    result["program"] = {"version": version["version"], "compiler": version["compiler"]}
    print(f"== {device['name']}: self-test and parity", flush=True)
    result["selftest"] = gpu_checks.selftest(options.program, device)
    result["parity"] = gpu_checks.parity(options.tests)
    print("== compute-sanitizer", flush=True)
    result["sanitizer"] = gpu_checks.sanitizer(options.sanitizer, options.program, 20 if options.quick else 20 * options.minutes)
    print("== rates", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.program, device, options.quick, start + 60 * options.minutes, Path(folder))
        result["jobs"] = bench.jobs(bounds)
    result["left_out"], result["failures"] = bench.left_out, bench.wrong
    out = Path(options.out or default_out(device["name"], options.quick))
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    table(result)
    parts = [result["selftest"], result["parity"], *result["sanitizer"].values()]
    wrong = bench.wrong + [part["detail"] for part in parts if part["outcome"] == "failed"]
    print("\n".join(["", f"wrote {out.name}"] + [f"ERROR: {one}" for one in wrong]))
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description="The part of bench/gpu.sh that needs a program.")
    parser.add_argument("--probe", metavar="PROGRAM")
    for name in ("program", "tests", "sanitizer", "out"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.probe:
        why_not = gpu_checks.usable_device(options.probe)[1]
        if why_not:
            print(why_not)
        return 0
    if not options.program or not 0 < options.minutes < float("inf"):
        parser.error("--program FILE is needed, and --minutes above 0")
    return measure_all(options)


if __name__ == "__main__":
    sys.exit(main())
