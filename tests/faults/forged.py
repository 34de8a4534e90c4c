#!/usr/bin/env python3
"""Results that somebody has forged: files beside the folder stay as they are, nothing forged is called right, and no reader crashes.

  tests/faults/forged.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import json
import os
import shutil
import sys

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


def says_right(suite, result):
    """A device's name with what terminals obey."""
    def check():
        place = suite.folder("device")
        out = place / "out"
        shutil.copytree(result, out)
        manifest = manifest_of(out)
        manifest["device"] = "CPU\x1b[2K\rright\n"
        write_manifest(out, manifest)
        (out / "losses.npy").write_bytes(b"forged")
        ran = run(suite.args.program, "verify", out).want(65)
        require(not any(ord(c) < 32 and c != "\n" for c in ran.out), "it prints control characters")
        require(ran.out.rstrip().endswith("NOT right") and "\nright\n" not in ran.out, f"the verdict is hidden: {ran.out!r}")
        shutil.rmtree(place)
    return check


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
    no_numerics = lambda folder, manifest: edit(folder / "summary.json", lambda summary: summary.pop("numerics"))
    suite.add("no numerics: compare", never_right(suite, out, no_numerics, ["compare", "OUT", out], (11, 65)))
    suite.add("no numerics: verify", never_right(suite, out, no_numerics, ["verify", "OUT"]))
    long = lambda folder, manifest: (folder / "summary.json").write_text("[" * 5_000_000)
    suite.add("a summary that is nested without end", never_right(suite, out, long, ["verify", "OUT"]))
    suite.add("a device that is called right", says_right(suite, out))


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
