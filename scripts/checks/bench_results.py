#!/usr/bin/env python3
"""What tailbit_bench wrote to bench/results/cpu.json is whole: every part, every figure with its noise, peers that agree.

The peers of Debian's packages have to be measured; others may be skipped, if the result says why. bench/results/ore.json, which
peers/ore/compare.py wrote, need not be there; if it is, both sides were measured and agree.
"""

import json

import sources

RESULT = "bench/results/cpu.json"
ORE = "bench/results/ore.json"
ROWS = {
    "reprices": {"family", "settlement", "smile", "precision", "isa", "contracts", "scenarios", "reprices_per_second", "spread"},
    "peers": {"peer", "smile", "contracts", "scenarios", "reprices_per_second", "spread", "largest_difference"},
    "random": {"what", "isa", "nanoseconds", "spread"},
    "paths": {"underlyings", "of_each", "factors", "isa", "nanoseconds", "spread"},
    "tails": {"way", "losses", "milliseconds", "spread"},
    "large": {"run", "positions", "contracts", "groups", "scenarios", "threads", "seconds", "processor_seconds", "peak_megabytes", "spread", "wall_seconds"},
    "reading": {"format", "positions", "file_megabytes", "seconds", "peak_megabytes", "spread"},
    "targets": {"what", "measured", "spread", "reached"},
}
PARTS = {
    "machine": {"cpu", "cores", "isas"},
    "threads": {"one_seconds", "two_seconds", "ratio", "spread"},
    "stages": {"contracts", "scenarios", "wall_seconds", "whole_seconds", "reprices_seconds", "ratio", "spread"},
    "startup": {"scenarios", "seconds", "processor_seconds", "spread"},
}
POSITIVE = {"reprices_per_second", "nanoseconds", "milliseconds", "seconds", "processor_seconds", "peak_megabytes", "ratio", "measured"}
POSITIVE |= {"contracts", "scenarios", "positions", "groups"}
STAGES = {"read", "compile", "greeks", "simulate", "measure", "write"}  # where `wall_seconds` has to be known of
# Rows that have to be there, by what names them.
NEEDED_ROWS = {
    "large": ("run", {"book", "1,000 accounts, everything", "1,000 accounts, tails", "10,000 accounts, tails"}),
    "reading": ("format", {"CSV, 8 columns", "Deribit, 6 keys", "Deribit, 19 keys"}),
}
MILLION = {"large": {"positions": 1_000_000, "contracts": 5_000, "scenarios": 100_000}, "reading": {"positions": 1_000_000}}
AGREEMENT = 1e-9
NEEDED_PEERS = {"plain scalar C++", "QuantLib blackFormula", "QuantLib engine, quotes", "numpy and scipy"}
SMILES = {"own vol", "SVI slice"}


