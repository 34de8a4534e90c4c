#!/usr/bin/env python3
"""Ranks of MPI on devices: the bits of the CPU on any number of ranks and devices, each rank on its own; devices that fail under one of
the ranks.

  tests/mpi/devices.py --program build/simulated-device/tailbit [--report FILE] [--self-test]
                       built with TAILBIT_CUDA=SIMULATED and TAILBIT_MPI=ON, so that tailbit-mpi lies beside it
"""
import itertools
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "faults"))
from harness import Skipped, Suite, require, run  # noqa: E402
from rank_jobs import MPIRUN, Kind, events, program_of_ranks, require_equal, result  # noqa: E402


class Ranks:
    """A command for each rank of one run, so that faults strike one of them."""

    def __init__(self, kind, out, count, device, simulated="devices=2", *flags):
        self.kind, self.out = kind, out
        command = kind.command(out, "--log-format", "json", *flags, parts=True)
        command[command.index("--device") + 1] = device
        self.all_well = [(f"memory=64M;{simulated}", command)] * count
        self.ranks = list(self.all_well)

    def strikes(self, rank, fault):
        variable, command = self.ranks[rank]
        self.ranks[rank] = (f"{variable};{fault}", command)
        return self

    def well(self):
        self.ranks = list(self.all_well)
        return self

    def run(self, timeout=120):
        words = []
        for variable, command in self.ranks:
            words += [":"] * bool(words) + ["-n", 1, "env", f"TAILBIT_SIMULATED_CUDA={variable}", *command]
        return run(*MPIRUN, *words, timeout=timeout)


def device_of_ranks(out):
    """Of a summary's "3 ranks: 2 x A; 1 x B": how many had which."""
    text = json.loads((out / "summary.json").read_text())["device"]
    parts = (part.split(" x ", 1) for part in text.split(": ", 1)[1].split("; "))
    return {name: int(number) for number, name in parts}


# --- The same bits ----------------------------------------------------------------------------------------------------------------

def same_bits(kind, ranks, there, device, wanted):
    """`wanted`: the numbers of the devices that each rank is to have."""
    def check():
        out = kind.suite.folder("bits") / "out"
        ran = Ranks(kind, out, ranks, device, f"devices={there}", "--log-level", "debug").run().want(0)
        require_equal(result(out), kind.wanted)
        computes = {line["rank"]: line["message"] for line in events(ran.err, "ready")}
        for rank, numbers in enumerate(wanted[1:], 1):
            found = [number for number in range(there) if f"cuda:{number}" in computes[rank]]
            require(found == list(numbers), f"rank {rank}: {computes[rank]}, not {numbers}")
        require(sum(device_of_ranks(out).values()) == ranks and "CPU" not in str(device_of_ranks(out)), "not on devices")
    return check


def beside_cpu(kind, ranks):
    """Some ranks see no device."""
    def check():
        out = kind.suite.folder("mixed") / "out"
        job = Ranks(kind, out, ranks, "auto")
        job.ranks[1] = ("devices=0", job.ranks[1][1])
        job.run().want(0).says("running on the CPU", "(rank 1)")
        found, wanted = result(out), kind.wanted
        require(found[0] == wanted[0] and found[1]["measures"] == wanted[1]["measures"], "files or measures have other bits")
        require(len(device_of_ranks(out)) >= 2, f"{device_of_ranks(out)}")
    return check


def well_again(job):
    """No result, and then one of the same command with devices that are well."""
    require(not (job.out / "run.json").exists(), "there is a result")
    job.well().run().want(0)
    require_equal(result(job.out), job.kind.wanted)


# --- Devices that fail ------------------------------------------------------------------------------------------------------------

def left_for_cpu(kind, ranks, rank, fault, error):
    def check():
        out = kind.suite.folder("left") / "out"
        ran = Ranks(kind, out, ranks, "auto", f"devices={ranks}").strikes(rank, fault).run().want(0).says(error, "goes on on the CPU")
        require_equal(result(out), kind.wanted)
        told = events(ran.err, "worker")
        require(len(told) == 1 and told[0].get("rank", 0) == rank, f"told by {told}")
        on_cpu = sum(number for name, number in device_of_ranks(out).items() if "Simulated" not in name)
        require(on_cpu == 1, f"{device_of_ranks(out)}")
    return check


