"""The system calls of a run that touch files, by syscalls.c: recorded, and a run in which one of them is struck."""
import collections
import os
import re

from harness import Failed, Skipped, compiled, run

Call = collections.namedtuple("Call", "who n name changes result path second at size offset")


class Tracer:
    def __init__(self, suite):
        self.suite = suite
        self.tool = compiled(suite, "syscalls.c")
        probe = suite.folder("probe")
        if run(self.tool, probe, probe / "log", "record", probe / "data", "--", "true").code != 0:
            raise Skipped("this user may not trace programs (ptrace)")

    def _parse(self, path):
        calls = []
        for line in path.read_text(errors="surrogateescape").splitlines():
            who, n, name, kind, result, first, second, at, size, offset = line.split("\t")
            calls.append(Call(int(who), int(n), name, kind == "m", None if result == "-" else int(result), first, second,
                              int(at), int(size), int(offset)))
        return calls

    def record(self, root, command):
        """(what the run returned, its calls, the bytes that it wrote)"""
        place = self.suite.folder("record")
        ran = run(self.tool, root, place / "log", "record", place / "data", "--", *command)
        return ran, self._parse(place / "log"), (place / "data").read_bytes()

    def strike(self, root, command, what, who, n, *more):
        """What a run returned in which something struck call n of a process, and the calls that were struck."""
        place = self.suite.folder("strike")
        ran = run(self.tool, root, place / "log", what, who, n, *more, "--", *command)
        struck = [call for call in self._parse(place / "log") if call.result is None]
        if not struck and what in ("kill", "error"):
            raise Failed(f"the run did not come to call {n} of process {who}")
        return ran, struck


def pattern(path, root):
    """The path from `root`, with what differs from run to run left out."""
    return re.sub(r"\.[0-9a-f]{8}\.part$", ".*.part", os.path.relpath(path, root))


def sites(calls, root):
    """(call, name of its call site) of each: what it does, to which file, the how many-th time."""
    seen = collections.Counter()
    named = []
    for call in calls:
        what = f"{call.name} {pattern(call.path, root)}"
        if call.second:
            what += f" to {pattern(call.second, root)}"
        key = (call.who, what)
        seen[key] += 1
        named.append((call, what + (f" #{seen[key]}" if seen[key] > 1 else "")))
    return named
