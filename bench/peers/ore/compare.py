#!/usr/bin/env python3
"""Sets a full revaluation by ORE's historical-simulation VaR beside ours: the same options in the same scenarios.

    compare.py TAILBIT [--contracts N] [--scenarios N] [--repeats N] [--folder DIR] > ore.json

TAILBIT is the built program. Needs numpy and ORE: pip install numpy open-source-risk-engine.

A job of European options on BTC in USD, on one flat vol and a rate of 3 %, runs through `tailbit run`. A job of one coin
with the same seed and model says where the spot goes; ORE gets these spots as a history and values at the horizon's date.
In each scenario the book's value there (ORE's value today plus its P&L, ours plus our profit) has to agree to 1e-9 of
the book's gross value; otherwise the comparison fails. Times are processor time on one thread. Rates are the slope
between a small and a large number of scenarios, so that neither side pays for its start; "whole_seconds" is all of it.
"""

import argparse
import datetime
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import inputs
import numpy as np
import ORE

AGREEMENT = 1e-9
AS_OF = datetime.date(2026, 1, 1)
SPOT, RATE, VOL, SEED = 95000.0, 0.03, 0.6, 42
OUR_SCENARIOS = (20_000, 1_000_000)  # between these our rate is measured


def make_book(contracts):
    options = []
    for i in range(contracts):
        options.append(
            {
                "id": f"O{i:05d}",
                "kind": "call" if i % 2 == 0 else "put",
                "strike": 57000.0 + 76000.0 * (i * 37 % 401) / 400.0,
                "quantity": (i * 7 % 11) - 5.3,
                "expiry": AS_OF + datetime.timedelta(days=41 + i % 150),
            }
        )
    return options


def write_job(folder, options):
    """Ours: returns the configs of the book and of one coin."""
    instruments = [
        {"id": o["id"], "family": "european", "underlying": "BTC", "option": o["kind"], "strike": o["strike"], "settlement": "usd"}
        | {"expiry": f"{o['expiry']}T00:00:00Z"}
        for o in options
    ]
    underlying = {"spot": SPOT, "surface": {"kind": "flat", "vol": VOL}}
    files = {
        "instruments.json": {"schema": "tailbit.instruments/1", "instruments": instruments},
        "market.json": {
            "schema": "tailbit.market/1",
            "as_of": f"{AS_OF}T00:00:00Z",
            "rates": {"USD": RATE},
            "underlyings": {"BTC": underlying},
        },
        "model.json": {
            "schema": "tailbit.model/1",
            "innovations": {"kind": "gaussian"},
            "returns": "log",
            "underlyings": {"BTC": {"drift": 0.0, "spot_vol": {"kind": "constant", "vol": VOL}}},
            "correlation": {"factors": ["BTC.spot"], "matrix": [[1.0]], "repair": "reject"},
        },
        "options.json": {o["id"]: o["quantity"] for o in options},
        "coin.json": {"BTC": 1.0},
    }
    for book in ("options", "coin"):
        job = {"schema": "tailbit.run/1", "book": f"{book}.json", "instruments": "instruments.json", "market": "market.json"}
        job |= {"model": "model.json", "horizon": "1d", "seed": SEED, "precision": "double", "levels": [0.95, 0.99], "worst": 0}
        files[f"run-{book}.json"] = job
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(content, file)
    return os.path.join(folder, "run-options.json"), os.path.join(folder, "run-coin.json")


def tailbit(program, config, scenarios):
    """Processor seconds, summary and profits."""
    with tempfile.TemporaryDirectory() as out:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [program, "run", config, "--scenarios", str(scenarios), "--out", out, "--device", "cpu", "--threads", "1", "--quiet"]
        subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
            summary = json.load(file)
        profits = -np.load(os.path.join(out, "losses.npy"))[:, 0]
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, summary, profits


