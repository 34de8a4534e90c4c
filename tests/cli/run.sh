#!/usr/bin/env bash
# A whole job: what is printed, what is written, and that it fits together; what may not change a bit, and what must.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job 20000

# --- The result ---

expect 0 "$tailbit" run job/run.json --device cpu
says stdout "VaR" "ES" "book" "desk=" "losses $(digest job/results)" "results in job/results/"
says stderr '"event":"progress"'
whole_result job/results

python3 -I - job <<'PYTHON' || fail "the result does not fit together"
import csv, hashlib, json, math, struct, sys
job = sys.argv[1]
out = job + "/results"
summary = json.load(open(out + "/summary.json"))
for key in ("run_id status as_of horizon_seconds steps scenarios seed precision numerics device base_value pnl measures "
            "digests timings reprices reprices_per_second warnings").split():
    assert key in summary, key
assert summary["schema"] == "tailbit.summary/1" and summary["status"] == "complete"
assert (summary["scenarios"], summary["steps"], summary["seed"]) == (20000, 24, 42)
assert summary["as_of"] == "2026-01-15T10:00:00Z" and summary["horizon_seconds"] == 86400
for key in "mean stdev min max skewness kurtosis".split():
    assert math.isfinite(summary["pnl"][key]), key
for measure in summary["measures"]:
    assert set("group level var var_se var_ci95 es es_se es_ci95".split()) <= set(measure), measure
    assert measure["es"] >= measure["var"], measure
    assert measure["var_ci95"][0] <= measure["var"] <= measure["var_ci95"][1], measure
    assert measure["es_ci95"][0] <= measure["es"] <= measure["es_ci95"][1], measure
assert {"losses_sha256", "resolved_market", "resolved_model", "book"} <= set(summary["digests"])
for name in ("market", "model"):
    data = open(f"{out}/resolved/{name}.json", "rb").read()
    assert hashlib.sha256(data).hexdigest() == summary["digests"]["resolved_" + name], name
assert hashlib.sha256(open(job + "/book.csv", "rb").read()).hexdigest() == summary["digests"]["book"]
assert all(seconds >= 0 for seconds in summary["timings"].values()) and "simulate" in summary["timings"]
assert summary["reprices"] > 0 and summary["reprices_per_second"] > 0

# Groups: the book first, then every desk, then every desk and underlying.
names = [group["group"] for group in summary["groups"]]
assert names[0] == "book", names
desks = [name for name in names[1:] if "," not in name]
leaves = [name for name in names[1:] if "," in name]
assert desks == ["desk=alpha", "desk=beta", "desk=gamma"], desks
assert "desk=alpha,underlying=BTC" in leaves and len(leaves) == 6, leaves
assert [m["group"] for m in summary["measures"]] == [name for name in names for _ in range(3)]
assert [m["level"] for m in summary["measures"][:3]] == [0.95, 0.99, 0.999]

# losses.npy, with the standard library only.
data = open(out + "/losses.npy", "rb").read()
assert data[:8] == b"\x93NUMPY\x01\x00"
size, = struct.unpack("<H", data[8:10])
header = eval(data[10:10 + size].decode())
assert header == {"descr": "<f8", "fortran_order": False, "shape": (20000, len(names))}, header
values = struct.unpack(f"<{20000 * len(names)}d", data[10 + size:])
columns = {name: values[c::len(names)] for c, name in enumerate(names)}

book = columns["book"]
assert hashlib.sha256(struct.pack("<20000d", *book)).hexdigest() == summary["digests"]["losses_sha256"]
assert not any(x == 0.0 and math.copysign(1, x) < 0 for x in book)
for measure in summary["measures"]:
    losses = sorted(columns[measure["group"]], reverse=True)
    tail = {0.95: 1000, 0.99: 200, 0.999: 20}[measure["level"]]
    assert measure["var"] == losses[tail], measure
    assert math.isclose(measure["es"], math.fsum(losses[:tail]) / tail, rel_tol=1e-12, abs_tol=1e-9), measure
