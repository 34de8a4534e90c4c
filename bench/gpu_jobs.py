#!/usr/bin/env python3
"""Makes the jobs that bench/gpu.sh runs on a device: the same arguments, the same bytes, on every machine.

  gpu_jobs.py JOB FOLDER [--contracts N] [--accounts N] [--seed N]

  flat    European options settled in USD on flat surfaces, Gaussian moves of the spots
  svi     European options settled in coin on SVI slices; level, skew and basis move too
  mixed   options, digitals, futures, perpetuals and coins, in USD and in coin, held by accounts; everything moves, Student-t

FOLDER/run.json is the job. scripts/checks/device_results.py makes the jobs of stored results again, from their arguments, so a
change here that changes a file takes results of devices out of date.
"""

import argparse
import hashlib
import json
from pathlib import Path

SPOTS = {"BTC": 95000.0, "ETH": 3300.0, "SOL": 150.0, "XRP": 2.0}
AS_OF = "2026-01-01T00:00:00Z"
EXPIRIES = ["2026-02-10", "2026-03-22", "2026-05-01", "2026-06-10", "2026-07-20"]
DAYS_APART = 40
DEFAULTS = {"contracts": 5000, "accounts": 1, "seed": 42}
HOLDINGS = 20  # positions of an account
# Of a mixed book's contracts on one underlying, these are no options; every sixth of the rest is a digital.
OTHERS = ["spot", "perpetual-usd", "perpetual-coin"] + [f"future-{how}-{day}" for how in ("usd", "coin") for day in range(5)]


