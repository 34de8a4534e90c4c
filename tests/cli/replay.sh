#!/usr/bin/env bash
# `replay`: single scenarios of a finished run again, with the same bits; what is told of them, held against numbers that
# are found another way; and results and inputs that are not what they were.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

# A job with everything that may move: Student-t over two periods, an implied spot vol, level, skew, basis and premium,
# expiries and an exposure date inside steps, a surface to be fitted, two keys of groups.
full_job() { # FOLDER
  sample_job "$1" 3000
  edit "$1/run.json" 'd.update(steps=10, seed=2**40 + 5, exposure_dates=["5h", "12h", "1d"], levels=[0.9, 0.99], cash_conversion="at_receipt")'
  edit "$1/model.json" '
factor = {"kappa": 5.0, "vol": 0.3}
d["innovations"] = {"kind": "student_t", "dof": 4, "period": "12h", "max_move": 0.8}
d["underlyings"]["BTC"] = {"drift": 0.1, "spot_vol": {"kind": "implied"},
    "implied_vol": {"level": {"kappa": 3.0, "vol_of_vol": 1.5, "term_decay": 0.5}, "skew": factor},
    "basis": {**factor, "term_decay": 0.5}, "premium": {"kappa": 50.0, "vol": 0.02, "mean": 0.0002}}
d["underlyings"]["ETH"] = {"drift": -0.2, "spot_vol": {"kind": "constant", "vol": 0.5973}, "implied_vol": {"level": {"vol_of_vol": 1.0}, "sticky": "strike"}}
d["correlation"] = {"factors": ["BTC.spot", "ETH.spot", "BTC.vol"],
    "matrix": [[1.0, 0.8, -0.5], [0.8, 1.0, -0.4], [-0.5, -0.4, 1.0]], "repair": "reject"}'
  edit "$1/market.json" '
import math
d["underlyings"]["BTC"]["funding"] = {"rule": "binance", "premium": 0.0007}
eth = d["underlyings"]["ETH"]
forwards = {f["expiry"]: f["forward"] for f in eth["forwards"]}
days = {e: 15 * (i + 1) for i, e in enumerate(sorted(forwards))}
eth["surface"] = {"kind": "quotes", "quotes": [
    {"expiry": e, "strike": round(f * math.exp(k / 10)), "vol": 0.6 + 0.02 * k * k / days[e]} for e, f in forwards.items() for k in range(-3, 4)]}'
  edit "$1/instruments.json" '
d["instruments"] += [
    {"id": "lot", "family": "spot", "underlying": "ETH", "multiplier": 3},
    {"id": "expiring", "family": "european", "underlying": "ETH", "option": "call", "strike": 3300,
     "expiry": "2026-01-16T08:00:00Z", "settlement": "usd", "vol": 0.6}]'
  printf '%s\n' T1,,beta,,,lot,2.5, T2,,beta,,,expiring,-70, T3,,gamma,,,expiring,20, T4,,gamma,,,expiring,-19, >>"$1/book.csv"
}
full_job job
expect 0 "$tailbit" run job/run.json --device cpu --quiet
expect 0 "$tailbit" run job/run.json --device cpu --quiet --out single --precision single --seed 9 --scenarios 2000

# Reads losses.npy; replayed scenarios must be its rows to the bit.
cat >check.py <<'PYTHON'
import csv, json, math, struct, sys
from datetime import datetime
from statistics import NormalDist

def losses(folder):
    data = open(folder + "/losses.npy", "rb").read()
    size, = struct.unpack("<H", data[8:10])
    rows, groups = eval(data[10:10 + size].decode())["shape"]
    values = struct.unpack(f"<{rows * groups}d", data[10 + size:])
    return [values[r * groups:(r + 1) * groups] for r in range(rows)]

