#!/usr/bin/env python3
"""The book by PyTorch (peer_script.py): one formula over options x scenarios, which torch.compile makes one loop of.

The compiler fuses the formula with its sum over options; it is compiled once for the shape and reused for each
underlying. With SVI it does store some, so there a CPU gets blocks of 2,048 scenarios, which stay in cache; own vols are faster
without. Puts follow from calls by parity.
"""

import os

import peer_script

os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # a pool of compilers would take time from the first repeats

_, torch = peer_script.needs("numpy", "torch", pip="numpy torch")

TARGET = "cpu" if peer_script.DEVICE == "cpu" else "cuda"


def book_profit(own_vols, c, spot):
    """The profit of the options c (columns by name) of one underlying in all scenarios."""
    x = torch.log(c["growth"] / c["strike"]) + torch.log(spot)
    if own_vols:
        stdev = c["vol"] * torch.sqrt(c["years"])
        e1 = x * (1.0 / stdev) + 0.5 * stdev
    else:
        distance = -x - c["m"]
        root = torch.sqrt(distance * distance + c["s"] ** 2)
        stdev = torch.sqrt(c["a"] + c["b"] * (c["rho"] * distance + root))
        e1 = x / stdev + 0.5 * stdev
    n1, n2 = torch.special.ndtr(e1), torch.special.ndtr(e1 - stdev)
    # A put is the call less forward and strike.
    weight = c["quantity"] * c["discount"]
    put = torch.where(c["call"] > 0.0, 0.0, weight)
    value = (weight * c["growth"] * n1 - put * c["growth"]) * spot - weight * c["strike"] * n2
    return value.sum(0) + (put * c["strike"] - c["quantity"] * c["value_today"]).sum()


def prepare(problem):
    compiled = torch.compile(book_profit, dynamic=False)
    spots = torch.from_numpy(problem.spots).to(TARGET)
    block = 2048 if TARGET == "cpu" and not problem.own_vols else spots.shape[1]
    books = [{name: torch.from_numpy(c).to(TARGET) for name, c in columns.items()} for columns in problem.of]

    def profit():
        total = torch.zeros(spots.shape[1], dtype=torch.float64, device=TARGET)
        for columns, spot in zip(books, spots):
            for i in range(0, len(spot), block):
                total[i : i + block] += compiled(problem.own_vols, columns, spot[i : i + block])
        return total.cpu().numpy()

    return profit


def compiles():
    """Why torch.compile does not work here, or "". It needs a C++ compiler and Python's headers."""
    try:
        torch.compile(lambda x: x + 1.0)(torch.ones(8, dtype=torch.float64, device=TARGET))
    except Exception as error:  # pylint: disable=broad-except; whatever its compilers may throw
        return str(error).strip().splitlines()[0]
    return ""


if __name__ == "__main__":
    if TARGET == "cuda" and not torch.cuda.is_available():
        peer_script.skip("PyTorch sees no GPU")
    torch.set_num_threads(1)
    trouble = compiles()
    if trouble:
        peer_script.skip(f"torch.compile does not work: {trouble}")
    gpu = torch.cuda.get_device_name() if TARGET == "cuda" else ""
    peer_script.main(prepare, f"torch {torch.__version__}", gpu)
