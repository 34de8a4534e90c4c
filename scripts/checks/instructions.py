#!/usr/bin/env python3
"""Whole runs counted by callgrind: instructions per reprice, step, group and position, whatever else the machine does.

  instructions.py [--update] PROGRAM   the tailbit of an optimised build
  instructions.py --self-test

Every figure is a difference of small jobs (`tailbit init`, a book of 400 positions, one thread, AVX2, which is what valgrind knows)
of 1,024 and 3,072 scenarios, so that start-up cancels; it has all that a scenario costs: numbers, paths, values, sums, measures.

  step              a step more, of one scenario
  reprice, double   a scenario less its steps, by contract
  reprice, single   the same in single precision
  group             a group more, of one scenario
  position          a position more, read, checked, netted and planned (tailbit validate)
  start             what a job without scenarios would take, in millions

Fails when one is more than 3 % above bench/results/instructions.json (start: 10 %), when a run fails, and when what it computes
under valgrind is not what it computes otherwise. --update writes that table anew for the program's compiler. One that is not in the
table, a machine without valgrind, and a processor without AVX2 are skipped: exit code 77.
"""

import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import count_table

TABLE = "bench/results/instructions.json"
TOLERANCE = {"start": 0.1}
USUAL_TOLERANCE = 0.03
POSITIONS = 400
SCENARIOS = (1024, 3072)
MORE_POSITIONS = (1000, 3000)
# Two-hour and one-hour steps: every expiry within the day lies on both grids, so that no date lies inside a step.
JOBS = {
    "short": {"steps": 12},
    "long": {"steps": 24},
    "single": {"steps": 12, "precision": "single"},
    "groups": {"steps": 12, "group_by": ["account", "underlying"]},
}


class Failed(Exception):
    pass


def command(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(str(word) for word in words[-8:])}: exit {done.returncode}: {done.stderr.strip()[-400:]}")
    return done


