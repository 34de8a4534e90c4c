#!/usr/bin/env python3
"""Exact loss laws of option books whose underlyings are independent, given common factors: tests/data/portfolio_laws.json.

    portfolio_laws.py OUT.json [ORACLE.json]

Given the t mixing variable W and the common factor M the underlyings are independent, so the book's conditional law is a
convolution. Where prices are exponentials of t variates no loss beyond `CAP` is told apart: VaR is as it is, mean and ES do not
exist and are left out. Each underlying's loss is put on a lattice (the mass of each cell of its normal is split linearly between two
lattice points, which keeps the mean), lattices are convolved by FFT, and P(L > v) and E[(L - v)+] are averaged over W and M
by the trapezoidal rule in their normal quantiles. VaR by bisection. No Monte Carlo. With ORACLE.json (portfolios_exact.json)
its cases are computed as well and the largest relative difference is printed: 2e-7 or so.
"""
import json
import sys

import numpy as np
from scipy.special import ndtr
from scipy.stats import chi2

LEVELS = [0.9, 0.95, 0.975, 0.99, 0.995, 0.999]
LATTICE = 1 << 15
CELLS = 60000
EDGE = 9.0
CAP = 3e5


def value(leg, spot, passed, r, q):
    kind, strike, expiry, quantity, vol = leg
    if kind == "fwd":
        return quantity * spot
    left = expiry - passed
    sign = 1.0 if kind == "call" else -1.0
    stdev = vol * np.sqrt(left)
    with np.errstate(divide="ignore"):
        d1 = (np.log(spot / strike) + (r - q) * left) / stdev + 0.5 * stdev
    return quantity * sign * (spot * np.exp(-q * left) * ndtr(sign * d1) - strike * np.exp(-r * left) * ndtr(sign * (d1 - stdev)))


def infinite(spec):
    return spec["spot_model"] == "lognormal" and spec["dependence"]["kind"] == "multivariate_t"


def loss(spec, group, x):
    root = group["sigma"] * np.sqrt(spec["horizon"])
    if spec["spot_model"] == "arithmetic_normal":
        spot = np.maximum(group["S0"] * (1.0 + root * x), 1e-12)
    else:
        drift = (spec.get("drift", 0.0) - 0.5 * group["sigma"] ** 2) * spec["horizon"]
        spot = group["S0"] * np.exp(np.clip(drift + root * x, -50.0, 50.0))
    before = sum(value(leg, np.array(group["S0"]), 0.0, spec["r"], spec["q"]) for leg in group["legs"])
    change = before - sum(value(leg, spot, spec["horizon"], spec["r"], spec["q"]) for leg in group["legs"])
    return np.clip(change, -CAP, CAP) if infinite(spec) else change


def normal_nodes(width, edge):
    z = np.arange(-edge, edge + 0.5 * width, width)
    return z, width * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)


def conditional(spec, centre, scale):
    """Lattice law of the book's loss where every X = centre + scale Z."""
    z = np.linspace(-EDGE, EDGE, CELLS)
    mass = np.exp(-0.5 * z * z)
    mass /= mass.sum()
    parts = [(g["count"], loss(spec, g, centre + scale * z)) for g in spec["groups"]]
    # 8 deviations of the sum suffice where it is light-tailed; the range is that of all scenarios together, if less.
    mean = sum(n * (mass @ l) for n, l in parts)
    low = sum(n * (mass @ l - l.min()) for n, l in parts)
    high = sum(n * (l.max() - mass @ l) for n, l in parts)
    stdev = np.sqrt(sum(n * (mass @ (l - mass @ l) ** 2) for n, l in parts))
    widest = max(l.max() - l.min() for _, l in parts)
    step = 1.02 * min(low + high, max(14.0 * stdev, 1.05 * widest)) / LATTICE
    spectrum, origin = 1.0, 0.0
    for n, l in parts:
        at = (l - l.min()) / step
        k = at.astype(int)
        share = at - k
        pmf = np.bincount(k, mass * (1.0 - share), LATTICE * 2) + np.bincount(k + 1, mass * share, LATTICE * 2)
        spectrum = spectrum * np.fft.rfft(pmf) ** n
        origin += n * l.min()
    pmf = np.maximum(np.fft.irfft(spectrum, LATTICE * 2), 0.0)
    # Aliased modulo the lattice's length: unwrap around the mean.
    points = origin + step * np.arange(LATTICE * 2)
    length = step * LATTICE * 2
    points -= length * np.floor((points - mean) / length + 0.5)
    order = np.argsort(points)
    return points[order], pmf[order], step


