"""Broken inputs, for the scripts errors*.sh: one rule of one file broken at a time. Each must end with the right code, leave no
result, and say in which file, where in it (line, or JSON path), what is wrong and what to do.

A script imports all of this, tries its cases, and ends with finish():

    inputs = Broken(tailbit, "job")
    inputs.run("run.json", "no book", without("book"), BAD_CONFIG, "/", ['"book" is missing'])
    inputs.finish(least=100)
"""

import json
import os
import re
import shutil
import subprocess
import sys

BAD_DATA, MISSING, BAD_CONFIG = 65, 66, 78

# --- Edits: functions from a file's text to the broken text ------------------------------------------------------------------------


def assign(*path_and_value):
    """Sets d[path...] = value; appends where the last of the path is the length of a list."""
    *path, last, value = path_and_value

    def edit(text):
        d = json.loads(text)
        node = d
        for key in path:
            node = node[key]
        if isinstance(node, list) and last == len(node):
            node.append(value)
        else:
            node[last] = value
        return json.dumps(d, indent=1)
    return edit


def without(*path):
    def edit(text):
        d = json.loads(text)
        node = d
        for key in path[:-1]:
            node = node[key]
        del node[path[-1]]
        return json.dumps(d, indent=1)
    return edit


def both(first, second):
    return lambda text: second(first(text))


def whole(new):
    return lambda text: new


def as_json(value):
    return whole(json.dumps(value, indent=1))


def replace(old, new):
    def edit(text):
        assert old in text, old
        return text.replace(old, new, 1)
    return edit


def line(number, new):
    """Replaces line `number` (from 1); a function gets the old line."""
    def edit(text):
        lines = text.split("\n")
        lines[number - 1] = new(lines[number - 1]) if callable(new) else new
        return "\n".join(lines)
    return edit


def cell(number, column, value):
    """One cell of a CSV without quotes; the column by number or name."""
    def edit(text):
        lines = text.split("\n")
        place = lines[0].split(",").index(column) if isinstance(column, str) else column
        cells = lines[number - 1].split(",")
        cells[place] = value
        lines[number - 1] = ",".join(cells)
        return "\n".join(lines)
    return edit


def every_cell(column, value):
    """A whole column of a CSV; a function gets the old cell."""
    def edit(text):
        header, *lines = text.rstrip("\n").split("\n")
        place = header.split(",").index(column)
        rows = [row.split(",") for row in lines]
        for row in rows:
            row[place] = value(row[place]) if callable(value) else value
        return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"
    return edit


# --- Trying them -------------------------------------------------------------------------------------------------------------------


class Broken:
    """Tries broken inputs in the folder `broken`, a copy of a sound job."""

    def __init__(self, tailbit, job):
        self.tailbit, self.job = tailbit, job
        self.tried, self.failures = set(), []

    def run(self, file, name, edit, code, place, words, told=None, setup=None):
        """The job with one file broken (None: taken away). `told`: the file that the message names, if not this one."""
        self._try(file, name, edit, code, told or file, place, words, ["run", "broken/run.json", "--device", "cpu", "--quiet"], setup)

    def command(self, arguments, file, name, edit, code, place, words, told=None, setup=None):
        """Another command than `run` on the file, whose path follows the arguments."""
        self._try(file, name, edit, code, told or file, place, words, [*arguments, "broken/" + file, "--out", "broken/results"], setup)

    def _try(self, file, name, edit, code, told_file, place, words, command, setup):
        case = (" ".join(command[:2]), file, name)
        assert case not in self.tried, case
        self.tried.add(case)
        shutil.rmtree("broken", ignore_errors=True)
        shutil.copytree(self.job, "broken")
        if setup:
            setup("broken")
        path = "broken/" + file
        if edit is None:
            os.remove(path)
        else:
            text = open(path, newline="").read() if os.path.exists(path) else ""
            broken = edit(text)
            assert broken != text, case
            open(path, "w", newline="", encoding="utf-8", errors="surrogateescape").write(broken)
        ended = subprocess.run([self.tailbit, *command], capture_output=True, timeout=60)
        said = ended.stderr.decode(errors="replace")
        problem = self._verdict(ended, said, "broken/" + told_file + ":" + place, place, code, words)
        if os.environ.get("SHOW"):
            print(*case, "|", said.strip())
        if problem:
            self.failures.append(f"{' '.join(case)}: {problem}: {said.strip()[:400]}")

    @staticmethod
    def _verdict(ended, said, where, place, code, words):
        # "tailbit: FILE:PLACE: what; remedy", one a line.
        told = [message.removeprefix("tailbit: ") for message in said.splitlines()]
        end = "" if place.endswith(" ") else "[:, ]" if place else " "
        right = [message for message in told if re.match(re.escape(where) + end, message)]
        if ended.returncode != code:
            return f"exit {ended.returncode}, not {code}"
        if ended.stdout:
            return "something on stdout"
        if os.path.exists("broken/results"):
            return "it left results"
        if not right:
            return f"it does not name {where}"
        if "; " not in right[0] or not right[0].rpartition("; ")[2]:
            return "no remedy"
        missing = [word for word in words if not any(word in message for message in right)]
        return f"it does not say {missing}" if missing else None

    def finish(self, least):
        print(len(self.tried), "broken inputs")
        for failure in self.failures:
            print("FAILED:", failure)
        if len(self.tried) < least:
            print(f"FAILED: fewer than {least} broken inputs")
        sys.exit(bool(self.failures) or len(self.tried) < least)
