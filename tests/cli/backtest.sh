#!/usr/bin/env bash
# `backtest`: a table, files, a plot, and what is wrong with a series of forecasts.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

# Forecasts of 400 days: a model that is right, one whose VaR and ES are half of it, one whose losses come all at once.
# Outcomes are quantiles of a normal law in a scrambled order, so counts are known: 20 of 400 losses beyond the 95 % VaR.
python3 -I - <<'PYTHON'
import csv, datetime, statistics
law, days = statistics.NormalDist(), 400
losses = [-1e4 * law.inv_cdf(((i * 173 + 57) % days + 0.5) / days) for i in range(days)]
var = 1e4 * law.inv_cdf(0.95)
es = 1e4 * law.pdf(law.inv_cdf(0.95)) / 0.05
date = lambda i: (datetime.date(2024, 1, 1) + datetime.timedelta(i)).isoformat()
rows = [("BTC", model, date(i), 0.95, -loss, factor * var, factor * es, law.cdf(-loss / (factor * 1e4)), "normal")
        for model, factor, order in (("right", 1, losses), ("half <&\">", 0.5, losses), ("sorted", 1, sorted(losses)))
        for i, loss in enumerate(order)]
head = "book model date level outcome var es pit dof".split()
with open("forecasts.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([head, *rows])
with open("losses.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([("date", "outcome", "var"), *((r[2], -r[4], r[5]) for r in rows[:days])])
PYTHON

# --- The table, the files ---

expect 0 "$tailbit" backtest --from-series forecasts.csv --out tests
cp stdout table
says table 'BTC at 0.95: 1 of 3 models passed: right' 'verdict'
same "$(sed -n 2p table | tr -s ' ' | cut -d ' ' -f 1-7)" "BTC right 0.95 400 20 20.0 green" "the first row"
same "$(ls tests | paste -s -d ' ')" "backtest.csv backtest.json backtest.svg exceptions.csv" "the files"
same "$(json tests/backtest.json series.0.verdict.passed)" True "the right model"
same "$(json tests/backtest.json series.1.verdict.rejected_by)" \
  "['kupiec', 'christoffersen_independence', 'christoffersen_coverage', 'acerbi_szekely_z2']" "the half model"
same "$(json tests/backtest.json series.2.verdict.rejected_by)" \
  "['christoffersen_independence', 'christoffersen_coverage']" "the sorted model"
same "$(json tests/backtest.json series.2.exceptions)" 20 "exceptions of the sorted model"
same "$(json tests/backtest.json comparisons.0.better)" right "the better of two"
same "$(grep -c '^BTC,right,0.95,' tests/exceptions.csv)" 20 "the exceptions listed"
python3 -I - <<'PYTHON' || fail "backtest.csv, exceptions.csv or backtest.svg is not what backtest.json says"
import csv, json, xml.dom.minidom
report = json.load(open("tests/backtest.json"))
told = [(s["book"], s["model"], t["test"], t.get("law", ""), t["statistic"], t["rejected"]) for s in report["series"] for t in s["tests"]]
read = [(r["book"], r["model"], r["test"], r["law"], float(r["statistic"]), r["rejected"] == "yes") for r in csv.DictReader(open("tests/backtest.csv"))]
assert told == read and len(read) == 3 * 15, len(read)
for r in csv.DictReader(open("tests/exceptions.csv")):
    assert float(r["beyond_var"]) > 0 and abs(-float(r["outcome"]) - float(r["var"]) - float(r["beyond_var"])) < 1e-6, r
page = xml.dom.minidom.parse("tests/backtest.svg")
assert len(page.getElementsByTagName("circle")) == sum(s["exceptions"] for s in report["series"])
assert not page.getElementsByTagName("script") and not page.getElementsByTagName("image")
assert "href" not in open("tests/backtest.svg").read()
PYTHON
expect 0 "$tailbit" backtest --from-series forecasts.csv --json
equal_json() { python3 -I -c 'import json, sys; a, b = (json.load(open(p)) for p in sys.argv[1:]); sys.exit(a != b)' "$@"; } # A B
equal_json stdout tests/backtest.json || fail "--json is not backtest.json"
expect 0 "$tailbit" backtest --from-series forecasts.csv --out tests
cmp -s stdout table || fail "a second time another table"
expect 0 "$tailbit" backtest --from-series forecasts.csv --json --seed 2
equal_json stdout tests/backtest.json && fail "another seed changes no p-value"

# --- Losses, a level by flag, neither es nor pit ---

expect 0 "$tailbit" backtest --from-series losses.csv --outcome loss --level 0.95 --json
cp stdout losses.json
same "$(json losses.json series.0.exceptions)" 20 "exceptions of losses"
same "$(json losses.json series.0.pit_histogram)" None "a histogram without pit"
same "$(json losses.json series.0.scores.fissler_ziegel)" None "a score without es"
same "$(json losses.json books.0.book)" book "a book without a name"
expect 0 "$tailbit" backtest --from-series losses.csv --outcome pnl --level 0.95 --json
[[ $(json stdout series.0.exceptions) == 20 ]] || fail "the quantiles are symmetric"
expect 0 "$tailbit" backtest --from-series losses.csv --outcome loss --significance 0.3
says stdout 'rejected at 0.3'
head -n 60 losses.csv >short.csv
expect 0 "$tailbit" backtest --from-series short.csv --outcome loss
says stderr "exceptions are expected of all days, too few"

# A pit of losses is not one of profits.
awk -F , 'BEGIN { OFS = "," } NR > 1 { $8 = 1 - $8 } 1' forecasts.csv >mirrored.csv
expect 0 "$tailbit" backtest --from-series mirrored.csv
says stderr "pit and VaR disagree"

# --- What is wrong, with its line ---

bad() { # SED-COMMAND TEXT...
  sed "$1" forecasts.csv >bad.csv
  shift
  expect 65 "$tailbit" backtest --from-series bad.csv --out not
  empty stdout
  says stderr "$@"
  [[ ! -e not ]] || fail "a folder is made for forecasts that are wrong"
}
bad '3s/2024-01-02/2024-01-32/' 'bad.csv:line 3: the date "2024-01-32" is none'
bad '3s/2024-01-02/2024-01-01/' 'bad.csv:line 3: the date "2024-01-01" does not follow "2024-01-01"'
bad '4s/,0.95,/,95,/' 'bad.csv:line 4: the level "95" is out of range'
bad '4s/,0.95,/,0.7,/' 'out of range'
bad '5s/,normal$/,1.5/' 'bad.csv:line 5: dof "1.5" is out of range'
bad '5s/,normal$/,/' 'bad.csv:line 5: dof is missing here and given on the first day'
bad '5s/,normal$//' 'bad.csv:line 5: 8 cells where the header has 9'
bad '1s/outcome/outcom/' 'the column "outcom" is unknown (did you mean "outcome"?)' 'the column "outcome" is missing'
grep -q "no rows" stderr && fail "rows are missed where the header is wrong"
bad '2,$d' 'there are no rows'
bad '8,$d' 'the series has 6 days, too few'
edit_row() { awk -F , -v "column=$1" -v "value=$2" 'BEGIN { OFS = "," } NR == 6 { $column = value } 1' forecasts.csv >bad.csv; }
for case in '5 x outcome "x" is not a number' '6 nan var "nan" is not a number' '7 -5 es "-5" is not above 0' \
  '7 5 es "5" is below var' '8 1.5 pit "1.5" is no probability'; do
  read -r column value text <<<"$case"
  edit_row "$column" "$value"
  expect 65 "$tailbit" backtest --from-series bad.csv
  says stderr "bad.csv:line 6: $text"
done
expect 66 "$tailbit" backtest --from-series absent.csv
expect 64 "$tailbit" backtest --from-series forecasts.csv --level 1
says stderr "a level is a decimal"
expect 64 "$tailbit" backtest --from-series forecasts.csv --outcome profit
expect 64 "$tailbit" backtest --from-series forecasts.csv --simulations 10
touch file
expect 73 "$tailbit" backtest --from-series forecasts.csv --out file
