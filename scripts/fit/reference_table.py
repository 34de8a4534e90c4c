"""Writes tests/data/math_reference.csv: 50-digit values, by mpmath, of the functions of include/tailbit/math.

Columns: function, precision (double or float), argument (hexadecimal, exact), rounded (the value rounded to the nearest
number of that precision, hexadecimal), value (25 significant digits, from which a test gets fractions of an ulp).

Arguments: uniform and log-uniform over the whole range, dense near 0, 1 and every border between two branches of the
code, subnormal arguments and results. The same seed every time, so the file only changes when this script does.

Usage: reference_table.py [output]
"""

import math
import random
import sys
from pathlib import Path

import numpy
from mpmath import erf, erfc, exp, log, mp, mpf, nstr, sqrt

mp.dps = 50
ROOT2 = sqrt(mpf(2))
ROOT_2PI = sqrt(2 * mp.pi)


def density(x):
    return exp(-x * x / 2) / ROOT_2PI


def cdf(x):
    return erfc(-x / ROOT2) / 2


def inverse_cdf(p):
    """Newton: on N(x) - 1/2 near the centre, on log N in the tails, where it converges from below without fail."""
    q = p - mpf(1) / 2
    if abs(q) < mpf(1) / 4:
        x = q * ROOT_2PI
        for _ in range(20):
            step = (erf(x / ROOT2) / 2 - q) / density(x)
            x -= step
            if abs(step) <= abs(x) * mpf(10) ** -45:
                break
        return x
    lower = min(p, 1 - p)
    target = log(lower)
    x = -sqrt(-2 * target)
    for _ in range(60):
        n = cdf(x)
        step = (log(n) - target) * n / density(x)
        x -= step
        if abs(step) <= abs(x) * mpf(10) ** -45:
            break
    return x if q < 0 else -x


class Precision:
    def __init__(self, name, digits, smallest_exponent, largest_exponent):
        self.name = name
        self.digits = digits  # of the significand
        self.smallest_exponent = smallest_exponent  # of the smallest subnormal
        self.largest_exponent = largest_exponent
        self.number = numpy.float64 if name == "double" else numpy.float32

    def argument(self, x):
        return float(self.number(x))

    def rounded(self, value):
        """Nearest number, ties to even, gradual underflow; mpmath rounds to 53 bits, so the grid is made by hand."""
        if value == 0:
            return 0.0
        exponent = max(int(mp.floor(log(abs(value), 2))) - self.digits + 1, self.smallest_exponent)
        return float(mp.ldexp(mp.nint(mp.ldexp(value, -exponent)), exponent))


DOUBLE = Precision("double", 53, -1074, 1023)
FLOAT = Precision("float", 24, -149, 127)


def around(rng, point, width, count):
    """Points at distances from `width` down to width * 2^-50 on both sides of a point."""
    return [point + rng.choice((-1, 1)) * width * 2.0 ** -rng.uniform(0, 50) for _ in range(count)]


def exp_arguments(rng, precision):
    low, high = (-745.5, 709.7) if precision is DOUBLE else (-104.5, 88.7)
    subnormal = -708.3 if precision is DOUBLE else -87.3
    points = [rng.uniform(low, high) for _ in range(300)] + [rng.uniform(-2, 2) for _ in range(150)]
    points += [rng.choice((-1, 1)) * 2.0 ** rng.uniform(-60, 6) for _ in range(150)]
    points += [rng.uniform(low, subnormal) for _ in range(100)]
    for _ in range(100):  # where the rounded exponent changes
        k = rng.randrange(int(low / 0.7), int(high / 0.7))
        points += around(rng, (k + 0.5) * math.log(2), 1e-3, 1)
    return points


def log_arguments(rng, precision):
    lowest = precision.smallest_exponent
    points = [2.0 ** rng.uniform(lowest, precision.largest_exponent) for _ in range(300)]
    points += [2.0 ** rng.uniform(lowest, lowest + precision.digits) for _ in range(100)]
    points += [rng.uniform(0.4, 2.5) for _ in range(200)] + around(rng, 1.0, 0.4, 200)
    for _ in range(100):  # where the significand's range begins and ends
        k = rng.randrange(lowest + 60 if precision is DOUBLE else lowest + 30, precision.largest_exponent)
        points += around(rng, math.sqrt(0.5) * 2.0**k, 2.0**k * 1e-3, 1)
    return points


def normal_arguments(rng, precision, one_sided):
    end = 38.6 if precision is DOUBLE else 14.3
    subnormal = 37.5 if precision is DOUBLE else 13.0
    points = [rng.uniform(-end, end / 4 if one_sided else end) for _ in range(300)]
    points += [rng.uniform(-4, 4) for _ in range(300)]
    points += around(rng, 0.0, 0.5, 100) + around(rng, -4.0, 0.5, 60) + around(rng, 4.0, 0.5, 40)
    points += [rng.uniform(-end, -subnormal) for _ in range(100)]
    return points


def probability_arguments(rng, precision):
    lowest = precision.smallest_exponent
    points = [rng.random() for _ in range(200)] + around(rng, 0.5, 0.45, 200)
    points += [2.0 ** rng.uniform(lowest, -1) for _ in range(200)] + [2.0 ** rng.uniform(-53, -3) for _ in range(100)]
    points += [2.0 ** rng.uniform(lowest, lowest + precision.digits) for _ in range(80)]
    points += [1 - 2.0 ** rng.uniform(1 - precision.digits, -1) for _ in range(100)]
    for border in (0.08, 0.92, 0.25, 0.75):
        points += around(rng, border, 0.02, 40)
    return points + around(rng, 2.0**-53, 2.0**-54, 40) + [2.0**-53, 1 - 2.0**-53, 0.5, 2.0**lowest]


FUNCTIONS = {
    "exp": (exp, exp_arguments),
    "log": (log, log_arguments),
    "normal_density": (density, lambda rng, precision: normal_arguments(rng, precision, False)),
    "normal_cdf": (cdf, lambda rng, precision: normal_arguments(rng, precision, True)),
    "normal_inverse_cdf": (inverse_cdf, probability_arguments),
}


def main():
    here = Path(__file__).resolve().parent
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent.parent / "tests" / "data" / "math_reference.csv"
    with output.open("w") as table:
        table.write("function,precision,argument,rounded,value\n")
        for name, (function, arguments) in FUNCTIONS.items():
            for precision in (DOUBLE, FLOAT):
                rng = random.Random(f"{name} {precision.name}")
                chosen = sorted({precision.argument(x) for x in arguments(rng, precision)})
                for x in chosen:
                    if name == "log" and x <= 0 or name == "normal_inverse_cdf" and not 0 < x < 1:
                        continue
                    value = function(mpf(x))
                    table.write(f"{name},{precision.name},{x.hex()},{precision.rounded(value).hex()},"
                                f"{nstr(value, 25, min_fixed=0, max_fixed=0)}\n")


if __name__ == "__main__":
    main()
