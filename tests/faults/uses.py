"""Ways in which a result folder is written, each as a folder to begin with and a command: the scenes of the faults."""
import shutil

from harness import require, run
from jobs import Job, fingerprint, require_whole

OLD, NEW = 1, 2  # seeds


class Use:
    """One way. `template` is copied for each point; the command is run inside the copy."""

    def __init__(self, name, template, command, out, supervised, shard=False, again=False):
        self.name, self.template, self.command = name, template, command
        self.out, self.supervised, self.shard = out, supervised, shard
        self.again = again  # the result is there already
        self.old = self.new = None

    def begin(self, suite):
        place = suite.folder("use")
        shutil.copytree(self.template, place, dirs_exist_ok=True)
        return place

    def learn(self, suite):
        """What the result is when nothing happens, twice."""
        before = self.template / self.out
        self.old = fingerprint(before) if (before / "run.json").exists() else None
        found = []
        for _ in range(2):
            place = self.begin(suite)
            run(*self.command, cwd=place).want(0)
            require_whole(place / self.out, self.name)
            found.append(fingerprint(place / self.out))
            shutil.rmtree(place)
        told_apart = self.again or found[0] != self.old
        require(found[0] == found[1] and told_apart, f"{self.name}: results are not what faults can be seen by")
        self.new = found[0]
        return self


def with_parts(suite, tracer, job, template):
    """Lets a run into `template` end after its second part, with its supervisor."""
    command = job.command("out", seed=NEW)
    probe = suite.folder("probe")
    shutil.copytree(template, probe, dirs_exist_ok=True)
    _, calls, _ = tracer.record(probe, [*command[:-1], probe / "out"])
    created = [call for call in calls if call.name == "create" and "/.part-" in call.path]
    require(len(created) >= 3, "the job writes no parts")
    tracer.strike(template, [*command[:-1], template / "out"], "kill", created[2].who, created[2].n, -1)
    require(len(list((template / "out/.tailbit/parts").glob("part-*.tbp"))) == 2, "there are not two parts to resume from")


def all_uses(suite, tracer, again=False):
    """Fresh and over an old result: a run, a resumed run, a shard, a merge; with `again` also a run of
    what is there already."""
    job = Job(suite.args.program, suite.scratch / "job")
    merge = [job.program, "merge", "out", "--quiet"]
    shard = ["--shard", "0/2"]

    def template(name, *steps):
        place = suite.folder(name)
        for step in steps:
            run(*step, cwd=place).want(0)
        return place

    def run_of(seed, *flags):
        return job.command("out", *flags, seed=seed)

    shards = [run_of(NEW, "--shard", f"{rank}/2") for rank in range(2)]
    uses = [
        Use("run", template("empty"), run_of(NEW), "out", True),
        Use("run over old", template("old", run_of(OLD)), run_of(NEW), "out", True),
        Use("shard", template("empty"), run_of(NEW, *shard), "out/shard-0-of-2", True, True),
        Use("shard over old", template("old", run_of(OLD, *shard)), run_of(NEW, *shard), "out/shard-0-of-2", True, True),
        Use("merge", template("shards", *shards), merge, "out", False),
        Use("merge over old", template("shards", *shards, run_of(OLD)), merge, "out", False),
    ]
    if again:
        uses.append(Use("run again", template("new", run_of(NEW)), run_of(NEW), "out", True, again=True))
    for name, steps in (("resumed run", ()), ("resumed run over old", (run_of(OLD),))):
        place = template("resumed", *steps)
        with_parts(suite, tracer, job, place)
        uses.append(Use(name, place, run_of(NEW), "out", True))
    return [use.learn(suite) for use in uses]
