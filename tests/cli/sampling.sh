#!/usr/bin/env bash
# `sampling`: antithetic pairs and Sobol points are what docs/definitions says, found again here from the generator and the
# direction numbers; the same for any threads, tiles and shards; and what goes with them and what does not.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job 4096
edit job/run.json 'd.update(steps=2, seed=2**40 + 5, levels=[0.9, 0.99], exposure_dates=["12h", "1d"])'
edit job/model.json '
d.clear()
d.update(schema="tailbit.model/1", innovations={"kind": "student_t", "dof": 4, "period": "12h"},
    underlyings={u: {"spot_vol": {"kind": "constant", "vol": v}} for u, v in (("BTC", 0.5), ("ETH", 0.7))},
    correlation={"factors": ["BTC.spot", "ETH.spot"], "matrix": [[1.0, 0.8], [0.8, 1.0]]})'
for method in antithetic sobol; do
  cp -r job "$method"
  edit "$method/run.json" "d['sampling'] = {'method': '$method'}"
  expect 0 "$tailbit" run "$method/run.json" --device cpu --quiet
  for way in '--threads 2 --tile 24' '--threads 1 --tile 8'; do
    # shellcheck disable=SC2086
    expect 0 "$tailbit" run "$method/run.json" --device cpu --quiet --out other --force $way
    cmp "$method/results/losses.npy" other/losses.npy || fail "$method: other bits with $way"
    cmp "$method/results/exposure.csv" other/exposure.csv || fail "$method: other exposure with $way"
  done
  for shard in 0 1 2; do expect 0 "$tailbit" run "$method/run.json" --device cpu --quiet --out "$method/merged" --shard $shard/3; done
  expect 0 "$tailbit" merge "$method/merged" --quiet
  cmp "$method/results/losses.npy" "$method/merged/losses.npy" || fail "$method: other bits in shards"
  expect 0 "$tailbit" verify "$method/results" --recompute --quiet
done

cat >check.py <<'PYTHON'
import json, math, pathlib, sys
from statistics import NormalDist
root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root / "scripts/checks"))
import directions
directions.TABLE = str(root / directions.TABLE)

MASK = 0xFFFFFFFF
def philox(counter, seed):
    x, k = list(counter), [seed & MASK, seed >> 32]
    for _ in range(10):
        p, q = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [q >> 32 ^ x[1] ^ k[0], q & MASK, p >> 32 ^ x[3] ^ k[1], p & MASK]
        k = [k[0] + 0x9E3779B9 & MASK, k[1] + 0xBB67AE85 & MASK]
    return x

def uniforms(scenario, step, block, stream, seed):
    x = philox((scenario, step, block, stream), seed)
    return [(((high << 32 | low) >> 12) + 0.5) * 2.0 ** -52 for low, high in ((x[0], x[1]), (x[2], x[3]))]

numbers = [[1] * 32] + directions.unpacked(directions.table_text())
mirror = lambda x: int(format(x, "032b")[::-1], 2)

def sobol(dimension, scenario, seed, randomisations=16):
    point, r = divmod(scenario, randomisations)
    x = 0
    for i, m in enumerate(numbers[dimension]):
        if point >> i & 1:
            x ^= m << 31 - i
    scramble = philox((r, 0, dimension, 0xF000), seed)[0]
    bits = mirror(x)
    bits ^= bits * 0x3D20ADEA & MASK
    bits = bits + scramble & MASK
    bits = bits * (scramble >> 16 | 1) & MASK
    bits ^= bits * 0x05526C56 & MASK
    bits ^= bits * 0x53A22864 & MASK
    return (mirror(bits) + 0.5) * 2.0 ** -32 + 2.0 ** -53

close = lambda a, b: math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
normal = NormalDist().inv_cdf

def chi_square_probability(variance):
    x = 2.0 / variance
    return 1.0 - math.exp(-x / 2) * (1.0 + x / 2)

# Deviations of a date count from today: the steps' moves add up.
def check(replayed, mixing, steps):
    for found, wanted in zip(replayed["mixing"], mixing):
        assert close(chi_square_probability(found["variance"]), wanted), (found, wanted)
    scales = [math.sqrt(p["variance"]) for p in replayed["mixing"]]
    moves = [[scale * z[0], scale * (0.8 * z[0] + 0.6 * z[1])] for scale, z in zip(scales, steps)]
    deviations = {date["seconds"]: date["deviations"] for date in replayed["dates"]}
    first, second = deviations[43200], deviations[86400]
    for f, name in enumerate(("BTC.spot", "ETH.spot")):
        assert close(first[name], moves[0][f]), (name, first, moves)
        assert close(second[name], (moves[0][f] + moves[1][f]) / math.sqrt(2.0)), (name, second, moves)