def check_rows(folder, replay, ids):
    rows, summary = losses(folder), json.load(open(folder + "/summary.json"))
    names = [group["group"] for group in summary["groups"]]
    assert replay["schema"] == "tailbit.replay/1" and replay["equal_to_losses"] is True
    for key in "run_id as_of horizon_seconds steps scenarios seed precision numerics".split():
        assert replay[key] == summary[key], key
    assert [scenario["scenario"] for scenario in replay["replays"]] == ids, (replay["replays"][0]["scenario"], ids)
    column = names.index(replay["group"])
    for scenario in replay["replays"]:
        row = rows[scenario["scenario"]]
        assert [group["group"] for group in scenario["losses"]] == names
        found = [group["loss"] for group in scenario["losses"]]
        assert struct.pack(f"<{len(row)}d", *found) == struct.pack(f"<{len(row)}d", *row), (found, row)
        order = sorted(range(len(rows)), key=lambda s: (-rows[s][column], s))
        assert order[scenario["rank"] - 1] == scenario["scenario"]
        # Profits are whole numbers of quanta, so that they add up exactly, in any order.
        profits = [contract["pnl"] for contract in scenario["contracts"]]
        assert sum(profits) == -row[column] and profits == sorted(profits), scenario["scenario"]
        for side, sign in (("gained", 1), ("lost", -1)):
            mine = [contract for contract in scenario["contracts"] if contract["pnl"] * sign > 0]
            assert scenario[side] == {"pnl": sum(c["pnl"] for c in mine), "contracts": len(mine)}, side
            assert all(math.isclose(c["share"], c["pnl"] / scenario[side]["pnl"]) for c in mine), side
            assert math.isclose(math.fsum(c["share"] for c in mine), 1.0), side
    return rows
PYTHON

# --- Equal to the bit: several scenarios, both precisions, flags in place of the config's keys ---

for folder in job/results single; do
  for scenario in 0 1 777 1999; do
    expect 0 "$tailbit" replay $folder --scenario $scenario --json
    cp stdout replay.json
    python3 -I -c '
import sys
sys.path.insert(0, ".")
from check import *
check_rows(sys.argv[1], json.load(open("replay.json")), [int(sys.argv[2])])' $folder $scenario ||
      fail "scenario $scenario of $folder is not what it was"
  done
done

# --- What is told of a scenario, against numbers found another way ---

expect 0 "$tailbit" replay job/results --scenario 1234 --json
cp stdout replay.json
python3 -I - <<'PYTHON' || fail "the paths are not what the random numbers say"
import sys
sys.path.insert(0, ".")
from check import *

def philox(counter, seed):
    x, k = list(counter), [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p, q = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [q >> 32 ^ x[1] ^ k[0], q & 0xFFFFFFFF, p >> 32 ^ x[3] ^ k[1], p & 0xFFFFFFFF]
        k = [k[0] + 0x9E3779B9 & 0xFFFFFFFF, k[1] + 0xBB67AE85 & 0xFFFFFFFF]
    return x

def uniforms(scenario, step, block, stream, seed):
    x = philox((scenario, step, block, stream), seed)
    return [(((high << 32 | low) >> 12) + 0.5) * 2.0 ** -52 for low, high in ((x[0], x[1]), (x[2], x[3]))]

replay = json.load(open("replay.json"))
scenario, seed = replay["replays"][0], replay["seed"]
market = json.load(open("job/results/resolved/market.json"))["underlyings"]
dates = scenario["dates"]
close = lambda a, b: math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)

# Dates: ten ends of steps, 5 h and 22 h inside steps (12 h is the end of the fifth).
seconds = [date["seconds"] for date in dates]
assert seconds == sorted([8640 * k for k in range(1, 11)] + [18000, 79200]), seconds
assert [date["seconds"] for date in dates if date["inside_step"]] == [18000, 79200]
assert [factor["unit"] for factor in replay["factors"]] == ["implied_vol_today"] + ["own_deviation"] * 6
assert [factor["factor"] for factor in replay["factors"]] == [
    "BTC.spot", "ETH.spot", "BTC.vol", "ETH.vol", "BTC.skew", "BTC.basis", "BTC.premium"]

# The mixing variable W of dof 4: 2 / W is the chi-square variate at the probability of its uniform number.
assert [(p["start_seconds"], p["end_seconds"]) for p in scenario["mixing"]] == [(0, 43200), (43200, 86400)]
for period, draw in enumerate(scenario["mixing"]):
    chi_square = 2.0 / draw["variance"]
    probability = 1.0 - math.exp(-chi_square / 2) * (1.0 + chi_square / 2)
    assert close(probability, uniforms(1234, 0, period, 0x8000, seed)[0]), (period, draw)

# The first step: correlated normals times the root of W, in deviations whatever the vols.
scale = math.sqrt(scenario["mixing"][0]["variance"])
z = [NormalDist().inv_cdf(u) for u in uniforms(1234, 0, 0, 0, seed)]
first = dates[0]["deviations"]
assert close(first["BTC.spot"], scale * z[0]), (first, scale, z)
assert close(first["ETH.spot"], scale * (0.8 * z[0] + 0.6 * z[1])), (first, scale, z)

