#!/usr/bin/env python3
"""What other programs make of configs/samples/history: the reference values in tests/unit/calibration_*_test.cpp.

    python3 -m venv v && v/bin/pip install arch==8.0.0 scipy statsmodels && v/bin/python tests/data/calibration_references.py
"""

import csv
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from arch import arch_model
from scipy import optimize, special, stats
from scipy.interpolate import CubicSpline
from statsmodels.stats.diagnostic import acorr_ljungbox

FOLDER = Path(__file__).resolve().parents[2] / "configs/samples/history"


def column(name, key, delimiter=","):
    with open(FOLDER / name, newline="", encoding="utf-8") as file:
        return {row[next(iter(row))]: float(row[key]) for row in csv.DictReader(file, delimiter=delimiter)}


def show(what, *values):
    print(what, ", ".join(f"{v:.10g}" for v in values))


def minimised(function, start):
    best = optimize.minimize(function, start, method="Nelder-Mead", options={"maxiter": 20000, "maxfev": 20000, "xatol": 1e-9, "fatol": 1e-10})
    return optimize.minimize(function, best.x, method="Nelder-Mead", options={"maxiter": 20000, "maxfev": 20000, "xatol": 1e-9, "fatol": 1e-10})


btc, eth = column("btc.csv", "close"), column("eth.csv", "last", ";")
r = np.diff(np.log(list(btc.values())))
days = list(btc)
both = [(np.log(btc[b] / btc[a]), np.log(eth[b] / eth[a])) for a, b in zip(days, days[1:]) if a in eth and b in eth]
x, y = np.array(both).T

show("distributions", stats.t.cdf(-3.7, 2.5), stats.t.cdf(0.3, 40), stats.t.ppf(1e-4, 3.2), stats.t.ppf(0.4, 7), special.betainc(2.5, 0.5, 0.3),
     stats.chi2.sf(31.4, 20), stats.kstwobign.sf(0.9))
dof, loc, scale = stats.t.fit(r)
best = minimised(lambda p: -stats.t.logpdf(r, np.exp(p[2]), p[0], np.exp(p[1])).sum(), [loc, np.log(scale), np.log(dof)])
show("student t: location, scale, dof, log-likelihood", best.x[0], np.exp(best.x[1]), np.exp(best.x[2]), -best.fun)
cdf = stats.t(np.exp(best.x[2]), best.x[0], np.exp(best.x[1])).cdf
u = np.sort(cdf(r))
n, i = len(u), np.arange(1, len(u) + 1)
show("KS, AD", stats.kstest(r, cdf).statistic, -n - np.mean((2 * i - 1) * (np.log(u) + np.log(1 - u[::-1]))))
lb = acorr_ljungbox(r**2, lags=[20])
show("Ljung-Box of squares", lb.lb_stat.iloc[0], lb.lb_pvalue.iloc[0])
for name, o, dist in (("garch t", 0, "t"), ("gjr t", 1, "t"), ("garch normal", 0, "normal")):
    f = arch_model(100 * r, vol="GARCH", p=1, o=o, q=1, dist=dist, mean="Constant").fit(disp="off", tol=1e-12)
    print(name, "log-likelihood of fractions", f"{f.loglikelihood + len(r) * np.log(100):.6f}")
    show("  " + " ".join(f.params.index), *f.params)
    show("  errors", *f.std_err)
    show("  next variance", f.forecast(horizon=1).variance.iloc[-1, 0])
level = np.log(np.array(list(column("dvol.csv", "btc").values())[::-1]) / 100)
ols = sm.OLS(level[1:], sm.add_constant(level[:-1])).fit(cov_type="HC1")
show("AR(1): a, phi, errors, deviation", *ols.params, *ols.bse, np.sqrt(ols.scale))
line = stats.linregress(np.log([7, 30, 90, 180]), np.log([0.048, 0.024, 0.014, 0.009]))
show("term decay, error, R squared", -line.slope, line.stderr, line.rvalue**2)
show("correlation", np.corrcoef(x, y)[0, 1])


def joint(p):
    scatter = np.array([[np.exp(2 * p[2]), 0], [0, np.exp(2 * p[3])]])
    scatter[0, 1] = scatter[1, 0] = np.tanh(p[4]) * np.exp(p[2] + p[3])
    return -stats.multivariate_t.logpdf(np.c_[x, y], p[:2], scatter, np.exp(p[5])).sum()


best = minimised(joint, [0, 0, np.log(x.std()), np.log(y.std()), 1, np.log(5)])
show("multivariate t: rho, dof, log-likelihood", np.tanh(best.x[4]), np.exp(best.x[5]), -best.fun)
rho = np.sin(np.pi / 2 * stats.kendalltau(x, y).statistic)
u, v = (stats.rankdata(z) / (len(z) + 1) for z in (x, y))


