#!/usr/bin/env bash
# `import`: a chain of Deribit's to a market, instruments, and a book to run.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample=$root/configs/samples/intraday/chain.csv
expect 0 "$tailbit" import deribit-chain "$sample" --out plain
says stdout "imported 352 of 352 options as of 2026-01-15T10:00:00Z into plain"
same "$(cd plain && echo ./*)" "./import_report.json ./instruments.json ./market.json" "files of an import without a book"
same "$(json plain/import_report.json imported)" 352 "options imported"
same "$(json plain/import_report.json dropped)" "[]" "options dropped"
cmp plain/market.json "$root/configs/samples/intraday/market.json" || fail "the sample's market is not what its chain gives"
cmp plain/instruments.json "$root/configs/samples/intraday/instruments.json" || fail "nor its instruments"

# The book depends on the seed and the chain only.
expect 0 "$tailbit" import deribit-chain "$sample" --out one --book 7
says stdout "tailbit run one/run.json"
expect 0 "$tailbit" import deribit-chain "$sample" --out two --book 7
expect 0 "$tailbit" import deribit-chain "$sample" --out other --book 8
for file in book.csv instruments.json market.json model.json run.json; do
  cmp one/$file two/$file || fail "$file differs between two imports with the same seed"
done
if cmp -s one/book.csv other/book.csv; then fail "another seed, the same book"; fi
(head -n 1 "$sample"; tail -n +2 "$sample" | sort -r) >reversed.csv
expect 0 "$tailbit" import deribit-chain reversed.csv --out reversed --book 7
for file in instruments.json market.json model.json; do
  cmp one/$file reversed/$file || fail "$file depends on the order of the rows"
done
expect 0 "$tailbit" run one/run.json --device cpu --quiet --scenarios 5000
whole_result one/results
python3 -I - <<'PYTHON' || fail "the book's desks are not hedged"
import csv
rows = list(csv.DictReader(open("one/book.csv")))
assert {row["desk"] for row in rows} == {"alpha", "beta", "gamma"}
assert sum(row["instrument"] in ("BTC", "ETH") for row in rows) == 6
assert len({row["position_id"] for row in rows}) == len(rows)
PYTHON

# Rows that cannot be used are dropped and listed, with line and reason.
spoil() { # LINE OLD NEW
  sed -i "$1s/$2/$3/" spoiled.csv
}
cp "$sample" spoiled.csv
spoil 2 ',0\.4569,' ',,'
spoil 3 ',0\.4569,' ',0.0001,'
spoil 4 'call' 'cal'
spoil 5 '2026-01-16T08:00:00+00:00' '2026-01-14T08:00:00+00:00'
sed -n 6p "$sample" >>spoiled.csv
sed -i '7s/,[^,]*$//' spoiled.csv
expect 0 "$tailbit" import deribit-chain spoiled.csv --out spoiled
says stdout "imported 347 of 353 options" "6 rows dropped, reasons in spoiled/import_report.json"
python3 -I - <<'PYTHON' || fail "dropped rows are not told as they should be"
import json
dropped = json.load(open("spoiled/import_report.json"))["dropped"]
assert [row["line"] for row in dropped] == [2, 3, 4, 5, 7, 354], dropped
assert all(row["reason"] for row in dropped)
assert "no vol" in dropped[0]["reason"] and "below" in dropped[1]["reason"] and "listed before" in dropped[5]["reason"], dropped
PYTHON

# Files that are no chains.
expect 66 "$tailbit" import deribit-chain missing.csv --out x
says stderr "missing.csv" "no such file"
: >nothing.csv
expect 65 "$tailbit" import deribit-chain nothing.csv --out x
says stderr "nothing.csv" "is empty"
head -n 1 "$sample" >header.csv
expect 65 "$tailbit" import deribit-chain header.csv --out x
says stderr "header.csv" "no option can be used" "there is no row"
sed '1s/implied_volatility/iv/' "$sample" >no_vol.csv
expect 65 "$tailbit" import deribit-chain no_vol.csv --out x
says stderr "no_vol.csv:line 1" '"implied_volatility" is missing'
sed '2,$s/,0\.[0-9]*,\(-\?[01]\.\)/,,\1/' "$sample" >x.csv
expect 65 "$tailbit" import deribit-chain "$root/configs/samples/intraday/book.csv" --out x
says stderr "book.csv:line 1"
[[ ! -e x ]] || fail "a failed import left a folder"
expect 73 "$tailbit" import deribit-chain "$sample" --out "$sample/x"
says stderr "cannot be created"

# Real chains of 2026, where the maintainers' data are: every option imported, and a day's risk of a book over it.
chains=("$root"/../shared/data/market/options/deribit_chain_BTC_ETH_2026*.csv)
[[ -e ${chains[0]} ]] || skip "the real chains are not there (all checks on the sample chain passed)"
for chain in "${chains[@]}"; do
  name=$(basename "$chain" .csv)
  rows=$(($(wc -l <"$chain") - 1))
  expect 0 "$tailbit" import deribit-chain "$chain" --out "$name" --book 1
  same "$(json "$name/import_report.json" rows)" "$rows" "rows of $name"
  python3 -I - "$name" <<'PYTHON' || fail "$name: a row with a vol was dropped"
import json, sys
report = json.load(open(sys.argv[1] + "/import_report.json"))
assert report["imported"] + len(report["dropped"]) == report["rows"]
bad = [row for row in report["dropped"] if not row["reason"].startswith(("no vol", "vol ", "expired"))]
assert not bad, bad[:3]
print(sys.argv[1], report["imported"], "of", report["rows"])
PYTHON
  expect 0 "$tailbit" run "$name/run.json" --device cpu --quiet --scenarios 100000
  whole_result "$name/results"
  python3 -I - "$name/results/summary.json" <<'PYTHON' || fail "$name has no VaR and ES"
import json, math, sys
summary = json.load(open(sys.argv[1]))
assert summary["scenarios"] == 100000 and summary["horizon_seconds"] == 86400
book = [m for m in summary["measures"] if m["group"] == "book"]
assert [m["level"] for m in book] == [0.95, 0.99, 0.999]
assert all(math.isfinite(m["var"]) and m["es"] >= m["var"] for m in book) and book[0]["var"] <= book[1]["var"] <= book[2]["var"]
PYTHON
done
echo ok
