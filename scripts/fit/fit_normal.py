"""Coefficients of include/tailbit/math/normal.hpp.

Cumulative distribution: (a + 4) N(-a) exp(a^2 / 2) as a polynomial in t = (a - 4) / (a + 4), relative error.
Inverse, centre: x / q - sqrt(2 pi) as a rational in q^2, q = N(x) - 1/2, error relative to x / q.
Inverse, tails: x - (r - 29/32) as a rational in r - 2, r = sqrt(-2 log N(-x)), error relative to x.
The two inverse fits are sampled in x, so that nothing has to be inverted.
"""

import sys

from mpmath import erf, erfc, exp, mp, mpf, sqrt

from minimax import chebyshev_grid, fit, literals

ROOT2 = sqrt(mpf(2))
PIVOT = 4
CENTRE_EDGE = mpf(23) / 128
TAIL_OFFSET = mpf(29) / 32


def tail_probability(a):
    return erfc(a / ROOT2) / 2


def cdf(largest, degree):
    def scaled(t):
        a = PIVOT * (1 + t) / (1 - t)
        return tail_probability(a) * exp(a * a / 2) * (a + PIVOT)

    end = (mpf(largest) - PIVOT) / (mpf(largest) + PIVOT)
    return fit(scaled, lambda t: 1 / scaled(t), -1, end, degree, points=16 * degree + 1)


def inverse_centre(largest_x, n, m, samples=320):
    xs = [mpf(largest_x) * mp.sin(mp.pi / 2 * i / samples) for i in range(1, samples + 1)]
    qs = [erf(x / ROOT2) / 2 for x in xs]
    values = {CENTRE_EDGE - q * q: (x / q, q * q) for x, q in zip(xs, qs)}
    slope = sqrt(2 * mp.pi)
    return fit(lambda z: (values[z][0] - slope) / values[z][1], lambda z: values[z][1] / values[z][0], 0, 0, n, m,
               grid=list(values))


def inverse_tail(smallest_x, largest_x, n, m, samples=400):
    xs = chebyshev_grid(mpf(smallest_x), mpf(largest_x), samples)
    values = {sqrt(-2 * mp.log(tail_probability(x))) - 2: x for x in xs}
    return fit(lambda y: values[y] - (y + 2 - TAIL_OFFSET), lambda y: 1 / values[y], 0, 0, n, m, grid=list(values))


def two_words(value, bits, precision):
    """The value as a word of few bits plus a small one, so that sums with the first word lose nothing."""
    scale = mpf(2) ** (bits - 1 - int(mp.floor(mp.log(abs(value), 2))))
    high = mp.nint(value * scale) / scale
    return literals([high, value - high], precision)


def show_constants():
    """1/sqrt(2 pi) and sqrt(2 pi), each as the nearest number and what that leaves."""
    import numpy

    for name, value in (("1/sqrt(2 pi)", 1 / sqrt(2 * mp.pi)), ("sqrt(2 pi)", sqrt(2 * mp.pi))):
        for precision, nearest in (("double", mpf(float(value))), ("float", mpf(float(numpy.float32(float(value)))))):
            print(f"// {name}, {precision}: {literals([nearest, value - nearest], precision)}")


def show_cdf(result, precision, bits):
    result.show("normal_cdf, " + precision, precision)
    for degree in (0, 1):
        print(f"  c{degree} in two words:", two_words(result.numerator[degree], bits, precision))


def main():
    parts = {
        "constants": show_constants,
        "cdf": lambda: show_cdf(cdf(39, 22), "double", 48),
        "cdff": lambda: show_cdf(cdf(15, 10), "float", 20),
        "centre": lambda: inverse_centre("1.42", 7, 7).show("inverse, centre, double"),
        "tail": lambda: inverse_tail("1.40", "8.24", 8, 8).show("inverse, tail, double"),
        "far": lambda: inverse_tail("8.20", "38.5", 7, 7).show("inverse, far tail, double"),
        "centref": lambda: inverse_centre("1.42", 3, 3).show("inverse, centre, float", "float"),
        "tailf": lambda: inverse_tail("1.40", "14.3", 4, 4).show("inverse, tail, float", "float"),
    }
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
