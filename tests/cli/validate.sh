#!/usr/bin/env bash
# `validate`: reads and checks everything, prints the plan, runs and writes nothing.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job
expect 0 "$tailbit" validate job/run.json
says stdout contracts positions memory_bytes "The inputs are valid"
[[ ! -e job/results ]] || fail "validate wrote results"
expect 0 "$tailbit" validate job/run.json --json
cp stdout plan.json
same "$(json plan.json schema)" tailbit.plan/1 "schema of the plan"

# The plan is that of the run.
expect 0 "$tailbit" run job/run.json --device cpu --quiet
for field in positions coin_cash_positions contracts base_value gross_notional quantum scenarios steps as_of; do
  same "$(json plan.json $field)" "$(json job/results/summary.json $field)" "$field of plan and run"
done
same "$(python3 -I -c 'import json; print(int(json.load(open("plan.json"))["reprices"]))')" \
  "$(json job/results/summary.json reprices)" "reprices of plan and run"
# Every contract of the book, and the coins that its coin-settled perpetuals and futures have earned.
python3 -I - <<'PYTHON' || fail "the plan does not count the book"
import csv, json
rows, plan = list(csv.DictReader(open("job/book.csv"))), json.load(open("plan.json"))
earned = [row for row in rows if row["entry_price"] and "_USDC" not in row["instrument"]]
assert plan["positions"] == len(rows) and plan["coin_cash_positions"] == len(earned) == 18, plan
assert not {"BTC", "ETH"} & {row["instrument"] for row in rows}
assert plan["contracts"] == len({row["instrument"] for row in rows}) + 2, plan
PYTHON
same "$(json plan.json underlyings)" 2 "underlyings of the sample"

# Flags count as they do for a run.
expect 0 "$tailbit" validate job/run.json --json --scenarios 5000 --precision single
cp stdout flags.json
same "$(json flags.json scenarios)" 5000 "scenarios by flag"
expect 78 "$tailbit" validate job/run.json --scenarios 999
says stderr "/levels/2" "at least 1000 scenarios"

# What has no effect is told, and not an error.
edit job/market.json 'd["underlyings"]["BTC"]["liquidity"] = {"half_spread_bps": 2}'
expect 0 "$tailbit" validate job/run.json
says stderr "tailbit: warning: job/market.json:/underlyings/BTC/liquidity: has no effect"

# All problems in one go, up to twenty; then how many more there are.
edit job/run.json 'd.update(horizon="soon", steps=0, group_by=["desc"], seed="x")'
expect 78 "$tailbit" validate job/run.json
says stderr "/horizon" "/steps" "/group_by/0" "/seed"
edit job/market.json 'd["underlyings"]["ETH"]["spot"] = 0'
expect 78 "$tailbit" validate job/run.json
says stderr "job/run.json:/horizon" "job/market.json:/underlyings/ETH/spot"
edit job/run.json 'd.update(horizon="1d", steps=1, group_by=["desk"], seed=1)'
sed -i 's/,\([^,]*\)$/,x\1/' job/book.csv
sed -i '1s/,x/,/' job/book.csv
expect 65 "$tailbit" validate job/run.json
says stderr "job/market.json:/underlyings/ETH/spot" "job/book.csv:line 2:" "job/book.csv:line 20:" "more problems"
same "$(wc -l <stderr)" 21 "lines of messages"
[[ -z $(find job -newer plan.json -name '*.part') ]] || fail "validate left files"
echo ok
