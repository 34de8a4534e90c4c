#!/usr/bin/env python3
"""Kernels read from compiled CUDA code: resources and machine instructions, without the toolkit's disassembler.

An object, library or program holds fat binaries: a header, then entries, each PTX or an ELF file for one architecture
("cubin"). In that, .text.KERNEL is the code, .nv.shared.KERNEL as large as its shared memory, and .nv.info lists registers and
stack. From sm_70 on an instruction is 16 bytes; its low 12 bits say what it does (the upper three of them where an operand comes
from: register, constant, immediate), the next four which predicate guards it. NVIDIA does not publish this: names, jumps and
resources were held against what cuobjdump 13.2 says of all kernels here, on sm_80 and sm_90; the self-test has instructions that
nvcc 13.0 wrote.
"""

import struct
import sys
from dataclasses import dataclass, field

import control_flow as flow

FATBIN = struct.pack("<IHH", 0xBA55ED50, 1, 16)
ELF, COMPRESSED = 2, 0x8000 | 0x2000

# Low nine bits.
NAMES = {
    0x008: "FSEL", 0x009: "FMNMX", 0x00B: "FSETP", 0x020: "FMUL", 0x021: "FADD", 0x023: "FFMA",
    0x028: "DMUL", 0x029: "DADD", 0x02A: "DSETP", 0x02B: "DFMA",
    0x108: "MUFU", 0x102: "FCHK", 0x104: "F2F", 0x110: "F2F", 0x105: "F2I", 0x111: "F2I", 0x106: "I2F", 0x112: "I2F",
    0x024: "IMAD", 0x025: "IMAD.WIDE", 0x082: "UMOV", 0x002: "MOV", 0x035: "HFMA2", 0x182: "LDC", 0x0B9: "ULDC",
    0x181: "LDG", 0x186: "STG", 0x184: "LDS", 0x188: "STS", 0x183: "LDL", 0x187: "STL", 0x18E: "RED", 0x1A8: "ATOMG",
    0x11D: "BAR", 0x118: "NOP", 0x141: "BSYNC", 0x142: "BREAK", 0x143: "CALL", 0x144: "CALL", 0x145: "BSSY", 0x147: "BRA",
    0x148: "WARPSYNC", 0x149: "BRX", 0x14A: "JMP", 0x14C: "JMX", 0x14D: "EXIT", 0x14E: "JMXU", 0x150: "RET",
}
FP64 = {"DFMA", "DMUL", "DADD", "DSETP"}
FP32 = {"FFMA", "FMUL", "FADD", "FSETP", "FSEL", "FMNMX"}
SPECIAL = {"MUFU", "F2F", "F2I", "I2F"}  # 16 lanes a clock


@dataclass
class Kernel:
    name: str  # mangled
    registers: int = 0
    stack: int = 0
    shared: int = 0
    constant: int = 0
    code: list = field(default_factory=list)


def cubins(data):
    """[(architecture, cubin)] of all fat binaries in a file. Raises ValueError where one is compressed."""
    found, at = [], data.find(FATBIN)
    while at >= 0:
        (size,) = struct.unpack_from("<Q", data, at + 8)
        entry, end = at + 16, at + 16 + size
        while entry < end:
            kind, _, header, length = struct.unpack_from("<HHIQ", data, entry)
            (architecture,) = struct.unpack_from("<I", data, entry + 28)
            (flags,) = struct.unpack_from("<Q", data, entry + 40)
            if kind == ELF:
                if flags & COMPRESSED:
                    raise ValueError("its machine code is compressed (nvcc --no-compress leaves it as it is)")
                found.append((architecture, data[entry + header : entry + header + length]))
            entry += header + length
        at = data.find(FATBIN, end)
    return found


