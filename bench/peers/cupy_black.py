#!/usr/bin/env python3
"""The book by CuPy on a GPU (peer_script.py): one fused kernel, a thread per scenario that walks over all options.

Constants are prepared per option; a warp reads them together. The normal distribution is CUDA's own. Puts follow from
calls by parity.
"""

import peer_script

np, cupy = peer_script.needs("numpy", "cupy", pip="cupy-cuda13x")

# Of an option: log(growth / strike), then a vol's 1 / stdev and stdev, or raw SVI; weights of the two normals.
VOLS = """
    double x = row[0] + log_spot, stdev = row[2], e1 = x * row[1] + 0.5 * stdev;"""
SVI = """
    double x = row[0] + log_spot, distance = -x - row[4];
    double stdev = sqrt(row[1] + row[2] * (row[3] * distance + sqrt(distance * distance + row[5])));
    double e1 = x / stdev + 0.5 * stdev;"""
LOOP = """
double log_spot = log(spot), forwards = 0.0, strikes = 0.0;
for (int i = 0; i < options; ++i) {
    const double* row = &rows[8 * i];%s
    forwards += row[6] * normcdf(e1);
    strikes += row[7] * normcdf(e1 - stdev);
}
total += spot * (forwards - put_forwards) - strikes + rest;"""


def constants(own_vols, c):
    """[options, 8], and the sums that need no option: puts' forwards, and puts' strikes less the values today."""
    weight = c["quantity"] * c["discount"]
    put = np.where(c["call"] > 0.0, 0.0, weight)
    if own_vols:
        stdev = c["vol"] * np.sqrt(c["years"])
        shape = [1.0 / stdev, stdev] + 3 * [np.zeros_like(stdev)]
    else:
        shape = [c["a"], c["b"], c["rho"], c["m"], c["s"] ** 2]
    rows = np.hstack([np.log(c["growth"] / c["strike"])] + shape + [weight * c["growth"], weight * c["strike"]])
    return rows, np.sum(put * c["growth"]), np.sum(put * c["strike"] - c["quantity"] * c["value_today"])


def prepare(problem):
    add = cupy.ElementwiseKernel(
        "float64 spot, raw float64 rows, int32 options, float64 put_forwards, float64 rest",
        "float64 total",
        LOOP % (VOLS if problem.own_vols else SVI),
        "tailbit_peer_" + ("vols" if problem.own_vols else "svi"),
    )
    spots = cupy.asarray(problem.spots)
    books = [constants(problem.own_vols, columns) for columns in problem.of]
    books = [(cupy.asarray(rows).ravel(), len(rows), forwards, rest) for rows, forwards, rest in books]

    def profit():
        total = cupy.zeros(spots.shape[1])
        for spot, book in zip(spots, books):
            add(spot, *book, total)
        return cupy.asnumpy(total)

    return profit


if __name__ == "__main__":
    if peer_script.DEVICE != "gpu":
        peer_script.skip("CuPy needs a GPU")
    try:
        name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        peer_script.skip(f"CuPy sees no GPU: {error}")
    peer_script.main(prepare, f"cupy {cupy.__version__}", name)
