"""Coefficients of include/tailbit/math/log.hpp: L in log(1 + f) = 2 s + s^3 L(s^2), s = f / (2 + f),
for 1 + f in [sqrt(1/2), sqrt(2)]; the weight makes the error relative to the logarithm."""

from mpmath import mp, mpf

from minimax import fit


def main():
    largest = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mpf("1.001")

    def series(z):
        if z == 0:
            return mpf(2) / 3
        s = mp.sqrt(z)
        return (2 * mp.atanh(s) - 2 * s) / (s * z)

    fit(series, lambda z: z / 2, 0, largest, 6).show("log, double", "double")
    fit(series, lambda z: z / 2, 0, largest, 3).show("log, float", "float")


if __name__ == "__main__":
    main()
