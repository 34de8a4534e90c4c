"""Whether a device computes what it should: for bench/gpu.sh, through the program's self-test, the parity tests and compute-sanitizer.

Each function returns a part of the result: {"outcome": "passed", "failed" or "skipped", ...}; a skip has a reason, a failure what
was said. Only compute-sanitizer's tools may be skipped.
"""

import json
import subprocess
import tempfile
import time
from pathlib import Path

TOOLS = ("memcheck", "racecheck", "initcheck")
FOUND = 99  # what compute-sanitizer is told to exit with when it finds something


def skipped(reason):
    return {"outcome": "skipped", "reason": reason}


def failed(detail):
    print(f"   FAILED: {detail}", flush=True)
    return {"outcome": "failed", "detail": detail}


def last_lines(text, number=5):
    return " | ".join(text.strip().splitlines()[-number:])[-600:]


def usable_device(program):
    """(device, "") or (None, why there is none), as `tailbit devices --json` tells it."""
    done = subprocess.run([program, "devices", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        return None, f"the program does not tell its devices (exit {done.returncode})"
    told = json.loads(done.stdout)
    for device in told["cuda"]:
        if device["usable"]:
            return device, ""
    return None, told["cuda"][0]["reason"] if told["cuda"] else told["cuda_reason"]


def selftest(program, device):
    """Known jobs, in every precision, on the CPU and on this device."""
    done = subprocess.run([program, "selftest", "--json"], capture_output=True, text=True)
    try:
        checks = json.loads(done.stdout)["checks"]
    except (ValueError, KeyError):
        return failed(f"selftest: exit {done.returncode}: {last_lines(done.stderr)}")
    wrong = [one for one in checks if not one["pass"]]
    on_device = sorted(one["check"] for one in checks if one["device"] == f"cuda:{device['id']}")
    if wrong or done.returncode != 0:
        return failed("selftest: " + "; ".join(f"{one['device']}: {one['check']}: {one['detail']}" for one in wrong))
    if not on_device:
        return failed("selftest: nothing ran on the device")
    return {"outcome": "passed", "checks": len(checks), "on_device": on_device}


def parity(tests):
    """The parity tests, of which those on the device have to run."""
    if tests is None:
        return failed("the parity tests are not built")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run([tests, f"--gtest_output=json:{report}"], capture_output=True, text=True)
        try:
            suites = json.loads(report.read_text(encoding="utf-8"))["testsuites"]
        except (OSError, ValueError, KeyError):
            return failed(f"parity tests: exit {done.returncode}: {last_lines(done.stdout + done.stderr)}")
    cases = [(f"{suite['name']}.{case['name']}", case) for suite in suites for case in suite["testsuite"]]
    wrong = [name for name, case in cases if case.get("failures")]
    passed = [name for name, case in cases if case["result"] == "COMPLETED" and not case.get("failures")]
    if wrong or done.returncode != 0:
        return failed(f"parity tests: exit {done.returncode}: {', '.join(wrong)}")
    on_device = sorted(name for name in passed if "DeviceParity" in name)
    if not on_device:
        return failed("parity tests: none ran on the device")
    return {"outcome": "passed", "tests": len(passed), "skipped": len(cases) - len(passed), "on_device": on_device}


def sanitizer(tool, program, seconds):
    """{kind: outcome} of compute-sanitizer over the program's self-test; `tool` is its path, or None; within `seconds` in all."""
    results, end = {}, time.monotonic() + seconds
    for kind in TOOLS:
        left = end - time.monotonic()
        if tool is None:
            results[kind] = skipped("compute-sanitizer is not installed")
        elif left < 1:
            results[kind] = skipped("no time was left")
        else:
            results[kind] = sanitize(tool, kind, program, left)
        print(f"   {kind}: {results[kind]['outcome']} {results[kind].get('reason', '')}".rstrip(), flush=True)
    return results


def sanitize(tool, kind, program, seconds):
    words = [tool, "--tool", kind, "--error-exitcode", str(FOUND), program, "selftest"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return skipped("did not finish in the time that was left")
    said = done.stdout + done.stderr
    # It has to have looked: a tool that cannot attach to the process says nothing of errors.
    if done.returncode == 0 and ("ERROR SUMMARY: 0 errors" in said or "RACECHECK SUMMARY: 0 hazards" in said):
        return {"outcome": "passed"}
    return failed(f"{kind}: exit {done.returncode}: {last_lines(said)}")
