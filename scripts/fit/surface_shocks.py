"""How much a coin's vol surface moves in a day: the defaults of SurfaceShocks (host/ops/surface_check.hpp).

    surface_shocks.py FEATURES.csv [FROM TO]

FEATURES.csv has, per snapshot, timestamp_utc, currency, and per tenor the at-the-money vol, the 25-delta risk reversal (call
minus put) and butterfly as decimals: atm_iv_30d, rr25_30d, bf25_30d. Only snapshots from FROM on and before TO (dates) count.
The slope of a smile in k = ln(K/F) is the risk reversal over the distance of its two strikes; its move is what is left of it
when the slope of the day before has grown with the level, as the model's does: sigma_1(k) = L sigma_0(k) + y k.
"""

import csv
import datetime
import math
import statistics
import sys

TENORS = (7, 30, 90, 180)  # days
HOURS = 2.4  # what a day between two snapshots may be off by


def slope(days, atm, reversal, butterfly):
    years = days / 365
    z = statistics.NormalDist().inv_cdf(0.75)

    def strike(sign):  # |delta| = N(+-d1) = 1/4, at the wing's own vol
        stdev = (atm + butterfly + sign * reversal / 2) * math.sqrt(years)
        return stdev * stdev / 2 + sign * z * stdev

    return reversal / (strike(1) - strike(-1))


def days_apart(rows):
    """Pairs of snapshots a day apart."""
    for i, (start, *_) in enumerate(rows):
        later = min(rows[i + 1 :], key=lambda row: abs(row[0] - start - 24), default=None)
        if later and abs(later[0] - start - 24) <= HOURS:
            yield rows[i], later


def main(path, first="0001-01-01", last="9999-12-31"):
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if first <= row["timestamp_utc"] < last]
    for coin in sorted({row["currency"] for row in rows}):
        for days in TENORS:
            series = []
            for row in rows:
                values = [row[f"{name}_{days}d"] for name in ("atm_iv", "rr25", "bf25")]
                if row["currency"] == coin and all(values):
                    time = datetime.datetime.fromisoformat(row["timestamp_utc"].replace("Z", "+00:00")).timestamp() / 3600
                    atm, reversal, butterfly = map(float, values)
                    series.append((time, atm, slope(days, atm, reversal, butterfly)))
            moves = [(math.log(b[1] / a[1]), b[2] - a[2] * b[1] / a[1]) for a, b in days_apart(series)]
            levels, slopes = zip(*moves)
            print(
                f"{coin} {days:3} d: {len(moves)} days; standard deviation of a day's move, and per year: log vol"
                f" {statistics.pstdev(levels):.3f} {statistics.pstdev(levels) * math.sqrt(365):.2f}, slope"
                f" {statistics.pstdev(slopes):.4f} {statistics.pstdev(slopes) * math.sqrt(365):.2f}, correlation"
                f" {statistics.correlation(levels, slopes):+.2f}; mean slope {statistics.fmean(s for _, _, s in series):+.2f}"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
