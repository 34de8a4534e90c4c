#!/usr/bin/env python3
"""What a run may find in its folder: another run at work, locks that nobody holds, checkpoints of other jobs, parts and
results that are damaged in each of several ways, things where it keeps its own. It says so, and computes again what it
cannot trust, or refuses; it never takes something for what it is not.

  tests/faults/folders.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import json
import shutil
import subprocess
import sys

from calls import Tracer
from harness import Suite, require, run
from jobs import Job, fingerprint, losses_digest, not_whole, require_nothing_left_over, require_whole, sha256
from readers import merged_meanwhile, read_by_another, read_meanwhile
from uses import NEW, OLD, Use, with_parts


# --- Ways to damage a file ------------------------------------------------------------------------------------------

def flip(at):
    def damage(path):
        data = bytearray(path.read_bytes())
        data[int(at * (len(data) - 1)) if isinstance(at, float) else at] ^= 1
        path.write_bytes(data)
    return damage


def cut(at):
    def damage(path):
        data = path.read_bytes()
        path.write_bytes(data[:int(at * len(data)) if isinstance(at, float) else at])
    return damage


def appended(path):
    path.write_bytes(path.read_bytes() + b"\0")


def zeros(path):
    path.write_bytes(bytes(path.stat().st_size))


def gone(path):
    path.unlink()


def another_file(path):
    path.write_text("{}\n")


DAMAGES = {
    "empty": cut(0), "cut in its first bytes": cut(5), "cut in the header": cut(40), "cut in the data": cut(0.5),
    "without its last byte": cut(-1), "a byte longer": appended, "zeros": zeros, "another file": another_file,
    "first bit": flip(0), "a bit of the size of the header": flip(9), "a bit of the header": flip(60),
    "a bit of the data": flip(0.5), "a bit near the end": flip(0.98), "the last bit": flip(-1), "gone": gone,
}


# --- Checkpoints ----------------------------------------------------------------------------------------------------

def parts_of(place):
    return sorted((place / "out/.tailbit/parts").glob("*.tbp"))


def with_flags(command, flags):
    """The command with another value of a flag that it has, or with one more."""
    command = [str(word) for word in command]
    if flags[0] in command:
        command[command.index(flags[0]) + 1] = flags[1]
        return command
    return command + flags


def finish(use, place, flags=(), code=0):
    ran = run(*(with_flags(use.command, flags) if flags else use.command), cwd=place).want(code)
    if code == 0:
        require_whole(place / use.out, "afterwards")
        require(fingerprint(place / use.out) == use.new, "other bits")
        require_nothing_left_over(place / use.out)
    return ran


def damaged_part(suite, use, which, name):
    def check():
        place = use.begin(suite)
        DAMAGES[name](parts_of(place)[which])
        ran = finish(use, place)
        if name != "gone":
            ran.says("a damaged part of the checkpoint is computed again", parts_of(use.template)[which].name)
        resumed = json.loads((place / "out/run.json").read_text())["resumed_scenarios"]
        require(resumed == 512, f"{resumed} scenarios were taken from parts, not those of the part that is well")
        shutil.rmtree(place)
    return check


def another_name(suite, use, rename):
    """A part's name says nothing: its header does."""
    def check():
        place = use.begin(suite)
        rename(parts_of(place))
        finish(use, place)
        shutil.rmtree(place)
    return check


def rename_last(parts):
    parts[-1].rename(parts[-1].with_name("part-9.tbp"))


def exchange(parts):
    first, second = (part.read_bytes() for part in parts)
    parts[0].write_bytes(second)
    parts[1].write_bytes(first)


def twice(parts):
    shutil.copyfile(parts[0], parts[0].with_name("part-again.tbp"))


def longer_too(parts):
    """A part that a longer one covers is there as well."""
    shutil.copyfile(parts[1], parts[1].with_name("a.tbp"))
    shutil.copyfile(parts[0], parts[0].with_name("z.tbp"))


def left_by_a_writer(parts):
    parts[0].with_name(".part-x.tbp.00000000.part").write_bytes(b"half")


def other_checkpoint(suite, use, flags, how):
    """A checkpoint of another job: removed and told of, or refused with --resume."""
    def check():
        place = use.begin(suite)
        command = with_flags(use.command, flags)
        if how == "refused":
            run(*command, "--resume", cwd=place).want(65).says("--resume", "another job")
            require(len(parts_of(place)) == 2, "the checkpoint was removed")
            finish(use, place)
        else:
            run(*command, cwd=place).want(0).says("the checkpoint of another job was removed: 2 parts")
            require_nothing_left_over(place / use.out)
        shutil.rmtree(place)
    return check


def own_checkpoint(suite, use, flags):
    def check():
        place = use.begin(suite)
        finish(use, place, flags)
        resumed = json.loads((place / "out/run.json").read_text())["resumed_scenarios"]
        require(resumed == (0 if "--force" in flags else 1024), f"{resumed} scenarios were taken from the checkpoint")
        shutil.rmtree(place)
    return check


