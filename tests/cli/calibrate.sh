#!/usr/bin/env bash
# `calibrate`: histories to a model that runs, a report of every estimate, and what is wrong with files and configs.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2016
source "$(dirname "$0")/lib.sh" "$@"

sample=$root/configs/samples/history
mkdir made
"$root/scripts/make_history_sample" made
for file in made/*.csv; do cmp "$file" "$sample/${file#made/}" || fail "configs/samples/history is not what scripts/make_history_sample writes"; done

# --- The sample: the law that it was made by is found again ---

expect 0 "$tailbit" calibrate "$sample/calibrate.json" --out first
says stdout "GARCH(1,1), Student-t" "t copula" "correlation of innovations by 1d" "model: first/model.json" "report: first/calibration.json"
says stderr "ETH.spot: 3 of 1492 values by 1d are missing, the first at 2023-02-18T00:00:00Z" "ETH.skew: no risk reversal is given" \
  "ETH.premium: no funding is given" "innovations max_move"
expect 0 "$tailbit" calibrate "$sample/calibrate.json" --out second --json
cmp first/model.json second/model.json || fail "the same histories give another model"
python3 -I -c 'import json; assert json.load(open("stdout")) == json.load(open("second/calibration.json"))' || fail "--json is not the report"
python3 -I -B - "$root/scripts/make_history_sample" <<'PYTHON' || fail "what was put into the histories is not found again"
import importlib.machinery, importlib.util, json, sys
loader = importlib.machinery.SourceFileLoader("law", sys.argv[1])
law = importlib.util.module_from_spec(importlib.util.spec_from_loader("law", loader))
loader.exec_module(law)
report, model = json.load(open("first/calibration.json")), json.load(open("first/model.json"))
found = {(e["part"], p["name"]): (p["value"], p["standard_error"]) for e in report["estimates"] for p in e["parameters"]}
bad = []
def near(part, name, truth, errors=3.0):
    value, error = found[part, name]
    if not abs(value - truth) <= errors * error:
        bad.append(f"{part} {name}: {value} +- {error}, not {truth}")
for name, garch in law.GARCH.items():
    for key in ("omega", "alpha", "beta"):
        near(name + ".spot", key, garch[key])
    near(name + ".spot", "dof", law.DOF)
    near(name + ".vol", "kappa", law.LEVEL[name]["kappa"])
    near(name + ".vol", "vol", law.LEVEL[name]["vol"])
for part, key in (("BTC.skew", law.SKEW), ("BTC.basis", law.BASIS)):
    for name in ("kappa", "vol", "mean"):
        near(part, name, key[name])
# Rates in the dead band of the rule hide the premium: kappa is off by more than its error.
near("BTC.premium", "mean", law.PREMIUM["mean"])
near("innovations", "dof", law.DOF)
for part in ("BTC.vol", "BTC.basis"):
    assert abs(found[part, "term_decay"][0] - law.TERM_DECAY) < 1e-6, part
c = report["correlation"]
for i, a in enumerate(c["factors"]):
    for j, b in enumerate(c["factors"][:i]):
        if a in law.FACTORS and b in law.FACTORS:
            truth = law.CORRELATION[law.FACTORS.index(a)][law.FACTORS.index(b)]
            if abs(c["sample"][i][j] - truth) > 3.5 * c["standard_errors"][i][j]:
                bad.append(f"{a} {b}: {c['sample'][i][j]}, not {truth}")
assert not bad, bad
assert model["innovations"]["kind"] == "student_t" and model["innovations"]["period"] == "1d"
assert set(model["correlation"]["factors"]) == set(c["factors"]) and model["correlation"]["matrix"] == c["matrix"]
# Usual factors of ETH, which had no series.
assert model["underlyings"]["ETH"]["premium"] == {"kappa": 700.0, "vol": 0.01, "mean": 0.0}
assert {d["part"] for d in report["defaults"]} >= {"ETH.skew", "ETH.basis", "ETH.premium", "ETH.vol term_decay"}
assert sorted(i["path"].rsplit("/", 1)[1] for i in report["inputs"]) == ["btc.csv", "calibrate.json", "dvol.csv", "eth.csv", "funding.csv", "surface.csv"]
PYTHON

# The model runs, with the sample's market and book.
sample_job job 400
cp first/model.json job/model.json
edit job/run.json 'd["levels"] = [0.9]'
expect 0 "$tailbit" run job/run.json --device cpu --quiet
whole_result job/results

# --- The other methods ---

mkdir work
cp "$sample"/* work
job() { # STATEMENTS OF PYTHON: work/job.json, the sample's config changed
  cp work/calibrate.json work/job.json
  edit work/job.json "$1"
}
job 'd["spot_vol"] = "constant"; d["innovations"] = "gaussian"; d["jumps"] = "merton"; d["drift"] = "sample"; d["correlation"] = "sample"; d["missing"] = "leave_out"'
expect 0 "$tailbit" calibrate work/job.json
says stderr "ETH.premium: no funding is given: the factor is left out of the model"
says stdout "Merton's jump diffusion" "expected by chance"
python3 -I - <<'PYTHON' || fail "the model with jumps"
import json
m = json.load(open("work/model.json"))
assert m["innovations"] == {"kind": "gaussian"}, m["innovations"]
btc, eth = m["underlyings"]["BTC"], m["underlyings"]["ETH"]
assert btc["spot_vol"]["kind"] == "constant" and btc["drift"] != 0
assert 10 < btc["jumps"][0]["intensity"] < 150 and 0.02 < btc["jumps"][0]["stdev"] < 0.1, btc["jumps"]
assert 1 < m["common_jumps"][0]["intensity"] < 100 and set(m["common_jumps"][0]["underlyings"]) == {"BTC", "ETH"}
assert "premium" not in eth and "premium" in btc
PYTHON
for change in 'd["spot_vol"] = "gjr"; d["correlation"] = "student_t"; d["dof"] = "multivariate_t"' 'd["spot_vol"] = "ewma"; d["max_vol"] = 3; d["max_move"] = 0.5' \
  'd["spot_vol"] = "implied"; d["period"] = "2d"; del d["underlyings"]["ETH"]'; do
  job "$change"
  expect 0 "$tailbit" calibrate work/job.json --out method
done
says stderr "fewer than two spots"
python3 -I - <<'PYTHON' || fail "the last model"
import json
m = json.load(open("method/model.json"))
assert m["innovations"]["period"] == "2d" and m["underlyings"]["BTC"]["spot_vol"] == {"kind": "implied"}, m
PYTHON

# A window: what is later is not looked at.
job 'd["to"] = "2024-01-01"'
expect 0 "$tailbit" calibrate work/job.json --out whole
head -n 900 work/btc.csv >shorter && mv shorter work/btc.csv
expect 0 "$tailbit" calibrate work/job.json --out cut
cmp whole/model.json cut/model.json || fail "prices behind the window change the model"
cp "$sample/btc.csv" work/btc.csv

# --- What is wrong, and where ---

refused() { # CODE STATEMENTS TEXT...
  local code=$1
  job "$2"
  shift 2
  expect "$code" "$tailbit" calibrate work/job.json --out refused
  says stderr "$@"
  empty stdout
  [[ ! -e refused ]] || fail "files were written: $(ls refused)"
}
refused 78 'd["spotvol"] = "garch"' '/spotvol' 'did you mean "spot_vol"?'
refused 78 'd["spot_vol"] = "arch"' 'job.json:/spot_vol: "arch"' 'garch'
refused 78 'd["to"] = "2021-01-01"; d["from"] = "2022-01-01"' '/to: the window ends at or before it begins'
refused 78 'd["from"] = "yesterday"' '/from: "yesterday" is not a moment'
refused 78 'd["jumps"] = "merton"' '/jumps: jumps are estimated beside a constant vol' '/jumps: jumps are estimated beside Gaussian innovations'
refused 78 'd["report"] = "model.json"' '`model` and `report` are one file'
refused 78 'd["underlyings"]["BTC"]["funding"]["zone"] = "Moscow"' '/underlyings/BTC/funding/zone: "Moscow" is not a zone; write "+03:00"'
refused 78 'd["underlyings"]["BTC"]["funding"]["rule"] = "deribit"; d["underlyings"]["BTC"]["funding"]["interest_8h"] = 0.0001' '/underlyings/BTC/funding/interest_8h'
refused 78 'd["underlyings"]["BTC"]["surface"]["atm_vol"] = {"7d": "atm_7"}' '/underlyings/BTC/surface/risk_reversal_25d: there is a risk reversal of 30d'
refused 78 'd["underlyings"]["BTC"]["surface"]["basis"] = {"soon": "basis_7"}' '/underlyings/BTC/surface/basis/soon: "soon" is not a term'
refused 78 'd["underlyings"]["ETH"]["price"]["separator"] = "x"' '/underlyings/ETH/price/separator: "x" does not separate columns'
refused 78 'd["underlyings"] = {}' '/underlyings: there is no underlying'
refused 66 'd["underlyings"]["ETH"]["price"]["file"] = "sol.csv"' 'sol.csv'
refused 65 'd["underlyings"]["ETH"]["price"]["value"] = "lst"' 'eth.csv:line 1: the column "lst" is missing (did you mean "last"?)'
refused 65 'd["underlyings"]["ETH"]["price"]["separator"] = ","' 'eth.csv:line 1: the column "day" is missing'
refused 65 'd["underlyings"]["BTC"]["surface"]["where"] = {"coin": "XRP"}' 'surface.csv: no row is as `where` says'
refused 65 'd["to"] = "2022-02-01"' 'BTC.spot: 30 returns within the window, of at least 100; widen the window'
refused 65 'd["from"] = "2030-01-01"; del d["to"]' 'job.json: the window holds no whole period of 1d'
sed -i '5s/.*/2022-01-04,-3/' work/btc.csv
refused 65 '' 'btc.csv:line 5: "close" is -3, not above 0'
sed -i '5s/.*/2022-01-03,40000/' work/btc.csv
refused 65 '' 'btc.csv:line 5: the time 2022-01-03T00:00:00Z is there twice'
expect 64 "$tailbit" calibrate
expect 66 "$tailbit" calibrate nothing.json
expect 64 "$tailbit" calibrate work/job.json --out ""
