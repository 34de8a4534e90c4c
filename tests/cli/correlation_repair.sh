#!/usr/bin/env bash
# Correlations that contradict each other: refused, or repaired by the nearest correlation matrix where the model asks for it, which is
# told on stderr, in the plan, in the summary, and in the resolved model, from which the run can be repeated.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job 20000
edit job/model.json 'd["underlyings"]["SOL"] = {"spot_vol": {"kind": "constant", "vol": 0.9}}
d["correlation"] = {"factors": ["ETH.spot", "BTC.spot", "SOL.spot"], "matrix": [[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]}'
expect 78 "$tailbit" run job/run.json --device cpu --quiet
says stderr "job/model.json:/correlation/matrix" "not positive definite (least eigenvalue -0.8" '"higham"'
[[ ! -e job/results ]] || fail "it left results"

edit job/model.json 'd["correlation"]["repair"] = "higham"'
repaired="job/model.json:/correlation/matrix: the correlation was not positive definite (least eigenvalue -0.8): replaced by the nearest one, distance 0.98, largest change of an entry 0.4"
expect 0 "$tailbit" validate job/run.json
says stderr "tailbit: warning: $repaired"
says stdout "correlation_repair" "least_eigenvalue -0.8, distance 0.97"
expect 0 "$tailbit" validate job/run.json --json
cp stdout plan.json
expect 0 "$tailbit" run job/run.json --device cpu --quiet
says stderr "$repaired"
python3 -I - <<'PYTHON' || fail "the repair is not told as it was"
import json
summary, plan = json.load(open("job/results/summary.json")), json.load(open("plan.json"))
size = summary["correlation_repair"]
assert size == plan["correlation_repair"], plan
assert abs(size["least_eigenvalue"] + 0.8) < 1e-9 and abs(size["largest_change"] - 0.4) < 1e-6, size
assert abs(size["distance"] - 6 ** 0.5 * 0.4) < 1e-5, size
assert any("least eigenvalue -0.8" in warning for warning in summary["warnings"])
correlation = json.load(open("job/results/resolved/model.json"))["correlation"]
assert correlation["factors"][:3] == ["BTC.spot", "ETH.spot", "SOL.spot"] and correlation["repair"] == "higham"
matrix = correlation["matrix"]
a, b, c = matrix[0][1], matrix[0][2], matrix[1][2]
assert max(abs(a - 0.5), abs(b + 0.5), abs(c - 0.5)) < 1e-6, correlation
PYTHON

# The resolved model is a sound one: nothing is left to repair, whatever it asks for, and the losses are the same.
cp job/results/resolved/model.json job/model.json
for repair in higham reject; do
  edit job/model.json "d['correlation']['repair'] = '$repair'"
  expect 0 "$tailbit" run job/run.json --device cpu --quiet --out "again-$repair"
  same "$(digest "again-$repair")" "$(digest job/results)" "losses from the resolved model, $repair"
  python3 -I - "again-$repair" <<'PYTHON' || fail "the resolved model was repaired"
import json, sys
summary = json.load(open(sys.argv[1] + "/summary.json"))
assert "correlation_repair" not in summary
assert not [warning for warning in summary["warnings"] if "correlation" in warning]
PYTHON
done
echo ok
