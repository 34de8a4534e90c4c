#!/usr/bin/env python3
"""Results that somebody has forged: files beside the folder stay as they are, nothing forged is called right, and no reader crashes.

  tests/faults/forged.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import itertools
import json
import os
import re
import shutil
import sys
import xml.etree.ElementTree

from harness import Suite, require, run
from jobs import Job, sha256


def manifest_of(out):
    return json.loads((out / "run.json").read_text())


def write_manifest(out, manifest):
    """With the sizes and digests that its files have now."""
    for entry in manifest["outputs"]:
        path = out / entry["path"]
        if path.is_file():
            entry.update(bytes=path.stat().st_size, sha256=sha256(path))
    (out / "run.json").write_text(json.dumps(manifest))


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


# --- A publication that seems to have been cut off ----------------------------------------------------------------------------------

def commit(out, replaced=()):
    """The folder as if its own result were just being published, in place of one that had also these files."""
    folder = out / ".tailbit/commit"
    folder.mkdir(parents=True)
    manifest = manifest_of(out)
    (out / "run.json").rename(folder / "run.json")
    manifest["outputs"] += [{"path": name, "bytes": 1, "sha256": "0" * 64} for name in replaced]
    (folder / "replaced.json").write_text(json.dumps(manifest))
    return folder


def linked_folder(out, beside):
    (out / "evil").symlink_to(beside)
    commit(out, ["evil/file"])


def linked_deep(out, beside):
    (out / "resolved/evil").symlink_to(beside)
    commit(out, ["resolved/evil/file", "resolved/evil/folder/file"])


def upwards(out, beside):
    commit(out, [f"../{beside.name}/file", f"{beside}/file"])


def loot(out, beside):
    (commit(out) / "loot").symlink_to(beside)


def loot_file(out, beside):
    (commit(out) / "loot").symlink_to(beside / "file")


def target_is_link(out, beside):
    folder = commit(out)
    (folder / "taken").mkdir()
    (folder / "taken/file").write_text("forged")
    (out / "taken").symlink_to(beside)


def commit_is_link(out, beside):
    commit(out).rename(beside.parent / "commit")
    (out / ".tailbit/commit").symlink_to(beside.parent / "commit")


def pipe_inside(out, beside):
    os.mkfifo(commit(out) / "pipe")


PUBLICATIONS = (linked_folder, linked_deep, upwards, loot, loot_file, target_is_link, commit_is_link, pipe_inside)


def stays_beside(suite, result, put, words):
    def check():
        place = suite.folder("forged")
        out, beside = place / "out", place / "beside"
        shutil.copytree(result, out)
        (beside / "folder").mkdir(parents=True)
        for name in ("file", "folder/file"):
            (beside / name).write_text("mine")
        before = sorted(path.relative_to(beside) for path in beside.rglob("*"))
        put(out, beside)
        run(suite.args.program, words[0], out, *words[1:], timeout=30).want(0, 65, 66, 73, 74, 75)
        after = sorted(path.relative_to(beside) for path in beside.rglob("*"))
        require(after == before, f"beside the result there is {after}, and was {before}")
        require(all((beside / name).read_text() == "mine" for name in ("file", "folder/file")), "a file beside it was changed")
        shutil.rmtree(place)
    return check


# --- Numbers that cannot be ---------------------------------------------------------------------------------------------------------

def never_right(suite, result, change, words, codes=(65,)):
    def check():
        place = suite.folder("numbers")
        out = place / "out"
        shutil.copytree(result, out)
        manifest = manifest_of(out)
        change(out, manifest)
        write_manifest(out, manifest)
        ran = run(suite.args.program, *[out if word == "OUT" else word for word in words]).want(*codes)
        require("internal error" not in ran.err, ran.err)
        require(ran.code != 0 or ": right" not in ran.out, f"it is called right: {ran.out[-300:]}")
        shutil.rmtree(place)
    return check


def scenarios(count):
    def change(out, manifest):
        manifest["scenarios_done"] = count
        edit(out / "summary.json", lambda summary: summary.update(scenarios=count))
    return change


def shard(value):
    def change(out, manifest):
        if value is None:
            del manifest["shard"]
        else:
            manifest["shard"] = value
    return change


def forged_part(value):
    """Other profits, under a shard that has no scenarios."""
    def change(out, manifest):
        part = next(out.rglob("*.tbp"))
        data = bytearray(part.read_bytes())
        data[len(data) // 2] ^= 1
        part.write_bytes(data)
        manifest["shard"] = value
    return change


def fewer_parts(out, manifest):
    manifest["outputs"] = [entry for entry in manifest["outputs"] if not entry["path"].endswith(".tbp")]


# --- Manifests that say something else than their run did -----------------------------------------------------------------------------

def as_empty_shard(out, manifest):
    """Made-up measures, under a manifest of a shard that has no scenarios: nothing of it would be computed again."""
    manifest.update(status="shard", shard={"rank": 0, "count": 1_000_000}, scenarios_done=0)
    manifest["outputs"] = [entry for entry in manifest["outputs"] if entry["path"] != "summary.json"]
    edit(out / "summary.json", lambda summary: [measure.update({"var": 1.0, "es": 1.0}) for measure in summary["measures"]])


def relabelled(status):
    def change(out, manifest):
        manifest["status"] = status
        edit(out / "summary.json", lambda summary: summary.update(status=status))
    return change


def other_book(out, manifest):
    book = out.parent / "other.csv"
    book.write_text("another book")
    manifest["inputs"][1].update(path=str(book), bytes=book.stat().st_size, sha256=sha256(book))


def fewer_inputs(out, manifest):
    manifest["inputs"] = manifest["inputs"][:1]


def more_inputs(out, manifest):
    manifest["inputs"].append(manifest["inputs"][-1])


def book_alone(out, manifest):
    """Losses of the book alone, and made-up measures of the groups, of which nothing could then be looked up."""
    data = (out / "losses.npy").read_bytes()
    size = 10 + data[8] + 256 * data[9]
    rows, columns = (int(word) for word in re.search(rb"\((\d+), (\d+)\)", data).groups())
    header = data[10:size].replace(b"(%d, %d)" % (rows, columns), b"(%d, 1)" % rows).rstrip(b" \n").ljust(size - 11) + b"\n"
    body = b"".join(data[size + 8 * columns * row:][:8] for row in range(rows))
    (out / "losses.npy").write_bytes(data[:10] + header + body)
    edit(out / "summary.json", lambda summary: [measure.update({"var": 1.0, "es": 1.0}) for measure in summary["measures"]
                                                if measure["group"] != "book"])


def said(key, value):
    def change(out, manifest):
        manifest[key] = value
    return change


def add_claims(suite, out, part, target):
    recompute, blocks = ["verify", "OUT", "--recompute"], ["verify", "OUT", "--blocks", "1"]
    for change in (as_empty_shard, other_book, fewer_inputs, more_inputs, said("random", "dice")):
        for words in (recompute,) if change is as_empty_shard else (recompute, blocks):
            suite.add(f"{getattr(change, '__name__', 'random')}: {words[2]}", never_right(suite, out, change, words, (11, 65)))
    for change in (other_book, fewer_inputs):
        suite.add(f"{change.__name__}: verify", never_right(suite, out, change, ["verify", "OUT"]))
    suite.add("the book's losses alone", never_right(suite, out, book_alone, blocks, (11,)))
    suite.add("no whole blocks", never_right(suite, ended_in_a_block(suite, out), lambda folder, manifest: None, recompute, (11,)))
    suite.add("scenarios of a shard", never_right(suite, part, said("scenarios_done", 987_654), recompute, (11,)))
    for name, (result, status) in target.items():
        suite.add(f"{name}: right as it is", as_it_is(suite, result))
        # Where a target is reached, time may be over just then.
        possible = {status, "stopped_early"} if name == "target reached" else {status}
        for label, words in itertools.product({"complete", "stopped_early", "target_missed"} - possible, (recompute, blocks)):
            suite.add(f"{name}, called {label}: {words[2]}", never_right(suite, result, relabelled(label), words, (11, 65)))


def ended_in_a_block(suite, out):
    """A result of the first 1,001 scenarios, all right but that no run ends there."""
    place = suite.folder("within") / "out"
    shutil.copytree(out, place)
    config = manifest_of(out)["inputs"][0]["path"]
    fewer = place.parent / "fewer"
    run(suite.args.program, "run", config, "--device", "cpu", "--quiet", "--seed", "2", "--scenarios", "1001", "--out", fewer).want(0)
    for name in ("losses.npy", "exposure.csv", "summary.json"):
        shutil.copyfile(fewer / name, place / name)
    manifest = manifest_of(out)
    manifest.update(status="stopped_early", scenarios_done=1001)
    edit(place / "summary.json", lambda summary: summary.update(status="stopped_early", run_id=manifest["run_id"],
                                                                scenarios_wanted=manifest["job"]["scenarios"]))
    write_manifest(place, manifest)
    return place


def as_it_is(suite, result):
    def check():
        for more in (["--recompute"], ["--blocks", "1"]):
            run(suite.args.program, "verify", result, *more).want(0)
    return check


# --- What is no file ------------------------------------------------------------------------------------------------------------------

def no_file(suite, job, result, name, put, words, codes):
    """A pipe that nobody writes to, or a device without end, where a file should be: its reader does not wait."""
    def check():
        place = suite.folder("pipe")
        out = place / "out"
        shutil.copytree(result, out)
        (out / name).unlink(missing_ok=True)
        put(out / name)
        words_here = [{"OUT": out, "GOOD": result, "JOB": job.config}.get(word, word) for word in words]
        run(suite.args.program, *words_here, timeout=30).want(*codes)
        shutil.rmtree(place)
    return check


def add_no_files(suite, job, out):
    pipe, endless = os.mkfifo, lambda path: path.symlink_to("/dev/zero")
    for name in ("run.json", "summary.json", "losses.npy"):
        for put, what in ((pipe, "a pipe"), (endless, "a device")):
            for words in (["verify", "OUT", "--outputs-only"], ["replay", "OUT", "--worst", "1"], ["compare", "OUT", "GOOD"],
                          ["compare", "GOOD", "OUT"], ["merge", "OUT"], ["attest", "OUT"]):
                suite.add(f"{what} for {name}: {' '.join(words)}", no_file(suite, job, out, name, put, words, (65, 66)))
    again = ["run", "JOB", "--device", "cpu", "--quiet", "--threads", "1", "--seed", "2", "--force", "--out", "OUT"]
    for name in ("run.json", "statement.json"):
        suite.add(f"a pipe for {name}: run", no_file(suite, job, out, name, pipe, again, (0, 65, 73)))


def shown_plainly(suite, result):
    """Names with what terminals obey, in the report of a comparison and in its JUnit file."""
    def check():
        place = suite.folder("shown")
        out = place / "out"
        shutil.copytree(result, out)
        edit(out / "summary.json", lambda summary: summary["measures"][0].update(group="\x1b[31m\x01\u009b2K\u202e"))
        ran = run(suite.args.program, "compare", out, result, "--junit", place / "junit.xml").want(11)
        require(not any(c in ran.out for c in "\x1b\x01\u009b\u202e"), f"it prints {ran.out!r}")
        xml.etree.ElementTree.parse(place / "junit.xml")
        shutil.rmtree(place)
    return check


def says_right(suite, result):
    """A device's name with what terminals obey."""
    def check():
        place = suite.folder("device")
        out = place / "out"
        shutil.copytree(result, out)
        manifest = manifest_of(out)
        manifest["device"] = "CPU\x1b[2K\rright\n\u009b1G\u202e"
        write_manifest(out, manifest)
        (out / "losses.npy").write_bytes(b"forged")
        ran = run(suite.args.program, "verify", out).want(65)
        require(not any(ord(c) < 32 and c != "\n" or c in "\u009b\u202e" for c in ran.out), "it prints control characters")
        require(ran.out.rstrip().endswith("NOT right") and "\nright\n" not in ran.out, f"the verdict is hidden: {ran.out!r}")
        shutil.rmtree(place)
    return check


