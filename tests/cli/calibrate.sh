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
job 'd["spot_vol"] = "constant"; d["innovations"] = "gaussian"; d["jumps"] = "kou"'
expect 0 "$tailbit" calibrate work/job.json --out kou
says stdout "Merton's jump diffusion" "Kou's jump diffusion" "BTC down rate"
python3 -I - <<'PYTHON' || fail "the model with Kou's jumps"
import json
m, report = json.load(open("kou/model.json")), json.load(open("kou/calibration.json"))
found = {(e["part"], e["method"].split("'")[0]): e for e in report["estimates"]}
for coin in ("BTC", "ETH"):
    kou = {p["name"]: p for p in found[coin + ".spot", "Kou"]["parameters"]}
    size = m["underlyings"][coin]["jumps"][0]
    assert size["kind"] == "kou" and size["up_rate"] == kou["up rate"]["value"] and size["up_probability"] == kou["up probability"]["value"]
    assert 0 < size["intensity"] < kou["intensity"]["value"], "the share of the process in common is taken off"
    assert all(p["standard_error"] > 0 for p in kou.values()), kou
    assert abs(found[coin + ".spot", "Kou"]["aic"] - found[coin + ".spot", "Merton"]["aic"]) < 60
assert all(size["kind"] == "kou" for size in m["common_jumps"][0]["underlyings"].values())
PYTHON
cp kou/model.json job/model.json
expect 0 "$tailbit" run job/run.json --device cpu --quiet
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

# Regimes of one spot go to the report, and not to the model.
job 'd["regimes"] = {"underlying": "BTC"}'
expect 0 "$tailbit" calibrate work/job.json --out regimes
says stdout "Markov-switching returns, Student-t, EM" "vol, regime 2"
cmp regimes/model.json first/model.json || fail "regimes change the model"
python3 -I - <<'PYTHON' || fail "the regimes of the report"
import json
r = json.load(open("regimes/calibration.json"))["regimes"]
assert r["underlying"] == "BTC" and len(r["ahead"]) == len(r["filtered"]) + 1 == 1492, len(r["ahead"])
assert all(abs(sum(row) - 1) < 3e-6 for row in r["ahead"] + r["filtered"] + r["transition"])
PYTHON

# Those of all spots go to the model, which runs with them.
job 'd["regimes"] = {}; d["spot_vol"] = "constant"'
expect 0 "$tailbit" calibrate work/job.json --out common
says stdout "Markov-switching joint returns with one chain, Student-t, EM" "joint returns without regimes" "BTC ETH correlation, regime 2" "duration, regime 1"
python3 -I - <<'PYTHON' || fail "the regimes of the model"
import json, math
m, report = json.load(open("common/model.json")), json.load(open("common/calibration.json"))
found = {p["name"]: p for e in report["estimates"] if e["part"] == "regimes" for p in e["parameters"]}
fits = {e["method"].split(",")[0]: e for e in report["estimates"] if e["part"] == "regimes"}
one, two = fits["joint returns without regimes"], fits["Markov-switching joint returns with one chain"]
assert two["aic"] < one["aic"] and two["converged"] and len(two["tests"]) == 4, (one["aic"], two["aic"])
states, r = m["regimes"]["states"], report["regimes"]
assert r["underlyings"] == ["BTC", "ETH"] and "underlying" not in r and m["regimes"]["transition"] == r["transition"]
assert max(abs(a - b) for a, b in zip(m["regimes"]["first"], r["ahead"][-1])) < 1e-6
long_run = [found[f"long run, regime {k}"]["value"] for k in (1, 2)]
for coin in ("BTC", "ETH"):
    vol = m["underlyings"][coin]["spot_vol"]["vol"]
    told = [found[f"{coin} vol, regime {k}"]["value"] for k in (1, 2)]
    assert told[0] < told[1] and all(found[f"{coin} vol, regime {k}"]["standard_error"] > 0 for k in (1, 2)), told
    for state, of_state in zip(states, told):
        assert math.isclose(state["underlyings"][coin]["vol_multiplier"] * vol, of_state, rel_tol=1e-12)
    assert math.isclose(sum(p * v * v for p, v in zip(long_run, told)), vol * vol, rel_tol=1e-12)