def ore(folder, job, spots):
    """Processor seconds, ORE's values of the trades, its P&L per spot, and its version."""
    path, days = inputs.write(folder, job, spots)
    parameters = ORE.Parameters()
    parameters.fromFile(path)
    app = ORE.OREApp(parameters, False)
    start = time.process_time()
    app.run()
    seconds = time.process_time() - start
    # Its exit status says nothing, and its list of errors may be empty where an analytic failed.
    if list(app.getErrors()) or not {"npv", "var", "historical_PnL"} <= set(app.getReportNames()):
        with open(os.path.join(folder, "out", "log.txt"), encoding="utf-8") as log:
            alerts = [line for line in log if line.startswith("ALERT")]
        sys.exit("compare.py: ORE failed:\n" + "".join(alerts[:5]))
    values = app.getReport("npv")
    report = app.getReport("historical_PnL")
    column = {report.header(i): i for i in range(report.columns())}
    dates = [datetime.date(d.year(), d.month(), d.dayOfMonth()) for d in report.dataAsDate(column["PLDate1"])]
    of_date = dict(zip(dates, report.dataAsReal(column["PLAmount"])))
    if len(of_date) != len(dates):
        sys.exit("compare.py: ORE's report has a day twice: it was asked for more than the whole book")
    names = [values.header(i) for i in range(values.columns())]
    npv = np.array(values.dataAsReal(names.index("NPV(Base)")))
    return seconds, npv, np.array([of_date[day] for day in days]), app.version()


def slope(few, many, reprices):
    """Reprices in a second, between two lists of seconds that differ by `reprices`."""
    return reprices / (statistics.median(many) - statistics.median(few))


def measure(arguments, folder):
    options = make_book(arguments.contracts)
    book, coin = write_job(folder, options)
    _, summary, profit = tailbit(arguments.tailbit, book, arguments.scenarios)
    spots = SPOT + tailbit(arguments.tailbit, coin, arguments.scenarios)[2]
    ours = [[tailbit(arguments.tailbit, book, n)[0] for _ in range(arguments.repeats)] for n in OUR_SCENARIOS]

    day = AS_OF + datetime.timedelta(days=1)
    job = {"day": day, "spot": SPOT, "rate": RATE, "vol": VOL, "options": options}
    few = arguments.scenarios // 4
    theirs = [[], []]
    for _ in range(arguments.repeats):
        theirs[0].append(ore(os.path.join(folder, "ore"), job, spots[:few].tolist())[0])
        seconds, npv, pnl, version = ore(os.path.join(folder, "ore"), job, spots.tolist())
        theirs[1].append(seconds)

    difference = np.abs((npv.sum() + pnl) - (summary["base_value"] + profit)) / np.abs(npv).sum()
    our_rate = slope(*ours, arguments.contracts * (OUR_SCENARIOS[1] - OUR_SCENARIOS[0]))
    their_rate = slope(*theirs, arguments.contracts * (arguments.scenarios - few))
    return {
        "schema": "tailbit.bench-ore/1",
        "peer": f"ORE {version}, historical-simulation VaR, full revaluation, one thread",
        "contracts": arguments.contracts,
        "scenarios": arguments.scenarios,
        "repeats": arguments.repeats,
        "largest_difference": float(f"{difference.max():.3g}"),
        "ore": {"reprices_per_second": float(f"{their_rate:.4g}"), "whole_seconds": float(f"{statistics.median(theirs[1]):.4g}")},
        "tailbit": {
            "device": summary["device"],
            "reprices_per_second": float(f"{our_rate:.4g}"),
            "scenarios": list(OUR_SCENARIOS),
            "whole_seconds": float(f"{statistics.median(ours[1]):.4g}"),
        },
        "tailbit_over_ore": float(f"{our_rate / their_rate:.4g}"),
    }


def main():
    parser = argparse.ArgumentParser(description="ORE's historical-simulation VaR beside tailbit")
    parser.add_argument("tailbit")
    parser.add_argument("--contracts", type=int, default=400)
    parser.add_argument("--scenarios", type=int, default=4096)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", help="keep the files of both sides here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = os.path.abspath(arguments.folder or temporary)
        os.makedirs(folder, exist_ok=True)
        result = measure(arguments, folder)
    print(json.dumps(result, indent=2))
    if not result["largest_difference"] < AGREEMENT:
        sys.exit("compare.py: ORE and tailbit differ: one of them is wrong")


if __name__ == "__main__":
    main()
