#!/usr/bin/env bash
# `import deribit-chain`: a venue's chain to a market with fitted surfaces, quotes, a report, and a book to run.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

# Recomputes what an import wrote from its own files: vols from prices, fitted vols from slices, who is inside, counts.
# Slices must have no butterfly (Gatheral and Jacquier 2014, g >= 0) and no calendar arbitrage on a grid.
cat >check_import.py <<'PYTHON'
import csv, json, math, sys
from datetime import datetime

folder = sys.argv[1]
market, report = (json.load(open(f"{folder}/{name}.json")) for name in ("market", "import_report"))
with open(f"{folder}/quotes.csv", newline="") as file:
    rows = list(csv.DictReader(file))
assert list(rows[0]) == ("instrument underlying expiry option strike forward open_interest bid ask mark bid_vol ask_vol "
                         "mark_vol fit_vol residual inside use").split(), list(rows[0])
seconds = lambda text: int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
years_to = lambda expiry: (seconds(expiry) - seconds(market["as_of"])) / (365 * 86400)
near = lambda a, b, tolerance: abs(a - b) <= tolerance
normal = lambda x: 0.5 * math.erfc(-x / math.sqrt(2))


def black(call, forward, strike, years, vol):
    """Price and vega."""
    stdev = vol * math.sqrt(years)
    d1 = math.log(forward / strike) / stdev + stdev / 2
    sign = 1 if call else -1
    vega = forward * math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi) * math.sqrt(years)
    return sign * (forward * normal(sign * d1) - strike * normal(sign * (d1 - stdev))), vega


def svi(s, k):
    """Total variance with its first two derivatives."""
    x = k - s["m"]
    root = math.hypot(x, s["sigma"])
    return s["a"] + s["b"] * (s["rho"] * x + root), s["b"] * (s["rho"] + x / root), s["b"] * s["sigma"] ** 2 / root ** 3


def butterfly(s, k):
    w, slope, curvature = svi(s, k)
    return (1 - k * slope / (2 * w)) ** 2 - slope ** 2 / 4 * (1 / w + 0.25) + curvature / 2


assert report["as_of"] == market["as_of"]
assert report["rows"] == report["imported"] + len(report["dropped"]) and report["imported"] == len(rows)
assert sorted(market["underlyings"]) == sorted(report["underlyings"]) == sorted({r["underlying"] for r in rows})
slices = {}
for name, u in market["underlyings"].items():
    assert u["spot"] == report["underlyings"][name]["spot"] and u["surface"]["kind"] == "svi"
    told = report["underlyings"][name]["expiries"]
    dates = [s["expiry"] for s in u["surface"]["slices"]]
    assert dates == sorted({r["expiry"] for r in rows if r["underlying"] == name})
    assert dates == [e["expiry"] for e in told]
    assert [(f["expiry"], f["forward"]) for f in u["forwards"]] == [(e["expiry"], e["forward"]) for e in told]
    grid = [0.02 * i for i in range(-150, 151)]
    for s, e in zip(u["surface"]["slices"], told):
        slices[name, s["expiry"]] = s
        assert list(s["fit"]) == "options two_sided inside marks median_width rms".split()
        assert all(s["fit"][key] == e[key] for key in s["fit"]), (name, s, e)
        stdev = math.sqrt(svi(s, 0)[0])
        assert all(butterfly(s, k * 10 * stdev / 3) > -1e-9 for k in grid), (name, s)
    for early, late in zip(u["surface"]["slices"], u["surface"]["slices"][1:]):
        assert all(svi(late, k)[0] >= svi(early, k)[0] - 1e-12 for k in grid), (name, early, late)

