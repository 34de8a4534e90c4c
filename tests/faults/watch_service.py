"""`tailbit watch` as a process that is talked to, and whether what it publishes is what a run from scratch computes."""
import json
import os
import queue
import signal
import subprocess
import threading
import time

from harness import Failed, require, run
from jobs import Job, fingerprint, require_whole

SEED = 2
# Of summary.json, what may differ: where and when it was computed, and what is told once.
OF_THE_MOMENT = ("device", "timings", "reprices_per_second")
PATIENCE = 60


class Service:
    """`tailbit watch`, and what it tells."""

    def __init__(self, job, out, *flags, pipe=True, name_out=True, prefix=()):
        self.job, self.out = job, out
        command = [*prefix, job.program, "watch", job.config, "--device", "cpu", "--threads", 1, "--seed", SEED, "--json",
                   "--interval", 0.02, *(["--out", out] if name_out else []), *(["--pipe", "-"] if pipe else []), *flags]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True)
        self.events, self.errors = queue.Queue(), []
        self.readers = [threading.Thread(target=target, daemon=True) for target in (self._read, self._listen)]
        for reader in self.readers:
            reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))
        self.events.put({"event": "end"})

    def _listen(self):
        self.errors += [line.decode(errors="replace") for line in self.process.stderr]

    def next(self):
        try:
            return self.events.get(timeout=PATIENCE)
        except queue.Empty:
            raise Failed(f"says nothing for {PATIENCE} s; on stderr: {''.join(self.errors)[-400:]}")

    def want(self, event, **fields):
        found = self.next()
        require(found["event"] == event, f"{found} instead of {event}; on stderr: {''.join(self.errors)[-400:]}")
        for key, value in fields.items():
            require(found[key] == value, f"{key} is not {value!r}: {found}")
        return found

    def send(self, message):
        text = message if isinstance(message, str) else json.dumps(message)
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def trade(self, *rows):
        self.send({"trades": list(rows)})
        self.want("filed")
        return self.want("published")

    def published(self, **fields):
        event = self.want("published", **fields)
        self.require_right(event)
        return event

    def require_right(self, event):
        """What it published is what a run from scratch computes."""
        flags = []
        given = json.loads((self.out / "run.json").read_text()).get("given", {})
        if "market" in given:
            flags += ["--market", given["market"]]
        for trades in given.get("trades", []):
            flags += ["--trades", trades]
        again = self.out.parent / f"again-{event['run_id']}-{time.monotonic_ns()}"
        self.job.run(again, *flags, seed=SEED, parts=False).want(0)
        require_whole(self.out, "after it was published")
        require_same(self.out, again, event["run_id"])

    def lose_worker(self, number):
        for child in run("pgrep", "-P", self.process.pid).out.split():
            os.kill(int(child), number)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for _ in range(PATIENCE * 100):  # the worker holds the lock until it is gone
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        raise Failed("lives on after it was killed")

    def end(self, code=0):
        """Closes the pipe."""
        self.process.stdin.close()
        self.ended(code)

    def ended(self, code):
        try:
            found = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failed("does not end")
        for reader in self.readers:
            reader.join(PATIENCE)
        require(found == code, f"exit {found}, not {code}: {''.join(self.errors)[-600:]}")


def require_same(out, again, run_id):
    found, wanted = fingerprint(out), fingerprint(again)
    require(found[0] == wanted[0] == run_id, f"run {run_id} was told, {found[0]} published, {wanted[0]} computed")
    for (name, digest), (other, wanted_digest) in zip(found[1], wanted[1]):
        require(name == other and digest == wanted_digest, f"{name} is not the one of a run from scratch")
    summaries = [json.loads((place / "summary.json").read_text()) for place in (out, again)]
    for summary in summaries:
        summary["warnings"] = [text for text in summary.get("warnings", [])
                               if "checkpoint of another job" not in text and "is made again" not in text]
    for key, value in summaries[1].items():
        if key not in OF_THE_MOMENT:
            require(summaries[0][key] == value, f"summary.json: {key} is {summaries[0][key]}, from scratch {value}")


class World:
    """A job in a folder of its own, and what may be done to it."""

    def __init__(self, suite, **changes):
        self.place = suite.folder("watch")
        changes.setdefault("exposure_dates", ["8h", "1d"])
        self.job = Job(suite.args.program, self.place / "job", **changes)
        self.out = self.place / "out"
        book = (self.job.folder / "book.csv").read_text().splitlines()[1:]
        self.names = sorted({line.split(",")[5] for line in book})
        sample = json.loads((self.job.folder / "instruments.json").read_text())["instruments"]
        self.defined = [entry["id"] for entry in sample]

    def start(self, *flags, **options):
        return Service(self.job, self.out, *flags, **options)

    def start_with_inbox(self):
        """An empty inbox, and the service that has published the state without it."""
        folder = self.place / "inbox"
        folder.mkdir()
        service = self.start("--inbox", folder, pipe=False)
        service.published()
        return folder, service

    def edit(self, name, change):
        """An input replaced at once."""
        path = self.job.folder / name
        content = json.loads(path.read_text())
        change(content)
        self.put(path, json.dumps(content))

    @staticmethod
    def put(path, text):
        part = path.with_name(f".{path.name}.part")
        part.write_text(text)
        part.rename(path)

    def random_trades(self, chance):
        """Of contracts that are held and that are not, of all families, for desks that there are and that are not."""
        rows = []
        for _ in range(chance.randint(1, 4)):
            name = chance.choice([chance.choice(self.names), chance.choice(self.defined), "BTC-PERPETUAL", "ETH-PERPETUAL", "BTC",
                                  "ETH_USDC-PERPETUAL", "BTC-20FEB26-90000-C", "ETH-16JAN26-3300-P", "BTC-16JAN26-94000-C"])
            row = {"instrument": name, "quantity": chance.choice([1, -1, 0.1, -7, 12.5, 1e-3])}
            if chance.random() < 0.8:
                row["desk"] = chance.choice(["alpha", "beta", "gamma", f"new {chance.randint(1, 3)}"])
            if chance.random() < 0.2:
                row["entry_price"] = chance.choice([90000.0, 3000.0])
            rows.append(row)
        return rows
