#!/usr/bin/env python3
"""The CPU's hot loops as the compiler left them: instructions per lane, counted in object files, so that no noise hides a loss.

  hot_loops.py [--update] OBJECT...   hot_loops_v3.cpp.o, hot_loops_v4.cpp.o of optimised builds
  hot_loops.py --self-test

A hot loop is an innermost loop that does arithmetic on packed floating-point numbers in the instruction set's widest registers;
what is left over after whole vectors is not counted. Rules: it calls nothing, has no branch but its own, divides no more than its
formula needs (LIMITS), and takes no more instructions per lane than bench/results/hot_loops.json says; no function loses a loop.
--update writes that table anew for the compiler of the objects. A compiler that is not in the table is skipped: exit code 77.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import control_flow as flow
import count_table

TABLE = "bench/results/hot_loops.json"
TOLERANCE = 0.03
COLUMNS = ["instructions", "lanes", "fma", "mul", "add", "div", "sqrt", "loads", "stores"]
WIDEST = {"v3": "%ymm", "v4": "%zmm"}
BYTES = {"%xmm": 16, "%ymm": 32, "%zmm": 64}

# (function, divisions, square roots) per lane, of all its loops together: what the formula needs.
LIMITS = [
    (r"^\w+<\w+, (European|Digital), FixedVol>$", 1, 0),
    (r"^\w+<\w+, (Spot|Future|Perpetual), (Plain|OnForward|Settled|Funded)>$", 0, 0),
    (r"^(scale_normals|bridge|spots|forwards|end_period)$", 0, 0),
]

KINDS = [
    ("fma", re.compile(r"^vfn?m(add|sub|addsub|subadd)\d*p([sd])$")),
    ("mul", re.compile(r"^vmulp([sd])$")),
    ("add", re.compile(r"^v(?:add|sub)p([sd])$")),
    ("div", re.compile(r"^vdivp([sd])$")),
    ("sqrt", re.compile(r"^vsqrtp([sd])$")),
    ("other", re.compile(r"^v(?:max|min|cmp\w*|round|rndscale|scalef|fixupimm|range|reduce|cvt\w*)p([sd])(?:2\w+)?$")),
]
# The size of the numbers in an array, by the instruction that reads or writes it.
ELEMENT = [
    (re.compile(r"^v(cvtps2pd|cvtdq2pd|cvtudq2pd)$"), 4),
    (re.compile(r"ps$|ps2\w+$|32$|^vp\w+d$"), 4),
    (re.compile(r"pd$|pd2\w+$|64$|^vp\w+q$|^vmovdq"), 8),
]


def short(name):
    """A demangled function without namespaces, parameters and Pricer<>: 'revalue<double, European, Moved<FixedVol>>'."""
    name = re.sub(r"\(anonymous namespace\)::", "", name)
    name = re.sub(r"\(.*", "", name)
    name = re.sub(r"\b\w+::", "", name).replace("> >", ">>").replace("> >", ">>")
    name = re.sub(r"^(unsigned long|void) ", "", name)
    return re.sub(r"Pricer<(.*)>>$", r"\1>", name)


_FUNCTION = re.compile(r"^([0-9a-f]+) <(.*)>:$")
_RELOCATION = re.compile(r"^\s+[0-9a-f]+: R_X86_64_\S+\s+(\S+)")
_INSTRUCTION = re.compile(r"^ +([0-9a-f]+):\t(?:(?:rep|repz|bnd|notrack|lock|data16|cs|\{\w+\}) )*(\S+)\s*(.*?)\s*$")


def instruction(match):
    at, name, operands = int(match[1], 16), match[2], match[3]
    kind, target = flow.PLAIN, -1
    if name.startswith("j"):
        place = re.match(r"([0-9a-f]+) ", operands)
        kind = flow.END if place is None else flow.JUMP if name == "jmp" else flow.BRANCH
        target = int(place[1], 16) if place else -1
    elif name.startswith("call"):
        kind = flow.CALL
    elif name.startswith("ret") or name == "ud2":
        kind = flow.END
    return flow.Instruction(at, name, operands, kind, target)


def functions_of(path):
    """{short name: instructions}, {short name: the function it only jumps to} of an object file."""
    text = count_table.output("objdump", "-d", "-r", "-w", "-C", "--no-show-raw-insn", path)
    functions, starts, current = {}, {}, None
    for line in text.splitlines():
        if found := _FUNCTION.match(line):
            cold = "[clone" in found[2]
            current = None if cold else functions.setdefault(short(found[2]), [])
            if not cold:
                starts[int(found[1], 16)] = short(found[2])
        elif current is None:
            continue
        elif found := _RELOCATION.match(line):
            # Where the linker puts in an address, what objdump shows is none.
            if current[-1].flow in (flow.JUMP, flow.BRANCH):
                current[-1].target = -1
            if current[-1].flow == flow.CALL:
                current[-1].operands = found[1]
        elif found := _INSTRUCTION.match(line):
            current.append(instruction(found))
    jumps = {}
    for name, code in functions.items():
        code = [one for one in code if not one.name.startswith(("nop", "endbr", "xchg"))]
        if len(code) == 1 and code[0].flow == flow.JUMP and code[0].target in starts:
            jumps[name] = starts[code[0].target]
    return functions, jumps


def memory(one):
    """The parts of its operand in memory: (base, index, scale), or None."""
    found = re.search(r"\(([^(),]*)(?:,([^(),]*))?(?:,(\d))?\)", one.operands)
    return (found[1], found[2] or "", int(found[3] or 1)) if found else None


def steps(code):
    """{register: what it grows by in one round}, of those that only ever grow by a constant."""
    found, writers = {}, [one.operands.split(",")[-1] for one in code if not one.name.startswith(("cmp", "test"))]
    for one in code:
        if writers.count(one.operands.split(",")[-1]) > 1:
            continue
        if one.name in ("add", "addq", "sub", "subq"):
            if number := re.match(r"\$(-?0x[0-9a-f]+),(%\w+)$", one.operands):
                step = int(number[1], 16)
                step -= (1 << 64) if step >= 1 << 63 else 0
                found[number[2]] = -step if one.name.startswith("sub") else step
        elif one.name in ("inc", "incq"):
            found[one.operands] = 1
    return found


def accesses(code):
    """(instruction, size of its numbers, base, index, scale) of the vectors that are read from arrays or written to them."""
    for one in code:
        place = memory(one)
        size = next((size for pattern, size in ELEMENT if pattern.search(one.name)), None)
        if place and size and width(one) and "{1to" not in one.operands and "broadcast" not in one.name and place[0] != "%rsp":
            yield one, size, *place


def lanes_of(code, widest):
    """How many lanes one round does: from how far it walks along its arrays, else from how many vectors it writes to one."""
    grows, walked, written = steps(code), [], {}
    for one, size, base, index, scale in accesses(code):
        step = grows.get(base, 0) + scale * grows.get(index, 0)
        if step > 0 and step % (BYTES[widest] // 8 * size) == 0:
            walked.append(step // size)
        if is_store(one):
            written[base, index] = written.get((base, index), 0) + width(one) // size
    return min(walked, default=0) or max(written.values(), default=0) or BYTES[widest] // 8


def is_store(one):
    return "mov" in one.name and re.search(r"\)(\{%k\d\})?$", one.operands) is not None


def width(one):
    return max((size for register, size in BYTES.items() if register in one.operands), default=0)


def counts(code, widest):
    """One row of COLUMNS. Operations are per lane: a division of half of the lanes counts one half."""
    lanes = lanes_of(code, widest)
    row = dict.fromkeys(COLUMNS, 0)
    row.update(instructions=len(code), lanes=lanes)
    for one in code:
        for kind, pattern in KINDS:
            if kind != "other" and (found := pattern.match(one.name)):
                row[kind] += width(one) / (4 if found[found.lastindex] == "s" else 8) / lanes
        if memory(one) and not one.name.startswith(("lea", "nop", "prefetch")):
            row["stores" if is_store(one) else "loads"] += 1
    return [int(row[name]) if row[name] == int(row[name]) else round(row[name], 3) for name in COLUMNS]


def is_hot(code, widest):
    return any(widest in one.operands and any(pattern.match(one.name) for _, pattern in KINDS) for one in code)


def is_float(code):
    return any(re.match(r"^v\w+[sp][sd]$", one.name) and not one.name.startswith("vmov") for one in code)


def loops_of(name, instructions, widest):
    """The rows of a function's hot loops, dearest first, and what is wrong with them."""
    if not instructions:
        return [], []
    blocks = flow.blocks_of(instructions)
    rows, wrong, scalar = [], [], False
    for loop in flow.innermost(flow.loops_of(blocks)):
        code = flow.code_of(blocks, loop)
        if not is_hot(code, widest):
            scalar = scalar or is_float(code)
            continue
        where = f"{name}, the loop at {code[0].at:#x}"
        wrong += [f"{where}: calls {one.operands}" for one in code if one.flow == flow.CALL]
        branches = sum(one.flow in (flow.BRANCH, flow.JUMP) for one in code) - 1
        if branches > 0:
            wrong.append(f"{where}: has {branches} inner branch(es)")
        rows.append(counts(code, widest))
    if scalar and not rows:
        wrong.append(f"{name}: none of its loops is vectorised in {widest[1:]} registers")
    return sorted(rows, key=lambda row: (-row[0] / row[1], row)), wrong


