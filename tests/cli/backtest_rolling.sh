#!/usr/bin/env bash
# `backtest CONFIG`: the sample's books through its histories, and what is wrong with a config.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"
cp "$root"/configs/samples/history/*.{csv,json} .
chmod u+w -- *

# --- The sample, to the table that its forecasts give when they are read again ---

expect 0 "$tailbit" backtest backtest.json --out tests
cp stdout table
same "$(ls tests | paste -s -d ' ')" "backtest.csv backtest.json backtest.svg exceptions.csv forecasts.csv" "the files"
same "$(json tests/backtest.json series | grep -o "'model'" | wc -l)" 24 "series"
same "$(json tests/backtest.json source)" backtest.json "the source"
expect 0 "$tailbit" backtest --from-series tests/forecasts.csv --out again
cmp -s stdout table || fail "the forecasts give another table: $(diff stdout table)"
cmp -s tests/backtest.csv again/backtest.csv || fail "the forecasts give other tests"
cmp -s tests/exceptions.csv again/exceptions.csv || fail "the forecasts give other exceptions"
expect 0 "$tailbit" backtest backtest.json --json --out third
cmp -s tests/forecasts.csv third/forecasts.csv || fail "a second time other forecasts"

# What the forecasts are, computed anew in Python: historical simulation and its outcomes, and a covered call by Black's formula.
python3 -I - <<'PYTHON' || fail "forecasts.csv is not what the histories say"
import csv, datetime, math, statistics
day = datetime.timedelta(1)
def closes(path, time, value, separator=","):
    rows = csv.DictReader(open(path, newline=""), delimiter=separator)
    return {datetime.date.fromisoformat(r[time]) + day: float(r[value]) for r in rows if r[value]}
btc, eth, dvol = closes("btc.csv", "date", "close"), closes("eth.csv", "day", "last", ";"), closes("dvol.csv", "date", "btc")
move = lambda series, t: math.log(series[t] / series[t - day]) if t in series and t - day in series else None
black = lambda s, k, v, years: (lambda d, w: s * N(d) - k * N(d - w))(math.log(s / k) / (v * math.sqrt(years)) + v * math.sqrt(years) / 2, v * math.sqrt(years))
N = statistics.NormalDist().cdf
rows = [r for r in csv.DictReader(open("tests/forecasts.csv")) if r["model"] == "historical"]
known = sorted(t for t in btc if move(btc, t) is not None and move(eth, t) is not None)
coins = lambda a, b: 600000 * math.expm1(a) + 400000 * math.expm1(b)
checked = 0
for r in [r for r in rows if r["book"] == "coins"][::19]:
    t = datetime.date.fromisoformat(r["date"][:10])
    window = [u for u in known if u < t][-250:]
    losses = sorted((-coins(move(btc, u), move(eth, u)) for u in window), reverse=True)
    m = 250 * (1 - float(r["level"]))
    f = math.floor(m + 1e-9)
    var, es = losses[f], (sum(losses[:f]) + (m - f) * losses[f]) / m
    came = coins(move(btc, t), move(eth, t))
    for name, value in (("var", var), ("es", es), ("outcome", came)):
        assert abs(float(r[name]) - value) < 1e-6 * abs(value) + 1e-6, (r, name, value)
    assert abs(float(r["pit"]) - sum(-x < came for x in losses) / 250) < 1e-9, r
    checked += 1
for r in [r for r in rows if r["book"] == "covered calls"][::17]:
    t = datetime.date.fromisoformat(r["date"][:10])
    s, later, vol, vol_later = btc[t - day], btc[t], dvol[t - day] / 100, dvol[t] / 100
    calls = black(later, 1.1 * s, vol_later, 29 / 365) - black(s, 1.1 * s, vol, 30 / 365)
    came = 1e6 / s * (later - s - calls)
    assert abs(float(r["outcome"]) - came) < 1e-6 * abs(came) + 1e-4, (r, came)
    checked += 1
assert checked > 40, checked
PYTHON

# --- What is wrong with a config ---

bad() { # CODE STATEMENT TEXT...
  local code=$1
  cp backtest.json bad.json
  edit bad.json "$2"
  shift 2
  expect "$code" "$tailbit" backtest bad.json --out not
  empty stdout
  says stderr "$@"
  [[ ! -e not ]] || fail "a folder is made for a config that is wrong"
}
bad 78 'd["horizont"] = "1d"' 'bad.json:/horizont: the key "horizont" is unknown (did you mean "horizon"?)'
bad 78 'd["models"]["historical"]["window"] = 99' 'bad.json:/models/historical/window: 99 is out of range'
bad 78 'd["models"]["historical"]["kind"] = "histrical"' '/models/historical/kind' 'did you mean "historical"?'
bad 78 'd["models"]["historical"]["decay"] = 0.9' 'the key "decay" is unknown'
bad 78 'd["models"]["GARCH-t"]["filter"] = "ewma"' '"ewma" is not a filter of "garch"'
bad 78 'd["levels"] = [0.999]' 'less than one of 250 moves lies beyond the level 0.999'
bad 78 'd["levels"] = [1]' '/levels/0: 1 is out of range'
bad 78 'd["books"]["coins"][0]["underlying"] = "SOL"' '/books/coins/0/underlying: "SOL" is not among the underlyings'
bad 78 'd["books"]["covered calls"][1]["underlying"] = "ETH"' '"ETH" has no `vol_index` to value options by'
bad 78 'd["books"]["covered calls"][1]["tenor"] = "1d"' 'the option expires within the horizon'
bad 78 'd["to"] = "2022-12-31"' 'the backtest ends before it begins'
bad 78 'd["from"] = "soon"' '/from: "soon" is not a moment'
bad 66 'd["underlyings"]["BTC"]["prices"][0]["file"] = "absent.csv"' 'absent.csv'
bad 78 'd["models"]["engine"]["model"] = "backtest.json"' 'backtest.json:/schema'
bad 78 'd["books"]["coins"][1]["underlying"] = "BTC"; d["horizon"] = "2d"' 'its GARCH is by periods of 1d, and the horizon is 2d'
bad 65 'd["models"]["historical"]["window"] = 5000' '/books/coins: only 0 forecasts have a whole window'
sed -i '5s/,.*/,-1/' btc.csv
expect 65 "$tailbit" backtest backtest.json
says stderr 'btc.csv:line 5'
expect 64 "$tailbit" backtest
says stderr 'give either a config or --from-series FILE'
expect 64 "$tailbit" backtest backtest.json --from-series x.csv
expect 64 "$tailbit" backtest backtest.json --outcome loss
says stderr '--outcome is not for a config'
