#!/usr/bin/env bash
# scripts/february_2026 from chains to page, with market data that is made up: what the future changes, and what it must not.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"
command=$root/scripts/february_2026

expect 0 "$command" --self-test
expect 77 "$command" data "$tailbit" --out page.md
says stdout "SKIP: no market data in data" precrash prices/ETHUSDT vol/DERIVED
[[ ! -e page.md ]] || fail "a page of no data"

# Chains by Black (1976) on a smile that falls with the strike; spots with common shocks and jumps; vol indices and surfaces that revert. What is
# drawn for the time behind the forecast depends on the argument, and so do all rows from then on.
cat >make.py <<'PYTHON'
import csv, datetime, math, random, statistics, sys
from pathlib import Path

folder, future = Path(sys.argv[1]), int(sys.argv[2])
UTC = datetime.timezone.utc
AS_OF = datetime.datetime(2026, 2, 4, 21, 33, 8, tzinfo=UTC)
N = statistics.NormalDist().cdf
SPOT, VOL, GRID = {"BTC": 73000.0, "ETH": 2140.0}, {"BTC": 0.5, "ETH": 0.75}, {"BTC": 1000, "ETH": 50}
EXPIRIES = [(datetime.datetime(2026, m, d, 8, tzinfo=UTC), listed) for m, d, listed in ((2, 13, 1), (2, 20, 0), (2, 27, 1), (3, 27, 1), (4, 24, 0))]
for name in ("options", "prices", "vol"):
    (folder / name).mkdir(parents=True)


def write(name, header, rows):
    with open(folder / name, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header.split(","), *rows])


def chain(name, time, move, richer):
    rows = []
    for coin, start in SPOT.items():
        spot = start * move
        for expiry, listed in EXPIRIES:
            years = (expiry - time).total_seconds() / 31536000
            forward, label = spot * math.exp(0.04 * years), f"{coin}-{expiry.day}{expiry:%b%y}".upper()
            for strike in sorted({round(start * (0.7 + 0.05 * k) / GRID[coin]) * GRID[coin] for k in range(13)}):
                k = math.log(strike / forward)
                vol = VOL[coin] * richer - 0.15 * k + 0.3 * k * k
                d1 = -k / (vol * math.sqrt(years)) + vol * math.sqrt(years) / 2
                call = N(d1) - math.exp(k) * N(d1 - vol * math.sqrt(years))
                for kind, mark in (("call", call), ("put", call - 1 + math.exp(k))):
                    mark = max(mark, 1e-6)
                    rows.append([time.isoformat(), f"{label}-{strike}-{kind[0].upper()}", forward, label if listed else f"SYN.{label}", kind, strike,
                                 expiry.isoformat(), mark * 0.98, mark * 1.02, mark, vol, coin, spot])
    header = "timestamp,instrument_name,underlying,underlying_name,option_type,strike,expiry_datetime,bid_price,ask_price,mark_price,implied_volatility"
    write(f"options/deribit_chain_BTC_ETH_{name}.csv", header + ",currency,index_price", rows)


chain("20260204T2133Z_precrash", AS_OF, 1.0, 1.0)
chain("20260205T2129Z_stress", AS_OF + datetime.timedelta(seconds=86189), 0.87, 1.5)
chain("20260206T1551Z_rebound", AS_OF + datetime.timedelta(seconds=152293), 0.94, 1.2)

random.seed(1)
price, dvol, first = {"BTC": 55000.0, "ETH": 1700.0}, {"BTC": 0.0, "ETH": 0.0}, datetime.date(2021, 3, 10)
rows = {name: [] for name in ("BTC", "ETH", "dBTC", "dETH")}
for day in range(1820):
    date = first + datetime.timedelta(day)
    if date == datetime.date(2026, 2, 4):  # its close comes after the forecast
        random.seed(1000 + future)
    common, jump = random.gauss(0, 1), random.random() < 0.03
    for coin in SPOT:
        z = 0.8 * common + 0.6 * random.gauss(0, 1)
        size = 0.02 * z * math.exp(0.4 * random.gauss(0, 1)) + (random.gauss(-0.02, 0.08) if jump else 0)
        price[coin] *= math.exp(size)
        dvol[coin] = 0.98 * dvol[coin] - size / 2 + 0.03 * random.gauss(0, 1)
        rows[coin].append([date, price[coin]])
        rows["d" + coin].append([date, 100 * VOL[coin] * math.exp(dvol[coin])])
