"""What a resident job may meet: inputs that are no files, names that mean something else, bursts, and results that go."""
import json
import os
import signal
import subprocess
import time

from harness import require, run
from watch_service import PATIENCE, SEED, World


def same_name(suite):
    """a name that coins had is given to a contract"""
    world = World(suite, group_by=["desk"], positions=5)
    world.edit("instruments.json", lambda file: file["instruments"].append(
        {"id": "BTC", "family": "spot", "underlying": "ETH", "multiplier": 1.0}))
    market = json.loads((world.job.folder / "market.json").read_text())
    # 500 perpetuals, entered at 50,000, have earned this many coins by now; a contract of the coins' name is then held as often.
    mark = market["underlyings"]["BTC"]["spot"]
    coins = 500 * (1 / 50000.0 - 1 / mark)
    world.edit("market.json", lambda now: now["underlyings"]["BTC"]["funding"].pop("premium", None))
    folder = world.place / "inbox"
    folder.mkdir()
    World.put(folder / "a.trades.csv", "instrument,quantity,desk,entry_price\nBTC-PERPETUAL,500,new,50000\n")
    service = world.start("--inbox", folder, pipe=False)
    service.published()
    World.put(folder / "b.trades.csv", f"instrument,quantity,desk\nBTC,{coins!r},new\n")
    service.published(whole="a name means another contract")
    service.kill()


def foreign_names(suite):
    """an inbox that is not the pipe's alone"""
    for name in ("1.market.json", "18446744073709551615.trades.csv", "a.trades.csv"):
        world = World(suite)
        (world.out / "inbox").mkdir(parents=True)
        (world.out / "inbox" / name).write_text("instrument,quantity\nBTC,1\n")
        service = world.start()
        service.want("end")
        service.ended(65)
        require(name in "".join(service.errors), f"does not name {name}")


def inbox_gone(suite):
    """an inbox that goes, and one that cannot be read"""
    world = World(suite)
    folder = world.place / "inbox"
    folder.mkdir()
    World.put(folder / "a.trades.csv", "instrument,quantity\nBTC,1\n")
    service = world.start("--inbox", folder, pipe=False)
    service.published()
    folder.rename(world.place / "elsewhere")
    service.want("failed", code=66)
    folder.symlink_to(folder)
    service.want("failed", code=74)
    folder.unlink()
    (world.place / "elsewhere").rename(folder)
    World.put(folder / "b.trades.csv", "instrument,quantity\nBTC,2\n")
    service.published(whole="")
    service.kill()


def not_a_file(suite):
    """a pipe as an input"""
    world = World(suite)
    folder, service = world.start_with_inbox()
    os.mkfifo(folder / "a.trades.csv")
    service.want("failed", code=65)
    service.process.send_signal(signal.SIGTERM)
    service.ended(65)


def too_much(suite):
    """a trade that can be read and not be run"""
    world = World(suite)
    service = world.start()
    service.published()
    service.send({"trades": [{"instrument": "BTC", "quantity": 1e250}]})
    service.want("rejected")
    service.trade({"instrument": "BTC", "quantity": 1})
    require(len(list((world.out / "inbox").glob("[0-9]*"))) == 1, "it was filed")
    service.end(65)


def burst(suite):
    """many messages at once, some of them bad"""
    world = World(suite)
    service = world.start()
    service.published()
    bad = {7, 100, 101, 250}
    text = "".join(json.dumps({"trades": [{"instrument": "NOPE" if number in bad else "BTC", "quantity": number}]}) + "\n"
                   for number in range(1, 301))
    service.process.stdin.write(text.encode())
    service.process.stdin.flush()
    start, filed, rejected = time.monotonic(), 0, 0
    while filed + rejected < 300:
        event = service.next()["event"]
        filed += event == "filed"
        rejected += event == "rejected"
        require(time.monotonic() < start + PATIENCE, f"{filed + rejected} of 300 after {PATIENCE} s")
    require(rejected == len(bad), f"{rejected} were rejected")
    there = sorted((world.out / "inbox").glob("[0-9]*.trades.jsonl"))
    quantities = [json.loads(path.read_text())["quantity"] for path in there]
    require(quantities == [number for number in range(1, 301) if number not in bad], "not these, or not in this order")
    service.end(65)


def same_stamp(suite):
    """a file of the same size and time"""
    world = World(suite)
    folder = world.place / "inbox"
    folder.mkdir()
    trades = folder / "a.trades.csv"
    trades.write_text("instrument,quantity\nBTC,1\n")
    service = world.start("--inbox", folder, pipe=False)
    service.published()
    before = os.stat(trades)
    with open(trades, "r+") as file:
        file.write("instrument,quantity\nBTC,2\n")
    os.utime(trades, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = service.next()
    require(found["event"] in ("published", "up_to_date", "failed"), f"{found}")
    if found["event"] != "published":
        found = service.published()
    service.require_right(found)
    service.kill()


def result_gone(suite):
    """a result that somebody takes away"""
    world = World(suite)
    service = world.start(pipe=False)
    service.published()
    (world.out / "losses.npy").unlink()
    os.utime(world.job.config)
    service.published()
    service.kill()


def closed_descriptors(suite):
    """standard input and output that are closed"""
    world = World(suite)
    command = [world.job.program, "watch", world.job.config, "--device", "cpu", "--seed", SEED, "--out", world.out, "--pipe", "-"]
    words = " ".join(f"'{word}'" for word in command)
    for closed in ("<&-", "<&- >&-"):
        done = subprocess.run(["sh", "-c", f"{words} {closed}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        require(done.returncode == 0, f"{closed}: exit {done.returncode}: {done.stderr[-300:]}")
        lock = (world.out / ".tailbit/lock").read_text()
        require("published" not in lock, "events were written into the lock")


def lost_workers(suite):
    """a worker that is lost every now and then, more often than one run may lose it"""
    world = World(suite)
    service = world.start()
    service.published()
    for quantity in range(1, 6):
        for child in run("pgrep", "-P", service.process.pid).out.split():
            os.kill(int(child), signal.SIGSEGV)
        service.want("up_to_date")
        service.trade({"instrument": "BTC", "quantity": quantity})
    service.end()


def moved_results(suite):
    """a config that names another place for the results meanwhile"""
    world = World(suite)
    world.edit("run.json", lambda config: config.update(out=str(world.out)))
    service = world.start(pipe=False, name_out=False)
    service.published()
    world.edit("run.json", lambda config: config.update(out=str(world.place / "elsewhere")))
    failed = "".join(service.want("failed", code=78)["message"])
    require("run.json:/out" in failed and "start it again" in failed, failed)
    require(not (world.place / "elsewhere").exists(), "it wrote there")
    world.edit("run.json", lambda config: config.update(out=str(world.out)))
    service.want("up_to_date")
    service.kill()


HAZARDS = (same_name, foreign_names, inbox_gone, not_a_file, too_much, burst, same_stamp, result_gone, closed_descriptors,
           lost_workers, moved_results)