def copula(log_dof):
    nu = np.exp(log_dof)
    a, b = stats.t.ppf(u, nu), stats.t.ppf(v, nu)
    return -(stats.multivariate_t.logpdf(np.c_[a, b], [0, 0], [[1, rho], [rho, 1]], nu) - stats.t.logpdf(a, nu) - stats.t.logpdf(b, nu)).sum()


best = optimize.minimize_scalar(copula, bounds=(np.log(2.01), np.log(100)), method="bounded", options={"xatol": 1e-9})
show("t copula: rho, dof, log-likelihood", rho, np.exp(best.x), -best.fun)


def merton(p):
    s, count, a, b = np.exp(p[1]), np.exp(p[2]), p[3], np.exp(p[4])
    k = np.arange(13)[:, None]
    return -np.log((stats.poisson.pmf(k, count) * stats.norm.pdf(z, p[0] + k * a, np.sqrt(s**2 + k * b**2))).sum(0)).sum()


z = r / r.std()
best = min((minimised(merton, s) for s in ([0, -0.5, -2.3, -0.3, 0.6], [0, -0.1, -4.6, -1, 1.4])), key=lambda b: b.fun)
show("merton: mean, deviation, count, jump mean, jump deviation, log-likelihood", best.x[0] * r.std(), np.exp(best.x[1]) * r.std(), np.exp(best.x[2]),
     best.x[3] * r.std(), np.exp(best.x[4]) * r.std(), -best.fun - len(r) * np.log(r.std()))

# Regimes: statsmodels of one series, and a filter of our own for two.
f = sm.tsa.MarkovRegression(100 * r, k_regimes=2, switching_variance=True).fit(em_iter=200, search_reps=20, maxiter=1000, gtol=1e-9)
show("Markov regression of percents, normal: log-likelihood of fractions", f.llf + len(r) * np.log(100))
show("  " + " ".join(f.model.param_names), *f.params)
show("  ahead of the last period", *f.predicted_marginal_probabilities[-1])


def regimes(p):
    leave = 1 / (1 + np.exp(-np.array(p[10:12])))
    move = np.array([[1 - leave[0], leave[0]], [leave[1], 1 - leave[1]]])
    dof, densities = 2 + np.exp(p[12]), []
    for m, d, z in ((p[0:2], np.exp(p[4:6]), p[8]), (p[2:4], np.exp(p[6:8]), p[9])):
        scatter = np.array([[d[0] ** 2, np.tanh(z) * d[0] * d[1]], [np.tanh(z) * d[0] * d[1], d[1] ** 2]])
        densities.append(stats.multivariate_t.pdf(np.c_[x, y], m, scatter * (dof - 2) / dof, dof))
    probability, sum_ = leave[::-1] / leave.sum(), 0.0
    for density in np.array(densities).T:
        joint_density = probability * density
        sum_ += np.log(joint_density.sum())
        probability = joint_density / joint_density.sum() @ move
    return -sum_


calm, wild = np.log([0.7 * x.std(), 0.7 * y.std()]), np.log([1.3 * x.std(), 1.3 * y.std()])
best = optimize.minimize(regimes, [0, 0, 0, 0, *calm, *wild, 1, 1, -3, -3, 1], method="BFGS", options={"gtol": 1e-4})
show("joint t regimes: log-likelihood, deviations, correlations, leaving, dof", -best.fun, *np.exp(best.x[4:8]), *np.tanh(best.x[8:10]),
     *1 / (1 + np.exp(-best.x[10:12])), 2 + np.exp(best.x[12]))


# Kou's jumps: the density by Fourier's inversion of its characteristic function.
def kou(p):
    m, s, c, up, u, d = p[0], np.exp(p[1]), np.exp(p[2]), 1 / (1 + np.exp(-p[3])), np.exp(p[4]), np.exp(p[5])
    count, width = 2**14, 200.0
    w = 2 * np.pi / width * np.fft.fftfreq(count, 1 / count)
    transform = np.exp(1j * m * w - 0.5 * (s * w) ** 2 + c * (up / (1 - 1j * u * w) + (1 - up) / (1 + 1j * d * w) - 1))
    grid = (np.arange(count) - count // 2) * width / count
    density = np.fft.fftshift(np.real(np.fft.fft(transform))) / width
    return -np.log(CubicSpline(grid, density)(r / r.std()) / r.std()).sum()


best = minimised(kou, [0, np.log(0.6), np.log(0.15), 0, np.log(1.2), np.log(1.3)])
show("Kou: log-likelihood, deviation, count, up probability, mean sizes", -best.fun, r.std() * np.exp(best.x[1]), np.exp(best.x[2]),
     1 / (1 + np.exp(-best.x[3])), *(r.std() * np.exp(best.x[4:6])))