mean = -math.fsum(book) / len(book)
assert math.isclose(summary["pnl"]["mean"], mean, rel_tol=1e-9, abs_tol=1e-6)
assert math.isclose(summary["pnl"]["stdev"], math.sqrt(math.fsum((x + mean) ** 2 for x in book) / (len(book) - 1)), rel_tol=1e-9)
assert summary["pnl"]["min"] == -max(book) and summary["pnl"]["max"] == -min(book)

# Every loss and every value now is a whole number of quanta below 2^53, so that groups add up exactly.
for s in range(20000):
    assert sum(columns[name][s] for name in desks) == book[s], s
    assert sum(columns[name][s] for name in leaves) == book[s], s
value = {group["group"]: group["base_value"] for group in summary["groups"]}
assert sum(value[name] for name in leaves) == value["book"] == summary["base_value"]

worst = sorted(range(20000), key=lambda s: (-book[s], s))[:10]
assert [w["scenario"] for w in summary["worst"]] == worst
assert [w["loss"] for w in summary["worst"]] == [book[s] for s in worst]

rows = list(csv.DictReader(open(out + "/exposure.csv")))
assert list(rows[0]) == ["group", "seconds", "measure", "level", "value", "se"]
assert {row["seconds"] for row in rows} == {"28800", "86400"}
assert {row["group"] for row in rows} == set(names)
exposure = {(row["group"], row["seconds"], row["measure"], row["level"]): float(row["value"]) for row in rows}
at_horizon = exposure[("book", "86400", "mean", "")]
assert math.isclose(at_horizon, summary["base_value"] + mean, rel_tol=1e-9)
assert exposure[("book", "86400", "EE", "")] >= max(at_horizon, 0.0) - 1e-6
assert math.isclose(exposure[("book", "86400", "EE", "")] + exposure[("book", "86400", "ENE", "")], at_horizon,
                    rel_tol=1e-9) or math.isclose(
    exposure[("book", "86400", "EE", "")] - exposure[("book", "86400", "ENE", "")], at_horizon, rel_tol=1e-9)
PYTHON

python3 -I - job/results <<'PYTHON' || fail "greeks.csv does not fit the rest"
import csv, json, math, sys
out = sys.argv[1]
summary = json.load(open(out + "/summary.json"))
rows = list(csv.DictReader(open(out + "/greeks.csv")))
assert list(rows[0])[:9] == "scope group underlying expiry strike_bucket instrument quantity value delta".split(), rows[0]
assert {row["scope"] for row in rows} == {"underlying", "expiry", "bucket", "contract"}
assert list(dict.fromkeys(row["group"] for row in rows)) == [group["group"] for group in summary["groups"]]
assert sum(row["scope"] == "contract" for row in rows) == summary["contracts"]
spots = {name: u["spot"] for name, u in json.load(open(out + "/resolved/market.json"))["underlyings"].items()}
for group in summary["groups"]:
    value = math.fsum(float(row["value"]) for row in rows if row["group"] == group["group"] and row["scope"] == "underlying")
    assert math.isclose(value, group["base_value"], rel_tol=1e-9, abs_tol=1e-3), (group, value)
for row in rows:
    n = {key: float(value) for key, value in row.items() if key in ("value", "delta", "value_coin", "delta_coin", "delta_net")}
    spot = spots[row["underlying"]]
    assert math.isclose(n["value"], n["value_coin"] * spot, rel_tol=1e-12, abs_tol=1e-9), row
    assert math.isclose(n["delta_net"], n["delta"] - n["value_coin"], rel_tol=1e-9, abs_tol=1e-9), row
    assert math.isclose(n["delta_net"], n["delta_coin"] * spot, rel_tol=1e-9, abs_tol=1e-9), row
PYTHON

# --- What may not change a bit ---

reference=$(digest job/results)
for flags in "" "--threads 1" "--threads 3" "--tile 64" "--tile 1000 --threads 2" "--seed 42" "--scenarios 20000" \
  "--precision double" "--quiet" "--json"; do
  # shellcheck disable=SC2086  # several words
  expect 0 "$tailbit" run job/run.json --device cpu --out again $flags
  same "$(digest again)" "$reference" "losses with flags \"$flags\""
