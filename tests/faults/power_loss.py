#!/usr/bin/env python3
"""Loss of power at every system call of a recorded run that changes a file, in a model of a disk (disk.py) in which what
was not synced is there, gone, or in part there, in any order. The folder then holds the old result or the new one, whole;
once the program has ended, the new one; and the same command gives the bits of a run that nothing happened to.

  tests/faults/power_loss.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import collections
import hashlib
import random
import shutil
import sys

from calls import Call, Tracer, sites
from disk import Disk, write_tree
from harness import Suite, spread
from kills import in_place, judge
from uses import all_uses


def variants(seed):
    """(name, which pending changes came to the disk, what is left of bytes not synced)"""
    chance = random.Random(seed)
    cut = chance.random()
    picks = [chance.random() < 0.5 for _ in range(1000)]
    return [
        ("nothing unsynced is left", lambda i, of: False, lambda content: b""),
        ("all folders are, files are empty", lambda i, of: True, lambda content: b""),
        ("changes up to one, files by half", lambda i, of: i < cut * of, lambda content: content[:len(content) // 2]),
        ("the latest changes alone", lambda i, of: i >= cut * of, lambda content: content[:-1]),
        ("some changes, files of zeros", lambda i, of: picks[i], lambda content: bytes(len(content))),
    ]


def states(disk, calls, data):
    """(site, variant, tree, whether the program had ended) after each change of the run, each tree once."""
    seen = set()
    for index, (call, site) in enumerate(calls):
        if call.changes and call.result is not None and call.result >= 0:
            disk.play(call, data)
        ended = index == len(calls) - 1
        if not call.changes and not ended:
            continue
        for name, kept, content in variants(index):
            tree = disk.crash(kept, content)
            digest = hashlib.sha256(repr(sorted(tree.items())).encode()).digest()
            if digest in seen and not ended:
                continue
            seen.add(digest)
            yield "the end" if ended else site, name, tree, ended


def point(suite, use, tree, ended):
    def check():
        place = suite.folder("power")
        write_tree(tree, place)
        judge(use, place, None, must_be_new=ended)
        shutil.rmtree(place)
    return check


def prepare(suite):
    tracer = Tracer(suite)
    for use in all_uses(suite, tracer):
        place = use.begin(suite)
        disk = Disk(place)
        ran, calls, data = tracer.record(place, in_place(use, place))
        ran.want(0)
        found = list(states(disk, sites(calls, place), data))
        if suite.args.quick:
            found = spread(found, 12) + [state for state in found if state[3]]
        for site, name, tree, ended in found:
            suite.add(f"{use.name}: power lost after {site}: {name}", point(suite, use, tree, ended))


def self_test(suite):
    """A writer that does not sync is caught by the model, one that does is not."""
    def call(name, path, second="", size=0):
        return Call(0, 0, name, True, size, str(place / path), str(place / second) if second else "", 0, size, -1)

    def outcomes(calls):
        disk, found = Disk(place), collections.Counter()
        for each in calls:
            disk.play(each, b"new")
            for _, kept, content in variants(len(found)):
                found[disk.crash(kept, content).get("file", "none")] += 1
        return set(found), {disk.crash(kept, content).get("file", "none") for _, kept, content in variants(1)}

    place = suite.folder()
    (place / "file").write_bytes(b"old")
    written = [call("create", "part"), call("write", "part", size=3)]
    moved = [call("rename", "part", "file")]
    careful = written + [call("fsync", "part")] + moved + [call("fsync", ".")]
    assert outcomes(careful) == ({b"old", b"new"}, {b"new"}), "a careful writer is blamed"
    assert b"" in outcomes(written + moved + [call("fsync", ".")])[1], "a file that is not synced is not lost"
    assert b"old" in outcomes(careful[:-1])[1], "a folder that is not synced is not lost"
    assert "none" in outcomes([call("unlink", "file")])[1], "a removal never comes to the disk"
    disk = Disk(place)
    for each in (call("mkdir", "a"), call("create", "a/b"), call("write", "a/b", size=3), call("fsync", "a/b"),
                 call("fsync", "a")):
        disk.play(each, b"new")
    assert "a" not in disk.crash(lambda i, of: False, bytes), "what is in a folder that is gone is there"
    assert disk.crash(lambda i, of: True, bytes)["a/b"] == b"new", "what was synced is gone"


if __name__ == "__main__":
    sys.exit(Suite("power_loss", "loss of power at every mutating system call of a run, a resume and a merge",
                   self_test).main(prepare))
