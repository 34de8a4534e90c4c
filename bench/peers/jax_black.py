#!/usr/bin/env python3
"""The book by JAX (peer_script.py): one jitted function in binary64, which XLA makes loops of.

A scan over blocks of 25 options keeps what XLA fuses in cache; without it the rate on a CPU is a sixth. The normal
distribution is by erf, which XLA vectorises; jax.scipy's ndtr and erfc, exact in the far tail too, are twice as slow and
more. Puts follow from calls by parity.
"""

import os

import peer_script

if peer_script.DEVICE == "cpu":
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
else:
    os.environ["JAX_PLATFORMS"] = "cuda"

PIP = "jax" if peer_script.DEVICE == "cpu" else "'jax[cuda13]'"
np, jax, jnp = peer_script.needs("numpy", "jax", "jax.numpy", pip=PIP)

OPTIONS = 25


def normal_cdf(x):
    return 0.5 + 0.5 * jax.lax.erf(x * np.sqrt(0.5))


def block_profit(own_vols, c, log_spot, spot):
    """The profit of the options c (columns by name) in all scenarios."""
    x = jnp.log(c["growth"] / c["strike"]) + log_spot
    if own_vols:
        stdev = c["vol"] * jnp.sqrt(c["years"])
        e1 = x * (1.0 / stdev) + 0.5 * stdev
    else:
        distance = -x - c["m"]
        root = jnp.sqrt(distance * distance + c["s"] ** 2)
        stdev = jnp.sqrt(c["a"] + c["b"] * (c["rho"] * distance + root))
        e1 = x / stdev + 0.5 * stdev
    # A put is the call less forward and strike.
    weight = c["quantity"] * c["discount"]
    put = jnp.where(c["call"] > 0.0, 0.0, weight)
    value = (weight * c["growth"] * normal_cdf(e1) - put * c["growth"]) * spot
    value -= weight * c["strike"] * normal_cdf(e1 - stdev)
    return value.sum(0) + jnp.sum(put * c["strike"] - c["quantity"] * c["value_today"])


def in_blocks(columns):
    """[blocks, OPTIONS, 1] of every column; the last block is filled up with the last option, of which nothing is held."""
    blocks = {}
    for name, column in columns.items():
        filler = np.repeat(column[-1:] if name != "quantity" else np.zeros((1, 1)), -len(column) % OPTIONS, axis=0)
        blocks[name] = jnp.asarray(np.concatenate([column, filler]).reshape(-1, OPTIONS, 1))
    return blocks


def prepare(problem):
    @jax.jit
    def profit(books, spots):
        total = jnp.zeros(spots.shape[1])
        for columns, spot in zip(books, spots):
            log_spot = jnp.log(spot)

            def add(sums, block, spot=spot, log_spot=log_spot):
                return sums + block_profit(problem.own_vols, block, log_spot, spot), None

            total, _ = jax.lax.scan(add, total, columns)
        return total

    books = [in_blocks(columns) for columns in problem.of]
    spots = jnp.asarray(problem.spots)
    return lambda: np.asarray(profit(books, spots))


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    try:
        device = jax.devices()[0]
    except (RuntimeError, AssertionError):  # the latter where JAX was installed without CUDA
        peer_script.skip("JAX sees no GPU; where there is one, pip install 'jax[cuda13]'")
    peer_script.main(prepare, f"jax {jax.__version__}", device.device_kind if peer_script.DEVICE == "gpu" else "")