done
same "$(json again/summary.json run_id)" "$(json job/results/summary.json run_id)" "run_id of the same run"
for isa in $("$tailbit" devices --json | python3 -I -c 'import json, sys; print(*json.load(sys.stdin)["cpu"]["instruction_sets"])'); do
  expect 0 "$tailbit" run job/run.json --device cpu --out again --isa "$isa" --force --scenarios 1000
  expect 0 "$tailbit" run job/run.json --device cpu --out best --scenarios 1000
  same "$(digest again)" "$(digest best)" "losses with --isa $isa"
done

# More scenarios begin with the same ones; from elsewhere; a resolved job is the same job.
expect 0 "$tailbit" run job/run.json --device cpu --out more --scenarios 30000
python3 -I - job/results/losses.npy more/losses.npy <<'PYTHON' || fail "30000 scenarios do not begin with the first 20000"
import struct, sys
few, many = (open(path, "rb").read() for path in sys.argv[1:])
body = lambda data: data[10 + struct.unpack("<H", data[8:10])[0]:]
assert body(many).startswith(body(few))
PYTHON
(cd job && expect 0 "$tailbit" run run.json --device cpu --out ../elsewhere)
same "$(digest elsewhere)" "$reference" "losses of the run from the job's folder"
cp -r job resolved
cp job/results/resolved/market.json job/results/resolved/model.json resolved
expect 0 "$tailbit" run resolved/run.json --device cpu --out again
same "$(digest again)" "$reference" "losses of the resolved job"
same "$(json again/summary.json digests.resolved_market)" "$(json job/results/summary.json digests.resolved_market)" \
  "the resolved market, resolved again"

# Neither does the order of the book's rows, nor a date or a contract more change another's losses.
(head -n 1 job/book.csv; tail -n +2 job/book.csv | sort -r) >resolved/book.csv
expect 0 "$tailbit" run resolved/run.json --device cpu --out again
same "$(digest again)" "$reference" "losses of the book in another order"
edit resolved/run.json 'd["exposure_dates"] = ["90s", "10h", "1d"]'
expect 0 "$tailbit" run resolved/run.json --device cpu --out again
same "$(digest again)" "$reference" "losses with other exposure dates"

cmp again/greeks.csv job/results/greeks.csv || fail "Greeks depend on the order of the book or on exposure dates"
expect 0 "$tailbit" run job/run.json --device cpu --out again --greek-units deribit --scenarios 2000
says again/greeks.csv scope,group,underlying,expiry,strike_bucket,instrument,quantity,value,delta,gamma,vega,theta,rho,value_coin
expect 0 "$tailbit" run job/run.json --device cpu --out other --scenarios 2000
same "$(digest again)" "$(digest other)" "losses with Greeks in other units"
edit resolved/run.json 'd["greek_units"] = "deribit"'
expect 0 "$tailbit" run resolved/run.json --device cpu --out other
cmp again/greeks.csv other/greeks.csv || fail "the config's units are not those of the flag"
expect 0 "$tailbit" run resolved/run.json --device cpu --out other --greek-units standard
cmp other/greeks.csv job/results/greeks.csv || fail "the flag does not replace the config's units"

# --- What must ---

expect 0 "$tailbit" run job/run.json --device cpu --out other --seed 43
[[ $(digest other) != "$reference" ]] || fail "another seed, the same losses"
same "$(json other/summary.json seed)" 43 "the seed told"
expect 0 "$tailbit" run job/run.json --device cpu --out single --precision single
[[ $(digest single) != "$reference" ]] || fail "single precision, the same losses"
same "$(json single/summary.json precision)" single "the precision told"

# --- What is printed ---

expect 0 "$tailbit" run job/run.json --device cpu --out again --json
cp stdout printed.json
same "$(json printed.json digests.losses_sha256)" "$reference" "losses of the printed summary"
same "$(json printed.json run_id)" "$(json again/summary.json run_id)" "run_id of the printed summary"
expect 0 "$tailbit" run job/run.json --device cpu --out again --quiet
empty stdout
if grep -vq '^tailbit: warning: ' stderr; then fail "--quiet printed $(head -n 1 stderr)"; fi
expect 0 "$tailbit" run job/run.json --device cpu --out again --quiet --scenarios 100000
empty stdout stderr
echo ok