def limit_problems(name, rows):
    found = []
    for pattern, divisions, roots in LIMITS:
        if re.match(pattern, name):
            for what, most in (("div", divisions), ("sqrt", roots)):
                number = sum(row[COLUMNS.index(what)] for row in rows)
                if number > most:
                    found.append(f"{name}: {number:g} {what} per lane, where the formula needs {most}")
    return found


def measure(path):
    """{function: rows, or the name of the function it is the same as}, and what breaks a rule in one object file."""
    isa = re.search(r"v[34]", Path(path).name)
    if isa is None:
        return {}, [f"{path}: the name says neither v3 nor v4"]
    functions, jumps = functions_of(path)
    result, wrong = {}, []
    for name in sorted(functions):
        if name in jumps:
            result[name] = jumps[name]
            continue
        rows, found = loops_of(name, functions[name], WIDEST[isa[0]])
        wrong += [f"{isa[0]}: {problem}" for problem in found + limit_problems(name, rows)]
        if rows:
            result[name] = rows
    if not result:
        wrong.append(f"{path}: no hot loop in it")
    return {isa[0]: result}, wrong


def row_problems(where, row, wanted):
    cost, most = row[0] / row[1], wanted[0] / wanted[1]
    found = []
    if cost > most * (1 + TOLERANCE) and row[0] > wanted[0] + 1:
        found.append(f"{where}: {row[0]} instructions for {row[1]} lanes, the table has {wanted[0]} for {wanted[1]}")
    for what in ("div", "sqrt"):
        at = COLUMNS.index(what)
        if row[at] > wanted[at] + 1e-9:
            found.append(f"{where}: {row[at]:g} {what} per lane, the table has {wanted[at]:g}")
    return found


