#!/usr/bin/env python3
"""What the checks that count instructions share: their tables in bench/results, their verdicts, their command line."""

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def root():
    return Path(__file__).resolve().parents[2]


def read(path):
    """A table: {"compilers": {compiler and major version: ...}}; an empty one where there is no file."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"compilers": {}}


def _lines(value, depth):
    """JSON with a line for each innermost entry, so that a change is a line of a diff."""
    if not isinstance(value, dict):
        return json.dumps(value)
    inner = [f"{' ' * depth}{json.dumps(key)}: {_lines(one, depth + 1)}" for key, one in sorted(value.items())]
    return "{\n" + ",\n".join(inner) + "\n" + " " * (depth - 1) + "}"


def write(path, table):
    Path(path).write_text(_lines(table, 1) + "\n", encoding="utf-8")


def output(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout


def compiler_of(path):
    """What made an object or a program, as the tables name it: g++-12, clang-14."""
    comment = output("readelf", "-p", ".comment", path)
    # What clang made has the C library's start-up code beside it, which g++ made.
    if found := re.search(r"clang version (\d+)\.", comment):
        return f"clang-{found[1]}"
    found = re.search(r"GCC: \([^)]*\) (\d+)\.", comment)
    return f"g++-{found[1]}" if found else "unknown compiler"


def verdict(wrong, unknown, update):
    """Says what is wrong; the exit code: 1, or 77 where only compilers are unknown."""
    for problem in wrong:
        print(f"ERROR: {problem}")
    if wrong:
        print(f"If that is meant: {update}")
        return 1
    if unknown:
        print(f"SKIP: no instruction counts in the table for {', '.join(sorted(unknown))}")
        return 77
    print("ok")
    return 0


def quietly(function):
    with contextlib.redirect_stdout(io.StringIO()):
        return function()


def main(check, self_test, usage, tools=()):
    """CHECK [--update] ARGUMENT..., or CHECK --self-test; exit code 77 where a tool is missing."""
    arguments = sys.argv[1:]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        print(f"SKIP: {missing[0]} is not installed")
        sys.exit(77)
    if arguments == ["--self-test"]:
        self_test()
        print("ok: finds what it should find")
        return
    update = "--update" in arguments
    arguments = [argument for argument in arguments if argument != "--update"]
    if not arguments or arguments[0].startswith("-"):
        sys.exit(usage.strip())
    sys.exit(check(arguments, update))


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.json"
        table = {"columns": ["a", "b"], "compilers": {"g++-12": {"v3": {"f": [[1, 2]], "g": "f"}}, "clang-14": {"v3": {}}}}
        assert read(path) == {"compilers": {}}
        write(path, table)
        assert read(path) == table
        assert '"f": [[1, 2]]' in path.read_text(encoding="utf-8")
    assert quietly(lambda: verdict([], set(), "x")) == 0
    assert quietly(lambda: verdict([], {"g++-99"}, "x")) == 77
    assert quietly(lambda: verdict(["wrong"], {"g++-99"}, "x")) == 1


if __name__ == "__main__":
    if sys.argv[1:] != ["--self-test"]:
        sys.exit("count_table.py is a part of other checks; it only has --self-test")
    self_test()
    print("ok: finds what it should find")
