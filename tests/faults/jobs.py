"""Tiny jobs, their results, and whether a folder holds a whole one."""
import hashlib
import json
import os
import pathlib
import shutil

from harness import ROOT, require, run

KEPT = (".tailbit/lock",)  # what stays beside a result


class Job:
    """A job of the sample's kind in `folder`, small enough to be run hundreds of times."""

    def __init__(self, program, folder, scenarios=1700, positions=50, **changes):
        self.program, self.folder = program, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        sample = ROOT / "configs/samples/intraday"
        for name in ("instruments.json", "market.json", "model.json"):
            shutil.copyfile(sample / name, self.folder / name)
        lines = (sample / "book.csv").read_text().splitlines(keepends=True)
        (self.folder / "book.csv").write_text("".join(lines[:positions + 1]))
        config = json.loads((sample / "run.json").read_text())
        config.update({"scenarios": scenarios, "steps": 4, **changes})
        self.config = self.folder / "run.json"
        self.config.write_text(json.dumps(config))

    def command(self, out, *flags, seed=2, threads=1, parts=True):
        """`run` on one thread; with `parts` every block is kept as a part."""
        return [self.program, "run", self.config, "--device", "cpu", "--threads", threads, "--quiet", "--seed", seed,
                "--checkpoint-seconds", "1e-9" if parts else "0", "--out", out, *flags]

    def run(self, out, *flags, **options):
        return run(*self.command(out, *flags, **options))


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def fingerprint(out):
    """What does not depend on time and place: losses, exposure, Greeks; of a shard its parts' bytes."""
    out = pathlib.Path(out)
    manifest = json.loads((out / "run.json").read_text())
    names = sorted(entry["path"] for entry in manifest["outputs"])
    timeless = [name for name in names if name not in ("summary.json", "metrics.prom", "report.html")]
    return manifest["run_id"], tuple((name, sha256(out / name)) for name in timeless)


def losses_digest(out):
    return json.loads((pathlib.Path(out) / "summary.json").read_text())["digests"]["losses_sha256"]


def not_whole(out):
    """Why the folder has a manifest without the files that it lists, or None."""
    out = pathlib.Path(out)
    if not (out / "run.json").exists():
        return None
    try:
        outputs = json.loads((out / "run.json").read_text())["outputs"]
    except (ValueError, KeyError, TypeError):
        return "run.json is not a manifest"
    if not outputs:
        return "run.json lists nothing"
    for entry in outputs:
        path = out / entry["path"]
        if not path.is_file():
            return f"run.json lists {entry['path']}, which is not there"
        if path.stat().st_size != entry["bytes"] or sha256(path) != entry["sha256"]:
            return f"{entry['path']} is not the file that run.json lists"
    return None


def require_whole(out, when):
    why = not_whole(out)
    require(why is None, f"{when}: {why}")


def left_over(out):
    """Files in the folder that are neither of its result nor meant to stay; and folders of none."""
    out = pathlib.Path(out)
    known = set(KEPT) | {"run.json"}
    if (out / "run.json").exists():
        known |= {entry["path"] for entry in json.loads((out / "run.json").read_text())["outputs"]}
    found = []
    for place, folders, files in os.walk(out):
        relative = os.path.relpath(place, out)
        if relative.startswith("shard-"):
            continue
        found += [name for name in (os.path.normpath(f"{relative}/{file}") for file in files) if name not in known]
        found += [f"{relative}/{name}/" for name in folders if not os.listdir(os.path.join(place, name))]
    return sorted(found)


def require_nothing_left_over(out):
    found = left_over(out)
    require(not found, f"left over: {', '.join(found)}")


def read_by_program(program, out, shard=False):
    """The fingerprint of the result that the program finds in a folder, or None where it says that there is none."""
    if not pathlib.Path(out).is_dir():
        return None
    verified = run(program, "verify", out)
    if verified.code in (65, 66) and "no run finished here" in verified.err:
        return None
    require(verified.code == 0, f"it does not verify: exit {verified.code}: {verified.out[-400:]} {verified.err[-400:]}")
    require_whole(out, "after it was verified")
    replayed = run(program, "replay", out, "--scenario", "0")
    told = replayed.code == 65 and "is a shard" in replayed.err if shard else replayed.code == 0
    require(told, f"it cannot be replayed: exit {replayed.code}: {replayed.err[-400:]}")
    return fingerprint(out)