class Numbers:
    """SplitMix64: all that is made up. Python's own generator promises less about its integers."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return (z ^ (z >> 31)) % bound


def market(smile):
    slices = [
        {"expiry": f"{day}T00:00:00Z", "a": round(0.01 * i, 6), "b": round(0.08 * i, 6), "rho": -0.2, "m": 0.02, "sigma": 0.3}
        for i, day in enumerate(EXPIRIES, 1)
    ]
    surface = {"kind": "flat", "vol": 0.6} if smile == "flat" else {"kind": "svi", "slices": slices}
    funding = {"rule": "deribit", "premium": 0.0003}
    underlyings = {name: {"spot": spot, "surface": surface} for name, spot in SPOTS.items()}
    if smile == "mixed":
        underlyings = {name: one | {"funding": funding} for name, one in underlyings.items()}
    return {"schema": "tailbit.market/1", "as_of": AS_OF, "rates": {"USD": 0.03}, "underlyings": underlyings}


def model(smile):
    one = {"drift": 0.0, "spot_vol": {"kind": "constant", "vol": 0.6}}
    if smile != "flat":
        one["implied_vol"] = {
            "level": {"kappa": 5.0, "vol_of_vol": 0.9, "term_decay": 0.5},
            "skew": {"kappa": 20.0, "vol": 0.2},
            "sticky": "moneyness",
        }
        one["basis"] = {"kappa": 20.0, "vol": 0.15, "term_decay": 0.5}
    if smile == "mixed":
        one["premium"] = {"kappa": 700.0, "vol": 0.01, "mean": 0.0002}
    factors = [f"{name}.spot" for name in SPOTS]
    matrix = [[1.0 if i == j else 0.7 for j in range(len(factors))] for i in range(len(factors))]
    innovations = {"kind": "gaussian"}
    if smile == "mixed":
        innovations = {"kind": "student_t", "dof": 5.0, "period": "1d", "max_move": 1.0}
    return {
        "schema": "tailbit.model/1",
        "innovations": innovations,
        "underlyings": {name: one for name in SPOTS},
        "correlation": {"factors": factors, "matrix": matrix},
    }


def option(name, i, settlement, family="european"):
    """The i-th option on an underlying: calls and puts in turn, five expiries, strikes from 0.6 to 1.4 of the spot."""
    terms = {
        "family": family,
        "underlying": name,
        "option": ["call", "put"][i % 2],
        "strike": round(SPOTS[name] * (0.6 + 0.0064 * (i // 10 % 125) + 0.00001 * (i // 1250)), 6),
        "expiry": f"{EXPIRIES[i // 2 % 5]}T00:00:00Z",
        "settlement": settlement,
    }
    return terms | ({"payoff": "cash", "cash": round(0.1 * SPOTS[name], 6)} if family == "digital" else {})


def other(name, what):
    family, _, rest = what.partition("-")
    if family == "spot":
        return {"family": family, "underlying": name}
    settlement, _, day = rest.partition("-")
    terms = {"family": family, "underlying": name, "settlement": settlement}
    return terms | ({"expiry": f"{EXPIRIES[int(day)]}T00:00:00Z"} if day else {})


def contract(smile, index):
    names = list(SPOTS)
    name, i = names[index % len(names)], index // len(names)
    if smile == "flat":
        return option(name, i, "usd")
    if smile == "svi":
        return option(name, i, "coin")
    if i < len(OTHERS):
        return other(name, OTHERS[i])
    i -= len(OTHERS)
    if i % 6 == 5:
        return option(name, i, "usd", "digital")
    return option(name, i, ["usd", "coin"][i // 3 % 2])


def in_coin(terms):
    """Whether a quantity is in USD: what is settled in coin and is no option."""
    return terms.get("settlement") == "coin" and terms["family"] in ("future", "perpetual")


def quantity(terms, numbers):
    """Some tens of thousands of USD, long or short, as a text without rounding that could differ."""
    sign = "-" if numbers.below(2) else ""
    thousands = 1 + numbers.below(40)
    if in_coin(terms):
        return f"{sign}{1000 * thousands}"
    # In ten-thousandths of a coin, whole numbers all the way.
    return f"{sign}{max(1, 10_000_000 * thousands // int(SPOTS[terms['underlying']]))}e-4"


def book(contracts, accounts, numbers):
    """One account: a position in each contract. Several: twenty each, so that every contract is held by some."""
    rows = ["account,instrument,quantity"]
    positions = len(contracts) if accounts == 1 else max(len(contracts), HOLDINGS * accounts)
    for i in range(positions):
        terms = contracts[i * 7919 % len(contracts)]
        rows.append(f"account-{i * accounts // positions},{terms['id']},{quantity(terms, numbers)}")
    return "\n".join(rows) + "\n"


def files(job, contracts=DEFAULTS["contracts"], accounts=DEFAULTS["accounts"], seed=DEFAULTS["seed"]):
    """{name: text} of a job."""
    if job not in ("flat", "svi", "mixed"):
        raise ValueError(f"there is no job {job!r}")
    listed = [{"id": f"C{i}"} | contract(job, i) for i in range(contracts)]
    run = {
        "schema": "tailbit.run/1",
        "book": "book.csv",
        "instruments": "instruments.json",
        "market": "market.json",
        "model": "model.json",
        "horizon": "1d",
        "steps": 4 if job == "mixed" else 1,
        "scenarios": 10000,
        "seed": seed,
        "levels": [0.95, 0.99],
        "group_by": ["account"] if accounts > 1 else [],
        "group_detail": "tails",
        "out": "results",
    }
    texts = {"instruments.json": {"schema": "tailbit.instruments/1", "instruments": listed}}
    texts |= {"market.json": market(job), "model.json": model(job), "run.json": run}
    texts = {name: json.dumps(document, indent=1) + "\n" for name, document in texts.items()}
    return texts | {"book.csv": book(listed, accounts, Numbers(seed))}


def kernels(job, contracts, **_):
    """{kernel's pricer: share of the contracts}, as in bench/results/kernels.json without the precision."""
    if job == "flat":
        return {"European, FixedVol": 1.0}
    counts = {}
    for i in range(contracts):
        terms = contract(job, i)
        shape = {"european": "Moved<SviVol>", "digital": "Moved<SviVol>", "future": "OnForward", "spot": "Plain"}
        shape["perpetual"] = "FundedInCoin" if terms.get("settlement") == "coin" else "Funded"
        kernel = f"{terms['family'].capitalize()}, {shape[terms['family']]}"
        counts[kernel] = counts.get(kernel, 0) + 1
    return {kernel: count / contracts for kernel, count in sorted(counts.items())}


def write(folder, **arguments):
    """Writes a job's files; returns the SHA-256 of their names and bytes."""
    folder, digest = Path(folder), hashlib.sha256()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sorted(files(**arguments).items()):
        (folder / name).write_text(text, encoding="utf-8")
        digest.update(f"{name}\n{text}".encode())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description="Makes a job of bench/gpu.sh.")
    parser.add_argument("job", choices=["flat", "svi", "mixed"])
    parser.add_argument("folder")
    for name, value in DEFAULTS.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = vars(parser.parse_args())
    print(write(arguments.pop("folder"), **arguments))


if __name__ == "__main__":
    main()
