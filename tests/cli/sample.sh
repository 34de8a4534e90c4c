#!/usr/bin/env bash
# The sample set-up in configs/samples/intraday is what `tailbit init` writes. If this fails because the generator was
# changed on purpose:
#
#   cd configs/samples && tailbit init --out intraday --force && ../../tests/golden/update.sh TAILBIT
#
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

expect 0 "$tailbit" init --out intraday
empty stderr
says stdout "tailbit run intraday/run.json"
sample=$root/configs/samples/intraday
same "$(cd intraday && echo ./*)" "$(cd "$sample" && echo ./*)" "files of the sample"
for file in intraday/*; do
  cmp "$file" "$sample/$(basename "$file")" || fail "configs/samples/$file is not what \`tailbit init\` writes: make it anew (see the top of $0)"
done

# Nobody's files are overwritten unasked. Once more, and in another folder: no path and no clock is in it.
expect 73 "$tailbit" init --out intraday
says stderr "intraday/chain.csv" "--force"
expect 0 "$tailbit" init --out intraday --force
mkdir -p other/place
expect 0 "$tailbit" init --out other/place --seed 7 --positions 1000
diff -r intraday other/place || fail "the set-up depends on where it is made"
diff -r intraday "$sample" || fail "a second init writes something else"

# It runs as it is, and holds what the pages show: both settlements, dated futures, perpetuals, contracts of nobody's list.
expect 0 "$tailbit" run intraday/run.json --device cpu --quiet
whole_result intraday/results
python3 -I - <<'PYTHON' || fail "the sample lacks something"
import csv, json, re
rows = list(csv.DictReader(open("intraday/book.csv")))
names = {row["instrument"] for row in rows}
assert len(rows) == 1000, len(rows)
for form in (r"BTC-\d+[A-Z]{3}26-\d+-C", r"ETH-\d+[A-Z]{3}26-\d+-P", "BTC-PERPETUAL", "ETH_USDC-PERPETUAL", r"BTC-\d+[A-Z]{3}26"):
    assert any(re.fullmatch(form, name) for name in names), form
otc = {i["id"]: i for i in json.load(open("intraday/instruments.json"))["instruments"]}
assert set(otc) <= names and {i["family"] for i in otc.values()} == {"digital", "european"}, otc.keys()
assert {i["settlement"] for i in otc.values()} == {"usd", "coin"}
report = json.load(open("intraday/import_report.json"))
assert report["imported"] == report["rows"] and report["fit"]["inside_share"] >= 0.97, report["fit"]
summary = json.load(open("intraday/results/summary.json"))
assert summary["positions"] == len(rows) and summary["coin_cash_positions"] > 0 and not summary["warnings"], summary["warnings"]
PYTHON
echo ok