# Today's 30-day vol at the money: total variance is linear in time between slices.
month, before = 30 * 86400, None
as_of = datetime.fromisoformat(replay["as_of"].replace("Z", "+00:00"))
for s in market["BTC"]["surface"]["slices"]:
    passed = (datetime.fromisoformat(s["expiry"].replace("Z", "+00:00")) - as_of).total_seconds()
    total = s["a"] + s["b"] * (-s["rho"] * s["m"] + math.hypot(s["m"], s["sigma"]))
    if passed > month:
        share = (month - before[0]) / (passed - before[0])
        implied = math.sqrt((before[1] + share * (total - before[1])) / month * 31536000)
        break
    before = passed, total

# From deviations back to states and spots, at every date.
laws = {"BTC.vol": (3.0, 1.5), "ETH.vol": (0.0, 1.0), "BTC.skew": (5.0, 0.3), "BTC.basis": (5.0, 0.3)}
for date in dates:
    t = date["seconds"] / 31536000
    for factor, (kappa, vol) in laws.items():
        stdev = vol * math.sqrt((1 - math.exp(-2 * kappa * t)) / (2 * kappa) if kappa else t)
        assert close(date["deviations"][factor] * stdev, date["states"][factor]), (date["seconds"], factor)
    today = market["BTC"]["funding"]["premium"]
    mean, stdev = (0.0002 - today) * (1 - math.exp(-50 * t)), 0.02 * math.sqrt((1 - math.exp(-100 * t)) / 100)
    assert close(date["deviations"]["BTC.premium"] * stdev + mean, date["states"]["BTC.premium"])
    vol = 0.5973
    eth = market["ETH"]["spot"] * math.exp((-0.2 - vol * vol / 2) * t + vol * math.sqrt(t) * date["deviations"]["ETH.spot"])
    assert close(date["spots"]["ETH"], eth), date
    assert close(date["spots"]["BTC"], market["BTC"]["spot"] * math.exp(date["states"]["BTC.spot"])), date
    x, d = date["states"]["BTC.spot"], date["deviations"]["BTC.spot"]
    assert close(x, (0.1 - implied * implied / 2) * t + implied * math.sqrt(t) * d), (date, implied)

# Contracts that can be valued by hand: coins, and an option that expired at 22 h.
contracts = {contract["contract"]: contract for contract in scenario["contracts"]}
lot = contracts["lot"]
quantum = json.load(open("job/results/summary.json"))["quantum"]
assert lot["quantity"] == 7.5
assert abs(lot["pnl"] - 7.5 * (dates[-1]["spots"]["ETH"] - market["ETH"]["spot"])) <= quantum, (lot, dates[-1])
now = next(row for row in csv.DictReader(open("job/results/greeks.csv"))
           if row["scope"] == "contract" and row["group"] == "book" and row["instrument"] == "expiring")
expiring = contracts["expiring"]
at_expiry = next(date for date in dates if date["seconds"] == 79200)["spots"]["ETH"]
assert expiring["quantity"] == -69 == float(now["quantity"])
assert abs(expiring["pnl"] - (-69 * max(at_expiry - 3300, 0.0) - float(now["value"]))) <= 4 * quantum, expiring
PYTHON

# --- The worst ---

expect 0 "$tailbit" replay job/results --worst 5 --json
cp stdout replay.json
python3 -I - <<'PYTHON' || fail "--worst 5 is not what sorting says"
import sys
sys.path.insert(0, ".")
from check import *
rows = losses("job/results")
check_rows("job/results", json.load(open("replay.json")), sorted(range(3000), key=lambda s: (-rows[s][0], s))[:5])
PYTHON
expect 0 "$tailbit" replay job/results --worst 3 --group desk=beta,underlying=ETH --json
cp stdout replay.json
python3 -I - <<'PYTHON' || fail "--worst 3 --group is not what sorting says"
import sys
sys.path.insert(0, ".")
from check import *
rows = losses("job/results")
names = [group["group"] for group in json.load(open("job/results/summary.json"))["groups"]]
column = names.index("desk=beta,underlying=ETH")
replay = json.load(open("replay.json"))
check_rows("job/results", replay, sorted(range(3000), key=lambda s: (-rows[s][column], s))[:3])
contracts = {c["contract"]: c["quantity"] for c in replay["replays"][0]["contracts"]}
assert contracts["lot"] == 7.5 and contracts["expiring"] == -70 and not any("BTC" in name for name in contracts), contracts
PYTHON