def gives_up(kind, ranks, rank, fault, error):
    """Devices were asked for by name."""
    def check():
        job = Ranks(kind, kind.suite.folder("gives-up") / "out", ranks, "cuda:all", f"devices={ranks}").strikes(rank, fault)
        ran = job.run().want(75).says(error)
        require(rank == 0 or f"rank {rank} (" in ran.err, f"the rank is not named: {ran.err[-600:]}")
        well_again(job)
    return check


def crashed(kind, ranks, rank):
    def check():
        job = Ranks(kind, kind.suite.folder("crashed") / "out", ranks, "auto", f"devices={ranks}")
        ran = job.strikes(rank, "fail=launch@3:crash").run()
        require(ran.code != 0, "it ends with 0")
        well_again(job)
    return check


def hung(kind, ranks, rank):
    def check():
        job = Ranks(kind, kind.suite.folder("hung") / "out", ranks, "auto", f"devices={ranks}", "--stall-seconds", "2")
        job.strikes(rank, "fail=cudaStreamSynchronize@3:hang").run(60).want(75).says(f"rank {rank} (", "no progress")
        well_again(job)
    return check


def flipped(kind, ranks, rank):
    """A wrong bit among the losses that one rank's device computes, all blocks audited."""
    def check():
        job = Ranks(kind, kind.suite.folder("flipped") / "out", ranks, "auto", f"devices={ranks}", "--audit", "1")
        job.strikes(rank, "flip=2:40").run().want(75).says("audit: the scenarios")
        well_again(job)
    return check


# --- All of them ------------------------------------------------------------------------------------------------------------------

def prepare(suite):
    mpi = program_of_ranks(suite)
    if "Simulated device" not in run(suite.args.program, "devices").out:
        raise Skipped("the program was not built on simulated devices")
    full = Kind(suite, mpi, "full", 20_001, group_detail="full", exposure_dates=["8h", "1d"])
    tails = Kind(suite, mpi, "tails", 20_001, group_detail="tails", levels=[0.99])
    for kind, ranks, there in [*itertools.product((full,), (1, 2, 3, 4), (1, 2, 3)), (tails, 2, 3), (tails, 3, 2)]:
        own = [[rank % there] for rank in range(ranks)]
        parts = [[number for number in range(there) if number % ranks == rank] or [rank % there] for rank in range(ranks)]
        for device, wanted in (("auto", own), ("cuda:all", parts)):
            suite.add(f"bits, {kind.name}, {ranks} ranks on {there} devices, {device}", same_bits(kind, ranks, there, device, wanted))
    for ranks in (2, 3):
        suite.add(f"one of {ranks} ranks without a device", beside_cpu(full, ranks))
    faults = (("fail=cudaMalloc@1:700:sticky", "cudaErrorIllegalAddress"), ("fail=launch@2:719:sticky", "cudaErrorLaunchFailure"),
              ("fail=cudaStreamSynchronize@2:214:sticky", "cudaErrorECCUncorrectable"))
    for (ranks, rank), (fault, error) in itertools.product(((1, 0), (2, 0), (2, 1), (3, 2)), faults):
        suite.add(f"auto: rank {rank} of {ranks}, {fault}", left_for_cpu(full, ranks, rank, fault, error))
        suite.add(f"cuda:all: rank {rank} of {ranks}, {fault}", gives_up(tails, ranks, rank, fault, error))
    for ranks, rank in ((2, 0), (2, 1), (3, 2)):
        suite.add(f"crash: rank {rank} of {ranks}", crashed(full, ranks, rank))
        suite.add(f"hang: rank {rank} of {ranks}", hung(tails, ranks, rank))
        suite.add(f"flipped bit: rank {rank} of {ranks}", flipped(full, ranks, rank))


def self_test(suite):
    out = suite.folder("text")
    (out / "summary.json").write_text('{"device": "3 ranks on 2 hosts: 2 x A (cuda:0); 1 x B"}')
    assert device_of_ranks(out) == {"A (cuda:0)": 2, "B": 1}
    kind = type("Kind", (), {"command": lambda self, out, *flags, **more: ["tailbit-mpi", "run", "--device", "cpu", *flags]})()
    job = Ranks(kind, out, 2, "auto", "devices=3").strikes(1, "flip=1")
    assert [variable for variable, _ in job.ranks] == ["memory=64M;devices=3", "memory=64M;devices=3;flip=1"]
    assert job.ranks[0][1][3] == "auto"


if __name__ == "__main__":
    sys.exit(Suite("mpi_devices", "Open MPI on simulated devices", self_test).main(prepare))