def counted(*words):
    """The instructions of a command that succeeds."""
    done = command("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *words)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise Failed(f"callgrind does not say what it counted: {done.stderr.strip()[-400:]}")
    return int(found[1])


def run(program, job, scenarios, out):
    options = ["--threads", 1, "--isa", "v3", "--device", "cpu", "--quiet", "--scenarios", scenarios, "--out", out]
    return [program, "run", job, *options]


def prepare(program, folder):
    """The jobs, {name: file}."""
    command(program, "init", "--out", folder / "set-up", "--positions", POSITIONS, "--seed", 1)
    sample = json.loads((folder / "set-up" / "run.json").read_text(encoding="utf-8"))
    sample.pop("exposure_dates", None)
    files = {}
    for name, changes in JOBS.items():
        files[name] = folder / "set-up" / f"{name}.json"
        files[name].write_text(json.dumps(sample | {"group_by": []} | changes), encoding="utf-8")
    for positions in MORE_POSITIONS:
        files[positions] = folder / str(positions) / "run.json"
        command(program, "init", "--out", folder / str(positions), "--positions", positions, "--seed", 1)
    return files


def same_bits(program, job, folder):
    """Whether valgrind computes what the processor does."""
    command(*run(program, job, SCENARIOS[0], folder / "native"))
    command(program, "compare", folder / f"short-{SCENARIOS[0]}", folder / "native")


def figures(count, plans):
    """The table's figures from the counts by (job, size), and the jobs' plans."""
    less, more = SCENARIOS

    def scenario(job):
        return (count[job, more] - count[job, less]) / (more - less)

    step = (scenario("long") - scenario("short")) / (JOBS["long"]["steps"] - JOBS["short"]["steps"])
    few, many = MORE_POSITIONS
    return {
        "step": step,
        "reprice, double": (scenario("short") - JOBS["short"]["steps"] * step) / plans["short"]["contracts"],
        "reprice, single": (scenario("single") - JOBS["single"]["steps"] * step) / plans["single"]["contracts"],
        "group": (scenario("groups") - scenario("short")) / (plans["groups"]["groups"] - plans["short"]["groups"]),
        "position": (count[many, "validate"] - count[few, "validate"]) / (many - few),
        "start": (count["short", less] - less * scenario("short")) / 1e6,
    }


def measure(program):
    program = Path(program).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = prepare(program, folder)
        plans = {job: json.loads(command(program, "validate", files[job], "--json").stdout) for job in JOBS}
        work = {(job, size): run(program, files[job], size, folder / f"{job}-{size}") for job in JOBS for size in SCENARIOS}
        work |= {(size, "validate"): [program, "validate", files[size]] for size in MORE_POSITIONS}
        with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
            count = dict(zip(work, pool.map(lambda words: counted(*words), work.values())))
        same_bits(program, files["short"], folder)
        return {what: round(value, 1) for what, value in figures(count, plans).items()}


def compare(measured, table):
    found = []
    for what, value in measured.items():
        if what not in table:
            found.append(f"{what}: is not in the table")
        elif value > table[what] * (1 + TOLERANCE.get(what, USUAL_TOLERANCE)):
            found.append(f"{what}: {value} instructions, the table has {table[what]} ({value / table[what] - 1:+.1%})")
    return found


def has_avx2():
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return " avx2 " in flags and " fma " in flags


def check(programs, update=False, table_path=None, measured_by=measure):
    if not has_avx2():
        print("SKIP: the processor has no AVX2")
        return 77
    path = table_path or count_table.root() / TABLE
    table, wrong, unknown = count_table.read(path), [], set()
    for program in programs:
        compiler = count_table.compiler_of(program)
        try:
            measured = measured_by(program)
        except (Failed, OSError, ValueError) as error:
            wrong.append(str(error))
            continue
        known = table["compilers"].get(compiler, {})
        print(f"{compiler}: instructions")
        for what, value in measured.items():
            print(f"  {what:<16} {value:>10}   the table has {known.get(what, 'none')}")
        if update:
            table["compilers"][compiler] = measured
        elif not known:
            unknown.add(compiler)
        else:
            wrong += [f"{compiler}: {problem}" for problem in compare(measured, known)]
    if update and not wrong:
        count_table.write(path, table)
    return count_table.verdict(wrong, unknown, "scripts/checks/instructions.py --update PROGRAM")


SPIN = """
    .section .comment; .ascii "\\0GCC: (planted) 12.2.0\\0"
    .text; .globl _start
_start: mov $%d,%%ecx
1:  dec %%ecx
    jnz 1b
    mov $60,%%eax
    mov $%d,%%edi
    syscall
"""


def self_test():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def program(rounds, code=0):
            (folder / "spin.s").write_text(SPIN % (rounds, code), encoding="utf-8")
            command("as", "--64", "-o", folder / "spin.o", folder / "spin.s")
            command("ld", "-o", folder / "spin", folder / "spin.o")
            return folder / "spin"

        assert counted(program(5000)) - counted(program(1000)) == 8000, "callgrind does not count what runs"
        try:
            counted(program(10, code=3))
            raise AssertionError("took a run that failed")
        except Failed:
            pass
        table = folder / "table.json"

        def judge(update=False, failing=False, **changes):
            def measured_by(_):
                if failing:
                    raise Failed("planted")
                return {"step": 100.0, "start": 100.0} | changes

            return count_table.quietly(lambda: check([program(1)], update, table, measured_by))

        assert judge() == 77, "an unknown compiler is no skip"
        assert judge(update=True) == 0 and judge() == 0 and judge(step=102.0) == 0 and judge(start=109.0) == 0, "a false alarm"
        bad = {"a loss": {"step": 104.0}, "a slow start": {"start": 111.0}, "a failure": {"failing": True}}
        for what, arguments in bad.items():
            assert judge(**arguments) == 1, f"missed {what}"
    # Jobs whose scenarios cost 10 a step, 7 and 5 a reprice of 20 contracts, 3 a group, and 1000 to start.
    scenario = {"short": 120 + 140, "long": 240 + 140, "single": 120 + 100, "groups": 120 + 140 + 3 * 8}
    count = {(job, size): 1000 + size * cost for job, cost in scenario.items() for size in SCENARIOS}
    count |= {(size, "validate"): 77 + 50 * size for size in MORE_POSITIONS}
    plans = {job: {"contracts": 20, "groups": 9 if job == "groups" else 1} for job in JOBS}
    expected = {"step": 10, "reprice, double": 7, "reprice, single": 5, "group": 3, "position": 50, "start": 0.001}
    assert {what: round(value, 6) for what, value in figures(count, plans).items()} == expected


if __name__ == "__main__":
    if not has_avx2():
        print("SKIP: the processor has no AVX2")
        raise SystemExit(77)
    count_table.main(check, self_test, __doc__, ["valgrind", "readelf", "as", "ld"])
