"""Writes tests/unit/student_t_reference.hpp: values by mpmath, at 60 digits, of the gamma function's logarithm, the
incomplete gamma functions, chi-square's quantiles and Student's t tail, rounded to the nearest double.

Quantiles are found by Newton from mpmath's own incomplete functions or, for large shapes, from the power series of P,
which at 60 digits serves both tails.

Usage: student_t_reference.py [output]
"""

import sys
from pathlib import Path

from mpmath import betainc, exp, log, loggamma, mp, mpf

mp.dps = 60

LOG_GAMMA = [0.5, 0.75, 1.0, 1.025, 1.5, 2.0, 3.65, 15.0, 15.5, 16.0, 17.25, 250.0, 5000.0]
SHAPES = [1.0, 1.025, 1.25, 1.5, 3.65, 15.0, 250.0, 5000.0]
DOF = [2.05, 2.5, 3.0, 4.0, 7.3, 30.0, 500.0, 10000.0]
# Where x lies, as a normal variate: in either tail; 18 stands for about 1e-72.
DEVIATIONS = [-18.0, -8.0, -4.0, -1.0, -0.01, 0.0, 0.01, 1.0, 4.0, 8.0, 18.0]
UNIFORMS = [2.0**-53, 1e-12, 1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999, 1 - 1e-9, 1 - 2.0**-53]
PROBABILITIES = [0.25, 0.01, 1e-6, 1e-9, 1e-12, 1e-18]


def gamma_parts(a, x):
    """x times the density, P and Q; the series of P loses what Q is smaller than 1, so Q gets more digits."""
    with mp.workdps(300):
        a, x = mpf(a), mpf(x)
        front = exp(a * log(x) - x - loggamma(a + 1))
        total = term = mpf(1)
        n = a
        while term > total * mpf(10) ** -295:
            n += 1
            term *= x / n
            total += term
        return a * front, front * total, 1 - front * total


def gamma_quantile(a, u):
    """The x with P(a, x) = u, by Newton in ln x on the logarithm of the smaller tail."""
    upper = u > 0.5
    target = 1 - mpf(u) if upper else mpf(u)
    y = (log(target) + loggamma(mpf(a) + 1)) / a if not upper else log(mpf(a))
    for _ in range(200):
        density, p, q = gamma_parts(a, exp(y))
        tail = q if upper else p
        step = tail / density * log(tail / target) * (1 if upper else -1)
        longest = 1 / mpf(a) ** 0.5  # about a standard deviation; Q of a longer one may be lost in P's digits
        y += max(min(step, longest), -longest)
        if abs(step) < mpf(10) ** -40:
            return exp(y)
    raise ArithmeticError(f"no quantile of shape {a} at {u}")


def start(a, z):
    """A point about z standard deviations from the middle, short enough to be written exactly."""
    cube = 1 - 1 / (9 * a) + z / (3 * a**0.5)
    x = a * cube**3 if cube > 0.05 else a * 2.0 ** (4 * z / a)
    return float(f"{x:.6g}")


def t_tail(dof, deviations):
    dof = mpf(dof)
    return betainc(dof / 2, mpf(1) / 2, 0, (dof - 2) / (dof - 2 + mpf(deviations) ** 2), regularized=True) / 2


def t_deviations(dof, probability):
    low, high = mpf(-10), log(1 / (2 * mpf(probability))) / 2  # Chebyshev's inequality
    for _ in range(70):
        middle = (low + high) / 2
        if t_tail(dof, exp(middle)) > probability:
            low = middle
        else:
            high = middle
    return exp(low)


def number(value):
    """The nearest double, shortest digits; exact arguments are doubles already."""
    text = repr(float(value))
    return text if any(c in text for c in ".en") else text + ".0"


def table(struct, fields, rows, comment):
    yield f"// {comment}"
    yield f"struct {struct} {{"
    yield f"  double {', '.join(fields)};"
    yield "};"
    yield f"inline constexpr {struct} k{struct}s[] = {{"
    for row in rows:
        yield "    {" + ", ".join(number(v) for v in row) + "},"
    yield "};"
    yield ""


def main():
    root = Path(__file__).resolve().parents[2]
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests/unit/student_t_reference.hpp"
    points = [(a, start(a, z)) for a in SHAPES for z in DEVIATIONS]
    lines = [
        "// Made by scripts/fit/student_t_reference.py with mpmath (60 digits, rounded to the nearest double). The t tail",
        "// agrees with scipy.stats.t.isf within 3e-9.",
        "#pragma once",
        "",
        "namespace tailbit::reference {",
        "",
        *table("LogGamma", ["a", "value"], [(a, loggamma(a)) for a in LOG_GAMMA], "ln Gamma(a)."),
        *table(
            "GammaTail",
            ["a", "x", "density", "lower", "upper"],
            [(a, x, *gamma_parts(a, x)) for a, x in points],
            "x^a exp(-x) / Gamma(a), P(a, x), Q(a, x).",
        ),
        *table(
            "ChiSquareQuantile",
            ["dof", "u", "value"],
            [(dof, u, 2 * gamma_quantile(dof / 2, u)) for dof in DOF for u in UNIFORMS],
            "Chi-square with dof degrees of freedom at probability u.",
        ),
        *table(
            "TDeviation",
            ["dof", "probability", "value"],
            [(dof, p, t_deviations(dof, p)) for dof in DOF for p in PROBABILITIES],
            "What a t variate, scaled to unit variance, exceeds with this probability.",
        ),
        "}  // namespace tailbit::reference",
    ]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