assert math.isclose(m["innovations"]["dof"], found["dof"]["value"], abs_tol=1e-6), m["innovations"]
for k, (state, told) in enumerate(zip(states, r["correlations"])):
    c = state["correlation"]
    assert c["factors"] == m["correlation"]["factors"] and c["matrix"] == told["matrix"] and told["regime"] == state["name"]
    assert abs(c["matrix"][1][0] - found[f"BTC ETH correlation, regime {k + 1}"]["value"]) < 1e-9
    place = c["factors"].index("BTC.vol")
    # The sample's law has no regimes: its -0.3 is that of both.
    assert abs(c["matrix"][place][0] + 0.3) < 4 * told["standard_errors"][place][0] < 0.6, (c["matrix"][place][0], told["standard_errors"][place][0])
PYTHON
cp common/model.json job/model.json
expect 0 "$tailbit" describe job/run.json
expect 0 "$tailbit" run job/run.json --device cpu --quiet
job 'd["regimes"] = {"states": 3}; d["spot_vol"] = "constant"; d["innovations"] = "gaussian"; del d["underlyings"]["ETH"]'
expect 0 "$tailbit" calibrate work/job.json --out single
python3 -I - <<'PYTHON' || fail "the regimes of one underlying's model"
import json
m = json.load(open("single/model.json"))
assert m["innovations"] == {"kind": "gaussian"} and len(m["regimes"]["states"]) == 3
assert all("underlyings" not in s and "correlation" in s for s in m["regimes"]["states"])
assert [s["vol_multiplier"] for s in m["regimes"]["states"]] == sorted(s["vol_multiplier"] for s in m["regimes"]["states"])
PYTHON

# The residuals themselves, in a file beside the model: that of the report's window, less the days that lack a price of ETH.
job 'd["innovations"] = "bootstrap"; d["model"] = "deep/model.json"'
expect 0 "$tailbit" calibrate work/job.json --out drawn
says stderr "innovations: 5 of 1491 periods lack a factor and are not in the history (ETH.spot 5), the first until 2023-02-18T00:00:00Z; blocks run over 2 places" \
  "innovations mean_block: blocks of 11 periods"
says stdout "history of residuals, of mean 0 and unit variance" "history: drawn/deep/residuals.csv" "GARCH(1,1), Gaussian"
python3 -I - <<'PYTHON' || fail "the bootstrap of the model"
import csv, json, math
m, report = json.load(open("drawn/deep/model.json")), json.load(open("drawn/calibration.json"))
assert m["innovations"] == {"kind": "bootstrap", "mean_block": 11.0, "period": "1d", "history": "residuals.csv"}, m["innovations"]
rows = list(csv.reader(open("drawn/deep/residuals.csv")))
factors = rows[0][1:]
assert rows[0][0] == "time" and factors == ["BTC.spot", "ETH.spot", "BTC.vol", "ETH.vol", "BTC.skew", "BTC.basis", "BTC.premium"], rows[0]
assert m["correlation"]["factors"] == factors and len(rows) == 1 + 1491 - 5
times = [row[0] for row in rows[1:]]
assert times == sorted(times) and "2023-02-18T00:00:00Z" not in times
columns = [[float(row[1 + i]) for row in rows[1:]] for i in range(len(factors))]
for factor, column in zip(factors, columns):
    assert abs(sum(column)) < 1e-5 and abs(sum(x * x for x in column) / len(column) - 1) < 1e-6, factor
