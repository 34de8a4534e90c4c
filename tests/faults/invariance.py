#!/usr/bin/env python3
"""The bits of a result over everything that must not matter: shards, threads, tiles, and runs that were killed, once or
several times, and went on, each time with other threads and tiles. In both precisions, with full and with tail detail, of
a number of scenarios that is no multiple of a block.

  tests/faults/invariance.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import itertools
import json
import random
import shutil
import sys

from calls import Tracer
from harness import Failed, Suite, require, run, spread
from jobs import Job, fingerprint, require_nothing_left_over, require_whole

SEED = 7


class Kind:
    """A job, and its result on one thread, never cut off."""

    def __init__(self, suite, precision, detail):
        self.name = f"{precision}, {detail}"
        self.job = Job(suite.args.program, suite.scratch / f"job-{precision}-{detail}", precision=precision,
                       group_detail=detail)
        self.wanted = self.computed(suite, "--tile", "512")
        require(self.wanted != self.computed(suite, seed=SEED + 1), "another seed gives the same bits")

    def computed(self, suite, *flags, seed=SEED, threads=1):
        place = suite.folder("one")
        run(*self.job.command("out", *flags, seed=seed, threads=threads, parts=False), cwd=place).want(0)
        return fingerprint(place / "out")

    def require_bits(self, out):
        require_whole(out, "at the end")
        found = fingerprint(out)
        require(found[0] == self.wanted[0], "another run id")
        for (name, digest), (_, wanted) in zip(found[1], self.wanted[1]):
            require(digest == wanted, f"{name} has other bits")
        require_nothing_left_over(out)


def tile_flags(tile):
    return [] if tile == "auto" else ["--tile", tile]


def merged(suite, kind, count, threads, tile):
    def check():
        place = suite.folder("merged")
        for rank in range(count):
            run(*kind.job.command("out", "--shard", f"{rank}/{count}", *tile_flags(tile), seed=SEED, threads=threads),
                cwd=place).want(0)
        run(kind.job.program, "merge", "out", "--quiet", cwd=place).want(0)
        kind.require_bits(place / "out")
        shutil.rmtree(place)
    return check


def whole(suite, kind, threads, tile):
    def check():
        require(kind.computed(suite, *tile_flags(tile), threads=threads) == kind.wanted, "other bits")
    return check


def resumed(suite, tracer, kind, number):
    """Killed at calls drawn at random until it comes through: the worker, so that the supervisor starts another, or both."""
    def check():
        chance = random.Random(f"{kind.name} {number}")
        place = suite.folder("resumed")
        cuts = chance.randint(1, 4)
        for _ in range(cuts):
            flags = tile_flags(chance.choice([1, 100, 512, "auto"]))
            command = kind.job.command("out", *flags, seed=SEED, threads=chance.choice([1, 2, 3]))
            # Beyond the run's last call nothing is struck.
            try:
                tracer.strike(place, ["env", "-C", place, *command], "kill", 1, chance.randint(8, 95), chance.choice([0, 1]))
            except Failed:
                pass
        run(*kind.job.command("out", seed=SEED, threads=chance.choice([1, 2, 3])), cwd=place).want(0)
        kind.require_bits(place / "out")
        shutil.rmtree(place)
    return check


def limited(suite, kind, *shard):
    """No time at all, again and again: each run is further than the one before, until the last has all. A shard has no result before."""
    def check():
        place = suite.folder("limited")
        done, runs, code = 0, 0, None
        while code != 0:
            ran = run(*kind.job.command("out", *shard, "--max-seconds", "1e-9", "--tile", "1", seed=SEED, parts=False), cwd=place)
            code = ran.want(0, 75 if shard else 12).code
            if not shard:
                manifest = json.loads((place / "out/run.json").read_text())
                require(manifest["resumed_scenarios"] == done, f"{manifest['resumed_scenarios']} resumed of {done}")
                require(manifest["scenarios_done"] > done, "no further than before")
                done = manifest["scenarios_done"]
            runs += 1
            require(runs < 100, "no end")
        require(runs > 1, "there was time enough")
        if shard:
            run(*kind.job.command("out", "--shard", "1/2", seed=SEED), cwd=place).want(0)
            run(kind.job.program, "merge", "out", "--quiet", cwd=place).want(0)
        kind.require_bits(place / "out")
    return check


def prepare(suite):
    tracer = Tracer(suite)
    kinds = [Kind(suite, precision, detail) for precision in ("double", "single") for detail in ("full", "tails")]
    for index, kind in enumerate(kinds):
        combinations = list(itertools.product((1, 2, 3, 4, 7), (1, 2, 3), (1, 100, 512, "auto")))
        for count, threads, tile in spread(combinations[index:], 8) if suite.args.quick else combinations:
            suite.add(f"{kind.name}: {count} shards, {threads} threads, tile {tile}",
                      merged(suite, kind, count, threads, tile))
        for threads, tile in itertools.product((1, 2, 3), (1, 100, "auto")):
            suite.add(f"{kind.name}: {threads} threads, tile {tile}", whole(suite, kind, threads, tile))
        suite.add(f"{kind.name}: out of time, again and again", limited(suite, kind))
        suite.add(f"{kind.name}: a shard out of time, again and again", limited(suite, kind, "--shard", "0/2"))
        for number in range(12 if suite.args.quick else 60):
            suite.add(f"{kind.name}: killed and resumed, draw {number}", resumed(suite, tracer, kind, number))


def self_test(suite):
    """A result of other bits, or of files of other bits, is not taken for the same."""
    kind = object.__new__(Kind)
    kind.wanted = ("id", (("losses.npy", "a"),))
    out = suite.folder()
    (out / "losses.npy").write_bytes(b"x")
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    (out / "run.json").write_text(
        '{"run_id": "id", "outputs": [{"path": "losses.npy", "bytes": 1, "sha256": "%s"}]}' % digest)
    for wanted, good in ((("id", (("losses.npy", digest),)), True), (("id", (("losses.npy", "0"),)), False),
                         (("other", (("losses.npy", digest),)), False)):
        kind.wanted = wanted
        try:
            kind.require_bits(out)
            assert good, "other bits are not seen"
        except Failed:
            assert not good, "the same bits are refused"


if __name__ == "__main__":
    sys.exit(Suite("invariance", "shards, threads, tiles, kill + resume: equal bits", self_test).main(prepare))
