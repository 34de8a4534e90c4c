#!/usr/bin/env python3
"""Errors of the system at every call of a run that touches a file, each kind that the call can have: the exit code says
which, the message names a file and what to do, the old result stays as long as the new one does not count, and the same
command then gives the bits of a run that nothing happened to. Calls that are interrupted, or move fewer bytes than they
were asked for, change nothing. Where a file system of this suite's own may be mounted, also disks that are really full.

  tests/faults/errnos.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import errno
import os
import re
import shutil
import subprocess
import sys

from calls import Tracer, sites
from harness import Failed, Skipped, Suite, require, run, spread
from jobs import fingerprint, read_by_program, require_nothing_left_over, require_whole
from kills import in_place
from uses import all_uses

# What each call may meet.
MEETS = {
    "create": ("ENOSPC", "EACCES", "EMFILE", "EDQUOT", "EROFS", "EIO"), "mkdir": ("ENOSPC", "EACCES", "EROFS", "EDQUOT"),
    "write": ("ENOSPC", "EIO", "EDQUOT"), "fsync": ("EIO", "ENOSPC", "EDQUOT"), "rename": ("EIO", "ENOSPC", "EACCES"),
    "link": ("EPERM", "EMLINK"), "unlink": ("EIO", "EROFS"), "rmdir": ("EIO", "EROFS"), "close": ("EIO",),
    "truncate": ("EIO",), "flock": ("EWOULDBLOCK", "ENOLCK"), "open": ("EIO", "EMFILE", "EACCES"), "read": ("EIO",),
    "opendir": ("EIO", "EMFILE", "EACCES"), "list": ("EIO",),
}
TAKEN = (73, 74, 75, 77)


def expected(call, error, inside):
    """The exit codes that an error of a call may end a run with; `inside`: of the call's path from the result folder,
    None of an input. 0: nothing rests on it."""
    if inside is None:
        return (77,) if call.name == "open" and error == "EACCES" else (74,) if call.name != "close" else (0,)
    if inside == ".tailbit/lock":
        return {"create": (73,), "flock": (75,) if error == "EWOULDBLOCK" else (74,)}.get(call.name, (0,))
    if inside.startswith(".tailbit/parts/part-") and call.name in ("open", "read"):
        return (77 if error == "EACCES" else 74,)  # only what is wrong is computed again
    if call.name in ("open", "read") and not call.changes:
        # Files of the result that is there: one that cannot be read is made again, or told of.
        return (77, 74, 0) if error == "EACCES" else (74, 73, 0)
    return {"create": (73,), "mkdir": (73,), "link": (0,)}.get(call.name, (74,) if call.changes else (74, 0))


def told(ran, folder):
    """The message names a file and says what to do."""
    messages = [line for line in ran.err.splitlines() if "warning" not in line]
    require(any(re.search(r"[\w./-]+", line) and ";" in line for line in messages) and messages,
            f"the message says not what to do: {ran.err[-300:]}")
    require(any(os.sep in line or folder in line or ": .: " in line for line in messages), f"the message names no file: {ran.err[-300:]}")


def judge(use, place, ran, counts):
    """`counts`: whether the new result counted already when the error came."""
    out = place / use.out
    require_whole(out, "before anything read it")
    if ran.code == 0:
        require(fingerprint(out) == use.new, "it ended well with other bits")
    else:
        require(ran.code in TAKEN, f"exit {ran.code}")
        told(ran, use.out)
    found = read_by_program(use.command[0], out, use.shard)
    wanted = use.new if ran.code == 0 or counts else use.old
    require(found == wanted, "the old result is not there" if wanted == use.old else "the new result is not there")
    run(*use.command, cwd=place).want(0)
    require(fingerprint(out) == use.new, "the command, run again, gave other bits")
    require_whole(out, "after the command was run again")
    require_nothing_left_over(out)


def point(suite, tracer, use, call, error, times, counts):
    def check():
        place = use.begin(suite)
        ran, struck = tracer.strike(suite.scratch, in_place(use, place), "error", call.who, call.n, getattr(errno, error), times)
        path = os.path.relpath(struck[0].path, place)
        inside = os.path.relpath(path, use.out) if path.startswith(use.out) else None
        ran.want(*expected(call, error, inside))
        judge(use, place, ran, counts)
        shutil.rmtree(place)
    return check


def harmless(suite, tracer, use, what, who):
    def check():
        place = use.begin(suite)
        ran, struck = tracer.strike(suite.scratch, in_place(use, place), what, who, 0)
        require(len(struck) > (5 if use.again else 20), f"only {len(struck)} calls were struck")
        judge(use, place, ran.want(0), True)
        shutil.rmtree(place)
    return check


def add_errors(suite, tracer, use, met):
    """`met`: what was struck in other uses, which is not struck again."""
    place = use.begin(suite)
    ran, calls, _ = tracer.record(suite.scratch, in_place(use, place))
    ran.want(0)
    commit = next((call.n for call in calls if call.second.endswith("/commit")), sys.maxsize)
    for call, site in sites(calls, place):
        if call.result < 0 or site in met:
            continue
        met.add(site)
        if call.name == "close" and not call.changes:
            continue
        for error in MEETS[call.name]:
            suite.add(f"{use.name}: {error} at {site}", point(suite, tracer, use, call, error, 1, call.n > commit))
        if call.name in ("write", "fsync"):
            suite.add(f"{use.name}: ENOSPC from {site} on",
                      point(suite, tracer, use, call, "ENOSPC", 1000, call.n > commit))
    for what in ("short", "eintr"):
        suite.add(f"{use.name}: every call {'is interrupted first' if what == 'eintr' else 'moves less'}",
                  harmless(suite, tracer, use, what, 1 if use.supervised else 0))


def full_disk(suite, use, kilobytes):
    def check():
        place = suite.folder("disk")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            raise Skipped("this user may not mount a file system")
        try:
            try:
                shutil.copytree(use.template, place, dirs_exist_ok=True)
            except (shutil.Error, OSError):
                raise Failed("the disk is too small to begin with") from None
            ran = run(*use.command, cwd=place)
            ran.want(0, 73, 74)
            require(ran.code == 0 or "No space left" in ran.err, f"it does not say that the disk is full: {ran.err[-300:]}")
            require_whole(place / use.out, "on a full disk")
            found = read_by_program(use.command[0], place / use.out, use.shard)
            require(found == (use.new if ran.code == 0 else use.old), "not the result that should be there")
            run("mount", "-o", "remount,size=20m", place).want(0)
            run(*use.command, cwd=place).want(0)
            require(fingerprint(place / use.out) == use.new, "with room again, other bits")
            require_nothing_left_over(place / use.out)
        finally:
            subprocess.run(["umount", place], check=False)
    return check


def size_of(folder):
    return sum((file.stat().st_size + 4095) // 4096 * 4 + 4 for file in folder.rglob("*")) + 8


def prepare(suite):
    tracer = Tracer(suite)
    uses = all_uses(suite, tracer, again=True)
    met = set()
    for use in sorted(uses, key=lambda use: use.old is None):
        add_errors(suite, tracer, use, met)
    if suite.args.quick:
        kept = [name for name in suite.points if "every call" in name]
        suite.points = {name: suite.points[name] for name in spread(suite.points, 110 - len(kept)) + kept}
    for use in uses:
        if use.old is None or use.again:
            continue
        for more in (8, 96, 320) if suite.args.quick else range(8, 720, 48):
            suite.add(f"{use.name}: a disk with {more} kB left", full_disk(suite, use, size_of(use.template) + more))


def self_test(suite):
    """What the suite asks of messages and folders can fail."""
    class Told:
        def __init__(self, err):
            self.err = err
    told(Told("tailbit: out/x: cannot be written: No space left; free the place"), "out")
    for bad in ("", "tailbit: out/x: cannot be written", "tailbit: it failed; run again", "warning: out/x; all is well"):
        try:
            told(Told(bad), "out")
        except Failed:
            continue
        raise AssertionError(f"taken for a message: {bad!r}")
    class Struck:
        name, changes = "write", True
    assert expected(Struck, "ENOSPC", "losses.npy") == (74,) and 0 not in expected(Struck, "EIO", None)
    Tracer(suite)


if __name__ == "__main__":
    sys.exit(Suite("errnos", "disk full, EIO, EINTR, EACCES, EMFILE, short writes injected", self_test).main(prepare))