# Rows are periods of all factors: the cross-section is the correlation that was put in.
cross = sum(a * b for a, b in zip(columns[0], columns[1])) / len(columns[0])
assert abs(cross - 0.8) < 0.06, cross
cross = sum(a * b for a, b in zip(columns[0], columns[2])) / len(columns[0])
assert abs(cross + 0.3) < 0.1, cross
# A row is the period that its time ends: BTC's largest fall is where its price fell most for its vol.
closes = dict(list(csv.reader(open("work/btc.csv")))[1:])
least = times[columns[0].index(min(columns[0]))][:10]
import datetime
day = lambda text, by: str(datetime.date.fromisoformat(text) + datetime.timedelta(days=by))
fall = math.log(float(closes[day(least, -1)]) / float(closes[day(least, -2)]))
assert fall < -0.08, (least, fall)
PYTHON
cp drawn/deep/* job
expect 0 "$tailbit" run job/run.json --device cpu --quiet
whole_result job/results
# A factor that is known too seldom is left out of the history; a block length may be given.
head -n 500 work/surface.csv >shorter && mv shorter work/surface.csv
job 'd["innovations"] = "bootstrap"; d["mean_block"] = 4; d["history"] = "z.csv"; d["spot_vol"] = "constant"; d["max_move"] = 0.7'
expect 0 "$tailbit" calibrate work/job.json --out drawn
says stderr "innovations: BTC.skew is left out of the history, of whose 1486 periods it would leave"
python3 -I - <<'PYTHON' || fail "a history without the skew"
import json
m = json.load(open("drawn/model.json"))
assert m["innovations"] == {"kind": "bootstrap", "mean_block": 4.0, "period": "1d", "max_move": 0.7, "history": "z.csv"}, m["innovations"]
assert "BTC.skew" not in m["correlation"]["factors"] and "BTC.skew" not in open("drawn/z.csv").readline() and "skew" in m["underlyings"]["BTC"]["implied_vol"]
PYTHON
cp "$sample/surface.csv" work/surface.csv
cp drawn/model.json drawn/z.csv job
expect 0 "$tailbit" describe job/run.json

# A grouped t: the sample's law is one t for all, so all degrees of freedom are near its 5.
job 'd["innovations"] = "grouped_t"'
expect 0 "$tailbit" calibrate work/job.json --out grouped
says stdout "t copula of the spots' innovations" "t copula of the other factors' innovations" "innovations, Student's t by maximum likelihood"
python3 -I - <<'PYTHON' || fail "the grouped t of the model"
import json
m, report = json.load(open("grouped/model.json")), json.load(open("grouped/calibration.json"))
i = m["innovations"]
assert i["kind"] == "grouped_t" and i["period"] == "1d" and i["max_move"] == 1.0
assert [g["factors"] for g in i["groups"]] == [["BTC.spot", "ETH.spot"], ["BTC.vol", "ETH.vol", "BTC.skew", "BTC.basis", "BTC.premium"]], i["groups"]
dofs = [(e["part"], p["value"], p["standard_error"]) for e in report["estimates"] for p in e["parameters"] if p["name"] == "dof" and ("copula" in e["method"] or "innovations," in e["method"])]
assert len(dofs) == 7 and [g["dof"] for g in i["groups"]] == [round(dof, 6) for part, dof, _ in dofs if part == "innovations"], dofs
# The premium is seen through the dead band of its funding rule.
assert all(abs(dof - 5) < 3 * error for part, dof, error in dofs if part not in ("BTC.premium", "innovations")), dofs
assert set(i["marginals"]) == set(m["correlation"]["factors"]) and all(2 < dof < 12 for factor, dof in i["marginals"].items() if factor != "BTC.premium"), i["marginals"]
PYTHON
cp grouped/model.json job/model.json
expect 0 "$tailbit" run job/run.json --device cpu --quiet

# Dated futures, flat at 5 % a year, in place of the surface's basis.
python3 -I - <<'PYTHON'
import datetime, math
day = datetime.date(2022, 1, 1)
rows, spots = ["time,name,mark"], ["time,index"]
for i in range(300):
    now = datetime.datetime.combine(day + datetime.timedelta(days=i), datetime.time(8))
    spot = 100 + 10 * math.sin(i * i)
    carry = 0.05 + 0.01 * math.sin(i * i * 0.7)
    spots.append(f"{now},{spot!r}")
    rows.append(f"{now},BTC-PERPETUAL,{spot!r}")
    for name in ("27JAN23", "30JUN23"):
        left = (datetime.datetime.strptime(name, "%d%b%y") + datetime.timedelta(hours=8) - now).total_seconds() / 31536000
        rows.append(f"{now},BTC-{name},{spot * math.exp(carry * left)!r}")
open("work/futures.csv", "w").write("\n".join(rows) + "\n")
open("work/index.csv", "w").write("\n".join(spots) + "\n")
PYTHON
futures='d["underlyings"]["BTC"]["futures"] = {"file": "futures.csv", "time": "time", "instrument": "name", "value": "mark", "spot": {"file": "index.csv", "time": "time", "value": "index"}}'
job "del d['underlyings']['BTC']['surface']['basis']; $futures"
expect 0 "$tailbit" calibrate work/job.json --out futures --json
python3 -I - <<'PYTHON' || fail "the basis of futures"
import json
estimates = {e["part"] + e["method"][:3]: {p["name"]: p["value"] for p in e["parameters"]} for e in json.load(open("stdout"))["estimates"]}
assert abs(estimates["BTC.basisOrn"]["mean"] - 0.05) < 0.002, estimates["BTC.basisOrn"]
# Terms alike: carries are the same at all of them, so nothing falls with the term.
assert abs(estimates["BTC.basisreg"]["term_decay"]) < 1e-6, estimates["BTC.basisreg"]
PYTHON

# A window: what is later is not looked at.
job 'd["to"] = "2024-01-01"'
expect 0 "$tailbit" calibrate work/job.json --out whole
head -n 900 work/btc.csv >shorter && mv shorter work/btc.csv
expect 0 "$tailbit" calibrate work/job.json --out cut
cmp whole/model.json cut/model.json || fail "prices behind the window change the model"
cp "$sample/btc.csv" work/btc.csv

# --- The schema takes what the program takes, and refuses what it refuses ---

if python3 -c 'import jsonschema' 2>/dev/null; then
  python3 -B - "$tailbit" "$root/configs/schema/calibrate-1.json" <<'PYTHON' || fail "schema and program differ"
import json, subprocess, sys
from jsonschema import Draft7Validator
schema, sound = Draft7Validator(json.load(open(sys.argv[2]))), json.load(open("work/calibrate.json"))
drawn, constant = {"innovations": "bootstrap"}, {"spot_vol": "constant"}
cases = [
    ({}, "innovations", ["gaussian", "student_t", "grouped_t", "bootstrap"], ["t", None]),
    (drawn, "mean_block", [1, 12.5], [0.5, "10"]),
    (drawn, "history", ["z.csv"], ["", 3]),
    ({**constant, "innovations": "gaussian"}, "jumps", ["none", "merton", "kou"], ["hawkes", True]),
    (constant, "regimes", [{}, {"states": 3}, {"underlying": "BTC"}], [[], {"states": 1}, {"states": 5}, {"state": 2}, {"underlying": ""}]),
]
for others, key, good, bad in cases:
    for value in good + bad:
        config = {**sound, **others, key: value}
        json.dump(config, open("work/case.json", "w"))
        takes = schema.is_valid(config)
        assert takes == (value in good), f"{key} = {value}: the schema {'takes' if takes else 'refuses'} it"
        if value in bad:
            code = subprocess.run([sys.argv[1], "calibrate", "work/case.json", "--out", "case"], capture_output=True).returncode
            assert code == 78, f"{key} = {value}: exit {code}"
PYTHON
else
  echo "python3-jsonschema is not installed: cases of the schema are left out"
fi

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
refused 78 "$futures" '/underlyings/BTC/futures: `surface` has a basis already'
refused 78 'd["regimes"] = {"underlying": "XRP", "states": 9}' '/regimes/underlying: "XRP" is not an underlying' '/regimes/states: 9 is out of range'
refused 78 'd["regimes"] = {}' "/regimes: the model's regimes multiply a constant vol, and \`spot_vol\` is \"garch\""
refused 78 'd["regimes"] = {}; d["spot_vol"] = "constant"; d["correlation"] = "student_t"; d["dof"] = "copula"' '/regimes: `correlation` is "student_t"' '/dof: the degrees of freedom are those'
refused 78 'd["regimes"] = {}; d["spot_vol"] = "constant"; d["innovations"] = "gaussian"; d["jumps"] = "merton"' '/regimes: `jumps` are estimated of one law'
refused 65 'd["regimes"] = {"states": 4}; d["spot_vol"] = "constant"; d["to"] = "2023-01-01"' 'BTC.spot: 364 returns for 4 regimes within the window, of at least 400'
refused 78 'd["regimes"] = {}; d["spot_vol"] = "constant"; d["innovations"] = "bootstrap"' '/regimes: `innovations` are "bootstrap", of one dependence'
refused 78 'd["innovations"] = "grouped_t"; d["dof"] = "multivariate_t"' '/dof: a multivariate t has one number of degrees of freedom'
refused 78 'd["mean_block"] = 3; d["history"] = "z.csv"' '/mean_block: `innovations` are "student_t"' '/history: `innovations` are "student_t"'
refused 78 'd["innovations"] = "bootstrap"; d["mean_block"] = 0.5' '/mean_block: 0.5 is out of range'
refused 78 'd["innovations"] = "bootstrap"; d["history"] = "model.json"' '`model` and `history` are one file'
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
