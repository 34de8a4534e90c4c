"""Coefficients of include/tailbit/math/exp.hpp: q in exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2 (a little wider)."""

from mpmath import mp, mpf

from minimax import fit, literals


def main():
    ln2 = mp.log(2)
    for precision, bits in (("double", 42), ("float", 16)):  # the exponent's multiples of the upper part are exact
        high = mp.nint(mp.ldexp(ln2, bits)) / mpf(2) ** bits
        print(f"// log(2), {precision}: {float(high).hex()} + {literals([ln2 - high], precision)}")
    half = mp.log(2) / 2 * mpf("1.0005")

    def q(r):
        return (mp.expm1(r) - r) / r**2 if r else mpf(1) / 2

    def weight(r):
        return r * r / mp.exp(r)

    fit(q, weight, -half, half, 9).show("exp, double", "double")
    fit(q, weight, -half, half, 4).show("exp, float", "float")


if __name__ == "__main__":
    main()
