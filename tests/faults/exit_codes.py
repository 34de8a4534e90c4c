#!/usr/bin/env python3
"""Each exit code that schedulers act on, reached in at least three ways, each told with what it concerns.

  tests/faults/exit_codes.py --program build/cpu-release/tailbit [--report FILE] [--self-test]
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

from calls import Tracer
from harness import Failed, Skipped, Suite, require, run
from jobs import Job, require_whole
from signals import Running, strike_workers, wait_for

LEAST = 3
IMPLEMENTED = (0, 11, 12, 64, 65, 66, 69, 70, 73, 74, 75, 77, 78)


class Ways:
    """The ways to reach exit codes, each in a folder of its own with a job in it."""

    def __init__(self, suite, tracer):
        self.suite, self.tracer, self.program = suite, tracer, suite.args.program
        self.codes = {}

    def add(self, code, name, function):
        self.codes.setdefault(code, []).append(name)
        def check():
            place = self.suite.folder("way")
            job = Job(self.program, place / "job")
            function(code, place, job)
            if (place / "out").is_dir():
                require_whole(place / "out", "at the end")
            shutil.rmtree(place, ignore_errors=True)
        self.suite.add(f"{code}: {name}", check)

    def command(self, code, name, words, says=(), prepare=None):
        """The program with `words`, in which OUT and CONFIG stand for what they say."""
        def function(wanted, place, job):
            if prepare:
                prepare(place, job)
            filled = [{"CONFIG": job.config, "OUT": "out"}.get(word, word) for word in words.split()]
            run(self.program, *filled, cwd=place).want(wanted).says(*says)
        self.add(code, name, function)


def changed(name, **values):
    """Sets fields of one of the job's JSON files."""
    def prepare(_, job):
        path = job.folder / name
        data = json.loads(path.read_text())
        data.update(values)
        path.write_text(json.dumps(data))
    return prepare


def with_result(*flags):
    def prepare(place, job):
        run(*job.command("out", *flags), cwd=place).want(0)
    return prepare


def two_results(*flags):
    def prepare(place, job):
        run(*job.command("out", seed=1), cwd=place).want(0)
        run(*job.command("b", *flags, seed=1 if flags else 2), cwd=place).want(0)
    return prepare


