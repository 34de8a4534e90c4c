#!/usr/bin/env python3
"""What each CUDA kernel takes of a device, by its compiled code: registers, spills, memory, instructions per reprice.

  kernels.py [--update] LIBRARY   libtailbit_cuda.a of an optimised build
  kernels.py --self-test

Instructions per reprice: the contract loop is the one with the most arithmetic and reads of shared memory of its own, among those
that subtract doubles, if any do. Its cost is
one way around that goes once through each loop with arithmetic inside it, calls nothing, leaves global memory alone where it can,
and else does all the arithmetic there is; divided by the scenarios of a thread (as many as there are sums that it adds to). So what
happens to few contracts or few numbers is not in it: looking up another point, adding to another leaf's sums, and the slow path of
division and square root, which is a call that the fast path branches around.

The bound is what an H200 could do at most if nothing had to wait: 132 multiprocessors at 1.98 GHz, each issuing 128 lanes a clock,
of which 64 in double precision and 16 special functions and conversions.

Fails on a spill; on more registers, or another number of scenarios, than bench/results/kernels.json has; on more instructions per
reprice by more than 3 %, or in a whole kernel by more than 10 %. --update writes that table anew for this nvcc; one that is not in
the table is skipped: exit code 77.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import control_flow as flow
import count_table
import sass

TABLE = "bench/results/kernels.json"
TOLERANCE = 0.03
WHOLE = 0.1  # of all instructions of a kernel: a compiler moves more of these about
RESOURCES = ["registers", "stack", "local", "shared", "constant", "instructions"]
COLUMNS = RESOURCES + ["scenarios", "per_reprice", "fp64", "fp32", "special", "bound"]
CLOCKS = 132 * 1.98  # G clocks a second, of all multiprocessors
LANES = {"per_reprice": 128, "fp64": 64, "special": 16}
# Scenarios of a thread, where counting the sums that it adds to would not do: (pattern of a kernel's name, number).
SCENARIOS = [(r"revalue_kernel<float, tailbit::Pricer<tailbit::(European|Digital),", 4), (r"revalue_kernel<", 2)]
KINDS = {"fp64": sass.FP64, "fp32": sass.FP32, "special": sass.SPECIAL}
ARITHMETIC = sass.FP64 | sass.FP32 | sass.SPECIAL
ATOMIC = {"RED", "ATOMG"}
AVOIDED = ATOMIC | {"CALL", "LDG", "STG"}


def demangled(names):
    text = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True).stdout
    return text.splitlines()


def short(name):
    """'void tailbit::cuda::revalue_kernel<double, tailbit::Pricer<tailbit::Spot, tailbit::Plain> >(...)' without what all have."""
    name = re.sub(r"\(.*", "", re.sub(r"^void ", "", name))
    name = re.sub(r"\b\w+::", "", name).replace("> >", ">>").replace("> >", ">>")
    return re.sub(r"Pricer<(.*)>>$", r"\1>", name)


def number(code, names):
    return sum(one.name in names for one in code)


def cost(block):
    """What a way through the loop avoids, most of all first: calls and memory, leaving out arithmetic, instructions."""
    return number(block.code, AVOIDED), -number(block.code, ARITHMETIC), len(block.code)


def way(blocks, inside, start, ends):
    """The blocks of the best way (see `cost`) from `start` to one of `ends`, inside, never back; or []."""
    order = [block for block in flow.order(blocks) if block in inside]
    best = {start: (cost(blocks[start]), None)}
    for at, block in enumerate(order):
        if block not in best or (block in ends and block != start):
            continue
        for successor in blocks[block].next:
            if successor in order[at + 1 :]:
                total = tuple(map(sum, zip(best[block][0], cost(blocks[successor]))))
                if successor not in best or total < best[successor][0]:
                    best[successor] = total, block
    at = min((end for end in ends if end in best), key=lambda end: best[end][0], default=None)
    found = []
    while at is not None:
        found.append(at)
        at = best[at][1]
    return found[::-1]


def own(loop, loops):
    """The blocks of a loop that lie in no loop inside it."""
    return loop.body - frozenset().union(*(other.body for other in loops if other.body < loop.body))


def contract_loop(blocks, loops):
    def code_of(loop):
        return [one for block in own(loop, loops) for one in blocks[block].code]

    def weight(loop):
        return number(code_of(loop), ARITHMETIC) + 2 * number(code_of(loop), {"LDS"}), len(loop.body)

    # A loop over terms of leaves multiplies and adds; one over contracts subtracts what they are worth today.
    return max([loop for loop in loops if number(code_of(loop), {"DADD"})] or loops, key=weight, default=None)


def round_of(blocks, loops, loop):
    """The instructions of one usual round of a loop, each loop with arithmetic inside it once."""
    inner = [one for one in loops if one.body < loop.body and number(flow.code_of(blocks, one), ARITHMETIC)]
    inner = [one for one in inner if not any(one.body < other.body for other in inner)]
    found, at = [], [loop.header]
    for one in sorted(inner, key=lambda one: blocks[one.header].code[0].at):
        found += onward(blocks, loop.body, at, one.header)[:-1]
        found += way(blocks, one.body, one.header, {one.latch})[:-1]
        at = [one.latch, one.header]
    found += onward(blocks, loop.body, at, loop.latch)
    return [instruction for block in found for instruction in blocks[block].code]


def onward(blocks, inside, starts, end):
    """A loop is left from where it jumps back, or else from its header."""
    return way(blocks, inside, starts[0], {end}) or way(blocks, inside, starts[-1], {end})


def scenarios_of(name, blocks, loop, code):
    for pattern, known in SCENARIOS:
        if re.search(pattern, name):
            return known
    return number(flow.code_of(blocks, loop), ATOMIC) or number(code, ATOMIC)


def measure(name, kernel):
    row = dict.fromkeys(COLUMNS, 0)
    row.update({what: getattr(kernel, what) for what in ("registers", "stack", "shared", "constant")})
    row.update(local=number(kernel.code, {"LDL", "STL"}), instructions=len(kernel.code) - number(kernel.code, {"NOP"}))
    if "Pricer<" in name and number(kernel.code, ATOMIC):
        blocks = flow.blocks_of(kernel.code)
        loops = flow.loops_of(blocks)
        loop = contract_loop(blocks, loops)
        row["scenarios"] = scenarios_of(name, blocks, loop, kernel.code) if loop else 0
        if row["scenarios"]:
            code = round_of(blocks, loops, loop)
            row["per_reprice"] = len(code) / row["scenarios"]
            for kind, names in KINDS.items():
                row[kind] = number(code, names) / row["scenarios"]
            row["bound"] = CLOCKS / max(row[what] / lanes for what, lanes in LANES.items())
    return [round(row[column], 1) if isinstance(row[column], float) else row[column] for column in COLUMNS]


def compiler_of(data):
    found = re.search(rb"Cuda compilation tools, release (\d+\.\d+)", data)
    return f"nvcc-{found[1].decode()}" if found else "unknown nvcc"


def kernels_of(data):
    """{"sm_90": {name: row}} of the project's own kernels, and how many are of libraries."""
    result, others = {}, set()
    for architecture, cubin in sass.cubins(data):
        found = sass.kernels(architecture, cubin)
        for name, kernel in zip(demangled([kernel.name for kernel in found]), found):
            if re.match(r"(void )?tailbit::", name):
                result.setdefault(f"sm_{architecture}", {})[short(name)] = measure(name, kernel)
            else:
                others.add(name)
    return result, len(others)