def is_time(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def row_problems(where, row, keys):
    if not isinstance(row, dict):
        return [f"{where}: is no object"]
    if "skipped" in row:
        return [f"{where}: was skipped ({row['skipped']}); measure where everything is installed"]
    found = [f"{where}: has no {key!r}" for key in sorted(keys - row.keys())]
    for key in sorted(POSITIVE & row.keys()):
        if not isinstance(row[key], (int, float)) or not row[key] > 0:
            found.append(f"{where}: {key} is {row[key]!r}")
    if "wall_seconds" in row:
        stages = row["wall_seconds"] if isinstance(row["wall_seconds"], dict) else {}
        found += [f"{where}: wall_seconds of {stage} is {stages.get(stage)!r}" for stage in sorted(STAGES) if not is_time(stages.get(stage))]
    if row.get("largest_difference", 0.0) >= AGREEMENT:
        found.append(f"{where}: differs from our values by {row['largest_difference']}")
    return found


def may_be_skipped(row):
    """Whether the row is a peer that not every machine can have, and says why it was not measured."""
    skipped = isinstance(row, dict) and isinstance(row.get("skipped"), str) and row["skipped"].strip() != ""
    return skipped and isinstance(row.get("peer"), str) and row["peer"] not in NEEDED_PEERS and row.get("smile") in SMILES


def peer_problems(rows):
    """Whether all peers that have to be there are, on both smiles."""
    there = {(row.get("peer"), row.get("smile")) for row in rows if isinstance(row, dict)}
    wanted = [(peer, smile) for peer in sorted(NEEDED_PEERS) for smile in sorted(SMILES)]
    return [f"{RESULT}: peers: no row of {peer}, {smile}" for peer, smile in wanted if (peer, smile) not in there]


def named_problems(part, rows):
    """Whether the rows that have to be there are, in full size."""
    if part not in NEEDED_ROWS:
        return []
    key, names = NEEDED_ROWS[part]
    there = {row.get(key) for row in rows if isinstance(row, dict)}
    found = [f"{RESULT}: {part}: no row of {name}" for name in sorted(names - there)]
    for row in rows:
        for what, size in MILLION[part].items():
            if isinstance(row, dict) and row.get(what) != size:
                found.append(f"{RESULT}: {part}: {row.get(key)}: {what} is {row.get(what)!r}, not {size}")
    return found


def target_problems(where, row):
    """Whether the verdict is what the numbers say."""
    if "at_least" in row:
        reached = row["measured"] >= row["at_least"]
    else:
        reached = row["measured"] <= row["at_most"]
    return [] if row["reached"] == reached else [f"{where}: reached is {row['reached']}, which the numbers are not"]


def ore_problems(root):
    if not (root / ORE).exists():
        return []
    try:
        result = json.loads((root / ORE).read_text(encoding="utf-8"))
        ours, theirs = result["tailbit"]["reprices_per_second"], result["ore"]["reprices_per_second"]
        whole = result["schema"] == "tailbit.bench-ore/1" and min(ours, theirs, result["contracts"], result["scenarios"]) > 0
        ratio, difference = result["tailbit_over_ore"], result["largest_difference"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"{ORE}: {type(error).__name__}: {error}"]
    found = [] if whole else [f"{ORE}: is of another schema, or a figure is not positive"]
    if not (whole and abs(ratio * theirs / ours - 1.0) < 1e-3):
        found.append(f"{ORE}: tailbit_over_ore is {ratio}, which the rates are not")
    if not 0.0 <= difference < AGREEMENT:
        found.append(f"{ORE}: differs from our values by {difference}")
    return found


def problems(root):
    return cpu_problems(root) + ore_problems(root)


def cpu_problems(root):
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
        if part == "peers":
            found += peer_problems(rows)
        found += named_problems(part, rows)
        for index, row in enumerate(rows):
            if part == "peers" and may_be_skipped(row):
                continue
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
            if "wall_seconds" in whole:
                whole["wall_seconds"] = {stage: 0.5 for stage in STAGES}
            result[part] = [whole] if part in ROWS else whole
        for part, (key, names) in NEEDED_ROWS.items():
            result[part] = [result[part][0] | MILLION[part] | {key: name} for name in sorted(names)]
        result["peers"] = [result["peers"][0] | {"peer": peer, "smile": smile} for peer in sorted(NEEDED_PEERS) for smile in sorted(SMILES)]
        change(result)
        return {RESULT: json.dumps(result)}

    def changed(part, **values):
        return tree(lambda result: (result[part][0] if part in ROWS else result[part]).update(values))

    def other_peer(**values):
        row = {"peer": "another", "smile": "own vol"} | values
        return tree(lambda result: result["peers"].append(row))

    def ore(**values):
        result = {"schema": "tailbit.bench-ore/1", "contracts": 4, "scenarios": 8, "tailbit_over_ore": 50.0, "largest_difference": 1e-11}
        result |= {"tailbit": {"reprices_per_second": 100.0}, "ore": {"reprices_per_second": 2.0}} | values
        return tree() | {ORE: json.dumps(result)}

    measured = {key: 2.0 for key in ROWS["peers"] - {"peer", "smile"}} | {"largest_difference": 1e-11}
    for good in (other_peer(skipped="no such library"), other_peer(**measured), other_peer(**measured, versions="another 1.0")):
        sources.expect(problems, good, [])
    sources.expect(problems, ore(), [])
    bad = [
        {RESULT: "{"},
        tree(lambda result: result.update(schema="tailbit.bench/2")),
        tree(lambda result: result.update(quick=True)),
        tree(lambda result: result.pop("stages")),
        tree(lambda result: result.update(paths=[])),
        tree(lambda result: result["reprices"][0].pop("spread")),
        tree(lambda result: result.pop("startup")),
        tree(lambda result: result["large"].pop()),
        tree(lambda result: result["reading"].pop(0)),
        tree(lambda result: result["large"][1]["wall_seconds"].pop("simulate")),
        tree(lambda result: result["stages"]["wall_seconds"].update(read=-0.1)),
        changed("stages", wall_seconds=2.0),
        changed("large", positions=20_000),
        changed("large", scenarios=2_000),
        changed("large", peak_megabytes=0.0),
        changed("reading", positions=20_000),
        changed("reading", seconds=None),
        changed("startup", seconds=0.0),
        changed("peers", skipped="not there"),
        changed("peers", largest_difference=1e-3),
        tree(lambda result: result["peers"].pop()),
        other_peer(),
        other_peer(skipped=""),
        other_peer(skipped="why", smile="no smile"),
        other_peer(**measured | {"largest_difference": 1e-3}),
        {ORE: "{"},
        {ORE: "[]"},
        ore(schema="tailbit.bench/1"),
        ore(tailbit_over_ore=51.0),
        ore(largest_difference=1e-3),
        ore(ore={"reprices_per_second": 0.0}),
        ore(tailbit={}),
        changed("random", nanoseconds=0.0),
        changed("targets", measured=None),
        changed("targets", reached=False),
        changed("threads", ratio=-1.0),
    ]
    sources.expect(problems, tree(), bad)


if __name__ == "__main__":
    sources.main(problems, self_test)
