#!/usr/bin/env python3
"""What tailbit_bench wrote to bench/results/cpu.json is whole: every part, every figure with its noise, peers that agree."""

import json

import sources

RESULT = "bench/results/cpu.json"
ROWS = {
    "reprices": {"family", "settlement", "smile", "precision", "isa", "contracts", "scenarios", "reprices_per_second", "spread"},
    "peers": {"peer", "smile", "contracts", "scenarios", "reprices_per_second", "spread", "largest_difference"},
    "random": {"what", "isa", "nanoseconds", "spread"},
    "paths": {"underlyings", "of_each", "factors", "isa", "nanoseconds", "spread"},
    "tails": {"way", "losses", "milliseconds", "spread"},
    "targets": {"what", "measured", "spread", "reached"},
}
PARTS = {
    "machine": {"cpu", "cores", "isas"},
    "threads": {"one_seconds", "two_seconds", "ratio", "spread"},
    "stages": {"contracts", "scenarios", "wall_seconds", "whole_seconds", "reprices_seconds", "ratio", "spread"},
}
POSITIVE = {"reprices_per_second", "nanoseconds", "milliseconds", "ratio", "measured", "contracts", "scenarios"}
AGREEMENT = 1e-9


def row_problems(where, row, keys):
    if not isinstance(row, dict):
        return [f"{where}: is no object"]
    if "skipped" in row:
        return [f"{where}: was skipped ({row['skipped']}); measure where everything is installed"]
    found = [f"{where}: has no {key!r}" for key in sorted(keys - row.keys())]
    for key in sorted(POSITIVE & row.keys()):
        if not isinstance(row[key], (int, float)) or not row[key] > 0:
            found.append(f"{where}: {key} is {row[key]!r}")
    if row.get("largest_difference", 0.0) >= AGREEMENT:
        found.append(f"{where}: differs from our values by {row['largest_difference']}")
    return found


def target_problems(where, row):
    """Whether the verdict is what the numbers say."""
    if "at_least" in row:
        reached = row["measured"] >= row["at_least"]
    else:
        reached = row["measured"] <= row["at_most"]
    return [] if row["reached"] == reached else [f"{where}: reached is {row['reached']}, which the numbers are not"]


def problems(root):
    try:
        result = json.loads((root / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return [f"{RESULT}: {error}"]
    found = []
    if result.get("schema") != "tailbit.bench/1":
        found.append(f"{RESULT}: the schema is {result.get('schema')!r}, not 'tailbit.bench/1'")
    if result.get("quick") is not False:
        found.append(f"{RESULT}: quick is {result.get('quick')!r}; --quick measures nothing")
    for part, keys in PARTS.items():
        found += row_problems(f"{RESULT}: {part}", result.get(part), keys)
    for part, keys in ROWS.items():
        rows = result.get(part)
        if not isinstance(rows, list) or not rows:
            found.append(f"{RESULT}: no rows of {part}")
            continue
        for index, row in enumerate(rows):
            where = f"{RESULT}: {part}/{index}"
            wrong = row_problems(where, row, keys)
            if part == "targets" and not wrong:
                wrong = target_problems(where, row)
            found += wrong
    return found


def self_test():
    def tree(change=lambda result: None):
        row = {"largest_difference": 1e-11, "at_least": 1.0, "reached": True}
        result = {"schema": "tailbit.bench/1", "quick": False}
        for part, keys in (ROWS | PARTS).items():
            whole = {key: 2.0 for key in keys} | {key: value for key, value in row.items() if key in keys or key == "at_least"}
            result[part] = [whole] if part in ROWS else whole
        change(result)
        return {RESULT: json.dumps(result)}

    def changed(part, **values):
        return tree(lambda result: (result[part][0] if part in ROWS else result[part]).update(values))

    bad = [
        {RESULT: "{"},
        tree(lambda result: result.update(schema="tailbit.bench/2")),
        tree(lambda result: result.update(quick=True)),
        tree(lambda result: result.pop("stages")),
        tree(lambda result: result.update(paths=[])),
        tree(lambda result: result["reprices"][0].pop("spread")),
        changed("peers", skipped="not there"),
        changed("peers", largest_difference=1e-3),
        changed("random", nanoseconds=0.0),
        changed("targets", measured=None),
        changed("targets", reached=False),
        changed("threads", ratio=-1.0),
    ]
    sources.expect(problems, tree(), bad)


if __name__ == "__main__":
    sources.main(problems, self_test)