seed = 2**40 + 5
for method in ("antithetic", "sobol"):
    for s in (0, 1, 18, 4095):
        replayed, = json.load(open(f"{method}-{s}.json"))["replays"]
        if method == "antithetic":
            sign = -1.0 if s % 2 else 1.0
            mixing = [uniforms(s // 2 * 2, 0, p, 0x8000, seed)[0] for p in range(2)]
            steps = [[sign * normal(u) for u in uniforms(s // 2 * 2, step, 0, 0, seed)] for step in range(2)]
        else:
            mixing = [sobol(p, s, seed) for p in range(2)]
            total = [math.sqrt(2.0) * normal(sobol(2 + f, s, seed)) for f in range(2)]
            left = [0.5 * total[f] + math.sqrt(0.5) * normal(sobol(4 + f, s, seed)) for f in range(2)]
            steps = [left, [total[f] - left[f] for f in range(2)]]
        check(replayed, mixing, steps)

for method in ("antithetic", "sobol"):
    summary = json.load(open(f"{method}/results/summary.json"))
    sampling = summary["sampling"]
    assert sampling == ({"method": "antithetic"} if method == "antithetic" else
                        {"method": "sobol", "randomisations": 16, "dimensions": 6, "periods": 2, "path_normals": 4}), sampling
    # An interval of few clusters is wider than 1.96 errors.
    book = summary["measures"][0]
    low, high = book["es_ci95"]
    width = (high - low) / 2 / book["es_se"]
    assert math.isclose(width, 2.13145 if method == "sobol" else 1.96, rel_tol=1e-3), width
assert "sampling" not in json.load(open("job/results/summary.json"))
PYTHON

expect 0 "$tailbit" run job/run.json --device cpu --quiet
cmp -s job/results/losses.npy sobol/results/losses.npy && fail "Sobol points have the bits of independent scenarios"
expect 0 "$tailbit" run sobol/run.json --device cpu --scenarios 8192 --out other --force
says stdout '8192 scenarios of 16 randomisations of Sobol points, horizon'
for method in antithetic sobol; do
  for scenario in 0 1 18 4095; do
    expect 0 "$tailbit" replay "$method/results" --scenario "$scenario" --json
    cp stdout "$method-$scenario.json"
  done
done
python3 -I check.py "$root" || fail "the scenarios are not those of the definitions"

expect 0 "$tailbit" validate sobol/run.json
says stdout 'method sobol, randomisations 16, dimensions 6, periods 2, path_normals 4'
# Before a run, too, one sees what the points reach, and that these are not even.
expect 0 "$tailbit" validate sobol/run.json --json --scenarios 4800
python3 -I - <<'PYTHON' || fail "validate does not tell of the points"
import json
plan = json.load(open("stdout"))
assert plan["sampling"]["dimensions"] == 6, plan
assert plan["warnings"][-1] == "sampling: 300 points in each randomisation are less even than 256 or 512; take 16 times a power of two scenarios", plan
PYTHON

refuses() { # EDIT OF RUN.JSON, TEXT
  cp -r job refused
  edit refused/run.json "$1"
  expect 78 "$tailbit" run refused/run.json --device cpu --quiet
  says stderr "$2"
  rm -r refused
}
refuses 'd.update(scenarios=4001, sampling={"method": "antithetic"})' '/sampling: 4001 scenarios are no multiple of 2'
refuses 'd.update(scenarios=30, levels=[0.9], sampling={"method": "antithetic"})' '/sampling: 30 scenarios are fewer than 16 pairs'
refuses 'd.update(scenarios=4100, sampling={"method": "sobol"})' '/sampling: 4100 scenarios are no multiple of 16'
refuses 'd.update(sampling={"method": "sobol", "randomisations": 48})' '/sampling/randomisations: 48 is no power of two'
refuses 'd.update(sampling={"method": "antithetic", "randomisations": 16})' '/sampling/randomisations: only Sobol points have randomisations'
refuses 'd.update(sampling={"method": "sobol"}, group_detail="tails")' '/sampling: its errors need all losses of a group'
