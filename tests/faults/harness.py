"""What the suites in this folder share: arguments, points that are run side by side, their count, programs run.

A suite is a list of points, each a name and a function that raises Failed, or Skipped with the reason. Points of one name
count once.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


signal.signal(signal.SIGHUP, signal.SIG_DFL)  # what runs under nohup would ignore it, and so would the program


class Failed(Exception):
    """What a point found."""


class Skipped(Exception):
    """Why a point, or a suite, cannot be run here."""


def require(condition, message):
    if not condition:
        raise Failed(message)


class Suite:
    def __init__(self, name, what, selftest=None):
        parser = argparse.ArgumentParser()
        parser.add_argument("--program", help="the program under test")
        parser.add_argument("--report", help="write the counts to this file, as JSON")
        parser.add_argument("--quick", action="store_true", help="a selection of the points")
        parser.add_argument("--long", action="store_true", help="everything, where that takes long")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="points run at a time")
        parser.add_argument("--only", default="", help="only points whose name holds this")
        parser.add_argument("--list", action="store_true", help="print every point")
        parser.add_argument("--self-test", action="store_true", help="prove that the checks can fail")
        self.args = parser.parse_args()
        self.name, self.what = name, what
        self.points = {}
        self.facts = {}  # for the report, beside the counts
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix=f"tailbit-{name}-")).resolve()
        self._lock = threading.Lock()
        self._count = 0
        self._selftest = selftest

    def main(self, prepare):
        """`prepare(suite)` adds the points; the exit code is 0, 1, or 77 where nothing can be run."""
        try:
            if self.args.self_test:
                self._selftest(self)
                print("ok")
                return 0
            if not self.args.program:
                print("--program is needed", file=sys.stderr)
                return 64
            # A copy, which no build replaces meanwhile.
            self.tested = pathlib.Path(self.args.program).resolve()
            self.args.program = shutil.copy(self.args.program, self.scratch / "tailbit")
            prepare(self)
            return self._run()
        except Skipped as reason:
            print(f"SKIP: {reason}\n0 passed, 0 failed, 1 skipped")
            return 77
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def add(self, name, function):
        if self.args.only in name:
            self.points[name] = function

    def folder(self, name="point"):
        """A new empty folder in scratch."""
        with self._lock:
            self._count += 1
            path = self.scratch / f"{name}-{self._count}"
        path.mkdir(parents=True)
        return path

    def _one(self, item):
        name, function = item
        try:
            return name, "passed", function() or 1  # what it counts for, where that is more than one
        except Failed as failure:
            return name, "failed", str(failure)
        except Skipped as reason:
            return name, "skipped", str(reason)
        except Exception:  # a fault of the suite is a failure of it
            return name, "failed", traceback.format_exc()

    def _run(self):
        counts = {"passed": 0, "failed": 0, "skipped": 0}
        with concurrent.futures.ThreadPoolExecutor(self.args.jobs) as pool:
            for name, state, message in pool.map(self._one, self.points.items()):
                counts[state] += message if state == "passed" else 1
                if state == "failed":
                    print(f"FAIL: {name}: {message}", flush=True)
                elif state == "skipped":
                    print(f"SKIP: {message}", flush=True)
                elif self.args.list:
                    print(f"ok: {name}")
        if self.args.report:
            pathlib.Path(self.args.report).write_text(json.dumps({
                "suite": self.name, "what": self.what, "points": counts["passed"], "failed": counts["failed"],
                "skipped": counts["skipped"], **self.facts}) + "\n")
        print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
        return 1 if counts["failed"] or not counts["passed"] else 0


class Ran:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def want(self, *codes):
        require(self.code in codes, f"exit {self.code}, not {' or '.join(map(str, codes))}: {self.err[-800:]}")
        return self

    def says(self, *texts):
        for text in texts:
            require(text in self.err, f"it does not say {text!r}: {self.err[-800:]}")
        return self


def run(*command, cwd=None, env=None, timeout=120, **more):
    environment = dict(os.environ, LC_ALL="C", **(env or {}))
    try:
        done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment, timeout=timeout,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"did not end within {timeout} s: {' '.join(map(str, command))}; "
                     f"{(late.stderr or b'').decode(errors='replace')[-400:]}")
    return Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def compiled(suite, source, *flags):
    """A C file of this folder as a program or library in scratch."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise Skipped("no C compiler")
    target = suite.scratch / pathlib.Path(source).stem
    if target.exists():
        return target
    built = run(compiler, "-O1", "-Wall", "-Wextra", "-o", target, HERE / source, *flags)
    if built.code != 0 and "registers of x86-64 only" in built.err:
        raise Skipped("system calls are traced on x86-64 only")
    require(built.code == 0, f"{source} does not compile: {built.err}")
    return target


def spread(items, most):
    """At most so many of them, evenly, the first and last among them."""
    items = list(items)
    if len(items) <= most:
        return items
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]