# Ties go by id: a book of contracts that never move.
sample_job still 1000
printf 'instrument,quantity\nBTC-27FEB26-100000-C,1\n' >still/book.csv
edit still/run.json 'd.update(group_by=[], exposure_dates=["1s"], horizon="1s", steps=1)'
edit still/model.json '
del d["correlation"]
d["underlyings"] = {name: {"spot_vol": {"kind": "constant", "vol": 0.0}} for name in d["underlyings"]}'
expect 0 "$tailbit" run still/run.json --device cpu --quiet
expect 0 "$tailbit" replay still/results --worst 3 --json
cp stdout replay.json
same "$(python3 -I -c 'import json; print([(r["scenario"], r["rank"]) for r in json.load(open("replay.json"))["replays"]])')" \
  "[(0, 1), (1, 2), (2, 3)]" "the worst of equal losses"
same "$(json replay.json replays.0.dates.0.deviations.BTC.spot 2>&1 | tail -n 1)" "KeyError: 'BTC'" "keys with dots"
same "$(python3 -I -c 'import json; print(json.load(open("replay.json"))["replays"][0]["dates"][0]["deviations"])')" \
  "{'BTC.spot': None, 'ETH.spot': None}" "deviations of what does not move"

# An underlying that the model moves and the market does not know has no spot to tell.
edit still/model.json '
d["underlyings"]["XYZ"] = {"spot_vol": {"kind": "constant", "vol": 0.5}}'
expect 0 "$tailbit" run still/run.json --device cpu --quiet
expect 0 "$tailbit" replay still/results --scenario 0 --json
cp stdout replay.json
same "$(python3 -I -c '
import json
date = json.load(open("replay.json"))["replays"][0]["dates"][0]
print(*date["spots"], *date["states"])')" "BTC ETH BTC.spot ETH.spot XYZ.spot" "spots and factors"

# --- Text ---

expect 0 "$tailbit" replay job/results --worst 2 --top 3
says stdout "rank 1 of 3000; equals losses.npy to the bit in all 10 groups" "rank 2 of 3000" "desk=beta,underlying=ETH" \
  "BTC.spot*" "today's 30-day vol at the money" "12h .. 1d" "Losses by contract" "Gains by contract" "3 of "
same "$(grep -c '^22h' stdout)" 4 "rows of the expiry inside a step"
same "$(sed -n '/^Losses by contract/,/^$/p' stdout | grep -c %)" 6 "contracts that lost, of both scenarios"
edit job/run.json 'd["steps"] = 720; d["scenarios"] = 1000; d["out"] = "fine"'
expect 0 "$tailbit" run job/run.json --device cpu --quiet
expect 0 "$tailbit" replay job/fine --scenario 3
says stdout "(24 of 720 dates; --json has all)"
same "$(grep -c '^1d ' stdout)" 2 "rows of the horizon"
# A run that keeps the losses of the book alone says no more than that.
edit job/run.json 'd["steps"] = 10; d["group_detail"] = "tails"; d["out"] = "tails"'
expect 0 "$tailbit" run job/run.json --device cpu --quiet
expect 0 "$tailbit" replay job/tails --scenario 3
says stdout "; equals losses.npy to the bit in the 1 of 10 groups that it holds"
expect 0 "$tailbit" replay job/tails --scenario 3 --json
cp stdout replay.json
same "$(json replay.json groups_compared)" 1 "groups compared"
edit job/run.json 'd["scenarios"] = 3000; del d["out"], d["group_detail"]'

# --- Results and inputs that are not what they were ---

full_job moved
edit moved/model.json '
d["correlation"].update(matrix=[[1.0, 0.9, -0.9], [0.9, 1.0, 0.5], [-0.9, 0.5, 1.0]], repair="higham")'
cp -r moved original
expect 0 "$tailbit" run moved/run.json --device cpu --quiet --out there --scenarios 1000
restore() { rm -rf moved && cp -r original moved; }
refused() { # CODE TEXT...
  local code=$1
  shift
  expect "$code" "$tailbit" replay there --scenario 7
  empty stdout
  says stderr "$@"
}
mv there elsewhere
expect 0 "$tailbit" replay elsewhere --scenario 7
mv elsewhere there

