#!/usr/bin/env python3
"""What bench/gpu.sh wrote on a device is whole, and a CPU computes the same.

  device_results.py [--program TAILBIT]   every bench/results/*.json of the schema tailbit.device/1; with a program, each job at its
                                          smallest size once more, made by the same generator (bench/gpu_jobs.py), on this CPU
  device_results.py --self-test

A result that says of itself that something failed, or whose figures contradict each other, is wrong. One of other numerics than the
program's is skipped: exit code 77; so is a comparison without a program. Where there is no result, the program only has to take the
jobs (tailbit validate), so that bench/gpu.sh finds them in order when it has a device.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import count_table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import gpu_bench  # noqa: E402  the path has to be known first
import gpu_jobs  # noqa: E402
import gpu_roofline  # noqa: E402

SCHEMA = "tailbit.device/1"
KEYS = {"quick", "device", "numerics", "program", "selftest", "parity", "sanitizer", "jobs", "left_out", "failures"}
OF_DEVICE = {"name", "compute_capability", "memory_bytes", "driver", "multiprocessors", "clock_ghz", "bound_from"}
OF_JOB = {"arguments", "inputs_sha256", "precision", "bound", "slope", "fraction", "runs"}
OF_RUN = {"scenarios", "reprices", "losses_sha256", "measures_sha256", "cold", "warm", "warm_seconds", "wall_seconds"}
DIGESTS = ("losses_sha256", "measures_sha256")
SANITIZER = {"memcheck", "racecheck", "initcheck"}
NEEDED = {(job, precision) for job in ("flat", "svi", "mixed") for precision in ("double", "single")}


class Failed(Exception):
    pass


def results(folder):
    """{path: document} of the folder's results of devices."""
    found = {}
    for path in sorted(Path(folder).glob("*.json")):
        text = path.read_text(encoding="utf-8")
        # One that says so but cannot be read is a result as well.
        if f'"{SCHEMA}"' in text:
            found[path] = text
    return found


def missing(where, part, keys):
    if not isinstance(part, dict):
        return [f"{where} is no object"]
    return [f"{where} has no {key!r}" for key in sorted(keys - part.keys())]


def run_problems(where, row):
    found = []
    for run in row["runs"]:
        found += (lacks := missing(where, run, OF_RUN))
        if lacks:
            continue
        at = f"{where}, {run['scenarios']} scenarios"
        for key in sorted(OF_RUN - set(DIGESTS)):
            if not isinstance(run[key], (int, float)) or not run[key] > 0:
                found.append(f"{at}: {key} is {run[key]!r}")
        for key in DIGESTS:
            if not re.fullmatch("[0-9a-f]{64}", str(run[key])):
                found.append(f"{at}: {key} is no SHA-256")
            if run.get("cpu", run).get(key) != run[key]:
                found.append(f"{at}: {key} is not that of the CPU beside it")
    return found


def close(a, b):
    return abs(a - b) <= 2e-3 * abs(b)


def figure_problems(where, row):
    """Whether slope and fraction are what the runs say."""
    less, more = row["runs"][-2:]
    seconds = more["warm_seconds"] - less["warm_seconds"]
    if seconds <= 0:
        return [] if row["slope"] is None and row["fraction"] is None else [f"{where}: slope is {row['slope']!r} of no time"]
    slope = (more["reprices"] - less["reprices"]) / seconds / 1e9
    found = []
    if row["slope"] is None or not close(row["slope"], slope):
        found.append(f"{where}: slope is {row['slope']!r}, by its runs {slope:.4g}")
    elif row["fraction"] is None or not close(row["fraction"], row["slope"] / row["bound"]):
        found.append(f"{where}: fraction is {row['fraction']!r}, by slope and bound {row['slope'] / row['bound']:.4g}")
    for run in (less, more):
        if not close(run["warm"], run["reprices"] / run["warm_seconds"] / 1e9):
            found.append(f"{where}, {run['scenarios']} scenarios: warm is {run['warm']}, which its time is not")
    return found


