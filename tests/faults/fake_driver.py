#!/usr/bin/env python3
"""What the program says and does where the NVIDIA driver is absent, too old, a stub, not ready, broken.

  fake_driver.py PROGRAM SOURCE-FOLDER [--report FILE]     PROGRAM built with CUDA, by nvcc

A library libcuda.so.1 made from fake_driver.c, or by other means, stands first on LD_LIBRARY_PATH. In every mode four commands
must do what a scheduler relies on: `devices` says why there is no GPU and what to do; `run --device auto` gives the CPU's result
and says why; `run --device cuda` and `cuda:all` leave no result and end with 69, or with 75 where the same may work in a while.
A driver that hangs or crashes costs `run --device auto` one worker, and the others their three. It keeps no compiled kernels in
the home directory unless somebody has said so.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

from points import Points

WHAT = ("CUDA faults by fake driver and failing backend (no driver, old driver, no device, out of memory, sticky error, "
        "lost device, flipped bit)")


# (name, library, TAILBIT_FAKE_DRIVER, CUDA_VISIBLE_DEVICES, exit code of an explicit device, what messages say)
MODES = [
    ("no driver", None, "", None, 69, ["no NVIDIA driver", "libcuda.so.1", "--device cpu", "cudaErrorInsufficientDriver"]),
    ("a file that is no library", "text", "", None, 69, ["no NVIDIA driver", "libcuda.so.1", "cudaErrorInsufficientDriver"]),
    ("a library without symbols", "empty", "", None, 69, ["empty/libcuda.so.1", "install the driver again"]),
    ("the toolkit's stub", "stub", "", None, 69, ["stub/libcuda.so.1", "LD_LIBRARY_PATH", "cudaErrorStubLibrary, 34"]),
    ("stub by its code", "fake", "init=34", None, 69, ["fake/libcuda.so.1", "LD_LIBRARY_PATH", "cudaErrorStubLibrary, 34"]),
    ("driver for CUDA 12.2", "fake", "version=12020", None, 69, ["up to 12.2", "needs 13.0", "newer driver", "driver 12020"]),
    ("driver for CUDA 11.8", "fake", "version=11080", None, 69, ["up to 11.8", "needs 13.0", "newer driver", "driver 11080"]),
    ("driver refuses this program", "fake", "init=35", None, 69, ["fake/libcuda.so.1", "newer driver"]),
    ("call of a newer driver", "fake", "init=36", None, 69, ["newer driver", "cudaErrorCallRequiresNewerDriver, 36"]),
    ("no device", "fake", "init=100", None, 69, ["sees no GPU", "nvidia-smi", "cudaErrorNoDevice, 100"]),
    ("devices are hidden", "fake", "init=100", "", 69, ["sees no GPU", 'CUDA_VISIBLE_DEVICES=""', "cudaErrorNoDevice, 100"]),
    ("a device that is not there is asked for", "fake", "init=100", "7", 69, ['CUDA_VISIBLE_DEVICES="7"']),
    ("driver does not start", "fake", "init=3", None, 69, ["could not start", "nvidia-smi", "cudaErrorInitializationError, 3"]),
    ("fabric is not ready", "fake", "init=802", None, 75, ["not ready", "run again", "cudaErrorSystemNotReady, 802"]),
    ("library and module differ", "fake", "init=803", None, 69, ["fake/libcuda.so.1", "upgrade", "cudaErrorSystemDriverMismatch, 803"]),
    ("compatibility package", "fake", "init=804", None, 69, ["fake/libcuda.so.1", "LD_LIBRARY_PATH", "804"]),
    ("devices are reserved", "fake", "init=46", None, 75, ["busy or reserved", "run again", "cudaErrorDevicesUnavailable, 46"]),
    ("device lost at the start", "fake", "init=101", None, 69, ["nvidia-smi", "cudaErrorInvalidDevice, 101"]),
    ("unknown error", "fake", "init=999", None, 69, ["nvidia-smi", "cudaErrorUnknown, 999"]),
    ("devices cannot be counted", "fake", "count_code=999", None, 69, ["nvidia-smi", "cudaErrorUnknown, 999"]),
    ("driver is hollow", "fake", "", None, 69, ["nvidia-smi", "cudaErrorUnknown, 999"]),
]

# (name, TAILBIT_FAKE_DRIVER, exit code of an explicit device, what messages say)
LOSING_MODES = [
    ("driver hangs", "hang=1", 75, ["no progress for 1 s", "stalled"]),
    ("driver crashes", "crash=1", 70, ["Aborted"]),
]

# (name, what the environment says, what the driver is then told of its cache)
CACHES = [
    ("nothing is said of CUDA's cache", {}, "cache 1"),
    ("CUDA's cache has a folder", {"CUDA_CACHE_PATH": "cache"}, "cache as ever"),
    ("CUDA's cache is wanted", {"CUDA_CACHE_DISABLE": "0"}, "cache 0"),
]


def make_libraries(folder, source):
    """Folders that each hold a libcuda.so.1; without `stub` where the toolkit has none."""
    def place(name):
        os.mkdir(f"{folder}/{name}")
        return f"{folder}/{name}/libcuda.so.1"

    def build(path, code):
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", path, code], check=True)

    with open(place("text"), "w", encoding="utf-8") as file:
        file.write("not a library\n")
    with open(f"{folder}/empty.c", "w", encoding="utf-8") as file:
        file.write("int nothing_of_cuda;\n")
    build(place("empty"), f"{folder}/empty.c")
    build(place("fake"), f"{source}/tests/faults/fake_driver.c")
    nvcc = shutil.which("nvcc", path=os.environ.get("PATH", "") + ":/usr/local/cuda/bin")
    stub = nvcc and os.path.join(os.path.dirname(os.path.realpath(nvcc)), "../lib64/stubs/libcuda.so")
    if stub and os.path.exists(stub):
        os.symlink(stub, place("stub"))


class Program:
    def __init__(self, path, source, folder):
        self.path, self.folder = path, folder
        self.job = f"{folder}/job"
        shutil.copytree(f"{source}/tests/golden/known_job", self.job)

    def run(self, arguments, library, driver, visible, more=None):
        foreign = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_CACHE_PATH", "CUDA_CACHE_DISABLE")
        environment = {k: v for k, v in os.environ.items() if k not in foreign} | (more or {})
        if library:
            environment["LD_LIBRARY_PATH"] = f"{self.folder}/{library}"
        environment["TAILBIT_FAKE_DRIVER"] = driver
        if visible is not None:
            environment["CUDA_VISIBLE_DEVICES"] = visible
        return subprocess.run([self.path, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True,
                              check=False, timeout=60)

    def simulate(self, device, *mode, flags=()):
        """Its outcome, and the digest of the losses or None."""
        out = f"{self.folder}/out"
        shutil.rmtree(out, ignore_errors=True)
        done = self.run(["run", f"{self.job}/run.json", "--out", out, "--device", device, "--scenarios", "600", *flags],
                        *mode)
        try:
            with open(f"{out}/summary.json", encoding="utf-8") as file:
                summary = json.load(file)
        except FileNotFoundError:
            return done, None
        return done, summary["digests"]["losses_sha256"]


def missing(text, wanted):
    absent = [one for one in wanted if one not in text]
    return f"does not say {absent}: {text.strip()[-400:]}" if absent else ""


def ended(done, code):
    return "" if done.returncode == code else f"exit {done.returncode}, not {code}: {done.stderr.strip()[-400:]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("--report")
    asked = parser.parse_args()
    source = os.path.realpath(asked.source)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(os.path.realpath(asked.program), source, folder)
        make_libraries(folder, source)
        if "built without CUDA" in program.run(["devices"], None, "", None).stdout:
            print("SKIP: the program was built without CUDA")
            sys.exit(77)
        points = Points("fake driver", WHAT)
        _, expected = program.simulate("cpu", None, "", None)
        for name, library, driver, visible, code, says in MODES:
            mode = (library, driver, visible)
            if library and not os.path.exists(f"{folder}/{library}"):
                points.skip(name, "this machine has no CUDA toolkit with its stub")
                continue
            done = program.run(["devices"], *mode)
            points.add(f"devices, {name}", ended(done, 0) or missing(done.stdout, ["none: no GPU", *says]))
            done, digest = program.simulate("auto", *mode)
            points.add(f"run --device auto, {name}",
                       ended(done, 0) or missing(done.stderr, ["running on the CPU", *says]) or
                       ("" if digest == expected else "not the CPU's losses"))
            for device in ("cuda", "cuda:all"):
                done, digest = program.simulate(device, *mode)
                points.add(f"run --device {device}, {name}",
                           ended(done, code) or missing(done.stderr, [f"--device {device}", *says]) or
                           (digest and "a result was left"))
        for name, driver, code, says in LOSING_MODES:
            mode, flags = ("fake", driver, None), ("--stall-seconds", "1")
            done, digest = program.simulate("auto", *mode, flags=flags)
            points.add(f"run --device auto, {name}",
                       ended(done, 0) or missing(done.stderr, ["running on the CPU", "while it asked CUDA for devices", *says]) or
                       ("" if digest == expected else "not the CPU's losses"))
            for device in ("cuda", "cuda:all"):
                done, digest = program.simulate(device, *mode, flags=flags)
                points.add(f"run --device {device}, {name}",
                           ended(done, code) or missing(done.stderr, says) or (digest and "a result was left"))
        for name, environment, told in CACHES:
            done = program.run(["devices"], "fake", "tell=1;init=100", None, environment)
            points.add(f"devices, {name}", ended(done, 0) or missing(done.stderr + "\n", [told + "\n"]))
        points.finish(least=80, report=asked.report)


if __name__ == "__main__":
    main()
