#!/usr/bin/env python3
"""The book by numpy and scipy (peer_script.py).

What numpy does well is used: the logs of spots are taken once per scenario, puts follow from calls by parity, blocks of
32 options x 1,024 scenarios stay in cache and are computed in place, sums over options are matrix products.
"""

import peer_script

np, scipy, special = peer_script.needs("numpy", "scipy", "scipy.special", pip="numpy scipy")

OPTIONS, SCENARIOS = 32, 1024


def block_profit(own_vols, c, log_spot, spot, out):
    """Adds the profit of the options c (columns by name, each a column vector) in some scenarios to out."""
    x = np.add(np.log(c["growth"] / c["strike"]), log_spot)
    if own_vols:
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
    special.ndtr(e1, out=e1)
    special.ndtr(e2, out=e2)
    # A put is the call less forward and strike.
    weight = c["quantity"] * c["discount"]
    put = np.where(c["call"] > 0.0, 0.0, weight)
    forward, strike = weight * c["growth"], weight * c["strike"]
    out += spot * (forward[:, 0] @ e1 - np.sum(put * c["growth"])) - strike[:, 0] @ e2
    out += np.sum(put * c["strike"]) - np.sum(c["quantity"] * c["value_today"])


def prepare(problem):
    def profit():
        total = np.zeros(problem.spots.shape[1])
        for columns, spots in zip(problem.of, problem.spots):
            log_spots = np.log(spots)
            for i in range(0, len(columns["strike"]), OPTIONS):
                block = {name: column[i : i + OPTIONS] for name, column in columns.items()}
                for j in range(0, len(spots), SCENARIOS):
                    part = slice(j, j + SCENARIOS)
                    block_profit(problem.own_vols, block, log_spots[part], spots[part], total[part])
        return total

    return profit


if __name__ == "__main__":
    peer_script.main(prepare, f"numpy {np.__version__}, scipy {scipy.__version__}")
