#!/usr/bin/env bash
# `price`: contracts in, values and Greeks out.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

header=id,family,option,spot,strike,expiry_years,rate,carry,vol
expect_cells() { # ROW VALUE...    the first numbers of a row, to 1e-9
  python3 -I - "$@" <<'PYTHON' || fail "row $1 is not ${*:2}: $(sed -n "$(($1 + 1))p" stdout)"
import math, sys
cells = open("stdout").read().splitlines()[int(sys.argv[1])].split(",")
assert len(cells) == 8, cells
for cell, wanted in zip(cells[1:], sys.argv[2:]):
    assert math.isclose(float(cell), float(wanted), rel_tol=1e-9), (cell, wanted)
PYTHON
}

# Haug 1998: the call of p. 2; Black 76 of p. 6 (carry 0); the first again with b = r left empty.
cat >good.csv <<CSV
$header
haug,european,call,60,65,0.25,0.08,0.08,0.3
future,european,put,19,19,0.75,0.1,0,0.28
empty_carry,european,call,60,65,0.25,0.08,,0.3
CSV
expect 0 "$tailbit" price good.csv
empty stderr
same "$(head -n 1 stdout)" id,value,delta,gamma,vega,theta,rho,error "the header"
same "$(wc -l <stdout)" 4 "the number of lines"
expect_cells 1 2.1333684449162
expect_cells 2 1.7010507252362672
same "$(sed -n 's/^empty_carry//p' stdout)" "$(sed -n 's/^haug//p' stdout)" "an empty carry"

# Columns in any order, CRLF, quoted names.
printf '%s\r\n' 'vol,carry,rate,expiry_years,strike,spot,option,family,id' '0.3,0.08,0.08,0.25,65,60,call,european,"a, b"' >order.csv
expect 0 "$tailbit" price order.csv
says stdout '"a, b",2.13336844491'

# The family's own columns; those of other families may be there, and empty.
cat >families.csv <<CSV
$header,payoff,cash,barrier,rebate
cash,digital,put,100,80,0.75,0.06,0,0.35,cash,10,,
asset,digital,put,70,65,0.5,0.07,0.02,0.27,asset,,,
vanilla,european,call,100,100,1,0.05,0.05,0.2,,,,
CSV
expect 0 "$tailbit" price families.csv
python3 -I - <<'PYTHON' || fail "the values of the families are not Haug's"
rows = {line.split(",")[0]: line.split(",") for line in open("stdout").read().splitlines()[1:]}
assert abs(float(rows["cash"][1]) - 2.6710) < 5e-5, rows["cash"]      # Haug 1998, p. 88
assert abs(float(rows["asset"][1]) - 20.2069) < 5e-5, rows["asset"]   # Haug 1998, p. 90
assert abs(float(rows["vanilla"][1]) - 10.450583572185565) < 1e-12, rows["vanilla"]
PYTHON

# A bad row has its reason, the others have their values, and the program ends with 65.
cat >bad.csv <<CSV
$header,payoff,cash,barrier
fine,european,call,60,65,0.25,0.08,0.08,0.3,,,
spot0,european,call,0,65,0.25,0.08,0.08,0.3,,,
strike_negative,european,call,60,-65,0.25,0.08,0.08,0.3,,,
vol_negative,european,call,60,65,0.25,0.08,0.08,-0.3,,,
years_negative,european,call,60,65,-0.25,0.08,0.08,0.3,,,
rate_text,european,call,60,65,0.25,eight,0.08,0.3,,,
vol_empty,european,call,60,65,0.25,0.08,0.08,,,,
nan,european,call,nan,65,0.25,0.08,0.08,0.3,,,
option_unknown,european,Call,60,65,0.25,0.08,0.08,0.3,,,
family_unknown,european_option,call,60,65,0.25,0.08,0.08,0.3,,,
family_not_priced,perpetual,call,60,65,0.25,0.08,0.08,0.3,,,
not_its_column,european,call,60,65,0.25,0.08,0.08,0.3,cash,,
not_its_number,european,call,60,65,0.25,0.08,0.08,0.3,,,70
payoff_missing,digital,call,60,65,0.25,0.08,0.08,0.3,,,
payoff_unknown,digital,call,60,65,0.25,0.08,0.08,0.3,gold,,
cash_negative,digital,call,60,65,0.25,0.08,0.08,0.3,cash,-1,
short,european,call,60
too_extreme,european,call,1e300,1e-300,0.25,1e300,1e300,0.3,,,
fine_too,digital,call,60,65,0.25,0.08,0.08,0.3,cash,5,
CSV
expect 65 "$tailbit" price bad.csv
python3 -I - <<'PYTHON' || fail "bad rows are not told as they should be"
import csv
rows = list(csv.DictReader(open("stdout")))
told = {"spot0": "spot", "strike_negative": "strike", "vol_negative": "vol", "years_negative": "expiry_years",
        "rate_text": "rate", "vol_empty": "vol", "nan": "spot", "option_unknown": "call | put",
        "family_unknown": "known: european, digital, inverse", "family_not_priced": "perpetual", "not_its_column": "payoff",
        "not_its_number": "barrier", "payoff_missing": "payoff", "payoff_unknown": "cash | asset",
        "cash_negative": "cash", "": "cells where the header has", "too_extreme": "extreme"}
