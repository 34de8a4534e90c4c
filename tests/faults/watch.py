#!/usr/bin/env python3
"""A resident job against runs from scratch: whatever comes over its pipe, into its inbox or into its other inputs, each
result that it publishes is the one of `tailbit run` with the same files, to the bit; and it may be stopped or killed at
any moment and be started again.

  tests/faults/watch.py --program build/cpu-release/tailbit [--quick] [--report FILE] [--self-test]
"""
import json
import os
import random
import signal
import sys
import time

from harness import Failed, Suite, require, run
from jobs import fingerprint, require_whole
from watch_hazards import HAZARDS
from watch_service import SEED, World, require_same


def make_wild(model):
    """Vols that reach their floor, and moves that reach their limit."""
    model["innovations"]["max_move"] = 0.04
    for underlying in model["underlyings"].values():
        underlying["implied_vol"]["level"]["vol_of_vol"] = 19.0


def random_days(number, wild=False, **changes):
    """Trades at random, with now and then a market, and a restart."""
    def check(suite):
        world = World(suite, **changes)
        if wild:
            world.edit("model.json", make_wild)
        chance = random.Random(f"{number} {changes}")
        service = world.start()
        service.published(whole="nothing was computed before")
        partial = 0
        for _ in range(6):
            event = chance.random()
            if event < 0.15:
                service.end()
                service = world.start()
                service.want("up_to_date")
            elif event < 0.35:
                market = json.loads((world.job.folder / "market.json").read_text())
                entry = market["underlyings"][chance.choice(list(market["underlyings"]))]
                entry["spot"] *= 1 + chance.uniform(-2e-3, 2e-3)
                service.send({"market": market})
                service.want("filed")
            else:
                service.send({"trades": world.random_trades(chance)})
                service.want("filed")
            if event >= 0.15:
                partial += service.published()["whole"] == ""
        service.end()
        warnings = " ".join(json.loads((world.out / "summary.json").read_text())["warnings"])
        for word in ("floor", "max_move") if wild else ():
            require(word in warnings, f"nothing is said of {word}: {warnings}")
        return 1 + partial  # results that are the sum of some contracts' and of what was there
    return check


def one_contract(suite):
    """A trade in one contract computes that one alone; one that undoes it brings the old bits back."""
    world = World(suite)
    service = world.start()
    service.published()
    digest = fingerprint(world.out)[1]
    row = {"instrument": world.names[0], "quantity": 2, "desk": "alpha"}
    require(service.trade(row)["computed"] == 1, "more than one contract was computed")
    require(fingerprint(world.out)[1] != digest, "the trade has no effect")
    require(service.trade(dict(row, quantity=-2))["computed"] == 1, "more than one contract was computed")
    require(dict(fingerprint(world.out)[1])["losses.npy"] == dict(digest)["losses.npy"], "not the bits of before")
    service.end()


def scale(suite):
    """A trade that moves the quantum."""
    world = World(suite)
    service = world.start()
    service.published()
    service.send({"trades": [{"instrument": "BTC", "quantity": 1e6}]})
    service.want("filed")
    service.published(whole="the book's scale has changed")
    service.send({"trades": [{"instrument": "BTC", "quantity": -1e6}]})
    service.want("filed")
    service.published(whole="the book's scale has changed")
    service.end()


def changed_input(name, change, whole):
    def check(suite):
        world = World(suite)
        service = world.start(pipe=False)
        service.published()
        world.edit(name, change)
        event = service.published()
        require(event["whole"] == whole, f"{event['whole']!r}, not {whole!r}")
        service.process.send_signal(signal.SIGTERM)
        service.ended(0)
    return check


def one_underlying(suite):
    """A market of the same moment: the other underlying's contracts are not computed again."""
    world = World(suite)
    service = world.start(pipe=False)
    contracts = service.published()["contracts"]

    def change(market):
        market["underlyings"]["ETH"]["spot"] *= 1.001
    world.edit("market.json", change)
    event = service.published()
    require(event["whole"] != "" or 0 < event["computed"] < contracts, f"computed {event}")
    service.kill()


def inbox(suite):
    """Files come, are replaced, are bad, are mended, and go."""
    world = World(suite)
    folder, service = world.start_with_inbox()
    trades = folder / "a.trades.csv"
    World.put(trades, "instrument,quantity,desk\nBTC-PERPETUAL,500,alpha\n")
    service.published(whole="", computed=1)
    World.put(trades, "instrument,quantity,desk\nBTC-PERPETUAL,700,solo\n")
    service.published(whole="")
    World.put(folder / "b.trades.csv", "instrument,quantity\nBTC-PERPETUAL,lots\n")
    bad = service.want("failed", code=65)
    require("b.trades.csv" in bad["message"] and "line 2" in bad["message"], f"does not say where: {bad}")
    require_whole(world.out, "after a bad file")
    World.put(folder / "b.trades.csv", "instrument,quantity\nETH-PERPETUAL,3000\n")
    service.published(whole="")
    (folder / "notes.txt").write_text("x")
    service.want("ignored")
    trades.unlink()
    service.published()
    World.put(folder / "b.trades.csv", (folder / "b.trades.csv").read_text())
    service.want("up_to_date")
    (folder / "b.trades.csv").unlink()
    service.published()
    service.process.send_signal(signal.SIGTERM)
    service.ended(0)


