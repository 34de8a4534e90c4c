#!/usr/bin/env bash
# `init` and `init book`: books made up over a market. (That `init` writes the sample: sample.sh.)
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample=$root/configs/samples/intraday
mkdir market
cp "$sample"/{market.json,quotes.csv} market

# --- The same seed makes the same book, another seed another ---

expect 0 "$tailbit" init book --from-market market --out one --seed 3
empty stderr
says stdout "tailbit run one/run.json"
expect 0 "$tailbit" init book --from-market market --out two --seed 3
expect 0 "$tailbit" init book --from-market market --out other --seed 4
same "$(cd one && echo ./*)" "./book.csv ./model.json ./run.json" "files of init book"
diff -r one two || fail "two books of one seed differ"
if cmp -s one/book.csv other/book.csv; then fail "another seed, the same book"; fi
cmp one/model.json other/model.json || fail "the model depends on the seed"

# The market may be a folder or its market.json; without --out the book is printed.
expect 0 "$tailbit" init book --from-market market/market.json --out file --seed 3
diff -r one file || fail "a market by its file makes another book than by its folder"
expect 0 "$tailbit" init book --from-market market --seed 3
cmp stdout one/book.csv || fail "the book that is printed is another"
empty stderr
expect 0 "$tailbit" init book --from-market market --seed 3 --json
python3 -I - <<'PYTHON' || fail "the book as JSON is not the book as CSV"
import csv, json
text = lambda value: "" if value is None else str(value)
numbers = lambda row: [float(row[key]) if row.get(key) not in ("", None) else None for key in ("quantity", "entry_price")]
rows, positions = list(csv.DictReader(open("one/book.csv"))), json.load(open("stdout"))["positions"]
assert len(rows) == len(positions)
for row, position in zip(rows, positions):
    assert numbers(row) == numbers(position), (row, position)
    assert all(row[key] == text(position.get(key)) for key in row if key not in ("quantity", "entry_price")), (row, position)
PYTHON

# The paths in run.json count from it, wherever the command ran.
mkdir -p far/away
(cd far/away && expect 0 "$tailbit" init book --from-market ../../market --out ../book --seed 3)
expect 0 "$tailbit" validate far/book/run.json
cmp far/book/book.csv one/book.csv || fail "the book depends on where the command runs"

# --- As many positions as asked for ---

for count in 1 5 100 20000; do
  expect 0 "$tailbit" init book --from-market market --seed 5 --positions $count
  same "$(($(wc -l <stdout) - 1))" $count "positions of a book of $count"
done
expect 0 "$tailbit" init book --from-market market
same "$(($(wc -l <stdout) - 1))" 1000 "positions of a book of the usual size"

# --- What is in it: computed from the files in plain Python ---

cat >check_book.py <<'PYTHON'
import csv, json, math, sys
from datetime import datetime

folder, book = sys.argv[1:]
market = json.load(open(folder + "/market.json"))
rows = list(csv.DictReader(open(book)))
listed = {row["instrument"]: row for row in csv.DictReader(open(folder + "/quotes.csv"))}
moment = lambda text: datetime.fromisoformat(text.replace("Z", "+00:00"))
years_to = lambda date: (date - moment(market["as_of"])).total_seconds() / (365 * 86400)
listed_date = lambda text: datetime.strptime(text + "+0000", "%d%b%y%z").replace(hour=8)
normal = lambda x: 0.5 * math.erfc(-x / math.sqrt(2))

def forward(coin, date):
    for f in market["underlyings"][coin]["forwards"]:
        if moment(f["expiry"]) == date:
            return f["forward"]
    raise KeyError((coin, date))

def delta(name):
    """Of one unit, in coin: the change of its USD value per 1 USD of spot, vol and carry unchanged; and its kind."""
    parts = name.split("-")
    coin, linear = parts[0].removesuffix("_USDC"), parts[0].endswith("_USDC")
    spot = market["underlyings"][coin]["spot"]
    if parts[1] == "PERPETUAL":
        return coin, 1.0 if linear else 1.0 / spot, "linear perpetual" if linear else "inverse perpetual"
    date = listed_date(parts[1])
    f, years = forward(coin, date), years_to(date)
    if len(parts) == 2:
        return coin, f / spot if linear else 1.0 / f, "future"
    strike = float(parts[2].replace("d", "."))
    s = next(s for s in market["underlyings"][coin]["surface"]["slices"] if moment(s["expiry"]) == date)
    x = math.log(strike / f) - s["m"]
    stdev = math.sqrt(s["a"] + s["b"] * (s["rho"] * x + math.hypot(x, s["sigma"])))
    n1 = normal(math.log(f / strike) / stdev + stdev / 2)
    value = n1 - (parts[3] == "P")  # of S N(d1) - K S/F N(d2) USD, S/F unchanged
    return coin, value * (f / spot if linear else 1.0), "option"