assert len(rows) == 19
for number, row in enumerate(rows, start=2):
    if row["id"].startswith("fine"):
        assert float(row["value"]) > 0 and row["error"] == "", row
        continue
    assert row["value"] == "", row
    assert row["error"].startswith(f"line {number}: "), row
    assert told[row["id"]] in row["error"], row
PYTHON

# Limits: at expiry the payoff, without vol the certain gain; wings keep their relative accuracy.
cat >limits.csv <<CSV
$header
in_the_money,european,call,70,65,0,0.05,0.05,0.3
out_of_the_money,european,put,70,65,0,0.05,0.05,0.3
no_vol,european,call,100,90,1,0,0,0
far,european,call,100,400,0.05,0,0,0.5
CSV
expect 0 "$tailbit" price limits.csv
expect_cells 1 5 1 0 0
expect_cells 2 0 0 0 0
expect_cells 3 10 1 0 0
python3 -I - <<'PYTHON' || fail "the far wing is not accurate"
import math
stdev = 0.5 * math.sqrt(0.05)
d1 = math.log(0.25) / stdev + 0.5 * stdev
below = lambda z: 0.5 * math.erfc(-z / math.sqrt(2))
value = float(open("stdout").read().splitlines()[4].split(",")[1])
exact = 100 * below(d1) - 400 * below(d1 - stdev)
assert 0 < value and math.isclose(value, exact, rel_tol=1e-10), (value, exact)
PYTHON

# Options settled in coin: Black76 over the forward, and what that is in USD, for all rows of the file.
cat >inverse.csv <<CSV
$header
coin,inverse,call,95000,100000,0.25,0.9,0.05,0.6
coin_put,inverse,put,95000,100000,0.25,0.9,0.05,0.6
usd,european,call,60,65,0.25,0.08,0.08,0.3
bad,inverse,call,0,65,0.25,0.08,0.08,0.3
expired,inverse,call,100,80,0,0,0,0.3
CSV
expect 65 "$tailbit" price inverse.csv
same "$(head -n 1 stdout)" id,value,delta,gamma,vega,theta,rho,value_usd,delta_usd,delta_net,error "the header with inverse rows"
cp stdout inverse.out
cat inverse.csv | expect 65 "$tailbit" price /dev/stdin
cmp stdout inverse.out || fail "a pipe is priced otherwise than a file"
expect 65 "$tailbit" price inverse.csv --json
python3 -I - <<'PYTHON' || fail "inverse options are not priced as they should be"
import csv, json, math
rows = {row["id"]: row for row in csv.DictReader(open("inverse.out"))}
below = lambda z: 0.5 * math.erfc(-z / math.sqrt(2))
forward, stdev = 95000 * math.exp(0.05 * 0.25), 0.6 * math.sqrt(0.25)
d1 = math.log(forward / 1e5) / stdev + 0.5 * stdev
for name, sign in (("coin", 1), ("coin_put", -1)):
    row = {key: float(value) for key, value in rows[name].items() if key not in ("id", "error")}
    value = sign * (below(sign * d1) - 1e5 / forward * below(sign * (d1 - stdev)))
    delta_usd = sign * below(sign * d1)
    wanted = {"value": value, "value_usd": 95000 * value, "delta_usd": delta_usd, "delta_net": delta_usd - value,
              "delta": (delta_usd - value) / 95000}
    for key, number in wanted.items():
        assert math.isclose(row[key], number, rel_tol=1e-11), (name, key, row[key], number)
assert [rows["usd"][key] for key in ("value_usd", "delta_usd", "delta_net", "error")] == ["", "", "", ""], rows["usd"]
assert rows["bad"]["error"].startswith("line 5: spot"), rows["bad"]
assert math.isclose(float(rows["expired"]["value"]), 0.2, rel_tol=1e-15), rows["expired"]
told = json.load(open("stdout"))
assert [row["id"] for row in told] == list(rows), told
for row in told:
    for key, value in row.items():
        cell = rows[row["id"]][key]
        assert value is None and cell == "" or value == cell or float(cell) == value, (row["id"], key)
