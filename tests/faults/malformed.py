#!/usr/bin/env python3
"""Gives the program every hostile input of malformed_cases.py and checks what it says.

  tests/faults/malformed.py --program build/cpu-debug/tailbit [--only TEXT] [--report FILE] [--sizes small|large] [--show]

Each case must end with its exit code, within ten seconds and a gigabyte, without a signal or a sanitizer's report, leave no
result, and say on stderr in which file, and where in it, what is wrong and what to do, a problem a line. Some inputs are files
of hundreds of megabytes, which a program with sanitizers takes too long for. Ends with "N passed, N failed, N skipped".
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import malformed_cases
import malformed_job

SECONDS, BYTES = 10, 1 << 30
LONGEST_MESSAGE = 20_000
SANITIZER = re.compile(rb"(ERROR|WARNING): \w*Sanitizer|runtime error:|LeakSanitizer")
NOBODY = 65534


class Suite:
    def __init__(self, program, scratch):
        self.program, self.scratch = program, scratch
        self.result = scratch / "job_with_result"
        self.nobody_can = os.getuid() != 0 or subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", program, "version"], capture_output=True).returncode == 0
        sanitized = b"__asan_init" in pathlib.Path(program).read_bytes()
        # What a sanitizer keeps of freed memory is not the program's.
        self.environment = {**os.environ, "LC_ALL": "C", "ASAN_OPTIONS": "exitcode=99:quarantine_size_mb=8", "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1"}
        self.slowdown = 6 if sanitized else 1
        fixed = ["setarch", os.uname().machine, "--addr-no-randomize"]
        able = sanitized and subprocess.run([*fixed, "true"], stderr=subprocess.DEVNULL).returncode == 0
        self.before = fixed if able else []

    def make_result(self):
        self.result.mkdir()
        malformed_job.write_job(self.result, malformed_job.BY_NAME["config"])
        subprocess.run([*self.before, self.program, "run", "run.json", "--device", "cpu", "--quiet"], cwd=self.result, check=True,
                       stdout=subprocess.DEVNULL, env=self.environment)

    def sound_first(self, kind):
        """None, or why the kind's sound file is not accepted: no case of it would say anything."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            folder = pathlib.Path(folder)
            self.prepare(folder, kind)
            ended = subprocess.run([*self.before, self.program, *kind.command], cwd=folder, capture_output=True, env=self.environment)
            return None if ended.returncode == 0 else f"exit {ended.returncode}: {ended.stderr.decode()[:300]}"

    def prepare(self, folder, kind):
        if kind.in_result:
            shutil.copytree(self.result, folder, dirs_exist_ok=True)
        else:
            malformed_job.write_job(folder, kind)

    def run(self, case):
        """Why the case failed, or None; and what was said."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            folder = pathlib.Path(folder)
            folder.chmod(0o777)
            self.prepare(folder, case.kind)
            case.spoil(folder / case.kind.file)
            before = sorted(str(path) for path in folder.rglob("*"))
            ended = self.execute(folder, case)
            return self.verdict(case, folder, before, *ended)

    def execute(self, folder, case):
        limits = ["prlimit", f"--cpu={SECONDS * self.slowdown}", "--core=0"]
        nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if case.unprivileged and os.getuid() == 0 else []
        command = [*limits, *nobody, *self.before, self.program, *case.kind.command]
        begin = time.monotonic()
        with open(folder.parent / (folder.name + ".out"), "w+b") as out, open(folder.parent / (folder.name + ".err"), "w+b") as err:
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.environment)
            status = usage = None
            while status is None:
                pid, found, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    status = os.waitstatus_to_exitcode(found)
                elif time.monotonic() - begin > 3 * SECONDS * self.slowdown:  # of the clock, on a machine that others use
                    os.kill(process.pid, signal.SIGKILL)  # the status says so
                else:
                    time.sleep(0.002)
            process.returncode = status
            out.seek(0), err.seek(0)
            said = out.read(1 << 20), err.read(1 << 20)
        for suffix in (".out", ".err"):
            (folder.parent / (folder.name + suffix)).unlink()
        return status, usage, *said

    def verdict(self, case, folder, before, status, usage, out, err):
        said = err.decode(errors="replace")
        told = case.file or case.kind.file
        first = rf"tailbit: (\S*/)?{re.escape(told)}\S*?(/[\w./-]+)?( \.\.\. \S*)?:"
        where = re.compile(first + (rf"{case.place}" if case.place else "") if case.kind.command[0] != "replay" else r"tailbit: results")
        new = [path for path in sorted(str(path) for path in folder.rglob("*")) if path not in before]
        seconds = usage.ru_utime + usage.ru_stime
        if SANITIZER.search(err):
            why = "a sanitizer reports"
        elif status != case.code:
            why = f"exit {status}, not {case.code}"
        elif not where.search(said):
            why = f"it does not name {where.pattern}"
        elif "; " not in said:
            why = "no remedy"
        elif case.says not in said:
            why = f"it does not say {case.says}"
        elif any(ord(c) < 32 and c != "\n" or ord(c) == 127 for c in said) or len(said) > LONGEST_MESSAGE:
            why = "the message cannot be shown as it is"
        elif any(not re.match(r"tailbit: |\S+:|\.\.\. and ", line) for line in said.splitlines()):
            why = "a line that is no problem"
        elif out and case.kind.command[0] != "price":
            why = "something on stdout"
        elif new:
            why = f"it left {new[0]}"
        elif usage.ru_maxrss * 1024 > BYTES:
            why = f"{usage.ru_maxrss >> 10} MiB of memory"
        elif seconds > SECONDS * self.slowdown:
            why = f"{seconds:.0f} s"
        else:
            why = None
        return why, said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--report")
    parser.add_argument("--sizes", choices=["small", "large", "all"], default="all")
    parser.add_argument("--show", action="store_true", help="what the program said to each case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    wanted = {"small": {False}, "large": {True}, "all": {False, True}}[arguments.sizes]
    all_cases = [case for case in malformed_cases.cases() if arguments.only in case.name and case.large in wanted]
    names = [case.name for case in all_cases]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, twice
    passed, failures, skipped = 0, [], {}
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        suite = Suite(os.path.realpath(arguments.program), pathlib.Path(scratch))
        suite.make_result()
        failures += [f"{kind.name}: the sound file: {why}" for kind in malformed_job.KINDS if (why := suite.sound_first(kind))]
        tried = []
        for case in all_cases:
            if case.unprivileged and not suite.nobody_can:
                skipped.setdefault("permissions do not bind root, and nobody else may run the program here", []).append(case.name)
            else:
                tried.append(case)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for case, (why, said) in zip(tried, pool.map(suite.run, tried)):
                if arguments.show:
                    print(f"{case.name} | {said.strip()[:400]}")
                if why:
                    failures.append(f"{case.name}: {why}: {said.strip()[:300]}")
                passed += not why
    for failure in failures:
        print("FAIL:", failure)
    for reason, of in skipped.items():
        print(f"SKIP: {reason}: {len(of)}")
    skips = sum(map(len, skipped.values()))
    if arguments.report:
        with open(arguments.report, "w") as file:
            json.dump({"suite": "malformed", "what": "malformed inputs", "points": passed + len(failures), "failed": len(failures), "skipped": skips}, file)
    print(f"{passed} passed, {len(failures)} failed, {skips} skipped")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
