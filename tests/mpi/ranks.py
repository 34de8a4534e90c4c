#!/usr/bin/env python3
"""One run on several ranks of MPI: the bits of `tailbit run` for every number of ranks, threads and tiles; ranks that are killed,
stopped, short of time, or not of one mind. Whatever happens, the job ends, and what it leaves another run goes on from, on as many
ranks as it likes, or on none.

  tests/mpi/ranks.py --program build/cpu-release/tailbit [--long] [--report FILE] [--self-test]      (tailbit-mpi lies beside it)
"""
import copy
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "faults"))
from harness import Failed, Suite, require, run  # noqa: E402
from rank_jobs import BLOCK, Kind, MPIRUN, Running, SEED, SLOW, events, processes, program_of_ranks, require_equal, require_shared_out, result, until  # noqa: E402


def same_bits(kind, ranks, threads, tile):
    def check():
        out = kind.suite.folder("bits") / "out"
        flags = [] if tile == "auto" else ["--tile", tile]
        run(*kind.ranks(ranks, out, *flags, threads=threads)).want(kind.code)
        require_equal(result(out), kind.wanted)
        device = json.loads((out / "summary.json").read_text())["device"]
        begin = f"{ranks} rank{'s' if ranks > 1 else ''}: {ranks} x "
        require(device.startswith(begin), f"the summary calls the device {device}")
        shutil.rmtree(out.parent)
    return check


def every_rank_works(kind, ranks):
    def check():
        out = kind.suite.folder("shared") / "out"
        ran = run(*kind.ranks(ranks, out, "--log-format", "json", "--log-level", "debug")).want(0)
        require_shared_out(events(ran.err, "chunk"), kind.scenarios, ranks)
        ready = {line["rank"] for line in events(ran.err, "ready")}
        require(ready == set(range(1, ranks)), f"lines of the ranks {ready}")
        require(len(events(ran.err, "started")) == 1 and len(events(ran.err, "done")) == 1, "told more than once")
    return check


def audited(kind, ranks, share):
    def check():
        out = kind.suite.folder("audited") / "out"
        run(*kind.ranks(ranks, out, "--audit", share, threads=2)).want(0)
        require_equal(result(out), kind.wanted)
        blocks = json.loads((out / "run.json").read_text())["audited_blocks"]
        most = -(-kind.scenarios // BLOCK)
        require(blocks == most if share == 1 else 0 < blocks < most, f"{blocks} of {most} blocks were audited")
    return check


def many_parts(kind, ranks):
    """A checkpoint as often as can be: parts of several ranks in each."""
    def check():
        out = kind.suite.folder("parts") / "out"
        run(*kind.ranks(ranks, out, parts=True)).want(kind.code)
        require_equal(result(out), kind.wanted)
    return check


def like_shards(kind, ranks, shards):
    def check():
        place = kind.suite.folder("shards")
        for rank in range(shards):
            run(*kind.plain(place / "merged", "--shard", f"{rank}/{shards}")).want(0)
        run(kind.job.program, "merge", place / "merged", "--quiet").want(0)
        run(*kind.ranks(ranks, place / "mpi")).want(0)
        require_equal(result(place / "mpi"), result(place / "merged"))
    return check


# --- Lost and stopped -------------------------------------------------------------------------------------------------------------

def goes_on(kind, out, command):
    """The run after one that was cut off."""
    require(not (out / "run.json").exists(), "there is a result of a run that was cut off")
    run(*command).want(kind.code)
    require_equal(result(out), kind.wanted)
    resumed = json.loads((out / "run.json").read_text())["resumed_scenarios"]
    require(0 < resumed < kind.scenarios, f"{resumed} scenarios were taken from the checkpoint")


def next_run(kind, out, after):
    return kind.plain(out, "--resume") if after == "plain" else kind.ranks(after, out, "--resume", threads=2)


def killed(kind, ranks, victim, parts, after):
    def check():
        out = kind.suite.folder("killed") / "out"
        running = Running(kind, ranks, out, parts)
        os.kill(running.pids[victim], signal.SIGKILL)
        code, _ = running.end()
        require(code != 0, "mpirun ends with 0 although a rank was killed")
        goes_on(kind, out, next_run(kind, out, after))
    return check


def without_mpirun(kind, ranks, name, after):
    """What ends mpirun itself: it gives ranks a second or none, its exit code is its own, and ranks that it leaves finish the run."""
    def check():
        out = kind.suite.folder("mpirun") / "out"
        running = Running(kind, ranks, out, 2)
        os.kill(running.mpirun.pid, getattr(signal, name))
        require(running.end()[0] != 0, "mpirun ends with 0")
        if (out / "run.json").exists():
            require_equal(result(out), kind.wanted)
        else:
            goes_on(kind, out, next_run(kind, out, after))
    return check


def killed_plain(kind, after):
    """A plain run that was killed, and ranks that go on."""
    def check():
        out = kind.suite.folder("plain") / "out"
        words = [str(word) for word in kind.plain(out, parts=True)]
        plain = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: len(list((out / ".tailbit/parts").glob("*.tbp"))) >= 2 or plain.poll() is not None, "parts")
        plain.kill()
        require(plain.wait() != 0, "the run was over too soon for the test")
        locked = lambda: run(*next_run(kind, out, after), "--max-memory", "1B").code == 75  # while the worker dies
        until(lambda: not locked(), "the worker to end", 10)
        goes_on(kind, out, next_run(kind, out, after))
    return check


