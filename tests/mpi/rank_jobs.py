"""Jobs of several ranks of MPI: started, looked at while they run, and what they must come to."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "faults"))
from harness import Failed, Skipped, require, run  # noqa: E402
from jobs import Job, fingerprint, require_nothing_left_over, require_whole  # noqa: E402

MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "--quiet"]
BLOCK = 512
SEED = 7
SLOW = 200_000  # scenarios of a job that is still at work when something happens to it


def program_of_ranks(suite):
    """A copy of the tailbit-mpi that lies beside the program under test, which no build replaces."""
    if not shutil.which("mpirun"):
        raise Skipped("mpirun is not installed")
    beside = suite.tested.parent / "tailbit-mpi"
    if not beside.exists():
        raise Skipped("there is no tailbit-mpi beside the program (CMake: TAILBIT_MPI=ON)")
    return shutil.copy(beside, suite.scratch / "tailbit-mpi")


def timeless(out):
    """The summary but for what depends on time and place."""
    summary = json.loads((pathlib.Path(out) / "summary.json").read_text())
    for key in ("timings", "device", "reprices_per_second"):
        summary.pop(key)
    return summary


def result(out):
    require_whole(out, "at the end")
    require_nothing_left_over(out)
    return fingerprint(out), timeless(out)


def require_equal(found, wanted):
    require(found[0] == wanted[0], "files have other bits")
    require(found[1] == wanted[1], "the summary says something else")


def events(err, name):
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == name]


def require_shared_out(chunks, scenarios, ranks):
    """Every scenario once, in whole blocks, and every rank had some."""
    end = 0
    for chunk in sorted(chunks, key=lambda chunk: chunk["first"]):
        require(chunk["first"] == end, f"scenario {end} was handed out twice or not at all")
        require(chunk["first"] % BLOCK == 0, "a chunk does not begin with a block")
        end += chunk["count"]
    require(end == scenarios, f"{end} of {scenarios} scenarios were handed out")
    had = {chunk["of_rank"] for chunk in chunks}
    require(had == set(range(ranks)), f"only the ranks {sorted(had)} of {ranks} had anything to do")


class Kind:
    """A job and what plain `tailbit run` makes of it."""

    def __init__(self, suite, mpi, name, scenarios, **changes):
        self.name, self.mpi, self.scenarios = name, mpi, scenarios
        self.job = Job(suite.args.program, suite.scratch / f"job-{name}", scenarios=scenarios, **changes)
        self.suite = suite
        plain = suite.folder("plain")
        # Where it ends by itself, and how.
        self.code = self.job.run(plain / "out", seed=SEED, parts=False, threads=2).code
        require(self.code in (0, 12), f"plain run: exit {self.code}")
        self.wanted = result(plain / "out")

    def command(self, out, *flags, threads=1, parts=False, seed=SEED):
        plain = self.job.command(out, *flags, seed=seed, threads=threads, parts=parts)
        return [self.mpi, *plain[1:]]

    def ranks(self, count, out, *flags, **options):
        return [*MPIRUN, "-n", count, *self.command(out, *flags, **options)]

    def plain(self, out, *flags, **options):
        return self.job.command(out, *flags, seed=SEED, **options)


# --- The same bits ----------------------------------------------------------------------------------------------------------------

def processes(mpi, out):
    """Of the job that writes to a folder: {rank: process}."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            if words[0] != str(mpi).encode() or str(out).encode() not in words:
                continue
            variables = dict(item.partition(b"=")[::2] for item in (path / "environ").read_bytes().split(b"\0"))
            if (path / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found[int(variables[b"OMPI_COMM_WORLD_RANK"])] = int(path.name)
        except (OSError, KeyError, ValueError):
            continue
    return found


def until(what, why, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.01)
    raise Failed(f"waited too long for {why}")


class Running:
    """A run on several ranks that has kept so many parts."""

    def __init__(self, kind, ranks, out, parts, *flags):
        self.kind, self.out = kind, out
        words = [str(word) for word in kind.ranks(ranks, out, *flags, parts=True)]
        for _ in range(3):  # on a busy machine the run may be over before anybody looks
            self.mpirun = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                           env=dict(os.environ, LC_ALL="C"))
            kept = out / ".tailbit/parts"
            until(lambda: len(list(kept.glob("*.tbp"))) >= parts or self.mpirun.poll() is not None, "parts")
            self.pids = processes(kind.mpi, out)
            if self.mpirun.poll() is None and len(self.pids) == ranks:
                return
            self.end()
            shutil.rmtree(out, ignore_errors=True)
        raise Failed("the run was over too soon for the test, three times")

    @contextlib.contextmanager
    def held(self):
        """While this, no rank does anything."""
        for pid in self.pids.values():
            os.kill(pid, signal.SIGSTOP)
        yield
        for pid in self.pids.values():
            os.kill(pid, signal.SIGCONT)

    def end(self, seconds=60):
        try:
            err = self.mpirun.communicate(timeout=seconds)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            for pid in [*processes(self.kind.mpi, self.out).values(), self.mpirun.pid]:
                os.kill(pid, signal.SIGKILL)
            raise Failed(f"the job did not end within {seconds} s") from None
        until(lambda: not processes(self.kind.mpi, self.out), "all ranks to end", 20)
        return self.mpirun.returncode, err