def compare(isa, measured, table):
    """What is dearer than the table; functions are compared loop by loop, dearest first."""
    found = []
    for name in sorted(measured.keys() | table.keys()):
        where = f"{isa}: {name}"
        rows, wanted = measured.get(name), table.get(name)
        if wanted is None or rows is None:
            found.append(f"{where}: {'is not in the table' if wanted is None else 'has no hot loop, or is gone'}")
            continue
        rows = measured.get(rows, []) if isinstance(rows, str) else rows
        wanted = table.get(wanted, []) if isinstance(wanted, str) else wanted
        if len(rows) != len(wanted):
            found.append(f"{where}: {len(rows)} hot loop(s), the table has {len(wanted)}")
            continue
        for number, (row, want) in enumerate(zip(rows, wanted), 1):
            found += row_problems(f"{where}, loop {number} of {len(rows)}", row, want)
    return found


def report(isa, measured):
    """A line a function: instructions per lane of all its loops, then each loop."""
    print(f"{isa}: instructions per lane, then its loops as instructions/lanes (fma mul add div sqrt per lane; loads, stores)")
    for name, rows in measured.items():
        if isinstance(rows, str):
            print(f"  {name:<52} as {rows}")
            continue
        loops = "  ".join("{0}/{1} ({2:g} {3:g} {4:g} {5:g} {6:g}; {7}, {8})".format(*row) for row in rows)
        print(f"  {name:<52} {sum(row[0] / row[1] for row in rows):7.2f}  {loops}")