def job_problems(row):
    found = missing("a job", row, OF_JOB)
    if found:
        return found
    where = f"{row['arguments'].get('job')}, {row['precision']}"
    if not row["runs"] or not isinstance(row["bound"], (int, float)) or not row["bound"] > 0:
        return [f"{where}: no run, or no bound"]
    found = run_problems(where, row)
    if not any("cpu" in run for run in row["runs"]):
        found.append(f"{where}: no CPU ran it on the same machine")
    if len(row["runs"]) < 2:
        return found + [f"{where}: one size alone gives no rate to hold against the bound"]
    return found or figure_problems(where, row)


def outcome_problems(document):
    found = [f"{part} is {document[part].get('outcome')!r}" for part in ("selftest", "parity") if document[part].get("outcome") != "passed"]
    found += [f"nothing of {part} ran on the device" for part in ("selftest", "parity") if not document[part].get("on_device")]
    found += missing("sanitizer", document["sanitizer"], SANITIZER)
    for kind, one in document["sanitizer"].items():
        if one.get("outcome") != "passed" and not (one.get("outcome") == "skipped" and one.get("reason")):
            found.append(f"{kind} is {one.get('outcome')!r}")
    return found


def whole(document):
    """What is wrong with a result, without computing anything."""
    found = missing("the result", document, KEYS)
    if found:
        return found
    found = missing("device", document["device"], OF_DEVICE) + outcome_problems(document)
    found += [f"failed when it was measured: {one}" for one in document["failures"]]
    if document["quick"] is not False:
        found.append("--quick measures nothing")
    for row in document["jobs"]:
        found += job_problems(row)
    there = {(row["arguments"]["job"], row["precision"]) for row in document["jobs"] if "arguments" in row and "precision" in row}
    return found + [f"no job {job} in {precision}" for job, precision in sorted(NEEDED - there)]