def signalled(kind, ranks, name, to, after):
    def check():
        out = kind.suite.folder("signalled") / "out"
        running = Running(kind, ranks, out, 2)
        number = getattr(signal, name)
        for pid in {"mpirun": [running.mpirun.pid], "rank 0": [running.pids[0]], "all": running.pids.values()}[to]:
            os.kill(pid, number)
        code, err = running.end()
        require(code == 75, f"exit {code}, not 75: {err[-600:]}")
        require("run the same command again" in err, f"it does not say how to go on: {err[-600:]}")
        goes_on(kind, out, next_run(kind, out, after))
    return check


def sent(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def signalled_twice(kind, ranks):
    def check():
        out = kind.suite.folder("twice") / "out"
        running = Running(kind, ranks, out, 2)
        os.kill(running.pids[1], signal.SIGSTOP)  # so that the first stop cannot be followed
        # Where the cores are busy, two signals may both come before the rank looks, and then are one to it.
        until(lambda: not sent(running.pids[0], signal.SIGUSR1) or time.sleep(0.3), "rank 0 to stop at once")
        sent(running.pids[1], signal.SIGCONT)
        code, err = running.end()
        require(code == 75 and "stopped at once" in err, f"exit {code}: {err[-600:]}")
        goes_on(kind, out, next_run(kind, out, "plain"))
    return check


def checkpoint_now(kind, ranks):
    def check():
        out = kind.suite.folder("usr2") / "out"
        words = [str(word) for word in kind.ranks(ranks, out, "--log-format", "json", "--log-level", "debug")]
        words[words.index("--checkpoint-seconds") + 1] = "1000"
        err = open(out.parent / "err", "w+")
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        until(lambda: '"chunk"' in (out.parent / "err").read_text(), "the first chunk")
        require(not list((out / ".tailbit/parts").glob("*")), "there is a checkpoint already")
        process.send_signal(signal.SIGUSR2)
        saved = until(lambda: list((out / ".tailbit/parts").glob("*.tbp")) or process.poll() is not None, "a checkpoint")
        require(saved is not True, "the run was over too soon for the test")
        require(process.wait(60) == 0, "USR2 has stopped the run")
        require_equal(result(out), kind.wanted)
    return check


def stalled(kind, ranks):
    def check():
        out = kind.suite.folder("stalled") / "out"
        running = Running(kind, ranks, out, 2, "--stall-seconds", "2")
        os.kill(running.pids[1], signal.SIGSTOP)
        until(lambda: running.mpirun.poll() is not None or len(processes(kind.mpi, out)) <= 1, "the others to be ended", 30)
        if 1 in processes(kind.mpi, out):
            os.kill(running.pids[1], signal.SIGCONT)
        code, err = running.end()
        require(code == 75 and "rank 1 (" in err and "no progress" in err, f"exit {code}: {err[-600:]}")
        goes_on(kind, out, next_run(kind, out, ranks))
    return check


# --- Time, targets, disagreement --------------------------------------------------------------------------------------------------

def out_of_time(kind, ranks):
    def check():
        out = kind.suite.folder("time") / "out"
        started = time.monotonic()
        run(*kind.ranks(ranks, out, "--max-seconds", "1", "--scenarios", "40000000")).want(12)
        require(time.monotonic() - started < 20, "it took much longer than it was given")
        summary = json.loads((out / "summary.json").read_text())
        done = summary["scenarios"]
        require(summary["status"] == "stopped_early" and 0 < done < 40_000_000, f"{done} scenarios")
        same = kind.suite.folder("time") / "out"
        run(*kind.job.command(same, "--scenarios", done, seed=SEED, threads=2, parts=False)).want(0)
        digest = lambda folder: json.loads((folder / "summary.json").read_text())["digests"]["losses_sha256"]
        require(digest(out) == digest(same), "the scenarios done have other bits")
    return check


def disagree(kind, code, other, *texts):
    """The last of three ranks is given something else."""
    def check():
        out = kind.suite.folder("other") / "out"
        mine, theirs = kind.command(out), other(out)
        ran = run(*MPIRUN, "-n", 2, *mine, ":", "-n", 1, *theirs, timeout=60).want(code).says(*texts)
        require(ran.err.count("tailbit: ") == 1, f"told more than once: {ran.err}")
        require(not out.exists(), "a run that cannot be has left something")
    return check


def first_fails(kind):
    def check():
        out = kind.suite.folder("first") / "out"
        bad = kind.command(out)
        bad[bad.index("run") + 1] = "missing.json"
        run(*MPIRUN, "-n", 1, *bad, ":", "-n", 2, *kind.command(out), timeout=60).want(66).says("missing.json")
    return check


def refused(kind, code, words, *texts):
    def check():
        ran = run(*MPIRUN, "-n", 3, kind.mpi, *words, timeout=60).want(code).says(*texts)
        require(ran.err.count("tailbit: ") == 1, f"told more than once: {ran.err}")
    return check


def told_once(kind, words, text):
    def check():
        ran = run(*MPIRUN, "-n", 3, kind.mpi, *words).want(0)
        require(ran.out.count(text) == 1, f"not once: {ran.out[:400]}")
    return check


def prints_summary(kind):
    def check():
        out = kind.suite.folder("json") / "out"
        words = [word for word in kind.ranks(3, out, "--json") if word != "--quiet" or word in MPIRUN]
        ran = run(*words).want(0)
        require(json.loads(ran.out) == json.loads((out / "summary.json").read_text()), "stdout is not summary.json")
    return check


def up_to_date(kind):
    def check():
        out = kind.suite.folder("again") / "out"
        run(*kind.plain(out, parts=False)).want(0)
        before = (out / "run.json").read_bytes()
        ran = run(*kind.ranks(3, out, "--log-format", "json")).want(0)
        require(len(events(ran.err, "up_to_date")) == 1 and (out / "run.json").read_bytes() == before, "it ran again")
        run(*kind.ranks(2, out, "--force")).want(0)
        require((out / "run.json").read_bytes() != before, "--force did not run it again")
        require_equal(result(out), kind.wanted)
    return check


def bad_scenario(kind):
    """What is found while simulating: a contract's value that leaves the range of exact sums."""
    def check():
        place = kind.suite.folder("bad")
        shutil.copytree(kind.job.folder, place / "job")
        model = json.loads((place / "job/model.json").read_text())
        model["innovations"] = {"kind": "student_t", "dof": 2.5, "period": "1d"}  # with no largest move
        for underlying in model["underlyings"].values():
            underlying["spot_vol"] = {"kind": "constant", "vol": 20.0}
        (place / "job/model.json").write_text(json.dumps(model))
        command = kind.command(place / "out")
        command[command.index("run") + 1] = place / "job/run.json"
        plain = run(kind.job.program, *command[1:]).want(65)
        require("scenario" in plain.err, f"not the fault that was meant: {plain.err}")
        run(*MPIRUN, "-n", 3, *command, timeout=60).want(65).says("scenario")
    return check


def held_folder(kind):
    def check():
        out = kind.suite.folder("held") / "out"
        running = Running(kind, 2, out, 1)
        with running.held():
            run(*kind.ranks(2, out)).want(75).says("another run")
        os.kill(running.pids[0], signal.SIGTERM)
        require(running.end()[0] == 75, "the first run")
        goes_on(kind, out, next_run(kind, out, 2))
    return check


def plain_under_mpi(kind):
    """mpirun -n 3 tailbit: each would do the whole run."""
    def check():
        out = kind.suite.folder("under") / "out"
        running = Running(kind, 2, out, 1)
        with running.held():
            ran = run(*MPIRUN, "-n", 3, *kind.plain(out)).want(75)
            alone = run(*kind.plain(out)).want(75)
        require("use tailbit-mpi, or --shard auto" in ran.err, f"no hint: {ran.err}")
        require("use tailbit-mpi" not in alone.err, "a hint where there is no MPI")
        os.kill(running.pids[0], signal.SIGTERM)
        require(running.end()[0] == 75, "the first run")
    return check


# --- All of them ------------------------------------------------------------------------------------------------------------------

def prepare(suite):
    mpi = program_of_ranks(suite)
    long = suite.args.long
    dates = {"exposure_dates": ["8h", "16h", "1d"]}
    full = Kind(suite, mpi, "full", 30_001, group_detail="full", **dates)
    tails = Kind(suite, mpi, "tails", 60_001, group_detail="tails", levels=[0.99], **dates)
    single = Kind(suite, mpi, "single", 20_000, precision="single")
    target = Kind(suite, mpi, "target", 400_000, stop={"level": 0.95, "relative_error": 0.02})
    missed = Kind(suite, mpi, "missed", 100_000, stop={"level": 0.99, "relative_error": 0.0001})
    slow = Kind(suite, mpi, "slow", SLOW, group_detail="tails")
    require(target.wanted[1]["scenarios"] < target.scenarios and missed.code == 12, "jobs with a target that do not fit")

    ranks = (1, 2, 3, 4, 7, 16) if long else (1, 2, 3, 4, 7)
    threads, tiles = ((1, 2, 3), ("auto", 64, 512, 1000)) if long else ((1, 2), ("auto", 64))
    for kind, r, t, tile in itertools.product((full, tails), ranks, threads, tiles):
        suite.add(f"bits, {kind.name}, {r} ranks, {t} threads, tile {tile}", same_bits(kind, r, t, tile))
    for kind, r in itertools.product((single, target, missed), (2, 5)):
        suite.add(f"bits, {kind.name}, {r} ranks", same_bits(kind, r, 1, "auto"))
    for kind, r in itertools.product((full, tails, target), (3, 4)):
        suite.add(f"a checkpoint after every round, {kind.name}, {r} ranks", many_parts(kind, r))
    for r in (1, 2, 4):
        suite.add(f"every rank has its share, {r} ranks", every_rank_works(tails, r))
    for kind, share in itertools.product((full, tails), (1, 0.3)):
        suite.add(f"audit of {share}, {kind.name}", audited(kind, 3, share))
    suite.add("shards and merge, full", like_shards(full, 3, 2))
    suite.add("shards and merge, tails", like_shards(tails, 2, 5))

    afters = itertools.cycle(("plain", 3, 1, 2))
    for r, parts in itertools.product((2, 4) if long else (3,), (1, 2, 3, 4, 5, 6, 8) if long else (1, 3, 6)):
        for victim in (0, 1, r - 1):
            suite.add(f"killed: {victim} of {r} ranks after {parts} parts", killed(slow, r, victim, parts, next(afters)))
    for after in (1, 3):
        suite.add(f"a plain run killed, {after} ranks go on", killed_plain(slow, after))
    for name, to in (("SIGUSR1", "mpirun"), ("SIGUSR1", "rank 0"), ("SIGUSR1", "all"), ("SIGTERM", "rank 0"), ("SIGTERM", "all"),
                     ("SIGINT", "all"), ("SIGHUP", "rank 0")):
        suite.add(f"{name} to {to}", signalled(slow, 3, name, to, next(afters)))
    for name in ("SIGTERM", "SIGINT", "SIGKILL"):
        suite.add(f"{name} to mpirun", without_mpirun(slow, 3, name, next(afters)))
    suite.add("two signals", signalled_twice(slow, 3))
    suite.add("USR2 to mpirun", checkpoint_now(slow, 2))
    suite.add("a rank that stalls", stalled(slow, 3))
    suite.add("--max-seconds", out_of_time(tails, 3))

    seed = lambda out: full.command(out, seed=SEED + 1)
    suite.add("another seed on one rank", disagree(full, 65, seed, "rank 2 (", "another job"))

    def other_config(place):
        command = full.command(place)
        command[command.index("run") + 1] = tails.job.config
        return command

    def missing(place):
        command = full.command(place)
        command[command.index("run") + 1] = suite.scratch / "missing.json"
        return command
    suite.add("another config on one rank", disagree(full, 65, other_config, "rank 2 (", "another job"))
    suite.add("no config on one rank", disagree(full, 66, missing, "rank 2 (", "no such file"))
    suite.add("an unknown flag on one rank", disagree(full, 64, lambda out: [*full.command(out), "--scenario"], "rank 2 ("))
    suite.add("a device that is missing on one rank",
              disagree(full, 69, lambda out: ["cuda:99" if word == "cpu" else word for word in full.command(out)], "rank 2 (",
                       "cuda:99"))
    suite.add("no config on rank 0", first_fails(full))
    config = full.job.config
    for name, code, words, *texts in (
            ("an unknown flag", 64, ["run", config, "--scenario", "5"], "did you mean"),
            ("--shard", 64, ["run", config, "--shard", "0/2"], "--shard"),
            ("another command", 64, ["merge", "out"], "use `tailbit merge`"),
            ("no command", 64, [], "tailbit-mpi --help"),
            ("too little memory", 78, ["run", config, "--max-memory", "1B"], "--max-memory"),
            ("a place that is none", 73, ["run", config, "--out", "/proc/none"], "/proc/none")):
        suite.add(f"refused: {name}", refused(full, code, words, *texts))
    suite.add("--help", told_once(full, ["--help"], "mpirun -n 8"))
    suite.add("--version", told_once(full, ["--version"], "tailbit-mpi "))
    suite.add("version", told_once(full, ["version"], "numerics"))
    suite.add("--json", prints_summary(full))
    suite.add("up to date, and --force", up_to_date(full))
    suite.add("a scenario out of range", bad_scenario(full))
    suite.add("a folder that is held", held_folder(slow))
    suite.add("tailbit without -mpi under mpirun", plain_under_mpi(slow))


def self_test(suite):
    """The judgements that a wrong program would have to meet."""
    def refuses(what, *arguments):
        try:
            what(*arguments)
        except Failed:
            return
        raise AssertionError(f"{what.__name__} finds nothing in {arguments}")

    wanted = (("id", (("losses.npy", "a"),)), {"measures": [{"es": 1.0}], "warnings": []})
    require_equal(copy.deepcopy(wanted), wanted)
    refuses(require_equal, (("id", (("losses.npy", "b"),)), wanted[1]), wanted)
    refuses(require_equal, (wanted[0], {"measures": [{"es": 1.0000000000000002}], "warnings": []}), wanted)
    refuses(require_equal, (wanted[0], {**wanted[1], "warnings": ["x"]}), wanted)

    chunk = lambda first, count, rank: {"first": first, "count": count, "of_rank": rank}
    good = [chunk(512, 1024, 1), chunk(0, 512, 0), chunk(1536, 464, 0)]
    require_shared_out(good, 2000, 2)
    refuses(require_shared_out, good[:2], 2000, 2)
    refuses(require_shared_out, good[1:], 2000, 2)
    refuses(require_shared_out, [*good, chunk(512, 1024, 1)], 2000, 2)
    refuses(require_shared_out, good, 2000, 3)
    refuses(require_shared_out, [chunk(0, 500, 0), chunk(500, 1500, 1)], 2000, 2)
    refuses(until, lambda: False, "nothing", 0.05)


if __name__ == "__main__":
    sys.exit(Suite("mpi", "Open MPI end to end", self_test).main(prepare))
