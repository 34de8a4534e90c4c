#!/usr/bin/env python3
"""Revalues a book of European options with numpy and scipy; run by tailbit_bench (numpy.cpp).

    numpy_black.py FOLDER REPEATS

FOLDER holds, as little-endian binary64, contracts.f64 (rows as in COLUMNS, sorted by underlying) and spots.f64
(underlyings x scenarios, their number in sizes.txt). Writes profit.f64; prints "numpy A, scipy B" and then the processor
seconds of each repeat, one a line.

What numpy does well is used: the logs of spots are taken once per scenario, puts follow from calls by parity, blocks of
32 options x 1,024 scenarios stay in cache and are computed in place, sums over options are matrix products.
"""

import os
import sys

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import time

import numpy as np
import scipy
from scipy.special import ndtr

COLUMNS = "underlying call strike quantity years growth discount vol a b rho m s value_today".split()
OPTIONS, SCENARIOS = 32, 1024


def block_profit(c, log_spot, spot, out):
    """Adds the profit of the options c (columns by name, each a column vector) in some scenarios to out."""
    x = np.add(np.log(c["growth"] / c["strike"]), log_spot)
    if c["vol"][0, 0] > 0.0:
        stdev = c["vol"] * np.sqrt(c["years"])
        e1 = np.multiply(x, 1.0 / stdev, out=x)
        e1 += 0.5 * stdev
    else:
        distance = -x
        distance -= c["m"]
        stdev = np.square(distance)
        stdev += c["s"] ** 2
        np.sqrt(stdev, out=stdev)
        distance *= c["rho"]
        stdev += distance
        stdev *= c["b"]
        stdev += c["a"]
        np.sqrt(stdev, out=stdev)
        e1 = np.divide(x, stdev, out=x)
        e1 += np.multiply(stdev, 0.5, out=distance)
    e2 = e1 - stdev
    ndtr(e1, out=e1)
    ndtr(e2, out=e2)
    # A put is the call less forward and strike.
    weight = c["quantity"] * c["discount"]
    put = np.where(c["call"] > 0.0, 0.0, weight)
    forward, strike = weight * c["growth"], weight * c["strike"]
    out += spot * (forward[:, 0] @ e1 - np.sum(put * c["growth"])) - strike[:, 0] @ e2
    out += np.sum(put * c["strike"]) - np.sum(c["quantity"] * c["value_today"])


def profit(contracts, spots):
    total = np.zeros(spots.shape[1])
    underlyings = contracts[:, 0].astype(int)
    for u in range(spots.shape[0]):
        rows = contracts[underlyings == u]
        log_spots = np.log(spots[u])
        for i in range(0, len(rows), OPTIONS):
            columns = {name: rows[i : i + OPTIONS, j : j + 1] for j, name in enumerate(COLUMNS)}
            for j in range(0, spots.shape[1], SCENARIOS):
                part = slice(j, j + SCENARIOS)
                block_profit(columns, log_spots[part], spots[u, part], total[part])
    return total


def main(folder, repeats):
    with open(os.path.join(folder, "sizes.txt"), encoding="ascii") as file:
        underlyings = int(file.read())
    contracts = np.fromfile(os.path.join(folder, "contracts.f64")).reshape(-1, len(COLUMNS))
    spots = np.fromfile(os.path.join(folder, "spots.f64")).reshape(underlyings, -1)
    profit(contracts, spots).tofile(os.path.join(folder, "profit.f64"))
    print(f"numpy {np.__version__}, scipy {scipy.__version__}")
    for _ in range(repeats):
        start = time.process_time()
        profit(contracts, spots)
        print(time.process_time() - start)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