# --- Results --------------------------------------------------------------------------------------------------------

def damaged_result(suite, use, output, name):
    """The same job again: a result that is not as it was written is made again."""
    def check():
        place = suite.folder("result")
        run(*use.command, cwd=place).want(0)
        DAMAGES[name](place / "out" / output)
        ran = finish(use, place)
        if (output, name) != ("run.json", "gone"):
            ran.says("the result that is there is made again")
        run(*use.command, cwd=place, env={"TAILBIT_LOG_LEVEL": "info"}).want(0).says("holds the result of this job already")
        shutil.rmtree(place)
    return check


def manifest_is_not_one(suite, use, name):
    """Of what is no manifest at all nobody knows whose it is: nothing is overwritten."""
    def check():
        place = suite.folder("result")
        run(*use.command, cwd=place).want(0)
        manifest = place / "out/run.json"
        DAMAGES[name](manifest)
        before = manifest.read_bytes()
        run(*use.command, cwd=place).want(73).says("is not a manifest of results")
        require(manifest.read_bytes() == before, "it was overwritten")
        manifest.unlink()
        finish(use, place)
        shutil.rmtree(place)
    return check


# --- Things in the way ----------------------------------------------------------------------------------------------

def in_the_way(suite, use, put, code, says):
    def check():
        place = use.begin(suite)
        put(place / "out/.tailbit")
        ran = run(*use.command, cwd=place).want(code)
        ran.says(*says)
        require_whole(place / "out", "with something in the way")
        if code == 0:
            require(fingerprint(place / "out") == use.new, "other bits")
            require_nothing_left_over(place / "out")
        shutil.rmtree(place)
    return check


def as_link(name):
    def put(work):
        shutil.rmtree(work / name, ignore_errors=True)
        (work.parent.parent / "elsewhere").mkdir()
        (work.parent.parent / "elsewhere/precious.tbp").write_text("mine")
        (work / name).symlink_to(work.parent.parent / "elsewhere")
    return put


def as_file(name):
    def put(work):
        shutil.rmtree(work / name, ignore_errors=True)
        (work / name).write_text("in the way")
    return put


def whole_work_folder(kind):
    def put(work):
        shutil.rmtree(work)
        if kind == "file":
            work.write_text("in the way")
        else:
            (work.parent.parent / "elsewhere").mkdir()
            work.symlink_to(work.parent.parent / "elsewhere")
    return put


def lock_text(text):
    def put(work):
        (work / "lock").write_text(text)
    return put


def lock_link(work):
    (work / "lock").unlink()
    (work / "lock").symlink_to("/dev/null")


def lock_folder(work):
    (work / "lock").unlink()
    (work / "lock").mkdir()


def staged(name):
    def put(work):
        (work / name / "resolved").mkdir(parents=True)
        (work / name / "losses.npy").write_text("half")
    return put


# --- Several at once ------------------------------------------------------------------------------------------------