kinds, options, all_deltas, count, traded = {}, {}, {}, {}, {}
signs = [0, 0]
for row in rows:
    assert all(row[key] for key in ("position_id", "account", "desk", "venue", "counterparty", "instrument")), row
    quantity = float(row["quantity"])
    assert quantity != 0, row
    coin, unit, kind = delta(row["instrument"])
    kinds[coin, kind] = kinds.get((coin, kind), 0) + 1
    key = row["desk"], coin
    all_deltas[key] = all_deltas.get(key, 0) + quantity * unit
    if kind == "option":
        assert row["instrument"] in listed and not row["entry_price"], row
        options[key] = options.get(key, 0) + quantity * unit
        signs[quantity > 0] += 1
        count[row["instrument"]] = count.get(row["instrument"], 0) + 1
        traded[row["instrument"]] = traded.get(row["instrument"], 0) + abs(quantity)
    else:
        assert abs(float(row["entry_price"]) / market["underlyings"][coin]["spot"] - 1) < 0.06, row
assert len({row["position_id"] for row in rows}) == len(rows)
assert 0.4 < signs[1] / sum(signs) < 0.6, signs
for key, low in (("desk", 3), ("account", 6), ("venue", 2), ("counterparty", 3)):
    assert len({row[key] for row in rows}) >= low, key
for coin in market["underlyings"]:
    for kind in ("inverse perpetual", "linear perpetual", "future", "option"):
        assert kinds.get((coin, kind)), (coin, kind, kinds)
# Each desk's delta in each coin is hedged, but for a tenth.
assert len(options) == 3 * len(market["underlyings"])
for key, before in options.items():
    assert abs(all_deltas[key]) <= 0.101 * abs(before) + 0.01, (key, before, all_deltas[key])

# Contracts come up by their open interest in USD (Spearman's correlation, per coin), and less is held than is open.
def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    out = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last < len(order) and values[order[last]] == values[order[first]]:
            last += 1
        for i in order[first:last]:
            out[i] = (first + last - 1) / 2
        first = last
    return out

for coin in market["underlyings"]:
    names = [name for name, row in listed.items() if row["underlying"] == coin]
    interest = [float(listed[name]["open_interest"]) for name in names]
    a, b = ranks([count.get(name, 0) for name in names]), ranks(interest)
    mean = (len(names) - 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b))
    rho = covariance / math.sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))
    if len(rows) >= 20000:
        assert rho > 0.9, (coin, rho)
        share = sum(traded.get(name, 0) for name in names) / sum(interest)
        assert 0.05 < share < 0.2, (coin, share)
    else:
        assert rho > 0.4, (coin, rho)
PYTHON
for count in 1000 20000; do
  for seed in 3 4; do
    expect 0 "$tailbit" init book --from-market market --seed $seed --positions $count
    cp stdout book.csv
    python3 -I check_book.py market book.csv || fail "a book of $count positions from seed $seed is not a market maker's"
  done
done

# --- It runs ---

expect 0 "$tailbit" init book --from-market market --out big --positions 20000 --seed 3
expect 0 "$tailbit" run big/run.json --device cpu --quiet --scenarios 2000
whole_result big/results
same "$(json big/results/summary.json positions)" 20000 "positions of the run"
for count in 1 5; do
  expect 0 "$tailbit" init book --from-market market --out small$count --positions $count
  expect 0 "$tailbit" run small$count/run.json --device cpu --quiet --scenarios 2000
done

# --- A market that no quotes lie beside: options at round strikes of its own expiries ---

mkdir bare
cp market/market.json bare
expect 0 "$tailbit" init book --from-market bare --out over --positions 500 --seed 3
if cmp -s over/book.csv <("$tailbit" init book --from-market market --positions 500 --seed 3); then
  fail "the quotes beside a market do not count"