def command(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(str(word) for word in words[1:3])}: exit {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def fresh(program, row, folder):
    """What a CPU says of a job at its smallest size: problems."""
    where, run = f"{row['arguments']['job']}, {row['precision']}", min(row["runs"], key=lambda run: run["scenarios"])
    made = gpu_jobs.write(folder, **row["arguments"])
    if made != row["inputs_sha256"]:
        return [f"{where}: bench/gpu_jobs.py makes another job now than was measured"]
    options = ["--precision", row["precision"], "--scenarios", run["scenarios"], "--device", "cpu", "--quiet"]
    command(program, "run", Path(folder) / "run.json", *options, "--out", Path(folder) / "out")
    summary = json.loads((Path(folder) / "out/summary.json").read_text(encoding="utf-8"))
    measures = hashlib.sha256(json.dumps(summary["measures"], sort_keys=True).encode()).hexdigest()
    ours = {"losses_sha256": summary["digests"]["losses_sha256"], "measures_sha256": measures}
    return [f"{where}: {key} is {run[key]} on the device, {ours[key]} here" for key in DIGESTS if ours[key] != run[key]]


def compare(program, document):
    found = []
    for row in document["jobs"]:
        with tempfile.TemporaryDirectory() as folder:
            found += fresh(program, row, folder)
    return found


def refuses_jobs(program):
    """Whether the program refuses a job as bench/gpu.sh runs it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            for arguments in gpu_bench.JOBS:
                place = Path(folder) / arguments["job"]
                gpu_jobs.write(place, **gpu_jobs.DEFAULTS | arguments)
                command(program, "validate", place / "run.json", "--json")
        except Failed as error:
            print(f"ERROR: a job of bench/gpu.sh: {error}")
            return True
    return False


def check(program, folder=ROOT / "bench/results"):
    texts = results(folder)
    if not texts:
        print("GPU evidence: none yet")
        return 1 if program and refuses_jobs(program) else 0
    numerics = json.loads(command(program, "version", "--json"))["numerics"] if program else None
    wrong, skipped = [], []
    for path, text in texts.items():
        try:
            document = json.loads(text)
            found = whole(document)
            if not found and program and document["numerics"] == numerics:
                found = compare(program, document)
                print(f"GPU evidence: {document['device']['name']}, {'DIFFERS' if found else 'the same bits as here'}")
            elif not found:
                differ = f"numerics differ: {path.name} is of {document['numerics']}, not {numerics}"
                skipped.append(differ if program else "no program to compare with")
                print(f"GPU evidence: {document['device']['name']}, not compared: {skipped[-1]}")
        except (ValueError, KeyError, TypeError, AttributeError, Failed) as error:
            found = [f"{type(error).__name__}: {error}"]
        wrong += [f"{path.name}: {one}" for one in found]
    for one in wrong:
        print(f"ERROR: {one}")
    if wrong:
        return 1
    if skipped:
        print(f"SKIP: {'; '.join(skipped)}")
        return 77
    return 0


# A program that computes a digest of its inputs, precision and size, and what its numerics are.
STAND_IN = """#!/usr/bin/env python3
import hashlib, json, pathlib, sys
if sys.argv[1] == "version":
    print(json.dumps({"numerics": NUMERICS}))
    sys.exit()
if sys.argv[1] == "validate":
    sys.exit(0 if NUMERICS == 2 else 65)
words = dict(zip(sys.argv[3::1], sys.argv[4::1]))
data = pathlib.Path(sys.argv[2]).with_name("book.csv").read_bytes() + f"{words['--precision']} {words['--scenarios']}".encode()
digest = hashlib.sha256(data).hexdigest()
out = pathlib.Path(words["--out"])
out.mkdir()
(out / "summary.json").write_text(json.dumps({"digests": {"losses_sha256": digest}, "measures": [{"var": digest}]}))
"""


def planted(program, folder):
    """A good result, by the stand-in."""
    jobs = []
    for job, precision in sorted(NEEDED):
        arguments = {"job": job, "contracts": 60, "accounts": 3 if job == "mixed" else 1, "seed": 1}
        runs = []
        for size in (100, 1000):
            place = Path(folder) / f"{job}-{precision}-{size}"
            made = gpu_jobs.write(place, **arguments)
            command(program, "run", place / "run.json", "--precision", precision, "--scenarios", size, "--out", place / "out")
            summary = json.loads((place / "out/summary.json").read_text(encoding="utf-8"))
            measures = hashlib.sha256(json.dumps(summary["measures"], sort_keys=True).encode()).hexdigest()
            digests = {"losses_sha256": summary["digests"]["losses_sha256"], "measures_sha256": measures}
            rates = {"cold": 1.0, "warm": 20.0, "warm_seconds": size * 1e-6, "wall_seconds": 1.0}
            runs.append({"scenarios": size, "reprices": 20000 * size} | digests | rates | {"cpu": digests})
        row = {"arguments": arguments, "inputs_sha256": made, "precision": precision, "bound": 40.0, "slope": 20.0, "fraction": 0.5}
        jobs.append(row | {"runs": runs})
    passed = {"outcome": "passed", "on_device": ["a test"]}
    return {
        "schema": SCHEMA,
        "quick": False,
        "device": dict.fromkeys(OF_DEVICE, 1) | {"name": "Stand-in"},
        "numerics": 2,
        "program": {"version": "0.1.0"},
        "selftest": passed,
        "parity": passed,
        "sanitizer": {kind: {"outcome": "skipped", "reason": "not there"} for kind in SANITIZER},
        "jobs": jobs,
        "left_out": [],
        "failures": [],
    }


def self_test_of_bounds():
    """bench/gpu.sh finds its kernels in the table, and for an H200 comes to the bounds that the table has."""
    table = count_table.read(ROOT / "bench/results/kernels.json")
    h200, clocks = "9.0", gpu_roofline.H200["multiprocessors"] * gpu_roofline.H200["clock_ghz"]
    for architectures in table["compilers"].values():
        for name, row in architectures["sm_90"].items():
            row = dict(zip(table["columns"], row))
            if row["bound"]:
                assert abs(gpu_roofline.bound(row, h200, clocks) / row["bound"] - 1) < 0.01, f"another bound: {name}"
    assert gpu_roofline.architecture_of("8.6", ["sm_80", "sm_90"]) == "sm_80"
    assert gpu_roofline.architecture_of("12.0", ["sm_80", "sm_90"]) == "sm_90"
    device = {"id": 0, "name": "none", "compute_capability": h200, "memory_bytes": 1}
    for arguments in gpu_bench.JOBS:
        shares = gpu_jobs.kernels(**gpu_jobs.DEFAULTS | arguments)
        assert abs(sum(shares.values()) - 1) < 1e-9, "contracts without a kernel"
        for precision in gpu_bench.PRECISIONS:
            assert gpu_roofline.of_device(device, ROOT)[1](precision, shares) > 0


def self_test():
    self_test_of_bounds()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = {numerics: folder / f"program-{numerics}" for numerics in (2, 3)}
        for numerics, program in programs.items():
            program.write_text(STAND_IN.replace("NUMERICS", str(numerics)), encoding="utf-8")
            program.chmod(0o755)
        good = planted(programs[2], folder / "jobs")
        (folder / "results").mkdir()
        target = folder / "results/stand-in.json"

        def verdict(change=lambda result: None, program=programs[2]):
            result = json.loads(json.dumps(good))
            change(result)
            target.write_text(json.dumps(result), encoding="utf-8")
            return count_table.quietly(lambda: check(program, folder / "results"))

        assert count_table.quietly(lambda: check(programs[2], folder / "results")) == 0, "no result is a fault"
        assert count_table.quietly(lambda: check(programs[3], folder / "results")) == 1, "missed a program that refuses the jobs"
        assert verdict() == 0, "a false alarm"
        assert verdict(program=programs[3]) == 77 and verdict(program=None) == 77, "what was not compared passes"
        assert verdict(lambda result: result.update(numerics=1)) == 77, "older numerics are no skip"

        def first(run=None, **values):
            return lambda result: (result["jobs"][0] if run is None else result["jobs"][0]["runs"][run]).update(values)

        def other(key):
            of_cpu = good["jobs"][0]["runs"][0]["cpu"] | {key: "0" * 64}
            return first(0, cpu=of_cpu, **{key: "0" * 64})

        bad = {
            "a digest of the smallest size": other("losses_sha256"),
            "a digest of its measures": other("measures_sha256"),
            "a CPU beside it that differs": first(1, losses_sha256="0" * 64),
            "no digest": first(1, losses_sha256="", cpu={"losses_sha256": "", "measures_sha256": ""}),
            "a rate of nothing": first(1, cold=0.0),
            "a rate that its time is not": first(1, warm=25.0),
            "a slope that its runs are not": first(slope=25.0),
            "a fraction that is not": first(fraction=0.9),
            "a bound of nothing": first(bound=0),
            "another generator": first(inputs_sha256="0" * 64),
            "no CPU beside it": lambda result: [run.pop("cpu") for run in result["jobs"][0]["runs"]],
            "one size alone": lambda result: result["jobs"][0]["runs"].pop(),
            "a missing key": lambda result: result.pop("parity"),
            "a missing key of a run": lambda result: result["jobs"][0]["runs"][1].pop("cold"),
            "a missing key of a job": lambda result: result["jobs"][0].pop("bound"),
            "a missing job": lambda result: result["jobs"].pop(),
            "a device without a driver": lambda result: result["device"].pop("driver"),
            "a failed self-test": lambda result: result["selftest"].update(outcome="failed"),
            "parity that was skipped": lambda result: result["parity"].update(outcome="skipped", reason="why"),
            "parity on no device": lambda result: result["parity"].update(on_device=[]),
            "a race": lambda result: result["sanitizer"].update(racecheck={"outcome": "failed", "detail": "one"}),
            "a skip without a reason": lambda result: result["sanitizer"].update(memcheck={"outcome": "skipped"}),
            "a failure that is told": lambda result: result.update(failures=["two runs differ"]),
            "a quick result": lambda result: result.update(quick=True),
            "jobs that are none": lambda result: result.update(jobs=[1]),
        }
        for what, change in bad.items():
            assert verdict(change) == 1, f"missed {what}"
        # What is broken is wrong whatever its numerics.
        assert verdict(bad["a race"], programs[3]) == 1, "older numerics hide a failure"
        target.write_text(f'{{"schema": "{SCHEMA}"', encoding="utf-8")
        assert count_table.quietly(lambda: check(programs[2], folder / "results")) == 1, "missed a torn file"


def main():
    parser = argparse.ArgumentParser(description="Holds bench/results of devices against this CPU.")
    parser.add_argument("--program", type=lambda text: Path(text).resolve())
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        print("ok: finds what it should find")
        return 0
    return check(options.program)


if __name__ == "__main__":
    sys.exit(main())