number = lambda cell: float(cell) if cell else None
count = {key: dict(options=0, two_sided=0, inside=0, marks=0, widths=[], misses=[]) for key in slices}
judged, uses = [], {}
for r in rows:
    key = r["underlying"], r["expiry"]
    forward, strike, years = float(r["forward"]), float(r["strike"]), years_to(r["expiry"])
    bid, ask, bid_vol, ask_vol, mark_vol, fit_vol = (number(r[c]) for c in "bid ask bid_vol ask_vol mark_vol fit_vol".split())
    unit = 1 if "_USD" in r["instrument"] else forward
    call = r["option"] == "call"
    for price, vol in ((bid, bid_vol), (ask, ask_vol)):
        assert price is None or price > 0, r
        if vol is not None:
            value, vega = black(call, forward, strike, years, vol)
            assert near(value, price * unit, 6e-7 * vega + 1e-9 * forward), r
    assert near(fit_vol, math.sqrt(svi(slices[key], math.log(strike / forward))[0] / years), 6e-7), r
    out = strike >= forward if call else strike <= forward
    two_sided = out and bid_vol is not None and ask_vol is not None and bid_vol < ask_vol
    assert bool(r["inside"]) == two_sided, r
    if two_sided and min(abs(fit_vol - bid_vol + 0.005), abs(fit_vol - ask_vol - 0.005)) > 2e-6:
        assert (r["inside"] == "yes") == (bid_vol - 0.005 <= fit_vol <= ask_vol + 0.005), r
    if bid_vol is not None and ask_vol is not None:
        assert near(number(r["residual"]), fit_vol - (bid_vol + ask_vol) / 2, 2e-6), r
    elif mark_vol is not None:
        assert near(number(r["residual"]), fit_vol - mark_vol, 2e-6), r
    if two_sided:
        assert r["use"] == "fitted", r
    elif mark_vol is None:
        assert r["use"].startswith("not fitted: "), r
    else:  # marks in the money serve where an expiry has nothing else
        assert r["use"] == "mark fitted" or not out and r["use"] == "not fitted: in the money", r
    uses[r["use"]] = uses.get(r["use"], 0) + 1
    c = count[key]
    c["options"] += 1
    c["marks"] += r["use"] == "mark fitted"
    if two_sided:
        c["two_sided"] += 1
        c["inside"] += r["inside"] == "yes"
        c["widths"].append(ask_vol - bid_vol)
        c["misses"].append(fit_vol - (bid_vol + ask_vol) / 2)
        if 2 <= 365 * years <= 365:
            judged.append(r["inside"] == "yes")
