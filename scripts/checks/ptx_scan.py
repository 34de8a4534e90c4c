#!/usr/bin/env python3
"""PTX of the exact kernels: floating-point arithmetic rounds to nearest, once per operation, and is never approximate.

    ptx_scan.py FILE.ptx...     fails when any holds another operation; also when no file is given
    ptx_scan.py --self-test

An add or mul without a rounding suffix may be contracted by ptxas, so it fails as well; so do atomic sums of floating-point
numbers, whose order is not fixed, and calls into CUDA's mathematics.
"""

import re
import sys
from pathlib import Path

FLOAT_TYPES = {"f16", "f16x2", "bf16", "bf16x2", "f32", "f32x2", "f64"}
ROUNDED = {"add", "sub", "mul", "div", "sqrt", "rcp", "fma"}
APPROXIMATE = {"ex2", "lg2", "sin", "cos", "rsqrt", "tanh"}
TENSOR = {"mma", "wmma", "wgmma", "tcgen05"}

INSTRUCTION = re.compile(r"^(?:[\w$]+:\s*)?(?:@!?%?\w+\s+)?([a-z][a-z0-9_]*)((?:\.[a-zA-Z0-9_:]+)*)(.*)$")
LIBRARY_CALL = re.compile(r"\b(__nv_\w+|__internal_\w+)")


def verdict(operation, suffixes, rest):
    """What is wrong with one instruction, or None."""
    floating = bool(FLOAT_TYPES.intersection(suffixes))
    if operation == "call":
        called = LIBRARY_CALL.search(rest)
        return f"calls CUDA's {called.group(1)}" if called else None
    if operation in TENSOR:
        return "tensor-core arithmetic"
    if operation in APPROXIMATE and floating:
        return "a hardware approximation"
    if "approx" in suffixes:
        return "a hardware approximation"
    if "ftz" in suffixes:
        return "flushes subnormal numbers"
    if not floating:
        return None
    if operation == "mad":
        return "mad on floating-point numbers"
    if operation in ("atom", "red") and "add" in suffixes:
        return "an atomic floating-point sum: its order is not fixed"
    if operation in ROUNDED:
        if "full" in suffixes:
            return "an inexact division"
        if "rn" not in suffixes:
            return "no .rn: rounds otherwise, or may be contracted"
        if "sat" in suffixes or "relu" in suffixes:
            return "clamps its result"
    return None


def scan(ptx):
    """["line N: instruction: what is wrong"] of one PTX text."""
    ptx = re.sub(r"/\*.*?\*/", lambda match: "\n" * match.group().count("\n"), ptx, flags=re.DOTALL)
    found = []
    for number, line in enumerate(ptx.splitlines(), 1):
        for statement in line.split("//")[0].split(";"):
            match = INSTRUCTION.match(statement.strip().lstrip("{ \t"))
            if not match:
                continue
            operation, suffixes, rest = match.groups()
            wrong = verdict(operation, suffixes.split(".")[1:], rest)
            if wrong:
                found.append(f"line {number}: {operation}{suffixes}: {wrong}")
    return found


def self_test():
    good = """
    .version 8.4
    .target sm_80  // add.f64 in a comment, ex2.approx too
    $L__BB0_1:
        add.rn.f64 %fd3, %fd1, %fd2;
        @%p1 fma.rn.f64 %fd4, %fd1, %fd2, %fd3;
        sub.rn.f32 %f1, %f2, %f3;  mul.rn.f32 %f1, %f2, %f3;
        { div.rn.f64 %fd1, %fd2, %fd3; }
        sqrt.rn.f64 %fd1, %fd2;
        rcp.rn.f64 %fd1, %fd2;
        mad.lo.s32 %r1, %r2, %r3, %r4;
        mul.wide.u32 %rd1, %r1, %r2;
        add.s64 %rd1, %rd2, %rd3;
        cvt.rn.f32.f64 %f1, %fd1;
        cvt.rzi.s32.f64 %r1, %fd1;
        min.f64 %fd1, %fd2, %fd3;
        neg.f64 %fd1, %fd2;
        abs.f32 %f1, %f2;
        setp.lt.f64 %p1, %fd1, %fd2;
        selp.f64 %fd1, %fd2, %fd3, %p1;
        ld.global.nc.f64 %fd1, [%rd1];
        atom.global.add.u64 %rd1, [%rd2], %rd3;
        call.uni (retval0), vprintf, (param0, param1);
        .loc 1 20 3, function_name $L__info_string0, inlined_at 1 30 2
    """
    bad = [
        "add.f64 %fd3, %fd1, %fd2;",
        "mul.f32 %f1, %f2, %f3;",
        "@!%p2 sub.f64 %fd3, %fd1, %fd2;",
        "mov.u32 %r1, %r2; add.ftz.f32 %f1, %f2, %f3;",
        "add.rn.ftz.f32 %f1, %f2, %f3;",
        "fma.f32 %f1, %f2, %f3, %f4;",
        "fma.rz.f64 %fd1, %fd2, %fd3, %fd4;",
        "mad.rn.f32 %f1, %f2, %f3, %f4;",
        "mad.f32 %f1, %f2, %f3, %f4;",
        "div.full.f32 %f1, %f2, %f3;",
        "div.approx.f32 %f1, %f2, %f3;",
        "sqrt.approx.f32 %f1, %f2;",
        "{ ex2.approx.ftz.f32 %f1, %f2; }",
        "rsqrt.approx.f64 %fd1, %fd2;",
        "rcp.approx.ftz.f64 %fd1, %fd2;",
        "add.rn.sat.f32 %f1, %f2, %f3;",
        "atom.global.add.f64 %fd1, [%rd1], %fd2;",
        "red.global.add.f32 [%rd1], %f2;",
        "$L__BB0_2: add.rm.f64 %fd1, %fd2, %fd3;",
        "call.uni (retval0), __internal_accurate_pow, (param0, param1);",
        "cvt.rn.ftz.f32.f64 %f1, %fd1;",
        "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%fd1}, {%fd2}, {%fd3}, {%fd4};",
    ]
    assert not scan(good), f"a false alarm: {scan(good)}"
    for line in bad:
        assert scan(f"{good}\n{line}\n"), f"missed: {line}"


def main():
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        self_test()
        print("ok: finds what it should find")
        return
    found = [f"{name}: {what}" for name in arguments for what in scan(Path(name).read_text(encoding="utf-8"))]
    if not arguments:
        found = ["no PTX file given: nothing was checked"]
    print("\n".join(found[:40]) if found else f"ok: {len(arguments)} PTX files")
    if len(found) > 40:
        print(f"... and {len(found) - 40} more")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