for file in run.json book.csv instruments.json market.json model.json; do
  echo >>moved/$file
  refused 65 "moved/$file" "is not the file that the manifest lists" "restore"
  rm moved/$file
  refused 66 "moved/$file" "no such file" "--config"
  restore
done
for file in summary.json losses.npy resolved/market.json resolved/model.json; do
  cp there/$file kept
  if [[ $file == losses.npy ]]; then printf '\1' | dd of=there/$file bs=1 seek=200 conv=notrunc status=none; else echo >>there/$file; fi
  refused 65 "there/$file" "is not the file that the manifest lists" "run the job again"
  rm there/$file
  refused 66 "there/$file" "no such file"
  cp kept there/$file
done
expect 0 "$tailbit" replay there --scenario 7
cp stdout before

# The job moved, or one works elsewhere: --config says where it is.
mv moved gone
refused 66 "moved/run.json"
expect 0 "$tailbit" replay there --scenario 7 --config gone/run.json
cmp stdout before || fail "--config gives another scenario"
(mkdir below && cd below && expect 0 "$tailbit" replay ../there --scenario 7 --config ../gone/run.json)
mv gone moved

cp there/run.json kept
rm there/run.json
refused 65 "there: has no manifest run.json"
echo "{" >there/run.json
refused 65 "there/run.json"
cp kept there/run.json
edit there/run.json 'd["numerics"] += 1'
refused 65 "there/run.json: is of numerics" "this program computes numerics"
cp kept there/run.json
expect 66 "$tailbit" replay nowhere --scenario 7
says stderr "nowhere: no such folder"

# Files that the manifest vouches for, and yet another loss: an internal error, told as such. First a loss that was
# changed, then a market that the run did not start from, which also shows which market a replay starts from.
forge() { # FILE STATEMENTS    on the file's bytes, `data`; the manifest gets its digest
  rm -rf forged
  cp -r there forged
  python3 -I - "$@" <<'PYTHON'
import hashlib, json, struct, sys
data = bytearray(open("forged/" + sys.argv[1], "rb").read())
exec(sys.argv[2])
open("forged/" + sys.argv[1], "wb").write(data)
manifest = json.load(open("forged/run.json"))
for entry in manifest["outputs"]:
    if entry["path"] == sys.argv[1]:
        entry["sha256"] = hashlib.sha256(data).hexdigest()
json.dump(manifest, open("forged/run.json", "w"))
PYTHON
}
forge losses.npy '
at = 10 + struct.unpack("<H", data[8:10])[0] + 8 * (10 * 7 + 3)  # scenario 7, the fourth group
loss, = struct.unpack_from("<d", data, at)
struct.pack_into("<d", data, at, loss + 2.0 ** -10)'
expect 70 "$tailbit" replay forged --scenario 7
empty stdout
says stderr 'scenario 7, group "desk=alpha,underlying=ETH"' "in losses.npy" \
  "this build, or the files, are not those that made the result"
expect 0 "$tailbit" replay forged --scenario 8
forge resolved/market.json '
market = json.loads(data)
market["underlyings"]["BTC"]["spot"] *= 1 + 1e-9
data = json.dumps(market).encode()'
expect 70 "$tailbit" replay forged --scenario 8
says stderr "are not those that made the result"
forge summary.json 'data = data.replace(b"\"steps\": 10,", b"\"steps\": 12,")'
expect 70 "$tailbit" replay forged --scenario 8
says stderr "summary.json has another horizon, steps, quantum or groups than the job"

# --- Usage ---

expect 64 "$tailbit" replay there --scenario 1000
says stderr "--scenario 1000 is out of range" "0 to 999"
expect 64 "$tailbit" replay there --worst 1001
expect 64 "$tailbit" replay there --scenario -1
expect 64 "$tailbit" replay there
says stderr "--scenario N or --worst K"
expect 64 "$tailbit" replay there --scenario 1 --worst 1
expect 64 "$tailbit" replay --worst 1
expect 64 "$tailbit" replay there --worst 1 --group desk=bta
says stderr 'did you mean "desk=beta"?'
expect 0 "$tailbit" replay --help
same "$(head -n 1 stdout)" "Examples:" "the first line of the help"
echo ok