PYTHON

# On simulated paths: the value beside its standard error, Greeks empty; the others are where they were.
echo '{"schema": "tailbit.model/1", "underlyings": {"XYZ": {"spot_vol": {"kind": "constant", "vol": 0.3}}}}' >model.json
expect 0 "$tailbit" price good.csv --model model.json
empty stderr
cp stdout paths.out
expect 0 "$tailbit" price good.csv --model model.json --paths 1000000 --steps 1 --seed 42
cmp stdout paths.out || fail "the defaults of --paths, --steps and --seed are others"
expect 0 "$tailbit" price good.csv --model model.json --paths 200000 --steps 5 --seed 7 --json
python3 -I - <<'PYTHON' || fail "prices on paths are not Haug's"
import csv, json
text = open("paths.out").read()
assert text.startswith("id,value,delta,gamma,vega,theta,rho,se,error\n"), text
rows = list(csv.DictReader(text.splitlines()))
told = json.load(open("stdout"))
assert [row["id"] for row in rows] == [row["id"] for row in told] == ["haug", "future", "empty_carry"], rows
assert rows[0]["value"] == rows[2]["value"], rows
for paths, row in ((1_000_000, rows[0]), (200_000, told[0])):
    value, se = float(row["value"]), float(row["se"])
    assert abs(value - 2.1333684449162) < 4 * se and 3.5 < se * paths ** 0.5 < 6, row    # sd 4.5
    assert not any(row[greek] for greek in ("delta", "gamma", "vega", "theta", "rho", "error")), row
assert set(told[0]) == {"id", "value", "delta", "gamma", "vega", "theta", "rho", "se", "error"}, told
PYTHON

# Rows without paths have their reason; of options in coin the value in USD is there too.
expect 65 "$tailbit" price inverse.csv --model model.json --paths 1000
python3 -I - <<'PYTHON' || fail "prices in coin on paths are not as they should be"
import csv, math
rows = {row["id"]: row for row in csv.DictReader(open("stdout"))}
assert math.isclose(float(rows["coin"]["value_usd"]), 95000 * float(rows["coin"]["value"]), rel_tol=1e-12), rows["coin"]
assert rows["coin"]["delta_usd"] == rows["usd"]["value_usd"] == "", rows
assert rows["bad"]["error"].startswith("line 5: spot") and rows["bad"]["se"] == "", rows["bad"]
assert rows["expired"]["error"].startswith("line 6: expiry_years 0 "), rows["expired"]
PYTHON

# What does not go together.
for flag in --paths --steps --seed; do
  expect 64 "$tailbit" price good.csv "$flag" 10
  says stderr "$flag requires --model"
  empty stdout
done
for flags in "--paths 1" "--paths 1e6" "--steps 0" "--seed -1"; do
  read -r -a words <<<"$flags"
  expect 64 "$tailbit" price good.csv --model model.json "${words[@]}"
  says stderr "${words[1]}"
done
expect 66 "$tailbit" price good.csv --model missing.json
says stderr "missing.json" "no such file"
empty stdout
cp model.json two.json
edit two.json 'd["underlyings"]["ABC"] = d["underlyings"]["XYZ"]'
expect 78 "$tailbit" price good.csv --model two.json
says stderr "two.json:/underlyings: there are 2 underlyings" "leave one"
empty stdout
cp model.json t.json
edit t.json 'd["innovations"] = {"kind": "student_t", "dof": 4}'
expect 78 "$tailbit" price good.csv --model t.json
says stderr "t.json:/innovations/kind" "infinite" "max_move"
edit t.json 'd["innovations"]["max_move"] = 0.05; d["innovations"]["period"] = "92d"'
expect 0 "$tailbit" price order.csv --model t.json --paths 10000
says stderr "warning:" "were cut at max_move"

# Files that are no lists of contracts.
echo "$header,colour" >unknown_column.csv
expect 65 "$tailbit" price unknown_column.csv
says stderr "unknown_column.csv:line 1" '"colour"'
empty stdout
echo "id,family,option,spot,strike,expiry_years,rate,carry" >no_vol.csv
expect 65 "$tailbit" price no_vol.csv
says stderr "no_vol.csv:line 1" '"vol" is missing'
: >nothing.csv
expect 65 "$tailbit" price nothing.csv
says stderr "nothing.csv" "is empty"
expect 66 "$tailbit" price missing.csv
says stderr "missing.csv" "no such file"
echo "$header" >no_rows.csv
expect 0 "$tailbit" price no_rows.csv
same "$(wc -l <stdout)" 1 "the lines of an empty list"
echo ok