def bad_messages(suite):
    """Each is told of with its place, nothing is filed, and the next good one counts."""
    world = World(suite)
    service = world.start()
    service.published()
    for message, *says in (("{", "message 1"), ("[]", "message 2"), ({}, "either a market or trades"), ({"trade": []}, "trade"),
                           ({"trades": []}, "at least one"), ({"trades": [], "market": {}}, "either"),
                           ({"trades": [{"instrument": "NOPE", "quantity": 1}]}, "NOPE", "line 1"),
                           ({"trades": [{"instrument": "BTC"}]}, "quantity"),
                           ({"trades": [{"instrument": "BTC", "quantity": "x"}]}, "quantity"),
                           ({"market": {"schema": "tailbit.market/1"}}, "as_of"), ({"market": 3}, "not an object"),
                           ("{\"trades\": [], \"trades\": []}", "trades"), ("\xff\xfe", "message")):
        service.send(message)
        told = service.want("rejected")["message"]
        for text in says:
            require(text in told, f"{message}: does not say {text!r}: {told}")
        require("candidate" not in told, f"names a file of its own: {told}")
    require(not os.listdir(world.out / "inbox"), "a bad message was filed")
    service.trade({"instrument": "BTC", "quantity": 1})
    service.end(65)  # some were refused
    return 13


def bad_start(suite):
    """What cannot be run at all ends it, with the code of `run`."""
    world = World(suite)
    (world.job.folder / "book.csv").write_text("instrument,quantity\nNOPE,1\n")
    service = world.start("--metrics", world.place / "job.prom")
    service.want("end")
    service.ended(65)
    require("tailbit_last_exit_code 65\n" in (world.place / "job.prom").read_text(), "its metrics do not tell")
    world = World(suite, stop={"relative_error": 0.5})
    service = world.start()
    service.want("end")
    service.ended(78)
    require("stop" in "".join(service.errors), "does not name the key")


def locked(suite):
    """One at a time."""
    world = World(suite)
    first = world.start()
    first.published()
    second = world.start()
    second.want("end")
    second.ended(75)
    world.job.run(world.out, seed=SEED, parts=False).want(75)
    first.end()


def killed(number):
    """Killed at a random moment of an update, and started again on the same files."""
    def check(suite):
        chance = random.Random(number)
        world = World(suite, scenarios=6000)
        service = world.start()
        service.published()
        wanted, sent = set(), set()
        for quantity in (0.25, 0.5, 0.75, 1.25):
            # Its own, by which the message is known in the files.
            service.send({"trades": [*world.random_trades(chance), {"instrument": "BTC", "quantity": quantity}]})
            sent.add(quantity)
            if chance.random() < 0.5:
                service.want("filed")
                wanted.add(quantity)
            time.sleep(chance.random() * 0.12)
            if chance.random() < 0.5:
                service.kill()
            else:  # the worker alone: the supervisor starts another
                service.lose_worker(signal.SIGKILL)
                time.sleep(0.2)
                service.kill()
            service = world.start()
            event = service.next()
            require(event["event"] in ("published", "up_to_date"), f"{event} after it was killed")
            service.require_right(event)
            # What was told of as filed is there, once; what was not may be.
            filed = [json.loads(path.read_text().splitlines()[-1])["quantity"]
                     for path in sorted((world.out / "inbox").glob("[0-9]*.trades.jsonl"))]
            require(len(set(filed)) == len(filed), f"a message was filed twice: {filed}")
            require(wanted <= set(filed) <= sent, f"of {sent}, {wanted} were told of as filed, {filed} are there")
            wanted = set(filed)
        service.end()
        return 4
    return check


def stopped(suite):
    """TERM while it waits, and in the middle of the first run: then nothing is published, and the rest is done next time."""
    world = World(suite, scenarios=4_000_000, exposure_dates=["1d"])
    service = world.start(pipe=False)
    time.sleep(1.5)
    service.process.send_signal(signal.SIGTERM)
    service.ended(75)
    require(not (world.out / "run.json").exists(), "published what was stopped")
    require(list((world.out / ".tailbit/parts").glob("*.tbp")), "kept nothing of what was computed")
    world.edit("run.json", lambda config: config.update(scenarios=1700))
    service = world.start(pipe=False)
    service.published()
    service.process.send_signal(signal.SIGTERM)
    service.ended(0)