def compare(where, row, wanted):
    now, then = dict(zip(COLUMNS, row)), dict(zip(COLUMNS, wanted))
    found = []
    if now["registers"] > then["registers"]:
        found.append(f"{where}: {now['registers']} registers, the table has {then['registers']}")
    if now["instructions"] > then["instructions"] * (1 + WHOLE):
        found.append(f"{where}: {now['instructions']} instructions in all, the table has {then['instructions']}")
    if now["scenarios"] != then["scenarios"]:
        found.append(f"{where}: {now['scenarios']} scenarios a thread, the table has {then['scenarios']}")
    if now["per_reprice"] > then["per_reprice"] * (1 + TOLERANCE) or bool(now["per_reprice"]) != bool(then["per_reprice"]):
        found.append(f"{where}: {now['per_reprice']} instructions per reprice, the table has {then['per_reprice']}")
    return found


def report(architecture, rows):
    heads = ["regs", "stack", "local", "shared", "const", "instrs", "scen.", "per repr.", "fp64", "fp32", "special", "bound G/s"]
    print(f"{architecture:<52}" + "".join(f"{head:>10}" for head in heads))
    for name, row in sorted(rows.items()):
        print(f"  {name:<50}" + "".join(f"{value or '-':>10}" for value in row))


def check(libraries, update=False, table_path=None):
    target = table_path or count_table.root() / TABLE
    table, wrong, unknown = count_table.read(target), [], set()
    for library in libraries:
        data = Path(library).read_bytes()
        compiler = compiler_of(data)
        try:
            measured, others = kernels_of(data)
        except ValueError as error:
            measured, others = {}, 0
            wrong.append(f"{library}: {error}")
        if not measured:
            wrong.append(f"{library}: no kernel in it")
        for architecture, rows in measured.items():
            report(f"{compiler} {architecture}", rows)
            for name, row in rows.items():
                if row[1] or row[2]:
                    wrong.append(f"{architecture} {name}: spills ({row[1]} bytes of stack, {row[2]} accesses to it)")
            if update:
                table["compilers"].setdefault(compiler, {})[architecture] = rows
            elif compiler not in table["compilers"]:
                unknown.add(compiler)
            else:
                wrong += compare_all(architecture, rows, table["compilers"][compiler].get(architecture, {}))
        print(f"({others} kernels of libraries are not listed)")
    if update:
        table["columns"] = COLUMNS
        count_table.write(target, table)
    return count_table.verdict(wrong, unknown, "scripts/checks/kernels.py --update LIBRARY")


