#!/usr/bin/env python3
"""kill -9 before every system call that changes a file: of runs, resumed runs, shards and merges; of the process that
makes the call, and of the supervisor while its worker makes it. After each the folder holds the old result, whole, or
the new one; the same command then gives the bits of a run that nothing happened to, and nothing is left over.

  tests/faults/kills.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import shutil
import sys

from calls import Tracer, sites
from harness import Failed, Suite, require, run, spread
from jobs import (Job, fingerprint, left_over, not_whole, read_by_program, require_nothing_left_over, require_whole)
from uses import Use, all_uses

KILLED = 128 + 9


def judge(use, place, code, must_be_new):
    """The folder after a kill: raw, as the program reads it, and after the command was run again."""
    out = place / use.out
    require_whole(out, "before anything read it")
    if code == 0:
        require(fingerprint(out) == use.new, "the run ended well with other bits")
        require_nothing_left_over(out)
    found = read_by_program(use.command[0], out, use.shard)
    require(found in (use.old, use.new), "a result that is neither the old nor the new one")
    require(found == use.new or not must_be_new, "the result is gone, or the old one again")
    run(*use.command, cwd=place).want(0)
    require_whole(out, "after the command was run again")
    require(fingerprint(out) == use.new, "the command, run again, gave other bits")
    require_nothing_left_over(out)


def point(suite, tracer, use, call, victim):
    def check():
        place = use.begin(suite)
        command = in_place(use, place)
        ran, struck = tracer.strike(place, command, "kill", call.who, call.n, victim)
        restarts = use.supervised and victim == call.who
        ran.want(0 if restarts else KILLED)
        if restarts:
            ran.says("another goes on from the checkpoint")
        judge(use, place, ran.code, must_be_new=restarts)
        shutil.rmtree(place)
    return check


def in_place(use, place):
    return ["env", "-C", place, *use.command]


def reader_point(suite, tracer, use, template, command, call):
    """A publication that is cut off is finished by whoever reads the folder; who may be killed, too."""
    def check():
        place = suite.folder("reader")
        shutil.copytree(template, place, dirs_exist_ok=True)
        ran, _ = tracer.strike(place, ["env", "-C", place, *command], "kill", call.who, call.n, call.who)
        ran.want(KILLED)
        judge(use, place, ran.code, must_be_new=True)
        shutil.rmtree(place)
    return check


def add_readers(suite, tracer, use, call, most):
    """`call`: the first after a publication began to count."""
    template = suite.folder("cut")
    shutil.copytree(use.template, template, dirs_exist_ok=True)
    tracer.strike(template, in_place(use, template), "kill", call.who, call.n, -1)
    require((template / use.out / ".tailbit/commit").exists(), "the publication was not cut off")
    command = [use.command[0], "replay", use.out, "--scenario", "0"]
    probe = suite.folder("probe")
    shutil.copytree(template, probe, dirs_exist_ok=True)
    _, calls, _ = tracer.record(probe, ["env", "-C", probe, *command])
    for struck, site in spread([each for each in sites(calls, probe) if each[0].changes], most):
        suite.add(f"read after cut {use.name}: killed before {site}",
                  reader_point(suite, tracer, use, template, command, struck))


def prepare(suite):
    tracer = Tracer(suite)
    most = 7 if suite.args.quick else sys.maxsize
    for use in all_uses(suite, tracer):
        place = use.begin(suite)
        ran, calls, _ = tracer.record(place, in_place(use, place))
        ran.want(0)
        changing = [(call, site) for call, site in sites(calls, place) if call.changes]
        for call, site in spread(changing, most):
            who = "worker" if use.supervised else "program"
            suite.add(f"{use.name}: {who} killed before {site}", point(suite, tracer, use, call, call.who))
        for call, site in spread(changing, most) if use.supervised else []:
            suite.add(f"{use.name}: supervisor killed before {site}", point(suite, tracer, use, call, 0))
        if not use.shard:
            after = next(i for i, (call, _) in enumerate(changing) if call.second.endswith("/commit")) + 1
            add_readers(suite, tracer, use, changing[after][0], most)


def self_test(suite):
    """Results that are spoiled in each way that a kill might spoil them are seen."""
    folder = suite.folder()
    (folder / "a").write_text("a")
    listed = '{"path": "a", "bytes": 1, "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}'
    manifest = folder / "run.json"
    manifest.write_text('{"outputs": [%s]}' % listed)
    assert not_whole(folder) is None and left_over(folder) == []
    for spoil in (lambda: (folder / "a").write_text("b"), lambda: (folder / "a").write_text(""),
                  lambda: (folder / "a").unlink(), lambda: manifest.write_text(""),
                  lambda: manifest.write_text('{"outputs": []}')):
        (folder / "a").write_text("a")
        manifest.write_text('{"outputs": [%s]}' % listed)
        spoil()
        assert not_whole(folder), "a spoiled result is not seen"
    (folder / "a").write_text("a")
    manifest.write_text('{"outputs": [%s]}' % listed)
    for more in (".tailbit/new/x", ".x.part", ".tailbit/parts/p"):
        (folder / more).parent.mkdir(parents=True, exist_ok=True)
        (folder / more).write_text("")
        assert more in left_over(folder), f"{more} is not seen"
        (folder / more).unlink()
    assert left_over(folder), "empty folders are not seen"
    try:
        require(False, "told")
        raise AssertionError("require does nothing")
    except Failed:
        pass


if __name__ == "__main__":
    sys.exit(Suite("kills", "kill -9 at every mutating system call of a run, a resume and a merge", self_test).main(prepare))
