"""What a resident job may meet: inputs that are no files, names that mean something else, bursts, and results that go."""
import json
import os
import signal
import subprocess
import time

from harness import Failed, require
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
    World.put(world.place / "elsewhere/b.trades.csv", "instrument,quantity\nBTC,2\n")
    (world.place / "elsewhere").rename(folder)
    event = service.published(whole="")
    folder.rename(world.place / "elsewhere")
    service.want("failed", code=66)
    (world.place / "elsewhere").rename(folder)
    require(service.want("up_to_date")["run_id"] == event["run_id"], "another state")
    service.process.send_signal(signal.SIGTERM)
    service.ended(0)


def made_inbox(suite):
    """the inbox that nobody has named is there from the start"""
    world = World(suite)
    service = world.start(pipe=False)
    service.published()
    World.put(world.out / "inbox/a.trades.csv", "instrument,quantity\nBTC,1\n")
    service.published(whole="")
    service.kill()


def without_config(suite, pipe):
    """A service that has lost its worker while the config cannot be read, and what mends that."""
    world = World(suite)
    service = world.start(pipe=pipe)
    service.published()
    path = world.job.folder / "run.json"
    config = path.read_text()
    World.put(path, "{")
    service.want("failed", code=78)
    service.lose_worker(signal.SIGKILL)
    service.want("failed", code=78)
    return service, lambda: World.put(path, config)


def lost_without_config(suite):
    """a worker that is lost while the config cannot be read: the service goes on, and is well when it can"""
    service, mend = without_config(suite, pipe=False)
    mend()
    service.want("up_to_date")
    service.process.send_signal(signal.SIGTERM)
    service.ended(0)


def lost_without_config_or_pipe(suite):
    """the same with a pipe, which then ends: the service ends with what stands in the way; and what came over it counts"""
    for mended in (False, True):
        service, mend = without_config(suite, pipe=True)
        if mended:
            service.send({"trades": [{"instrument": "BTC", "quantity": 1}]})
            time.sleep(0.3)  # it is read meanwhile
            mend()
            told = [service.next()["event"] for _ in range(2)]
            require(told == ["filed", "published"], f"{told}")
        service.end(0 if mended else 78)


def told_though_not_synced(suite):
    """a trade that is filed where the disk does not say so: it counts, so it is told of, once"""
    world = World(suite)
    (world.out / "inbox").mkdir(parents=True)
    strike = ["strace", "-f", "-qq", "-o", world.place / "calls", "-P", world.out / "inbox", "-e", "trace=fsync",
              "-e", "inject=fsync:error=EIO:when=1"]
    service = world.start(prefix=strike)
    service.published()
    service.send({"trades": [{"instrument": "BTC", "quantity": 1}]})
    told = []
    while not told or told[-1] != "published":
        told.append(service.next()["event"])
        require(len(told) < 5, f"{told}")
    require("EIO" in (world.place / "calls").read_text(), "nothing was struck")
    require(told.count("filed") == 1 and "failed" in told, f"{told}")
    service.end(0)


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
        service.lose_worker(signal.SIGSEGV)
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


def lost_while_it_failed(suite):
    """a worker that is lost while the inputs cannot be run: the next one waits for better ones, as this one did"""
    world = World(suite)
    folder, service = world.start_with_inbox()
    World.put(folder / "bad.trades.csv", "instrument,quantity\nnone,1\n")
    service.want("failed", code=65)
    service.lose_worker(signal.SIGKILL)
    service.want("failed", code=65)
    (folder / "bad.trades.csv").unlink()
    service.want("up_to_date")
    service.kill()


def lost_without_inbox(suite):
    """a worker that is lost while the inbox is gone: the next one does not take its trades for withdrawn"""
    world = World(suite)
    folder, service = world.start_with_inbox()
    World.put(folder / "a.trades.csv", "instrument,quantity\nBTC,1\n")
    event = service.published()
    folder.rename(world.place / "moved")
    service.want("failed", code=66)
    service.lose_worker(signal.SIGKILL)
    service.want("failed", code=66)
    (world.place / "moved").rename(folder)
    require(service.want("up_to_date")["run_id"] == event["run_id"], "another state")
    service.kill()


def alive(suite):
    """metrics of a service to which nothing happens: it is seen to live"""
    world = World(suite)
    file = world.place / "job.prom"
    last = lambda: [float(line.split()[1]) for line in file.read_text().splitlines() if line.startswith("tailbit_last_")]
    service = world.start("--metrics", file)
    service.published()
    until = time.monotonic() + 60
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.05)
    before, now = last(), time.time()
    require(all(now - 60 < seconds <= now for seconds in before[1:]), f"it says {before}")
    while last() == before and time.monotonic() < until:
        time.sleep(0.2)
    require(last()[0] == 0 and last()[1] >= before[1] + 10 and last()[2] == last()[1], f"{before}, then {last()}")
    service.end()
    again = world.start("--metrics", file)
    again.want("up_to_date")
    again.end()
    require(last()[2] > before[2], f"a result that was there is of {last()}")


def endless_line(suite):
    """a line that does not end: it takes no more than its part of the time, and the service can be stopped"""
    world = World(suite)
    command = [suite.args.program, "watch", world.job.config, "--out", world.out, "--pipe", "-", "--json", "--device", "cpu"]
    with open("/dev/zero", "rb") as zero:
        process = subprocess.Popen([str(word) for word in command], stdin=zero, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        require(b"published" in process.stdout.readline(), "nothing is published")
        time.sleep(1)
        process.terminate()
        process.wait(20)
    except subprocess.TimeoutExpired:
        raise Failed("it cannot be stopped") from None
    finally:
        process.kill()


HAZARDS = (same_name, foreign_names, inbox_gone, not_a_file, too_much, burst, same_stamp, result_gone, closed_descriptors,
           lost_workers, moved_results, lost_while_it_failed, lost_without_inbox, made_inbox,
           lost_without_config, lost_without_config_or_pipe, told_though_not_synced, alive, endless_line)