def add_commands(ways):
    go = "run CONFIG --device cpu --quiet --out OUT"
    ways.command(0, "a run", go)
    ways.command(0, "a result that is there already", go + " --log-level info", ["holds the result"],
                 lambda place, job: run(job.program, *go.replace("CONFIG", str(job.config)).replace("OUT", "out").split(),
                                        cwd=place).want(0))
    ways.command(0, "version", "version")
    ways.command(11, "another seed", "compare out b", prepare=two_results())
    ways.command(11, "another number of scenarios", "compare out b", prepare=two_results("--scenarios", "1600"))
    ways.command(11, "single and double", "compare out b", prepare=two_results("--precision", "single"))
    ways.command(12, "time is over", go + " --scenarios 30000000 --max-seconds 0.6", ["stopped early"])
    ways.command(12, "no time at all", go + " --scenarios 30000000 --max-seconds 0.000001", ["stopped early"])
    ways.command(12, "a target that is not reached", go, ["above its target"],
                 changed("run.json", stop={"level": 0.95, "relative_error": 1e-6}))
    ways.command(12, "a target that is not reached, up to date", go + " --log-level info", ["holds the result"], missed_target)
    ways.command(75, "a shard whose time is over", go + " --shard 0/2 --scenarios 30000000 --max-seconds 0.6", ["same command"])
    for name, words in (("no command", ""), ("an unknown flag", go + " --fast"), ("a shard beyond its count",
                        go + " --shard 3/3"), ("no rank", go + " --shard auto"), ("a time below none",
                        go + " --max-seconds -1"), ("a share above one", go + " --audit 2")):
        ways.command(64, name, words)
    ways.command(64, "a shard of a run with a target", go + " --shard 0/2", ["stop"],
                 changed("run.json", stop={"level": 0.95, "relative_error": 0.01}))
    ways.command(65, "--resume of another job", go + " --resume --seed 9", ["another job"], interrupted)
    ways.command(65, "a merge of another job's shards", "merge OUT", ["another job"], shards_of_two_jobs)
    ways.command(65, "a merge of a shard twice", "merge OUT out/shard-0-of-2 out/shard-0-of-2", ["another shard"], shards)
    ways.command(65, "a replay of a shard", "replay out/shard-0-of-2 --scenario 0", ["is a shard"], shards)
    ways.command(65, "a replay where no run finished", "replay out --scenario 0", ["no run finished"],
                 lambda place, _: (place / "out").mkdir())
    ways.command(66, "a merge of too few shards", "merge OUT out/shard-1-of-2", ["are in no shard", "run --shard 0/2, then"], shards)
    ways.command(66, "a merge of no folder", "merge OUT", ["no such folder"])
    ways.command(66, "no config", "run missing.json", ["missing.json"])
    ways.command(66, "no book", go, ["missing.csv"], changed("run.json", book="missing.csv"))
    ways.command(69, "no such device", go.replace("cpu", "cuda:4321"))
    ways.command(69, "a device among others that is not there", go.replace("cpu", "cuda:0,4321"))
    ways.command(69, "no FMA", go + " --isa baseline", ["--force"])
    ways.command(73, "a file where results go", "run CONFIG --device cpu --out job/book.csv", ["cannot be created"])
    ways.command(73, "below a file", "run CONFIG --device cpu --out job/book.csv/x", ["cannot be created"])
    ways.command(73, "results over an input", "run CONFIG --device cpu --out job", ["would overwrite this input"])
    ways.command(73, "a merge below a file", "merge job/book.csv/x out", ["cannot be"], shards)
    ways.command(74, "a folder for a config", "run .", ["Is a directory"])
    ways.command(74, "a folder for a book", go, ["Is a directory"], changed("run.json", book="."))
    ways.command(78, "a horizon of nonsense", go, [], changed("run.json", horizon="soon"))
    ways.command(78, "a level of one", go, [], changed("run.json", levels=[1.0]))
    ways.command(78, "another schema", go, [], changed("run.json", schema="tailbit.run/99"))
    ways.command(78, "more memory than allowed", go + " --max-memory 1000", ["--max-memory"])


def missed_target(place, job):
    changed("run.json", stop={"level": 0.95, "relative_error": 1e-6})(place, job)
    run(job.program, "run", job.config, "--device", "cpu", "--quiet", "--out", "out", cwd=place).want(12)


def shards(place, job):
    for rank in range(2):
        run(*job.command("out", "--shard", f"{rank}/2"), cwd=place).want(0)


def shards_of_two_jobs(place, job):
    run(*job.command("out", "--shard", "0/2"), cwd=place).want(0)
    run(*job.command("out", "--shard", "1/2", seed=9), cwd=place).want(0)


def interrupted(place, job):
    """A run that a signal stopped once it had parts."""
    big = [*job.command("out"), "--scenarios", "300000"]
    process = subprocess.Popen([str(word) for word in big], cwd=place, stderr=subprocess.DEVNULL)
    wait_for(lambda: list((place / "out/.tailbit/parts").glob("*.tbp")))
    process.send_signal(signal.SIGTERM)
    require(process.wait() == 75, f"exit {process.returncode} when terminated")


