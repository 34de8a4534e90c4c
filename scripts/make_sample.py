#!/usr/bin/env python3
"""Makes the sample in configs/samples/intraday: an invented option chain in Deribit's CSV layout of 2026 and, given the
program, the inputs of a run imported from it.

    scripts/make_sample.py                           only chain.csv
    scripts/make_sample.py --tailbit build/tailbit   chain.csv and, by `tailbit import`, all inputs of the run

No number in it was observed on any market. The same script always makes the same bytes.
"""

import argparse
import csv
import json
import math
import pathlib
import subprocess
from datetime import datetime, timezone

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "configs" / "samples" / "intraday"
AS_OF = datetime(2026, 1, 15, 10, tzinfo=timezone.utc)
EXPIRIES = [datetime(2026, *day, 8, tzinfo=timezone.utc)
            for day in [(1, 16), (1, 17), (1, 23), (1, 30), (2, 27), (3, 27), (6, 26), (12, 25)]]
YEAR = 365 * 86400
# Strikes stand this many standard deviations from the forward, before they are rounded to the venue's grid.
DEVIATIONS = [-2.5, -1.9, -1.4, -0.9, -0.4, 0.0, 0.4, 0.9, 1.4, 1.9, 2.5]
COINS = {
    # long_vol is what vols tend to at long expiries; short_vol what they add to it at short ones.
    "BTC": dict(spot=95000.0, carry=0.045, long_vol=0.46, short_vol=-0.10, skew=-0.06, steps=[250, 500, 1000, 5000], tick=0.0001,
                interest=900.0),
    "ETH": dict(spot=3300.0, carry=0.038, long_vol=0.66, short_vol=-0.09, skew=-0.04, steps=[10, 25, 50, 100], tick=0.0001,
                interest=9000.0),
}
COLUMNS = ("timestamp,instrument_name,underlying,underlying_name,option_type,strike,expiry_datetime,time_to_maturity,bid_price,"
           "ask_price,mark_price,mid_price,futures_price,futures_instrument_name,implied_volatility,delta,vega,open_interest,"
           "volume,bid_ask_spread,currency,index_price,volume_usd").split(",")


def uniform(name):
    """A number in [0, 1) that depends on the name only (FNV-1a, stirred)."""
    x = 0xCBF29CE484222325
    for byte in name.encode():
        x = (x ^ byte) * 0x100000001B3 % 2**64
    x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9 % 2**64
    return ((x ^ (x >> 32)) >> 11) / 2**53


def at_the_money_vol(coin, years):
    return coin["long_vol"] + coin["short_vol"] * math.exp(-4.0 * years)


def smile_vol(coin, years, deviation):
    """A smile with SVI's shape in standard deviations from the forward: total variance a + b (rho x + sqrt(x^2 + s^2))."""
    a, b, s = 0.72, 0.20, 1.4
    variance = a + b * (coin["skew"] * 10 * deviation / (1 + 2 * years) + math.sqrt(deviation**2 + s**2))
    return round(at_the_money_vol(coin, years) * math.sqrt(variance), 4)


def strikes(coin, forward, years):
    stdev = at_the_money_vol(coin, years) * math.sqrt(years)
    step = max([s for s in coin["steps"] if s < 0.25 * stdev * forward], default=coin["steps"][0])
    return sorted({step * round(forward * math.exp(d * stdev) / step) for d in DEVIATIONS})


def normal_cdf(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def black(sign, forward, strike, stdev):
    """Undiscounted value and delta (Black 1976), and vega per unit of standard deviation."""
    d1 = math.log(forward / strike) / stdev + stdev / 2
    value = sign * (forward * normal_cdf(sign * d1) - strike * normal_cdf(sign * (d1 - stdev)))
    return value, sign * normal_cdf(sign * d1), forward * math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)


def option_row(name, coin, expiry, strike, kind):
    years = (expiry - AS_OF).total_seconds() / YEAR
    forward = round(coin["spot"] * math.exp(coin["carry"] * years), 2)
    date = f"{expiry.day}{expiry:%b%y}".upper()
    instrument = f"{name}-{date}-{strike}-{kind[0].upper()}"
    deviation = math.log(strike / forward) / (at_the_money_vol(coin, years) * math.sqrt(years))
    vol = smile_vol(coin, years, deviation)
    value, delta, vega = black(1 if kind == "call" else -1, forward, strike, vol * math.sqrt(years))
    mark = value / forward
    tick = coin["tick"]
    spread = max(1, round(mark * 0.03 / tick))
    bid, ask = max(0, math.floor(mark / tick) - spread + 1) * tick, (math.floor(mark / tick) + spread) * tick
    volume = round(0.2 * coin["interest"] * uniform("volume " + instrument) * math.exp(-abs(deviation)), 1)
    interest = round(coin["interest"] * uniform(instrument) * math.exp(-0.4 * abs(deviation)), 1)
    quoted = [round(x, 6) for x in (bid, ask, (bid + ask) / 2, ask - bid)] if bid > 0 else ["", round(ask, 6), "", ""]
    return [AS_OF.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"), instrument, forward, f"{name}-{date}", kind, float(strike),
            expiry.isoformat(), years, quoted[0], quoted[1], round(mark, 8), quoted[2], forward, f"{name}-{date}", vol,
            round(delta, 5), round(vega * math.sqrt(years) / 100, 5), interest, volume, quoted[3], name, coin["spot"],
            round(volume * value, 2)]


def chain():
    for name, coin in COINS.items():
        for expiry in EXPIRIES:
            years = (expiry - AS_OF).total_seconds() / YEAR
            for strike in strikes(coin, coin["spot"] * math.exp(coin["carry"] * years), years):
                for kind in ("call", "put"):
                    yield option_row(name, coin, expiry, strike, kind)


def write_chain():
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "chain.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(chain())


def write_run():
    """The importer's config, with the path simulated hourly and the exposure seen before the horizon too."""
    path = FOLDER / "run.json"
    run = json.loads(path.read_text())
    run.update(steps=24, exposure_dates=["8h", "1d"])
    path.write_text("{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in run.items()) + "\n}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tailbit", help="the program, to import the chain with")
    program = parser.parse_args().tailbit
    write_chain()
    if program:
        # From within the folder, so that the report names the chain as readers of the sample find it.
        command = [str(pathlib.Path(program).resolve()), "import", "deribit-chain", "chain.csv", "--out", ".", "--book", "7"]
        subprocess.run(command, check=True, cwd=FOLDER)
        write_run()


if __name__ == "__main__":
    main()
