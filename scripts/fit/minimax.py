"""Weighted minimax fits of polynomials and rational functions, in 60-digit arithmetic.

Every coefficient in include/tailbit/math comes from `fit` below. It minimises max |w(x) (P(x)/Q(x) - f(x))| over a grid
of Chebyshev points: Lawson's reweighted least squares (linearised: the residual is divided by the previous Q) find a
good start, then Remez exchanges on the same grid level the error. Q(0) = 1 always.

Needs mpmath only. `fit` returns a `Fit`; `Fit.show()` prints C++ literals, lowest degree first.
"""

from dataclasses import dataclass

from mpmath import mp, mpf

mp.dps = 60


def chebyshev_grid(lower, upper, count):
    """`count` Chebyshev points of [lower, upper], ends included, in rising order."""
    middle, half = (mpf(upper) + lower) / 2, (mpf(upper) - lower) / 2
    return [middle - half * mp.cos(mp.pi * i / (count - 1)) for i in range(count)]


def evaluate(coefficients, x):
    """The polynomial with these coefficients (lowest degree first) at x."""
    value = mpf(0)
    for c in reversed(coefficients):
        value = value * x + c
    return value


@dataclass
class Fit:
    numerator: list
    denominator: list
    error: mpf  # largest weighted error on the grid
    level: mpf = mpf(0)  # smallest of the alternating extremes; equals error at the optimum

    def show(self, name, precision="double"):
        print(f"// {name}: degrees {len(self.numerator) - 1}/{len(self.denominator) - 1}, "
              f"largest weighted error {mp.nstr(self.error, 4)} before rounding the coefficients")
        print("  numerator  ", literals(self.numerator, precision))
        if len(self.denominator) > 1:
            print("  denominator", literals(self.denominator, precision))


def literals(coefficients, precision):
    """C++ literals that round to the nearest double or float."""
    if precision == "double":
        return ", ".join(f"{float(c):.17g}" for c in coefficients)
    return ", ".join(f"{mp.nstr(c, 9)}f" for c in coefficients)


def _weighted_least_squares(xs, fs, scale, importance, n, m):
    """Minimises sum importance * (scale * (P - f Q))^2 with Q(0) = 1, by normal equations (60 digits are plenty)."""
    size = n + 1 + m
    a = mp.matrix(size, size)
    b = mp.matrix(size, 1)
    rows = []
    for x, f, s in zip(xs, fs, scale):
        powers = [mpf(1)]
        for _ in range(max(n, m)):
            powers.append(powers[-1] * x)
        rows.append(([s * p for p in powers[: n + 1]] + [-s * f * p for p in powers[1 : m + 1]], s * f))
    for i in range(size):
        for j in range(i, size):
            a[i, j] = a[j, i] = mp.fsum(l * r[i] * r[j] for l, (r, _) in zip(importance, rows))
        b[i] = mp.fsum(l * r[i] * y for l, (r, y) in zip(importance, rows))
    return _split(mp.lu_solve(a, b), n, m)


def _split(solution, n, m):
    return [solution[i] for i in range(n + 1)], [mpf(1)] + [solution[n + 1 + i] for i in range(m)]


def _levelled(xs, fs, ws, reference, n, m, q):
    """P, Q whose weighted errors at the reference points are +E, -E, +E, ... (Q found by iteration from q)."""
    size = n + m + 2
    level = mpf(0)
    for _ in range(1 if m == 0 else 12):
        a = mp.matrix(size, size)
        b = mp.matrix(size, 1)
        for row, index in enumerate(reference):
            x, f = xs[index], fs[index]
            power = mpf(1)
            for j in range(max(n, m) + 1):
                if j <= n:
                    a[row, j] = power
                if 1 <= j <= m:
                    a[row, n + j] = -f * power
                power *= x
            a[row, size - 1] = (-1) ** row * evaluate(q, x) / ws[index]
            b[row] = f
        solution = mp.lu_solve(a, b)
        p, q = _split(solution, n, m)
        previous, level = level, abs(solution[size - 1])
        if m and abs(level - previous) < level * mpf(10) ** -6:
            break
    return p, q


def _extremes(errors, count):
    """Indices of `count` alternating local extremes of the errors, the largest such run; None if there are too few."""
    picked = []
    for i, e in enumerate(errors):
        if picked and (errors[picked[-1]] > 0) == (e > 0):
            if abs(e) > abs(errors[picked[-1]]):
                picked[-1] = i
        else:
            picked.append(i)
    while len(picked) > count:
        smallest = min(range(len(picked)), key=lambda i: abs(errors[picked[i]]))
        if len(picked) == count + 1 or smallest in (0, len(picked) - 1):
            picked.pop(0 if abs(errors[picked[0]]) < abs(errors[picked[-1]]) else -1)
        else:
            i = min(range(len(picked) - 1), key=lambda i: max(abs(errors[picked[i]]), abs(errors[picked[i + 1]])))
            del picked[i : i + 2]
    return picked if len(picked) == count else None


def fit(f, w, lower, upper, n, m=0, points=None, lawson=None, exchanges=15, grid=None):
    """Minimax P/Q, degrees n/m, of f on [lower, upper] with weight w; `grid` overrides the sample points."""
    xs = grid or chebyshev_grid(lower, upper, points or 24 * (n + m + 2) + 1)
    fs = [f(x) for x in xs]
    ws = [w(x) for x in xs]
    importance = [mpf(1)] * len(xs)
    q = [mpf(1)]
    best = None
    for _ in range(lawson if lawson is not None else (3 if m == 0 else 14)):
        scale = [wt / evaluate(q, x) for wt, x in zip(ws, xs)]
        p, q = _weighted_least_squares(xs, fs, scale, importance, n, m)
        errors = [wt * (evaluate(p, x) / evaluate(q, x) - y) for wt, x, y in zip(ws, xs, fs)]
        error = max(map(abs, errors))
        if best is None or error < best.error:
            best, best_errors = Fit(p, q, error), errors
        importance = [l * abs(e) for l, e in zip(importance, errors)]
        total = mp.fsum(importance)
        importance = [l / total for l in importance]
    errors = best_errors
    for _ in range(exchanges):
        reference = _extremes(errors, n + m + 2)
        if reference is None:
            break
        p, q = _levelled(xs, fs, ws, reference, n, m, best.denominator)
        values = [evaluate(q, x) for x in xs]
        if min(values) <= 0:
            break
        errors = [wt * (evaluate(p, x) / v - y) for wt, x, v, y in zip(ws, xs, values, fs)]
        error = max(map(abs, errors))
        level = min(abs(errors[i]) for i in reference)
        if error < best.error:
            best = Fit(p, q, error, level)
        if error < level * mpf("1.01"):
            break
    return best