def _sections(cubin):
    (table,) = struct.unpack_from("<Q", cubin, 0x28)
    size, number, names = struct.unpack_from("<HHH", cubin, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", cubin, table + i * size) for i in range(number)]

    def text(section, at):
        start = headers[section][4] + at
        return cubin[start : cubin.index(0, start)].decode()

    sections = {text(names, header[0]): header for header in headers}
    symbols = sections[".symtab"]
    strings = symbols[6]
    name_of = [text(strings, struct.unpack_from("<I", cubin, symbols[4] + at)[0]) for at in range(0, symbols[5], 24)]
    return sections, name_of


def _info(cubin, section, name_of):
    """{(attribute, function): value} of .nv.info."""
    found, at, end = {}, section[4], section[4] + section[5]
    while at < end:
        form, attribute, size = struct.unpack_from("<BBH", cubin, at)
        at += 4
        if form == 4:
            if size == 8:
                symbol, value = struct.unpack_from("<II", cubin, at)
                if symbol < len(name_of):
                    found[attribute, name_of[symbol]] = value
            at += size
    return found


def _decode(architecture, at, low, high):
    """One instruction. A jump says how far from the next one, in fours; sm_90 keeps the low eight bits of that elsewhere."""
    name = NAMES.get(low & 0x1FF, f"0x{low & 0x1FF:03x}")
    always = (low >> 12) & 0xF == 7
    kind, target = flow.PLAIN, -1
    if name == "BRA":
        # Beside its guard a jump can have a predicate of its own, or a register of the whole warp.
        always = always and (high >> 23) & 0x1F == 7 and (low >> 9) & 0x7 == 4
        distance = low >> 34 | (high & 0x3FFFF) << 30
        distance -= (1 << 48) if distance >> 47 else 0
        if architecture >= 90:
            distance = distance << 8 | (low >> 16) & 0xFF
        target = at + 16 + 4 * distance
        kind = flow.JUMP if always else flow.BRANCH
    elif name == "CALL":
        kind = flow.CALL
    elif name in ("EXIT", "RET", "BRX", "JMP", "JMX", "JMXU"):
        kind = flow.END if always else flow.PLAIN
    return flow.Instruction(at, name, "", kind, target)


def code_of(architecture, text):
    words = struct.iter_unpack("<QQ", text)
    return [_decode(architecture, 16 * i, low, high) for i, (low, high) in enumerate(words)]


REGISTERS, STACK = 0x2F, 0x11


def kernels(architecture, cubin):
    sections, name_of = _sections(cubin)
    info = _info(cubin, sections[".nv.info"], name_of)
    found = []
    for name, section in sections.items():
        if not name.startswith(".text."):
            continue
        kernel = Kernel(name[len(".text.") :])
        kernel.registers = info.get((REGISTERS, kernel.name), 0)
        kernel.stack = info.get((STACK, kernel.name), 0)
        kernel.shared = sections.get(".nv.shared." + kernel.name, (0,) * 10)[5]
        kernel.constant = sections.get(".nv.constant0." + kernel.name, (0,) * 10)[5]
        kernel.code = code_of(architecture, cubin[section[4] : section[4] + section[5]])
        found.append(kernel)
    return found


# --- For tests --------------------------------------------------------------------------------------------------------

_ALWAYS = 7 << 12


def assembled(architecture, words):
    """Code from words: "DFMA" an instruction, "BRA:3" a jump to the fourth, "?BRA:3" one under a predicate."""
    numbers = {"MOV": 0x202, "LDS": 0x984, "DADD": 0x229, "DFMA": 0x22B, "DSETP": 0x22A, "RED": 0x98E, "STL": 0x387}
    numbers |= {"BRA": 0x947, "CALL": 0x944, "EXIT": 0x94D}
    code = b""
    for index, word in enumerate(words):
        name, _, target = word.lstrip("?").partition(":")
        low, high = numbers[name] | (0 if word.startswith("?") else _ALWAYS), 7 << 23
        if target:
            distance = 4 * (int(target) - index - 1)
            if architecture >= 90:
                low |= (distance & 0xFF) << 16
                distance >>= 8
            low |= (distance & (1 << 30) - 1) << 34
            high |= distance >> 30 & 0x3FFFF
        code += struct.pack("<QQ", low, high)
    return code


def planted(architecture, name, words, registers=32, stack=0, compressed=False):
    """A fat binary with one kernel."""
    values = ((REGISTERS, registers), (STACK, stack))
    info = b"".join(struct.pack("<BBHII", 4, attribute, 8, 1, value) for attribute, value in values)
    strings = b"\0" + name.encode() + b"\0"
    contents = {
        "": b"", ".shstrtab": b"", ".strtab": strings, ".symtab": bytes(24) + struct.pack("<IBBHQQ", 1, 0, 0, 5, 0, 0),
        ".nv.info": info, ".text." + name: assembled(architecture, words), ".nv.shared." + name: bytes(1024),
    }  # fmt: skip
    contents[".shstrtab"] = "\0".join(contents).encode() + b"\0"
    headers, body, at_name = b"", b"", 0
    for section, content in contents.items():
        headers += struct.pack("<IIQQQQIIQQ", at_name, 1, 0, 0, 64 + len(body), len(content), 2, 0, 0, 0)
        body, at_name = body + content, at_name + len(section) + 1
    table = struct.pack("<QIHHHHHH", 64 + len(body), 0, 64, 0, 0, 64, len(contents), 1)
    elf = b"\x7fELF\2\1\1".ljust(40, b"\0") + table + body + headers
    flags = COMPRESSED if compressed else 0
    entry = struct.pack("<HHIQQIIQQQQ", ELF, 0x101, 64, len(elf), 0, 0, architecture, 0, flags, 0, 0)
    return b"an object" + FATBIN + struct.pack("<Q", len(entry) + len(elf)) + entry + elf


# at, low, high, name, flow, target; what cuobjdump says of them: @P0 BRA 0x100, BRA 0x6f0, @P1 BRA 0x810, @P0 BRA P1 0x1bd0,
# BRA.DIV UR5 0x7dd0, CALL.REL.NOINC 0x2610; then sm_80: @!P0 BRA 0x760, BRA.DIV ~URZ 0x6b50.
_KNOWN = {
    90: [
        (0x80, 0x00000000001C0947, 0x000FEA0003800000, "BRA", flow.BRANCH, 0x100),
        (0x620, 0x0000000000307947, 0x000FEA0003800000, "BRA", flow.JUMP, 0x6F0),
        (0x860, 0xFFFFFFFC00E81947, 0x000FEA000383FFFF, "BRA", flow.BRANCH, 0x810),
        (0x1B70, 0x0000000000140947, 0x000FEA0000800000, "BRA", flow.BRANCH, 0x1BD0),
        (0x2200, 0x0000005A05F07947, 0x000FEC000B800000, "BRA", flow.BRANCH, 0x7DD0),
        (0x1BC0, 0x0000000800907944, 0x000FEA0003C00000, "CALL", flow.CALL, -1),
        (0x18B0, 0x000000062C187E2B, 0x000FE20008000018, "DFMA", flow.PLAIN, -1),
        (0x1B30, 0x036000002700780B, 0x000FE20003F2E200, "FSETP", flow.PLAIN, -1),
    ],
    80: [
        (0x7D0, 0xFFFFFF8000008947, 0x000FEA000383FFFF, "BRA", flow.BRANCH, 0x760),
        (0x1DE0, 0x00004D627F007947, 0x000FEA000B800000, "BRA", flow.BRANCH, 0x6B50),
    ],
}


def self_test():
    for architecture, known in _KNOWN.items():
        for at, low, high, name, kind, target in known:
            found = _decode(architecture, at, low, high)
            assert (found.name, found.flow, found.target) == (name, kind, target), f"{low:#x}: {found}"
        words = ["MOV", "DFMA", "?BRA:1", "BRA:5", "STL", "EXIT"]
        data = planted(architecture, "_Z1kv", words, registers=40, stack=8)
        ((found_architecture, cubin),) = cubins(data + planted(75, "_Z1lv", words)[9:])[:1]
        (kernel,) = kernels(found_architecture, cubin)
        assert (found_architecture, kernel.name, kernel.registers, kernel.stack, kernel.shared) == (architecture, "_Z1kv", 40, 8, 1024)
        assert [one.name for one in kernel.code] == [word.lstrip("?").partition(":")[0] for word in words]
        assert [one.target for one in kernel.code if one.name == "BRA"] == [16, 80]
    assert len(cubins(planted(80, "_Z1kv", words) * 2)) == 2
    try:
        cubins(planted(90, "_Z1kv", words, compressed=True))
    except ValueError:
        return
    raise AssertionError("took compressed code for code")


if __name__ == "__main__":
    if sys.argv[1:] != ["--self-test"]:
        sys.exit("sass.py is a part of kernels.py; it only has --self-test")
    self_test()
    print("ok: finds what it should find")
