"""What the peers in Python share: the problem, one thread, the clock, the answer. tailbit_bench runs them (script.cpp):

    SCRIPT cpu|gpu                   can it run here?
    SCRIPT cpu|gpu FOLDER REPEATS    values the book in FOLDER

FOLDER holds, as little-endian binary64, contracts.f64 (rows as in COLUMNS, sorted by underlying) and spots.f64
(underlyings x scenarios, their number in sizes.txt). The script writes profit.f64 there, USD per scenario. It prints one
line of JSON: {"skipped": why}, or {"versions", "device"} and, of a run, the "seconds" of each repeat: processor time of
the process on one core, or wall time with a GPU until the profits are back.
"""

import gc
import importlib
import json
import os
import sys
import time

DEVICE = sys.argv[1]
if DEVICE == "cpu":
    # Before any library is loaded: they read these when they start.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

COLUMNS = "underlying call strike quantity years growth discount vol a b rho m s value_today".split()


def skip(why):
    """Says why the script cannot run here, and ends it."""
    print(json.dumps({"skipped": why}))
    sys.exit(0)


def needs(*modules, pip):
    """The modules; `pip` names the packages that the script needs in all."""
    try:
        return [importlib.import_module(module) for module in modules]
    except ImportError as error:
        skip(f"{error}; pip install {pip}")


class Problem:
    """spots [underlyings, scenarios]; of[u]: the contracts of underlying u, a column vector for each name in COLUMNS."""

    def __init__(self, folder):
        import numpy as np  # pylint: disable=import-outside-toplevel; the script has already asked for it

        with open(os.path.join(folder, "sizes.txt"), encoding="ascii") as file:
            underlyings = int(file.read())
        rows = np.fromfile(os.path.join(folder, "contracts.f64")).reshape(-1, len(COLUMNS))
        self.spots = np.fromfile(os.path.join(folder, "spots.f64")).reshape(underlyings, -1)
        self.of = []
        for u in range(underlyings):
            columns = rows[rows[:, 0] == u].T.copy()
            self.of.append({name: columns[j][:, None] for j, name in enumerate(COLUMNS)})
        self.own_vols = bool(rows[0, COLUMNS.index("vol")] > 0.0)  # else raw SVI


def main(prepare, versions, device=""):
    """prepare(problem) returns a function that values the whole book and returns its profits as numpy has them."""
    answer = {"versions": versions, "device": device}
    if len(sys.argv) == 4:
        folder, repeats = sys.argv[2], int(sys.argv[3])
        work = prepare(Problem(folder))
        work().tofile(os.path.join(folder, "profit.f64"))  # not counted: compiles, warms up
        clock = time.process_time if DEVICE == "cpu" else time.perf_counter
        answer["seconds"] = []
        gc.collect()
        gc.disable()  # as timeit does
        for _ in range(repeats):
            start = clock()
            work()
            answer["seconds"].append(clock() - start)
    print(json.dumps(answer))