for coin in SPOT:
    write(f"prices/{coin}USDT_spot_daily_ohlcv_20190101_20260304.csv", "timestamp,close", rows[coin])
    write(f"vol/deribit_dvol_{coin}_daily_20210324_20260406.csv", "date,close", rows["d" + coin][::-1])

random.seed(2)
x = {coin: [0.0] * 4 for coin in SPOT}
rows, time = [], datetime.datetime(2025, 12, 30, 21, 33, 8, tzinfo=UTC)
while time < datetime.datetime(2026, 2, 12, tzinfo=UTC):
    if time > AS_OF:
        random.seed(f"{time} {future}")
    for coin in SPOT:
        for k, speed in enumerate((1.0, 0.95, 0.9, 0.8)):
            x[coin][k] = speed * x[coin][k] + random.gauss(0, 1)
        spot, vol, skew, basis = x[coin]
        row = [f"{time:%Y-%m-%dT%H:%M:%SZ}", coin, SPOT[coin] * math.exp(0.01 * spot)]
        for term in (7, 30, 90, 180):
            decay = math.sqrt(30 / term)
            row += [VOL[coin] * math.exp(0.02 * decay * vol), -0.05 + 0.004 * skew, 0.04 + 0.005 * decay * basis]
        rows.append(row)
    time += datetime.timedelta(hours=6)
header = "timestamp_utc,currency,index_price," + ",".join(f"atm_iv_{t}d,rr25_{t}d,basis_ann_{t}d" for t in (7, 30, 90, 180))
write("vol/DERIVED_deribit_surface_features_6h_20251230_20260531.csv", header, rows)
PYTHON
python3 -I make.py data 1
python3 -I make.py other 2
! diff -rq data other >differ || fail "the future is the same"
same "$(wc -l <differ)" 5 "histories that differ"

expect 0 "$command" data "$tailbit" --out page.md --scenarios 2000 --work work
expect 0 "$command" data "$tailbit" --out again.md --scenarios 2000
cmp -s page.md again.md || fail "a second time another page"
expect 0 "$command" other "$tailbit" --out other.md --scenarios 2000
cmp -s page.md other.md || fail "forecasts see the future: $(diff page.md other.md | head -n 20)"
same "$(grep -cE '^    (BTC|ETH|all).* (Gaussian|jumps|Student-t|GARCH-t|implied-t|snapshots) ' page.md)" 84 "forecasts"
says page.md "BTC-27FEB26-73000-C" "ETH-13FEB26-2150-P" "152,280    141" "2,000 scenarios, seed 20260204"

# Realised profits, computed anew: what options are worth by Black on the chain's forward, and the future's coins.
python3 -I - <<'PYTHON' || fail "realised profits are not what the chains say"
import csv, re
chains = [{r["instrument_name"]: r for r in csv.DictReader(open(f"data/options/deribit_chain_BTC_ETH_{n}.csv"))}
          for n in ("20260204T2133Z_precrash", "20260205T2129Z_stress", "20260206T1551Z_rebound")]
worth = lambda chain, name: float(chain[name]["mark_price"]) * float(chain[name]["index_price"])
book = [r for r in csv.DictReader(open("work/book.csv"))]
checked = 0
for table, chain in zip(re.split(r"\n## ", open("page.md").read().split("## What came, in three ways")[1])[0].split("To ")[1:], chains[1:]):
    for desk in dict.fromkeys(r["desk"] for r in book):
        expected = 0.0
        for r in (r for r in book if r["desk"] == desk):
            name, quantity = r["instrument"], float(r["quantity"])
            if name.count("-") == 3:
                expected += quantity * (worth(chain, name) - worth(chains[0], name))
            else:
                before, after = (next(o for o in c.values() if o["underlying_name"] == name) for c in (chains[0], chain))
                expected += quantity * (1 / float(before["underlying"]) - 1 / float(after["underlying"])) * float(after["index_price"])
        row = next(line for line in table.splitlines() if line.startswith(f"    {desk} "))
        by_run, by_price, _, by_marks, _ = (float(x.replace(",", "")) for x in row[len(desk) + 4:].split())
        assert abs(by_marks - expected) < 1, (row, expected)
        assert abs(by_price - by_run) < 20 and abs(by_marks - by_run) < 3000, row
        checked += 1
assert checked == 12, checked
PYTHON

# What is wrong is said in one line.
sed -i 's/BTC-27FEB26-73000-C/BTC-27FEB26-73500-C/' data/options/*stress.csv
expect 1 "$command" data "$tailbit" --out page.md --scenarios 2000
says stderr "february_2026: "