def at_once(suite, job, seeds, expected):
    """Runs into one folder at the same time: one at a time works, the others say so, the folder holds one whole result."""
    def check():
        place = suite.folder("at-once")
        running = [subprocess.Popen([str(word) for word in job.command("out", seed=seed)], cwd=place,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for seed in seeds]
        ended = [(process.communicate(timeout=120)[1].decode(), process.returncode) for process in running]
        require(all(code in (0, 75) for _, code in ended), f"exits {[code for _, code in ended]}")
        require(any(code == 0 for _, code in ended), "none came through")
        for err, code in ended:
            require(code == 0 or "another run" in err, f"the second does not say why: {err[-300:]}")
        require_whole(place / "out", "after runs at once")
        last = next(seed for seed in (OLD, NEW) if expected[seed] == fingerprint(place / "out"))
        require(last in seeds, "a result of none of them")
        run(*job.command("out", seed=seeds[0]), cwd=place).want(0)
        require(fingerprint(place / "out") == expected[seeds[0]], "other bits afterwards")
        require_nothing_left_over(place / "out")
        shutil.rmtree(place)
    return check


def second_is_refused(suite, use, command, says):
    """A program that comes while a run holds the folder, from beside it."""
    def check():
        place = use.begin(suite)
        holder = subprocess.Popen(["flock", "out/.tailbit/lock", "cat"], cwd=place, stdin=subprocess.PIPE)
        try:
            for _ in range(1000):
                if run("flock", "-n", "out/.tailbit/lock", "true", cwd=place).code != 0:
                    break
            run(*command, cwd=place).want(75).says(*says)
        finally:
            holder.communicate()
        finish(use, place)
        shutil.rmtree(place)
    return check


def prepare(suite):
    tracer = Tracer(suite)
    job = Job(suite.args.program, suite.scratch / "job")
    command = job.command("out", seed=NEW)
    template = suite.folder("resumed")
    run(*job.command("out", seed=OLD), cwd=template).want(0)
    with_parts(suite, tracer, job, template)
    use = Use("resumed run", template, command, "out", True).learn(suite)

    damages = [name for name in DAMAGES]
    for which in (0, 1):
        for name in damages:
            suite.add(f"part {which + 1} of a checkpoint: {name}", damaged_part(suite, use, which, name))
    for rename in (rename_last, exchange, twice, longer_too, left_by_a_writer):
        suite.add(f"parts under other names: {rename.__name__}", another_name(suite, use, rename))
    for flags in (["--seed", "9"], ["--scenarios", "1600"], ["--precision", "single"], ["--greek-units", "deribit"]):
        for how in ("removed", "refused"):
            suite.add(f"checkpoint of another {flags[0]}: {how}", other_checkpoint(suite, use, flags, how))
    for flags in (["--resume"], ["--threads", "2"], ["--tile", "64"], ["--checkpoint-seconds", "0"], ["--audit", "1"],
                  ["--force"], ["--isa", "v3"]):
        suite.add(f"checkpoint and {' '.join(flags)}", own_checkpoint(suite, use, flags))
    for output in ("losses.npy", "exposure.csv", "greeks.csv", "summary.json", "resolved/market.json",
                   "resolved/model.json"):
        for name in ("empty", "cut in the data", "a byte longer", "a bit of the data", "gone"):
            suite.add(f"{output} of a result: {name}", damaged_result(suite, use, output, name))
    suite.add("run.json of a result: gone", damaged_result(suite, use, "run.json", "gone"))
    for name in ("empty", "cut in the data", "zeros", "another file", "first bit"):
        suite.add(f"run.json of a result: {name}", manifest_is_not_one(suite, use, name))

    for name, put, code, says in (
            ("parts are a link", as_link("parts"), 73, ["parts: is not a folder of its own"]),
            ("parts are a file", as_file("parts"), 73, ["parts"]),
            ("new is a link", as_link("new"), 0, []), ("new is a file", as_file("new"), 0, []),
            ("new holds what was staged", staged("new"), 0, []),
            ("the work folder is a file", whole_work_folder("file"), 73, [".tailbit: is not a folder of its own"]),
            ("the work folder is a link", whole_work_folder("link"), 73, [".tailbit: is not a folder of its own"]),
            ("a lock of a process that is gone", lock_text('{"pid":999999,"host":"h","since":"2020-01-01T00:00:00Z"}'),
             0, []),
            ("a lock of another machine", lock_text('{"pid":1,"host":"elsewhere","since":"2020-01-01T00:00:00Z"}'), 0, []),
            ("a lock of nonsense", lock_text("\0\xff" * 4000), 0, []), ("an empty lock", lock_text(""), 0, []),
            ("the lock is a link", lock_link, 73, ["lock: cannot be created"]),
            ("the lock is a folder", lock_folder, 73, ["lock: cannot be created"])):
        suite.add(f"in the way: {name}", in_the_way(suite, use, put, code, says))

    expected = {}
    for seed in (OLD, NEW):
        place = suite.folder("expected")
        run(*job.command("out", seed=seed), cwd=place).want(0)
        expected[seed] = fingerprint(place / "out")
    for seeds in ([NEW] * 2, [OLD, NEW], [NEW] * 4, [OLD, NEW] * 3):
        suite.add(f"runs at once: seeds {seeds}", at_once(suite, job, seeds, expected))
    for words in (["verify", "out"], ["replay", "out", "--worst", "3"], ["compare", "out", "old"], ["compare", "new", "out"]):
        suite.add(f"read while it is replaced: {' '.join(map(str, words))}", read_meanwhile(suite, job, expected, words))
    digests = []
    for seed in (OLD, NEW):
        place = suite.folder("digest")
        run(*job.command("out", seed=seed), cwd=place).want(0)
        digests.append(losses_digest(place / "out"))
    for words in (["verify", "out", "--outputs-only"], ["compare", "out", "out"]):
        suite.add(f"read by another user: {words[0]}", read_by_another(suite, job, words))
    suite.add("shards that are replaced while they are merged", merged_meanwhile(suite, job, digests))
    for name, second in (("the same run", command), ("another run", job.command("out", seed=9)),
                         ("a run with --force", [*command, "--force"])):
        suite.add(f"the folder is held: {name}", second_is_refused(suite, use, second, ["another run"]))


def self_test(suite):
    """Every damage changes a file, and is seen."""
    for name, damage in DAMAGES.items():
        folder = suite.folder()
        path = folder / "file"
        path.write_bytes(bytes(range(1, 201)))
        listed = {"path": "file", "bytes": 200, "sha256": sha256(path)}
        (folder / "run.json").write_text(json.dumps({"outputs": [listed]}))
        assert not_whole(folder) is None
        damage(path)
        assert not_whole(folder), name


if __name__ == "__main__":
    sys.exit(Suite("folders", "what a run may find in its folder", self_test).main(prepare))