def ended_results(suite, job):
    """Results of each way in which a run ends, and how."""
    missed = Job(suite.args.program, suite.scratch / "missed", stop={"level": 0.95, "relative_error": 1e-6})
    reached = Job(suite.args.program, suite.scratch / "reached", scenarios=200_000, positions=5, group_by=[],
                  stop={"level": 0.95, "relative_error": 0.02})
    found = {}
    for name, ended, flags, code, status in (
            ("out of time", job, ["--max-seconds", "1e-9", "--tile", "1"], 12, "stopped_early"),
            ("complete", job, [], 0, "complete"), ("target missed", missed, [], 12, "target_missed"),
            ("target out of time", missed, ["--max-seconds", "1e-9", "--tile", "1"], 12, "stopped_early"),
            ("target reached", reached, [], 0, "complete")):
        out = suite.folder("ended") / "out"
        run(*ended.command(out, *flags)).want(code)
        require(manifest_of(out)["status"] == status, f"{name}: status {manifest_of(out)['status']}")
        found[name] = (out, status)
    return found


def prepare(suite):
    job = Job(suite.args.program, suite.scratch / "job")
    result, half = suite.folder("result"), suite.folder("shard")
    job.run(result / "out").want(0)
    job.run(half / "out", "--shard", "1/2").want(0)
    out, part = result / "out", half / "out/shard-1-of-2"
    for put in PUBLICATIONS:
        for words in (["verify", "--outputs-only"], ["replay", "--scenario", "0"], ["compare", out]):
            suite.add(f"{words[0]}: {put.__name__}", stays_beside(suite, out, put, words))
    for count in (0, 1, 1699, 1701, 4_000_000, 2**40, 2**63):
        for more in (["--recompute"], ["--recompute", "--blocks", "0.5"]):
            suite.add(f"{count} scenarios done: {' '.join(more)}",
                      never_right(suite, out, scenarios(count), ["verify", "OUT", *more], (11, 65, 78)))
    for value in (None, {"rank": 2, "count": 2}, {"rank": 0, "count": 2}, {"rank": 1, "count": 0}, {"rank": 1, "count": 3}):
        for change in (shard, forged_part):
            if value is not None or change is shard:
                suite.add(f"{change.__name__} {value}", never_right(suite, part, change(value), ["verify", "OUT", "--recompute"], (11, 65)))
    suite.add("a shard without its parts", never_right(suite, part, fewer_parts, ["verify", "OUT", "--recompute"], (11, 65)))
    for count in (2**40, 2**62):
        huge = lambda folder, manifest, count=count: manifest["job"].update(scenarios=count)
        suite.add(f"a job of {count} scenarios", never_right(suite, out, huge, ["verify", "OUT", "--recompute"]))
    no_numerics = lambda folder, manifest: edit(folder / "summary.json", lambda summary: summary.pop("numerics"))
    suite.add("no numerics: compare", never_right(suite, out, no_numerics, ["compare", "OUT", out], (11, 65)))
    suite.add("no numerics: verify", never_right(suite, out, no_numerics, ["verify", "OUT"]))
    long = lambda folder, manifest: (folder / "summary.json").write_text("[" * 5_000_000)
    suite.add("a summary that is nested without end", never_right(suite, out, long, ["verify", "OUT"]))
    suite.add("a device that is called right", says_right(suite, out))
    suite.add("names that terminals obey", shown_plainly(suite, out))
    add_claims(suite, out, part, ended_results(suite, job))
    add_no_files(suite, job, out)


def self_test(suite):
    out = suite.folder()
    (out / "run.json").write_text(json.dumps({"outputs": [{"path": "file", "bytes": 0, "sha256": ""}]}))
    (out / "file").write_text("text")
    write_manifest(out, manifest_of(out))
    assert manifest_of(out)["outputs"] == [{"path": "file", "bytes": 4, "sha256": sha256(out / "file")}]
    commit(out, ["more"])
    assert not (out / "run.json").exists() and (out / ".tailbit/commit/run.json").exists()


if __name__ == "__main__":
    sys.exit(Suite("forged", "results that somebody has forged", self_test).main(prepare))
