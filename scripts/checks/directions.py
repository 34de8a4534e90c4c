#!/usr/bin/env python3
"""The direction numbers of Sobol points are those of Joe and Kuo (2008), as cuRAND has them.

  directions.py              holds the table of host/compile/joe_kuo.cpp against the toolkit's library; no GPU is needed
  directions.py --write      writes the table
  directions.py --self-test

Exit code 77: the toolkit is not here. The table's bits, most significant first, six to a character: of each dimension but the
first, the s - 1 inner coefficients of its polynomial of degree s, then m_2 (1 bit, the lowest is always set and not there), m_3 (2
bits) ... m_s; dimensions are in the order of their polynomials' degrees.
"""

import ctypes
import pathlib
import re
import subprocess
import sys

TABLE = "host/compile/joe_kuo.cpp"
BITS = 32
# Of each degree from 1 on: how many primitive polynomials there are.
OF_DEGREE = [1, 1, 2, 2, 6, 6, 18, 16, 48, 60, 176, 144, 630]
DIMENSIONS = 1 + sum(OF_DEGREE)
CODE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
JOE_KUO = 101  # CURAND_DIRECTION_VECTORS_32_JOEKUO6


def degrees():
    return [degree for degree, count in enumerate(OF_DEGREE, 1) for _ in range(count)]


def extended(degree, inner, odd):
    """m_1 .. m_32 of a dimension from its first ones (Bratley and Fox 1988)."""
    m = list(odd)
    while len(m) < BITS:
        i = len(m)
        value = m[i - degree] ^ (m[i - degree] << degree)
        for k in range(1, degree):
            if inner >> (degree - 1 - k) & 1:
                value ^= m[i - k] << k
        m.append(value)
    return m


def inner_coefficients(degree, m):
    """Of the polynomial with which `m` goes on from its first numbers. These are odd, so bit k of what is left is coefficient k."""
    left, inner = m[degree] ^ m[0] ^ (m[0] << degree), 0
    for k in range(1, degree):
        coefficient = left >> k & 1
        inner = inner << 1 | coefficient
        left ^= coefficient * m[degree - k] << k
    assert extended(degree, inner, m[:degree]) == m, f"no polynomial of degree {degree}"
    return inner


def packed(dimensions):
    bits = ""
    for degree, m in zip(degrees(), dimensions):
        if degree > 1:
            bits += format(inner_coefficients(degree, m), f"0{degree - 1}b")
        for i in range(1, degree):
            bits += format(m[i] >> 1, f"0{i}b")
    bits += "0" * (-len(bits) % 6)
    return "".join(CODE[int(bits[i:i + 6], 2)] for i in range(0, len(bits), 6))


def unpacked(text):
    bits = "".join(format(CODE.index(letter), "06b") for letter in text)
    at = 0

    def take(count):
        nonlocal at
        at += count
        return int(bits[at - count:at] or "0", 2)

    dimensions = []
    for degree in degrees():
        inner = take(degree - 1)
        odd = [1] + [2 * take(i) + 1 for i in range(1, degree)]
        dimensions.append(extended(degree, inner, odd))
    assert len(bits) - at < 6, "the table is too long"
    return dimensions


def of_curand():
    """m_1 .. m_32 of every dimension but the first; None where the toolkit is not here."""
    nvcc = subprocess.run(["scripts/find_nvcc"], capture_output=True, text=True)
    if nvcc.returncode != 0:
        return None
    root = pathlib.Path(nvcc.stdout.strip()).resolve().parent.parent
    libraries = sorted([*root.glob("lib64/libcurand.so*"), *root.glob("targets/*/lib/libcurand.so*")])
    if not libraries:
        return None
    vectors = ctypes.c_void_p()
    status = ctypes.CDLL(str(libraries[0])).curandGetDirectionVectors32(ctypes.byref(vectors), JOE_KUO)
    assert status == 0, f"curandGetDirectionVectors32 returned {status}"
    values = (ctypes.c_uint32 * (BITS * DIMENSIONS)).from_address(vectors.value)
    assert all(values[i] >> (BITS - 1 - i) == 1 for i in range(BITS)), "the first dimension is not van der Corput's"
    return [[values[BITS * d + i] >> (BITS - 1 - i) for i in range(BITS)] for d in range(1, DIMENSIONS)]


def table_text():
    return "".join(re.findall(r'^ *"([A-Za-z0-9+/]*)";?$', pathlib.Path(TABLE).read_text(), re.M))


def write(dimensions):
    text = packed(dimensions)
    lines = [f'    "{text[i:i + 112]}"' for i in range(0, len(text), 112)]
    path = pathlib.Path(TABLE)
    path.write_text(re.sub(r'(?:^ *"[A-Za-z0-9+/]*";?\n)+', "\n".join(lines) + ";\n", path.read_text(), flags=re.M))


def self_test():
    # Joe and Kuo's table: dimension 7 is x^4 + x^3 + 1 with m = 1, 1, 5, 5 ... in the file's order.
    assert extended(1, 0, [1])[:4] == [1, 3, 5, 15]
    assert extended(3, 1, [1, 3, 1])[:6] == [1, 3, 1, 5, 31, 29]
    table = unpacked(table_text())
    assert unpacked(packed(table)) == table
    assert len(table) == DIMENSIONS - 1 and len({tuple(m) for m in table}) == len(table)
    text = table_text()
    assert unpacked(text[:100] + ("A" if text[100] != "A" else "B") + text[101:]) != table
    print("ok")


def main():
    if "--self-test" in sys.argv:
        return self_test()
    wanted = of_curand()
    if wanted is None:
        print("SKIP: no CUDA toolkit with cuRAND")
        return 77
    if "--write" in sys.argv:
        write(wanted)
    if unpacked(table_text()) != wanted:
        print(f"{TABLE}: direction numbers differ from cuRAND's; run scripts/checks/directions.py --write", file=sys.stderr)
        return 1
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
