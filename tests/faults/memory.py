#!/usr/bin/env python3
"""Memory that runs out at one of a run's allocations, or from it on, spread over all of them: the run ends with 75 and
says why, or does without that memory and ends well; the old result stays, and the same command then gives the bits of a
run that nothing happened to. An address space too small for the job is told the same way.

  tests/faults/memory.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import resource
import shutil
import sys

from harness import Failed, Suite, compiled, require, run
from jobs import Job, fingerprint, read_by_program, require_nothing_left_over, require_whole
from uses import NEW, OLD, Use


def library(suite):
    return compiled(suite, "faulty_memory.c", "-shared", "-fPIC")


def count(suite, preloaded, use):
    place = use.begin(suite)
    run(*use.command, cwd=place, env={"LD_PRELOAD": preloaded, "FAULTY_MEMORY": f"count {place / 'count'}"}).want(0)
    return int((place / "count").read_text())


def judge(use, place, ran):
    ran.want(0, 75)
    out = place / use.out
    if ran.code == 75:
        ran.says("out of memory")
    else:
        require(fingerprint(out) == use.new, "it ended well with other bits")
    require_whole(out, "before anything read it")
    found = read_by_program(use.command[0], out, use.shard)
    require(found in (use.old, use.new), "neither the old nor the new result is there")
    run(*use.command, cwd=place).want(0)
    require(fingerprint(out) == use.new, "the command, run again, gave other bits")
    require_nothing_left_over(out)


def point(suite, preloaded, use, what):
    def check():
        place = use.begin(suite)
        judge(use, place, run(*use.command, cwd=place, env={"LD_PRELOAD": preloaded, "FAULTY_MEMORY": what}))
        shutil.rmtree(place)
    return check


def small_space(suite, use, megabytes):
    def check():
        place = use.begin(suite)
        limit = megabytes << 20
        judge(use, place, run(*use.command, cwd=place,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))))
        shutil.rmtree(place)
    return check


def places(total, most):
    """Allocations from the first to the last: dense where the program starts, even over what follows."""
    start = [round(i * min(3000, total) / (most / 3)) + 1 for i in range(most // 3)]
    return sorted(set(start + [1 + round(i * (total - 1) / (most - len(start))) for i in range(most - len(start) + 1)]))


def prepare(suite):
    preloaded = library(suite)
    job = Job(suite.args.program, suite.scratch / "job")
    place = suite.folder("old")
    run(*job.command("out", seed=OLD), cwd=place).want(0)
    shards = suite.folder("shards")
    for rank in range(2):
        run(*job.command("out", "--shard", f"{rank}/2", seed=NEW), cwd=shards).want(0)
    most = 24 if suite.args.quick else 150
    for use in (Use("run over old", place, job.command("out", seed=NEW), "out", True),
                Use("merge", shards, [job.program, "merge", "out", "--quiet"], "out", False)):
        use.learn(suite)
        total = count(suite, preloaded, use)
        require(total > 5000, f"only {total} allocations are seen")
        for number in places(total, most):
            share = f"allocation {number} of {total}"
            suite.add(f"{use.name}: no memory for {share}", point(suite, preloaded, use, f"once {number}"))
            suite.add(f"{use.name}: no memory from {share} on", point(suite, preloaded, use, f"from {number}"))
        for megabytes in (24, 32, 40, 64) if suite.args.quick else range(20, 80, 4):
            suite.add(f"{use.name}: {megabytes} MB of address space", small_space(suite, use, megabytes))


def self_test(suite):
    """The library does fail allocations, once or from one on, and counts them."""
    preloaded = library(suite)
    program = 'import sys; print(sum(len(str(i) * 3) for i in range(20000)))'
    def python(what):
        return run(sys.executable, "-I", "-c", program, env={"LD_PRELOAD": preloaded, "FAULTY_MEMORY": what,
                                                             "PYTHONMALLOC": "malloc"})
    counted = suite.scratch / "count"
    assert python(f"count {counted}").code == 0
    total = int(counted.read_text())
    assert total > 1000, total
    assert python(f"from {total // 2}").code != 0
    assert any(python(f"once {total * tenth // 10}").code != 0 for tenth in range(1, 10))
    assert len(places(50000, 100)) > 90 and places(50000, 100)[-1] == 50000
    class Ended:
        code, err = 70, ""
        def want(self, *codes):
            require(self.code in codes, "another exit code")
            return self
    try:
        judge(None, None, Ended())
        raise AssertionError("an internal error is taken for a want of memory")
    except Failed:
        pass


if __name__ == "__main__":
    sys.exit(Suite("memory", "allocations fail over a run and a merge", self_test).main(prepare))