fi
expect 0 "$tailbit" run over/run.json --device cpu --quiet --scenarios 2000
whole_result over/results
cat >flat.json <<'JSON'
{"schema": "tailbit.market/1", "as_of": "2026-01-15T10:00:00Z", "underlyings": {
  "DOGE": {"spot": 0.31, "forwards": [{"expiry": "2026-02-27", "forward": 0.312}], "surface": {"kind": "flat", "vol": 0.9}},
  "SOL": {"spot": 140, "surface": {"kind": "quotes", "quotes": [
    {"expiry": "2026-03-27", "strike": 120, "vol": 0.8}, {"expiry": "2026-03-27", "strike": 140, "vol": 0.75},
    {"expiry": "2026-03-27", "strike": 170, "bid_vol": 0.74, "ask_vol": 0.78}]}},
  "XRP": {"spot": 2}}}
JSON
expect 0 "$tailbit" init book --from-market flat.json --out flat --positions 400
grep -q ',DOGE-27FEB26-0d3-C,' flat/book.csv || fail "no option on DOGE at its spot: $(head -n 5 flat/book.csv)"
if grep -q ',XRP' flat/book.csv; then fail "an option without a vol"; fi
expect 0 "$tailbit" run flat/run.json --device cpu --quiet --scenarios 2000
whole_result flat/results
same "$(json flat/model.json underlyings.DOGE.spot_vol.vol)" 0.9 "vol of DOGE in the model"

# --- A set-up of another size and seed ---

expect 0 "$tailbit" init --out fresh --positions 50 --seed 9
expect 0 "$tailbit" run fresh/run.json --device cpu --quiet --scenarios 2000
whole_result fresh/results
same "$(json fresh/results/summary.json positions)" 50 "positions, those in contracts of nobody's list included"
if cmp -s fresh/chain.csv "$sample/chain.csv"; then fail "another seed, the same chain"; fi

# --- Nothing that is there is replaced unasked ---

for file in book.csv model.json run.json; do
  mkdir "has $file"
  echo mine >"has $file/$file"
  expect 73 "$tailbit" init book --from-market market --out "has $file" --seed 3
  says stderr "has $file/$file" "is there already" "--force"
  expect 73 "$tailbit" init --out "has $file"
  same "$(cd "has $file" && echo ./* && cat ./*)" "./$file
mine" "what was there"
  expect 0 "$tailbit" init book --from-market market --out "has $file" --seed 3 --force
  diff -r "has $file" one || fail "--force writes something else"
done

# --- Mistakes ---

refused() { # CODE TEXT... -- ARGUMENTS
  local code=$1 texts=()
  shift
  while [[ $1 != -- ]]; do
    texts+=("$1")
    shift
  done
  shift
  expect "$code" "$tailbit" init "$@"
  says stderr "${texts[@]}"
  [[ ! -e x ]] || fail "a failed init left a folder: init $*"
}
refused 64 "--out" --
refused 64 "--from-market" -- book
for number in 0 -1 1.5 x 1e3 "" 100000000000; do
  refused 64 "--positions" -- --out x --positions "$number"
  refused 64 "--positions" -- book --from-market market --out x --positions "$number"
done
for number in -1 1.5 x 18446744073709551616; do
  refused 64 "--seed" -- book --from-market market --out x --seed "$number"
done
refused 66 "missing.json" "no such file" -- book --from-market missing.json --out x
mkdir empty
refused 66 "empty/market.json" "no such file" -- book --from-market empty --out x
edit flat.json 'd["underlyings"] = {"XRP": {"spot": 2}}'
refused 65 "no option to hold" "give an underlying a surface and forwards" -- book --from-market flat.json --out x
edit flat.json 'd["underlyings"]["XRP"]["spot"] = -2'
refused 65 "flat.json:/underlyings/XRP/spot" -- book --from-market flat.json --out x
cp -r market broken
sed -i '2s/,call,/,/' broken/quotes.csv
refused 65 "broken/quotes.csv:line 2" "import the chain again" -- book --from-market broken --out x
cp market/quotes.csv broken
sed -i '3s/BTC-[^,]*/BTC-soon/' broken/quotes.csv
refused 65 "broken/quotes.csv:line 3" "BTC-soon" -- book --from-market broken --out x
refused 73 "cannot be created" -- book --from-market market --out flat.json/x
echo ok