assert uses == report["quotes"], uses
for key, c in count.items():
    fit = slices[key]["fit"]
    assert all(c[k] == fit[k] for k in ("options", "two_sided", "inside", "marks")), (key, c, fit)
    w = sorted(c["widths"])
    if w:
        assert near(fit["median_width"], (w[(len(w) - 1) // 2] + w[len(w) // 2]) / 2, 2e-6), (key, fit)
        assert near(fit["rms"], math.sqrt(sum(x * x for x in c["misses"]) / len(w)), 2e-6), (key, fit)
fit = report["fit"]
assert fit["expiries"] == fit["expiries_fitted"] == len(slices), fit
assert (fit["two_sided"], fit["inside"]) == (len(judged), sum(judged)), fit
for key in ("two_sided", "inside"):
    assert fit[key + "_all_expiries"] == sum(c[key] for c in count.values()), fit
assert (fit["from_days"], fit["to_days"]) == (2, 365), fit
assert fit["inside_share"] == (sum(judged) / len(judged) if judged else None), fit
print(folder + ":", len(rows), "of", report["rows"], "rows,", len(slices), "expiries,", sum(judged), "of", len(judged), "inside")
PYTHON
checked() { # FOLDER
  python3 -I check_import.py "$1" || fail "$1: the files of the import do not say what its prices say"
}

# --- The sample's chain ---

sample=$root/configs/samples/intraday/chain.csv
expect 0 "$tailbit" import deribit-chain "$sample" --out plain
empty stderr
says stdout "imported 414 of 414 rows as of 2026-01-15T10:00:00Z (latest quote)" "expiries fitted: 16 of 16"
same "$(cd plain && echo ./*)" "./import_report.json ./market.json ./quotes.csv" "files of an import"
same "$(json plain/import_report.json dropped)" "[]" "options dropped"
same "$(json plain/import_report.json source)" chain.csv "name of the source"
same "$(json plain/import_report.json source_sha256)" "$(sha256sum <"$sample" | cut -d ' ' -f 1)" "digest of the source"
checked plain
expect 0 "$tailbit" import deribit-chain "$sample" --out printed --json
python3 -I -c 'import json; assert json.load(open("stdout")) == json.load(open("plain/import_report.json"))' || fail "--json is not the report"

# Neither the order of the rows nor the path matters to the market.
(head -n 1 "$sample"; tail -n +2 "$sample" | sort -r) >reversed.csv
expect 0 "$tailbit" import deribit-chain reversed.csv --out reversed
cmp plain/market.json reversed/market.json || fail "the market depends on the order of the rows"
cmp <(sort plain/quotes.csv) <(sort reversed/quotes.csv) || fail "the quotes depend on the order of the rows"

# --- Flags ---

expect 0 "$tailbit" import deribit-chain "$sample" --out marks --mark-vols
same "$(cd marks && echo ./*)" "./import_report.json ./instruments.json ./market.json ./quotes.csv" "files with --mark-vols"
python3 -I - "$sample" <<'PYTHON' || fail "instruments.json is not the chain with its mark vols"
import csv, json, sys
chain = {row["instrument_name"]: row for row in csv.DictReader(open(sys.argv[1]))}
instruments = json.load(open("marks/instruments.json"))["instruments"]
assert [i["id"] for i in instruments] == sorted(chain)
for i in instruments:
    row = chain[i["id"]]
    assert i["family"] == "european" and i["settlement"] == "coin" and i.get("multiplier", 1) == 1, i
    assert i["vol"] == float(row["implied_volatility"]) and i["strike"] == float(row["strike"]), i
    assert i["option"] == row["option_type"] and i["expiry"][:10] == row["expiry_datetime"][:10], i
PYTHON

expect 0 "$tailbit" import deribit-chain "$sample" --out earlier --as-of 2026-01-15T09:00:00Z
same "$(json earlier/market.json as_of)" 2026-01-15T09:00:00Z "as_of in the market"
same "$(json earlier/import_report.json as_of_from)" given "where as_of is from"
checked earlier
expect 64 "$tailbit" import deribit-chain "$sample" --out x --as-of yesterday
says stderr "yesterday" "--as-of"
expect 64 "$tailbit" import deribit-chain "$sample" --out x --as-of 2026-01-15
expect 65 "$tailbit" import deribit-chain "$sample" --out x --as-of 2027-01-15T09:00:00Z
says stderr "chain.csv" "expired"

# --- A book over the chain: it depends on the seed and the chain only ---

expect 0 "$tailbit" import deribit-chain "$sample" --out one --book 7 --positions 300
says stdout "tailbit run one/run.json"
expect 0 "$tailbit" import deribit-chain "$sample" --out two --book 7 --positions 300
expect 0 "$tailbit" import deribit-chain "$sample" --out other --book 8 --positions 300
same "$(cd one && echo ./*)" "./book.csv ./import_report.json ./market.json ./model.json ./quotes.csv ./run.json" "files with --book"
for file in book.csv market.json quotes.csv model.json run.json; do
  cmp one/$file two/$file || fail "$file differs between two imports with the same seed"
done
cmp one/market.json plain/market.json || fail "--book changes the market"
if cmp -s one/book.csv other/book.csv; then fail "another seed, the same book"; fi
same "$(wc -l <one/book.csv)" 301 "lines of a book of 300 positions"
expect 0 "$tailbit" import deribit-chain "$sample" --out default --book 7
same "$(wc -l <default/book.csv)" 1001 "lines of a book of the usual size"
expect 0 "$tailbit" init book --from-market plain --seed 7 --positions 300
cmp stdout one/book.csv || fail "--book makes another book than init book"
expect 0 "$tailbit" run one/run.json --device cpu --quiet --scenarios 5000
whole_result one/results
# The options with the vol that each is marked at, in place of the surface.
edit one/run.json 'd["instruments"] = "../marks/instruments.json"'
expect 0 "$tailbit" run one/run.json --device cpu --quiet --scenarios 5000 --out marked
[[ $(digest marked) != "$(digest one/results)" ]] || fail "mark vols change nothing"

# --- Rows that cannot be used are dropped and listed, with line and reason ---

python3 -I - "$sample" <<'PYTHON'
import csv, sys
with open(sys.argv[1], newline="") as file:
    rows = list(csv.reader(file))
column = {name: i for i, name in enumerate(rows[0])}


def spoil(line, name, value):
    rows[line - 1][column[name]] = value


spoil(2, "implied_volatility", "4x")
spoil(3, "option_type", "straddle")
spoil(4, "strike", "91501")
spoil(5, "expiry_datetime", "2026-01-14T08:00:00Z")
spoil(6, "instrument_name", "BTC-14JAN26-92500-C")
spoil(6, "expiry_datetime", "2026-01-14T08:00:00Z")
spoil(8, "instrument_name", "BTC-PERPETUAL")
rows.append(rows[9])
rows[10] = rows[10][:-1]
with open("spoiled.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows(rows)
PYTHON
expect 0 "$tailbit" import deribit-chain spoiled.csv --out spoiled
python3 -I - <<'PYTHON' || fail "dropped rows are not told as they should be"
import json
report = json.load(open("spoiled/import_report.json"))
dropped = {row["where"]: row["reason"] for row in report["dropped"]}
kinds = {where: reason.partition(":")[0] for where, reason in dropped.items()}
assert kinds == {"line 2": "malformed", "line 3": "malformed", "line 4": "malformed", "line 5": "malformed", "line 6": "expired",
                 "line 8": "a perpetual", "line 11": "malformed", "line 416": "repeated"}, dropped
assert report["rows"] == 415 and report["imported"] == 407, report["rows"]
for where, what in (("line 2", "4x"), ("line 3", "straddle"), ("line 4", "91501"), ("line 5", "2026-01-14"), ("line 416", "line 10")):
    assert what in dropped[where], dropped[where]
PYTHON
says stdout "imported 407 of 415 rows" "8 rows dropped, reasons in spoiled/import_report.json"
checked spoiled

# --- What a row lacks is made up for where it can be, and told ---

# Without published vols the marks' vols are implied by their prices; without marks there are quotes; without both, no surface.
python3 -I - "$sample" <<'PYTHON'
import csv, sys
with open(sys.argv[1], newline="") as file:
    rows = list(csv.DictReader(file))


def write(name, **blank):
    with open(name, "w", newline="") as file:
        out = csv.DictWriter(file, rows[0], lineterminator="\n")
        out.writeheader()
        out.writerows({**row, **blank} for row in rows)


write("no_vols.csv", implied_volatility="")
write("no_quotes.csv", bid_price="", ask_price="")
write("no_marks.csv", implied_volatility="", mark_price="")
write("nothing_priced.csv", bid_price="", ask_price="", implied_volatility="", mark_price="")
PYTHON
for name in no_vols no_quotes no_marks; do
  expect 0 "$tailbit" import deribit-chain $name.csv --out $name
  checked $name
done
cmp <(cut -d , -f 11,12 no_vols/quotes.csv) <(cut -d , -f 11,12 plain/quotes.csv) || fail "bid and ask vols depend on the published vols"
same "$(json no_quotes/import_report.json fit.two_sided)" 0 "two-sided quotes of a chain without any"
same "$(json no_quotes/import_report.json fit.inside_share)" None "share of no quotes"
expect 65 "$tailbit" import deribit-chain nothing_priced.csv --out x
says stderr "nothing_priced.csv" "BTC" "give a chain with quotes or marks"

# --- Files that are no chains ---

expect 66 "$tailbit" import deribit-chain missing.csv --out x
says stderr "missing.csv" "no such file"
: >nothing.csv
expect 65 "$tailbit" import deribit-chain nothing.csv --out x
says stderr "nothing.csv" "is empty"
head -n 1 "$sample" >header.csv
expect 65 "$tailbit" import deribit-chain header.csv --out x
says stderr "header.csv"
expect 65 "$tailbit" import deribit-chain "$root/configs/samples/intraday/book.csv" --out x
says stderr "book.csv"
[[ ! -e x ]] || fail "a failed import left a folder"
expect 73 "$tailbit" import deribit-chain "$sample" --out "$sample/x"
says stderr "cannot be created"
expect 64 "$tailbit" import okx-chain "$sample" --out x
expect 64 "$tailbit" import deribit-chain "$sample"
expect 64 "$tailbit" import deribit-chain "$sample" --out x --book x
expect 64 "$tailbit" import deribit-chain "$sample" --out x --book 1 --positions 0

# --- Real chains, where the maintainers' data are: every layout, every expiry, and a day's risk of a large book ---

chains=("$root"/../shared/data/market/options/*.csv)
[[ -e ${chains[0]} ]] || skip "the real chains are not there (all checks on the sample chain passed)"
for chain in "${chains[@]}"; do
  name=$(basename "$chain" .csv)
  expect 0 "$tailbit" import deribit-chain "$chain" --out "$name"
  same "$(json "$name/import_report.json" rows)" "$(($(wc -l <"$chain") - 1))" "rows of $name"
  checked "$name"
done
for name in deribit_chain_BTC_ETH_20260124T0353Z_calm deribit_chain_BTC_ETH_20260204T2133Z_precrash \
  deribit_chain_BTC_ETH_20260205T2129Z_stress deribit_chain_BTC_ETH_20260206T1551Z_rebound; do
  python3 -I -c '
import json, sys
fit = json.load(open(sys.argv[1] + "/import_report.json"))["fit"]
assert fit["inside_share"] >= 0.97 and fit["expiries_fitted"] == fit["expiries"] == 24 and fit["shape_from_neighbours"] == 0, fit' \
    "$name" || fail "$name: the surface is not at the market"
done
for name in deribit_chain_BTC_ETH_20260204T2133Z_precrash deribit_chain_BTC_ETH_20260205T2129Z_stress; do
  expect 0 "$tailbit" init book --from-market "$name" --positions 20000 --seed 3 --out "B-$name"
  expect 0 "$tailbit" run "B-$name/run.json" --device cpu --quiet --scenarios 100000
  whole_result "B-$name/results"
  python3 -I - "B-$name/results/summary.json" <<'PYTHON' || fail "$name has no VaR and ES"
import json, math, sys
summary = json.load(open(sys.argv[1]))
assert summary["positions"] >= 20000 and summary["scenarios"] == 100000 and summary["horizon_seconds"] == 86400
book = [m for m in summary["measures"] if m["group"] == "book"]
assert [m["level"] for m in book] == [0.95, 0.99, 0.999]
assert all(math.isfinite(m["var"]) and m["es"] >= m["var"] for m in book) and book[0]["var"] <= book[1]["var"] <= book[2]["var"]
PYTHON
done
echo ok
