"""Counts distinct points of a reliability suite: each has a name (call site x fault) and passes or fails once."""

import json
import sys


class Points:
    def __init__(self, suite, what):
        self.suite, self.what = suite, what
        self.names, self.failures, self.skips = set(), [], []

    def add(self, name, complaint):
        """`complaint`: what is wrong, or nothing."""
        assert name not in self.names, f"{name} is counted twice"
        self.names.add(name)
        if complaint:
            self.failures.append(name)
            print(f"FAIL: {name}: {complaint}", flush=True)

    def skip(self, name, reason):
        self.skips.append(name)
        print(f"SKIP: {name}: {reason}", flush=True)

    def finish(self, least, report=None):
        """Prints the counts, writes the report, and ends the process. `least`: points that there must be."""
        if len(self.names) < least:
            self.failures.append("number of points")
            print(f"FAIL: only {len(self.names)} points, fewer than {least}")
        counts = {"points": len(self.names), "failed": len(self.failures), "skipped": len(self.skips)}
        if report:
            with open(report, "w", encoding="utf-8") as file:
                json.dump({"suite": self.suite, "what": self.what, **counts}, file)
                file.write("\n")
        passed = len(self.names - set(self.failures))
        print(f"{passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped")
        sys.exit(1 if self.failures else 0)
