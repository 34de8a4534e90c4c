// Laws that estimates and their tests of fit need, by the mathematics library: what they give are reports and
// decimals, never bits of a simulation.
#pragma once

namespace tailbit::fit {

double log_normal_density(double x);  // standard

// Student's t with `dof` > 0 degrees of freedom, not scaled to unit variance.
double log_t_density(double x, double dof);
double t_cdf(double x, double dof);
// Its inverse, 0 < p < 1; relative error 1e-12.
double t_quantile(double p, double dof);

// A t scaled to unit variance, dof > 2; dof of infinity: the normal law.
double log_unit_t_density(double x, double dof);
double unit_t_cdf(double x, double dof);

// The regularised incomplete beta function I_x(a, b), by the continued fraction of NIST DLMF 8.17.22.
double incomplete_beta(double x, double a, double b);

// P(chi-square > x), `dof` from 1 to 10000.
double chi_square_tail(double x, double dof);

// P(|Z| > |z|), Z standard normal.
double two_sided_normal_tail(double z);

// P(sqrt(n) D > x) of the distance D between a continuous law and a sample's (Kolmogorov 1933), n large.
double kolmogorov_tail(double x);

}  // namespace tailbit::fit