def compare_all(architecture, rows, wanted):
    found = []
    for name in sorted(rows.keys() | wanted.keys()):
        if name not in wanted or name not in rows:
            found.append(f"{architecture} {name}: {'is not in the table' if name not in wanted else 'is gone'}")
        else:
            found += compare(f"{architecture} {name}", rows[name], wanted[name])
    return found


# The first fork is around a slow path, the second around adding to another leaf's sum; the last two jumps go round.
PLANTED = "MOV LDS DFMA DSETP ?BRA:6 CALL DFMA ?BRA:9 RED ?BRA:6 ?BRA:1 EXIT"


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        library, table = Path(folder) / "lib.a", Path(folder) / "table.json"

        def run(words=PLANTED, name="_ZN7tailbit4cuda1kIdNS_6PricerIiiEEEEvv", release="13.0", update=False, **resources):
            data = sass.planted(90, name, words.split(), **resources)
            library.write_bytes(data + f"Cuda compilation tools, release {release}, V".encode())
            return count_table.quietly(lambda: check([library], update, table))

        assert run(update=True) == 0
        row = dict(zip(COLUMNS, count_table.read(table)["compilers"]["nvcc-13.0"]["sm_90"]["k<double, int, int>"]))
        assert (row["registers"], row["instructions"], row["scenarios"], row["per_reprice"], row["fp64"]) == (32, 12, 1, 8, 3)
        assert run() == 0 and run(registers=24) == 0, "a false alarm"
        terms = "MOV LDS DFMA DADD RED ?BRA:1 LDS LDS DFMA DFMA ?BRA:6 EXIT"
        assert run(words=terms, update=True) == 0
        row = dict(zip(COLUMNS, count_table.read(table)["compilers"]["nvcc-13.0"]["sm_90"]["k<double, int, int>"]))
        assert (row["per_reprice"], row["fp64"]) == (5, 2), "counts the terms of a leaf for contracts"
        assert run(update=True) == 0
        slow = "MOV LDS DFMA DSETP ?BRA:7 MOV CALL DFMA ?BRA:10 RED ?BRA:7 ?BRA:1 EXIT"
        assert run(words=slow) == 0, "the slow path counts as if all took it"
        assert run(release="99.1") == 77, "an unknown compiler is no skip"
        bad = {
            "an instruction more": {"words": "MOV LDS DFMA MOV DSETP ?BRA:7 CALL DFMA ?BRA:10 RED ?BRA:7 ?BRA:1 EXIT"},
            "one more in the inner loop": {"words": "MOV LDS DFMA DSETP ?BRA:6 CALL DFMA MOV ?BRA:10 RED ?BRA:6 ?BRA:1 EXIT"},
            "a loop that is gone": {"words": "MOV LDS DFMA DSETP ?BRA:6 CALL DFMA ?BRA:9 RED MOV MOV EXIT"},
            "a sum more": {"words": "MOV LDS DFMA DSETP ?BRA:6 CALL DFMA ?BRA:10 RED RED ?BRA:6 ?BRA:1 EXIT"},
            "more registers": {"registers": 33},
            "a stack": {"stack": 8},
            "a spill": {"words": PLANTED.replace("CALL", "STL")},
            "a kernel that nobody counts": {"name": "_ZN7tailbit4cuda1lIdNS_6PricerIiiEEEEvv"},
            "a slow path twice as long": {"words": "MOV LDS DFMA DSETP ?BRA:8 MOV MOV CALL DFMA ?BRA:11 RED ?BRA:8 ?BRA:1 EXIT"},
            "no kernel": {"name": "_Z1kv"},
            "compressed code": {"compressed": True},
        }
        for what, arguments in bad.items():
            assert run(**arguments) == 1, f"missed {what}"


if __name__ == "__main__":
    count_table.main(check, self_test, __doc__, ["c++filt"])