def law(spec):
    dependence = spec["dependence"]
    rho = dependence.get("rho", 0.0)
    scales, weights = np.array([1.0]), np.array([1.0])
    if dependence["kind"] == "multivariate_t":
        nu = dependence["nu"]
        y, weights = normal_nodes(0.1, 8.5)
        chi = np.where(y < 0.0, chi2.ppf(ndtr(y), nu), chi2.isf(ndtr(-y), nu))
        matched = (nu - 2.0) / nu if dependence.get("variance_matched", True) else 1.0
        scales = np.sqrt(nu / chi * matched)
    common, common_weights = normal_nodes(0.1, 8.5) if rho > 0.0 else (np.array([0.0]), np.array([1.0]))
    laws = []
    for scale, w in zip(scales, weights):
        for m, wm in zip(common, common_weights):
            if w * wm < 1e-16:
                continue
            points, pmf, step = conditional(spec, np.sqrt(rho) * m * scale, np.sqrt(1.0 - rho) * scale)
            above = np.cumsum(pmf[::-1])[::-1]
            # P(L > v) between two points, and E[(L - v)+] = integral of it.
            edges = points - 0.5 * step
            moment = np.cumsum((pmf * points)[::-1])[::-1]
            laws.append((w * wm, edges, above, points, moment, pmf))
    return laws


def beyond(laws, v):
    return sum(w * np.interp(v, edges, above, left=1.0, right=0.0) for w, edges, above, _, _, _ in laws)


def excess(laws, v):
    total = 0.0
    for w, _, above, points, moment, _ in laws:
        k = np.searchsorted(points, v)
        if k < len(points):
            total += w * (moment[k] - v * above[k])
    return total


def exact(spec):
    laws = law(spec)
    mean = sum(w * (pmf @ points) for w, _, _, points, _, pmf in laws)
    variance = sum(w * (pmf @ (points - mean) ** 2) for w, _, _, points, _, pmf in laws)
    out = {"mean": mean, "sd": float(np.sqrt(variance)), "VaR": {}, "ES": {}}
    for level in LEVELS:
        low, high = mean - 50.0 * out["sd"], mean + 200.0 * out["sd"]
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if beyond(laws, middle) > 1.0 - level else (low, middle)
        out["VaR"][str(level)] = high
        if not infinite(spec):
            out["ES"][str(level)] = high + excess(laws, high) / (1.0 - level)
    return {"VaR": out["VaR"]} if infinite(spec) else out


def crypto_groups():
    month = 30.0 / 365.0
    return [
        {"S0": 60000.0, "sigma": 0.6, "count": 1, "legs": [["fwd", 0.0, 0.0, -0.5, 0.0], ["call", 70000.0, month, -3.0, 0.55], ["put", 50000.0, month, -2.0, 0.68]]},
        {"S0": 3000.0, "sigma": 0.75, "count": 2, "legs": [["fwd", 0.0, 0.0, 12.0, 0.0], ["put", 2200.0, 2.0 * month, -20.0, 0.9]]},
        {"S0": 150.0, "sigma": 1.0, "count": 3, "legs": [["call", 200.0, month, 50.0, 1.05], ["put", 100.0, month, -40.0, 1.2]]},
    ]


def ghs():
    return [{"S0": 100.0, "sigma": 0.3, "count": 10, "legs": [["call", 100.0, 0.5, -10.0, 0.3], ["put", 100.0, 0.5, -5.0, 0.3]]}]


def specs():
    straddles = {"horizon": 0.04, "r": 0.05, "q": 0.0, "spot_model": "arithmetic_normal", "groups": ghs()}
    crypto = {"horizon": 1.0 / 365.0, "r": 0.02, "q": 0.0, "spot_model": "lognormal", "drift": 0.5, "groups": crypto_groups()}
    for nu in (3, 5, 10):
        yield f"ghs/t{nu}", {**straddles, "dependence": {"kind": "multivariate_t", "nu": nu, "variance_matched": True}}
    yield "ghs/t5_not_matched", {**straddles, "dependence": {"kind": "multivariate_t", "nu": 5, "variance_matched": False}}
    for matched in (True, False):
        t = {"kind": "multivariate_t", "nu": 4, "variance_matched": matched}
        yield "crypto/t4" + ("" if matched else "_not_matched"), {**crypto, "dependence": t}
    yield "ghs/one_factor", {**straddles, "dependence": {"kind": "one_factor", "rho": 0.3}}
    yield "crypto/one_factor", {**crypto, "dependence": {"kind": "one_factor", "rho": 0.6}}
    yield "crypto/independent", {**crypto, "dependence": {"kind": "independent"}}


def worst_difference(ours, theirs):
    pairs = [(ours[k], theirs[k]) for k in ("mean", "sd")]
    pairs += [(ours[m][level], theirs[m][level]) for m in ("VaR", "ES") for level in ours[m]]
    return max(abs(a - b) / abs(b) for a, b in pairs)


def main():
    cases = {name: {"spec": spec, "exact": exact(spec)} for name, spec in specs()}
    header = "Made by scripts/fit/portfolio_laws.py: exact loss laws, no Monte Carlo; spec as in the oracle portfolios_exact.json."
    with open(sys.argv[1], "w") as out:
        json.dump({"_header": header, "cases": cases}, out, indent=1)
        out.write("\n")
    if len(sys.argv) > 2:
        for name, case in json.load(open(sys.argv[2]))["cases"].items():
            print(name, worst_difference(exact(case["spec"]), case["exact"]))


if __name__ == "__main__":
    main()
