"""Readers of a result, and of shards, that somebody replaces or publishes meanwhile (folders.py)."""
import concurrent.futures
import itertools
import os
import shutil
import threading

from harness import Skipped, require, run
from jobs import fingerprint, losses_digest
from uses import NEW, OLD


def read_meanwhile(suite, job, expected, words):
    """A result is replaced again and again by that of another seed while it is read: what a reader says is of one of the two."""
    def check():
        place = suite.folder("meanwhile")
        for out, seed in (("out", OLD), ("old", OLD), ("new", NEW)):
            run(*job.command(out, seed=seed), cwd=place).want(0)
        stop, codes = threading.Event(), []

        def write():
            for seed in itertools.cycle((NEW, OLD)):
                if stop.is_set():
                    return
                run(*job.command("out", seed=seed), cwd=place).want(0, 75)  # 75: a reader held the folder for a moment
        with concurrent.futures.ThreadPoolExecutor() as pool:
            writing = pool.submit(write)
            try:
                while len(codes) < 60 or 0 not in codes and len(codes) < 1000:
                    ran = run(suite.args.program, *words, cwd=place)
                    codes.append(ran.want(0, 11, 75).code)
                    require(ran.code != 75 or "meanwhile" in ran.err or "another run" in ran.err, f"it says {ran.err[-300:]}")
                    require(ran.code != 11 or words[0] == "compare", f"verdict {ran.code}: {ran.out[-300:]}")
            finally:
                stop.set()
                writing.result()
        require(0 in codes, f"the result was never read: exits {set(codes)}")
        require(fingerprint(place / "out") in expected.values(), "other bits afterwards")
        shutil.rmtree(place)
    return check


def merged_meanwhile(suite, job, expected):
    """Shards are replaced by those of another seed while they are merged: the result is of the one or the other, or there is none."""
    def check():
        place = suite.folder("merged")
        stop = threading.Event()

        def write():
            for seed in itertools.cycle((OLD, NEW)):
                for rank in (0, 1):
                    run(*job.command("shards", "--shard", f"{rank}/2", seed=seed), cwd=place).want(0, 75)
                if stop.is_set():
                    return
        for rank in (0, 1):
            run(*job.command("shards", "--shard", f"{rank}/2", seed=OLD), cwd=place).want(0)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            writing = pool.submit(write)
            try:
                codes = []
                while len(codes) < 60 or 0 not in codes and len(codes) < 500:
                    ran = run(suite.args.program, "merge", "out", "shards", "--quiet", cwd=place).want(0, 65, 75)
                    codes.append(ran.code)
                    require(ran.code != 65 or "another job" in ran.err, f"it says {ran.err[-300:]}")
                    require(ran.code != 0 or losses_digest(place / "out") in expected, "a mix of two runs")
            finally:
                stop.set()
                writing.result()
        require(0 in codes, f"nothing was ever merged: exits {set(codes)}")
        shutil.rmtree(place)
    return check


def read_by_another(suite, job, words):
    """Who may read a result, and not see whether it is just being published."""
    def check():
        if os.geteuid() != 0:
            raise Skipped("only root can be another user")
        place = suite.folder("another")
        suite.scratch.chmod(0o755)
        run(*job.command("out", seed=OLD), cwd=place).want(0)
        (place / "out/.tailbit/commit").mkdir()
        (place / "out/run.json").rename(place / "out/.tailbit/commit/run.json")
        run(suite.args.program, *words, cwd=place, user=65534).want(75).says("try again")
        run(suite.args.program, *words, cwd=place).want(0)
        run(suite.args.program, *words, cwd=place, user=65534).want(0)
        (place / "out").chmod(0o700)
        run(suite.args.program, *words, cwd=place, user=65534).want(77)
        shutil.rmtree(place)
    return check