def check(objects, update=False, table_path=None):
    path = table_path or count_table.root() / TABLE
    table, wrong, unknown = count_table.read(path), [], set()
    for name in objects:
        compiler = count_table.compiler_of(name)
        measured, found = measure(name)
        wrong += [f"{compiler}: {problem}" for problem in found]
        for isa, functions in measured.items():
            report(f"{compiler} {isa}", functions)
            if update:
                table["compilers"].setdefault(compiler, {})[isa] = functions
            elif compiler not in table["compilers"]:
                unknown.add(compiler)
            else:
                known = table["compilers"][compiler].get(isa, {})
                wrong += [f"{compiler} {problem}" for problem in compare(isa, functions, known)]
    if update:
        table["columns"] = COLUMNS
        count_table.write(path, table)
    return count_table.verdict(wrong, unknown, "scripts/checks/hot_loops.py --update OBJECT...")


PLANTED = """
    .section .comment; .ascii "\\0GCC: (planted) {compiler}.2.0\\0"
    .text; .globl {name}; .type {name},@function
{name}:
    xor %eax,%eax
1:  vmovupd (%rdi,%rax,8),%ymm0
    vfmadd213pd (%rsi,%rax,8),%ymm0,%ymm1
    {middle}
    vmovupd %ymm1,(%rdx,%rax,8)
    add $4,%rax
    cmp %rcx,%rax
    jb 1b
2:  vmulsd (%rdi,%rax,8),%xmm0,%xmm0
    inc %rax
    cmp %r8,%rax
    jb 2b
    ret
"""


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        source, table = Path(folder) / "loop.s", Path(folder) / "table.json"

        def run(middle="", name="revalue", compiler=12, update=False, text=PLANTED):
            source.write_text(text.format(middle=middle, name=name, compiler=compiler), encoding="utf-8")
            target = str(Path(folder) / "planted_v3.o")
            subprocess.run(["as", "--64", "-o", target, str(source)], check=True)
            return count_table.quietly(lambda: check([target], update, table))

        assert run(update=True) == 0
        assert count_table.read(table)["compilers"]["g++-12"]["v3"] == {"revalue": [[6, 4, 1, 0, 0, 0, 0, 2, 1]]}
        assert run() == 0, "a false alarm"
        assert run(middle="vmaxpd %ymm1,%ymm0,%ymm1") == 0, "one instruction more is within what compilers differ by"
        assert run(compiler=99) == 77, "an unknown compiler is no skip"
        scalar = PLANTED.replace("vmovupd", "vmovsd").replace("pd ", "sd ").replace("%ymm", "%xmm").replace("$4", "$1")
        bad = {
            "two instructions more": {"middle": "vmaxpd %ymm1,%ymm0,%ymm1; vmaxpd %ymm1,%ymm0,%ymm1"},
            "a call": {"middle": "call exp"},
            "an inner branch": {"middle": "jz 3f; nop; 3:"},
            "a division": {"middle": "vdivpd %ymm1,%ymm0,%ymm1"},
            "a root": {"middle": "vsqrtpd %ymm1,%ymm1"},
            "another function": {"name": "price"},
            "a loop that is not vectorised": {"text": scalar},
        }
        for what, arguments in bad.items():
            assert run(**arguments) == 1, f"missed {what}"
        assert run(middle="vdivpd %ymm1,%ymm0,%ymm1", name="spots", update=True) == 1, "missed a division that no formula needs"
        # A loop that does two vectors a round has twice the lanes.
        two = PLANTED.replace("$4", "$8").replace("{middle}", "vmulpd %ymm1,%ymm1,%ymm2; vdivpd %ymm1,%ymm1,%ymm2")
        assert run(text=two, update=True) == 0
        assert count_table.read(table)["compilers"]["g++-12"]["v3"]["revalue"] == [[8, 8, 0.5, 0.5, 0, 0.5, 0, 2, 1]]
    name = "unsigned long t::(anonymous namespace)::revalue<double, t::Pricer<t::European, t::m::Moved<t::m::Vol> > >(t::Tile&)"
    assert short(name) == "revalue<double, European, Moved<Vol>>"


if __name__ == "__main__":
    count_table.main(check, self_test, __doc__, ["objdump", "readelf", "as"])