def little_memory(suite):
    """Where the profits do not fit, every update is a whole run."""
    world = World(suite, group_by=["instrument"], group_detail="tails", scenarios=40_000)
    need = json.loads(run(world.job.program, "validate", world.job.config, "--json").want(0).out)["memory_bytes"]
    service = world.start("--max-memory", int(need * 1.2) + 1000)
    service.published(whole="its profits do not fit into memory")
    service.send({"trades": [{"instrument": "BTC", "quantity": 1}]})
    service.want("filed")
    service.published(whole="its profits do not fit into memory")
    service.end()


def named_pipe(suite):
    """Writers come and go."""
    world = World(suite)
    pipe = world.place / "pipe"
    os.mkfifo(pipe)
    service = world.start("--pipe", pipe, pipe=False)
    service.published()
    for quantity in (1, 2):
        with open(pipe, "w") as writer:
            writer.write(json.dumps({"trades": [{"instrument": "BTC", "quantity": quantity}]}) + "\n")
        service.want("filed")
        service.published(computed=1)
    service.process.send_signal(signal.SIGTERM)
    service.ended(0)


def flat(suite):
    """Update after update: memory and descriptors of the worker do not grow."""
    world = World(suite)
    service = world.start()
    service.published()
    worker = run("pgrep", "-P", service.process.pid).out.strip()
    seen = []
    for number in range(1, 601 if suite.args.long else 61):
        service.trade({"instrument": world.names[number % len(world.names)], "quantity": 1, "desk": "alpha"})
        if number % 20 == 0:
            status = open(f"/proc/{worker}/status").read().split("VmRSS:")[1].split()[0]
            seen.append((int(status), len(os.listdir(f"/proc/{worker}/fd"))))
    require(seen[-1][0] <= 1.1 * seen[0][0] + 2000, f"memory grows, kB: {[kilobytes for kilobytes, _ in seen]}")
    require(seen[-1][1] <= seen[0][1], f"descriptors grow: {[count for _, count in seen]}")
    service.end()


def prepare(suite):
    def add(name, check):
        suite.add(name, lambda: check(suite))

    add("a trade and its undoing", one_contract)
    add("a trade that moves the quantum", scale)
    add("a market of one underlying", one_underlying)
    add("files of an inbox", inbox)
    add("bad messages", bad_messages)
    add("a job that cannot be run", bad_start)
    add("two at a time", locked)
    add("TERM", stopped)
    add("little memory", little_memory)
    add("a named pipe", named_pipe)
    add("update after update", flat)
    for hazard in HAZARDS:
        add(hazard.__doc__, hazard)
    for name, change, whole in (
            ("market.json", lambda market: market.update(as_of="2026-01-15T10:05:00Z"), "the market is of another moment"),
            ("market.json", lambda market: market.update(rates={"USD": 0.01}), "the rate has changed"),
            ("model.json", lambda model: model["innovations"].update(dof=6.0), "the model has changed"),
            ("run.json", lambda config: config.update(group_by=["underlying"]), "the config has changed"),
            ("instruments.json", lambda file: file["instruments"][0].update(multiplier=2.0), "the instruments have changed")):
        add(f"{name}: {whole}", changed_input(name, change, whole))
    kinds = ({}, {"wild": True}, {"precision": "single"}, {"group_by": []}, {"group_by": ["desk", "instrument"], "group_detail": "tails"},
             {"group_by": ["family", "expiry"], "steps": 3, "exposure_dates": ["5h", "1d"]},
             {"cash_conversion": "at_receipt", "greek_units": "deribit"})
    for number in range(1 if suite.args.quick else 8 if suite.args.long else 3):
        for kind in kinds:
            add(f"days at random: {kind}, draw {number}", random_days(number, **kind))
    for number in range(3 if suite.args.quick else 25):
        add(f"killed, draw {number}", killed(number))


def self_test(suite):
    """Results of other bits, and a summary that says something else, are not taken for the same."""
    places = []
    for losses, es in (("a", 1.0), ("a", 1.0), ("b", 1.0), ("a", 2.0)):
        place = suite.folder()
        (place / "losses.npy").write_text(losses)
        (place / "summary.json").write_text(json.dumps({"es": es, "device": f"{place}"}))
        (place / "run.json").write_text(json.dumps({"run_id": "id", "outputs": [{"path": "losses.npy"}, {"path": "summary.json"}]}))
        places.append(place)
    require_same(places[0], places[1], "id")
    for other, run_id in ((places[2], "id"), (places[3], "id"), (places[1], "another")):
        try:
            require_same(places[0], other, run_id)
        except Failed:
            continue
        raise AssertionError(f"{other} is taken for the same")


if __name__ == "__main__":
    sys.exit(Suite("watch", "a resident job equals runs from scratch", self_test).main(prepare))