def add_faults(ways):
    def full_output(code, place, job):
        with open("/dev/full", "w") as full:
            ended = subprocess.run([ways.program, "run", job.config, "--device", "cpu", "--json", "--out", "out"],
                                   cwd=place, stdout=full, stderr=subprocess.PIPE, check=False)
        require(ended.returncode == code and b"standard output" in ended.stderr, f"exit {ended.returncode}")
    ways.add(74, "standard output is lost", full_output)

    def small_files(code, place, job):
        # A file may not grow beyond that; the signal that says so is not to end the run.
        limited = run("bash", "-c", 'ulimit -f 20; trap "" XFSZ; exec "$@"', "bash", *job.command("out", parts=False),
                      cwd=place)
        limited.want(code).says("cannot be written")
        require(not (place / "out/run.json").exists(), "there is a manifest")
    ways.add(74, "a file that may not grow", small_files)

    def held(code, place, job):
        (place / "out/.tailbit").mkdir(parents=True)
        run("flock", "out/.tailbit/lock", *job.command("out"), cwd=place).want(code).says("another run")
    ways.add(75, "another run in the folder", held)

    def memory(code, place, job):
        run("bash", "-c", 'ulimit -v 40000; exec "$@"', "bash", *job.command("out", "--scenarios", "400000", parts=False),
            cwd=place).want(code).says("memory")
    ways.add(75, "no memory", memory)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        def stopped(code, place, job, number=number):
            running = Running(Job(ways.program, place / "long", scenarios=400_000, positions=20), place, 1)
            running.process.send_signal(number)
            ended, err = running.end()
            require(ended == code and "stopped" in err, f"exit {ended}: {err[-300:]}")
        ways.add(75, number.name, stopped)
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGILL, signal.SIGFPE):
        def crashed(code, place, job, number=number):
            running = Running(Job(ways.program, place / "long", scenarios=400_000, positions=20), place, 1)
            strike_workers(running, place, number, 3)
            ended, err = running.end()
            require(ended == code and "please report it" in err, f"exit {ended}: {err[-300:]}")
        ways.add(70, f"workers end by {number.name}, again and again", crashed)


def add_permissions(ways):
    """As somebody whom permissions bind."""
    def unprivileged(place):
        if os.getuid() != 0:
            return []
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        if not shutil.which("setpriv") or run(*words, "true").code != 0:
            raise Skipped("permissions do not bind root, and setpriv cannot change the user here")
        ways.suite.scratch.chmod(0o755)
        return words

    for name in ("run.json", "book.csv", "market.json", "model.json", "instruments.json"):
        def unreadable(code, place, job, name=name):
            words = unprivileged(place)
            (job.folder / name).chmod(0)
            run(*words, ways.program, "validate", job.config, cwd=place).want(code).says(f"{name}: may not be read")
        ways.add(77, f"{name} may not be read", unreadable)

    def no_way_in(code, place, job):
        words = unprivileged(place)
        job.folder.chmod(0o600 if os.getuid() != 0 else 0o700)
        run(*words, ways.program, "validate", job.config, cwd=place).want(code)
        job.folder.chmod(0o755)
    ways.add(77, "the job's folder may not be entered", no_way_in)

    def locked_out(code, place, job):
        words = unprivileged(place)
        (place / "out").mkdir()
        (place / "out").chmod(0o555)
        run(*words, *job.command("out"), cwd=place).want(code).says("Permission denied")
    ways.add(73, "a folder that may not be written", locked_out)

    def others_result(code, place, job):
        words = unprivileged(place)
        run(*job.command("out", seed=1), cwd=place).want(0)
        if os.getuid() != 0:
            (place / "out/.tailbit").chmod(0o500)
        before = (place / "out/run.json").read_bytes()
        run(*words, *job.command("out", seed=2), cwd=place).want(code)
        require((place / "out/run.json").read_bytes() == before, "the result of somebody else was touched")
        (place / "out/.tailbit").chmod(0o700)
    if os.getuid() == 0:
        ways.add(73, "the result of somebody else", others_result)


def prepare(suite):
    ways = Ways(suite, Tracer(suite))
    add_commands(ways)
    add_faults(ways)
    add_permissions(ways)
    few = [code for code in IMPLEMENTED if len(ways.codes.get(code, [])) < LEAST]
    require(not few, f"exit codes with less than {LEAST} ways: {few}")
    suite.facts["least_ways"] = min(len(ways.codes[code]) for code in IMPLEMENTED)
    suite.facts["codes"] = len(IMPLEMENTED)


def self_test(suite):
    """A wrong code, and a message that does not say it, are seen."""
    for check in (lambda: run("false").want(0), lambda: run("true").want(0).says("something")):
        try:
            check()
        except Failed:
            continue
        raise AssertionError("anything will do")
    run("true").want(0)
    assert pathlib.Path("/dev/full").exists()


if __name__ == "__main__":
    sys.exit(Suite("exit_codes", "each exit code", self_test).main(prepare))
