"""Coefficients of include/tailbit/math/normal_tail.hpp: P/Q with N(-a) = exp(-a^2 / 2) P(a)/Q(a), a in [0, 40],
least absolute error of N. The weight exp(-a^2 / 2) fades quickly, so half of the grid lies below a = 10."""

from mpmath import erfc, exp, mp, mpf, sqrt

from minimax import chebyshev_grid, evaluate, fit


def main():
    for n, m, precision in ((6, 7, "double"), (3, 4, "float")):
        grid = chebyshev_grid(0, 10, 400) + chebyshev_grid(10, 40, 40)[1:]
        ratio = {a: erfc(a / sqrt(mpf(2))) / 2 * exp(a * a / 2) for a in grid}
        result = fit(lambda a: ratio[a], lambda a: exp(-a * a / 2), 0, 0, n, m, grid=grid, lawson=20)
        if min(result.denominator) <= 0:
            raise SystemExit("a denominator coefficient is not positive")
        result.show("normal_tail_rational, " + precision, precision)
        worst = max(abs(evaluate(result.numerator, a) / evaluate(result.denominator, a) / ratio[a] - 1) for a in grid)
        print("  largest relative error of P/Q on [0, 40]:", mp.nstr(worst, 3))


if __name__ == "__main__":
    main()
