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
