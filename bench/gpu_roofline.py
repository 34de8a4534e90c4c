"""What a device could do at most if its kernels had to wait for nothing: for bench/gpu.sh, from bench/results/kernels.json.

The table counts, per reprice, instructions in all, in binary64 and on the special function units. A multiprocessor issues 128 lanes a
clock; of binary64 and special functions it has fewer, by compute capability. The bound is that of the scarcest.
"""

import ctypes
import json
import shutil
import subprocess

ISSUED, SPECIAL = 128, 16  # lanes a clock of a multiprocessor
FP64 = {"8.0": 32, "9.0": 64, "10.0": 64}
FP64_OF_OTHERS = 2
H200 = {"multiprocessors": 132, "clock_ghz": 1.98}
MULTIPROCESSORS, CLOCK_KHZ = 16, 13  # CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, _CLOCK_RATE


def from_driver(ordinal):
    """Multiprocessors and clock as libcuda tells them; {} where there is none."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
        device, value = ctypes.c_int(), ctypes.c_int()
        if cuda.cuInit(0) or cuda.cuDeviceGet(ctypes.byref(device), ordinal):
            return {}
        found = {}
        for name, attribute, scale in (("multiprocessors", MULTIPROCESSORS, 1), ("clock_ghz", CLOCK_KHZ, 1e-6)):
            if cuda.cuDeviceGetAttribute(ctypes.byref(value), attribute, device) == 0 and value.value > 0:
                found[name] = round(value.value * scale, 4)
        return found
    except (OSError, AttributeError):
        return {}


def from_nvidia_smi(name):
    """The driver's version, and the highest clock of the first device of this name."""
    if shutil.which("nvidia-smi") is None:
        return {}
    words = ["nvidia-smi", "--query-gpu=name,driver_version,clocks.max.sm", "--format=csv,noheader,nounits"]
    for line in subprocess.run(words, capture_output=True, text=True).stdout.splitlines():
        fields = [field.strip() for field in line.split(",")]
        if len(fields) == 3 and fields[0] == name:
            clock = {"clock_ghz": float(fields[2]) / 1000} if fields[2].isdigit() and int(fields[2]) else {}
            return {"driver": fields[1]} | clock
    return {}


def architecture_of(capability, tables):
    """The newest machine code in the table that is no newer than the device."""
    major, minor = (int(part) for part in capability.split("."))
    fitting = [name for name in tables if int(name.removeprefix("sm_")) <= 10 * major + minor]
    return max(fitting or tables, key=lambda name: int(name.removeprefix("sm_")))


def bound(row, capability, clocks):
    """G reprices a second of a kernel; `clocks` are G clocks a second of all multiprocessors."""
    lanes = {"per_reprice": ISSUED, "fp64": FP64.get(capability, FP64_OF_OTHERS), "special": SPECIAL}
    return clocks / max(row[what] / number for what, number in lanes.items())


def of_device(device, root):
    """What is known of the device, and a function (precision, {pricer: share}) -> bound in G reprices a second."""
    told = from_driver(device["id"]) | from_nvidia_smi(device["name"])
    assumed = sorted(H200.keys() - told.keys())
    known = {"name": device["name"], "compute_capability": device["compute_capability"], "memory_bytes": device["memory_bytes"]}
    known |= {"driver": None} | H200 | told
    table = json.loads((root / "bench/results/kernels.json").read_text(encoding="utf-8"))
    compiler = max(table["compilers"], key=lambda name: [int(part) for part in name.removeprefix("nvcc-").split(".")])
    architecture = architecture_of(device["compute_capability"], table["compilers"][compiler])
    rows = table["compilers"][compiler][architecture]
    known["bound_from"] = f"{compiler}, {architecture}" + (f", {' and '.join(assumed)} of an H200" if assumed else "")
    clocks = known["multiprocessors"] * known["clock_ghz"]

    def bounds(precision, kernels):
        scalar = {"double": "double", "single": "float"}[precision]
        times = 0.0
        for pricer, share in kernels.items():
            row = dict(zip(table["columns"], rows[f"revalue_kernel<{scalar}, {pricer}>"]))
            times += share / bound(row, device["compute_capability"], clocks)
        return 1.0 / times

    return known, bounds
