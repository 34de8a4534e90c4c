// How far Student-t returns reach, for what has to be sized before they are drawn (the quantum). The exact law, without
// the table of mixing variables: its range ends where the generator's uniforms do, at 2^-53, and the law does not.
#pragma once

namespace tailbit {

// P(T > deviations), T a t variate with `dof` degrees of freedom, scaled to unit variance. `dof` in (2, 10000],
// `deviations` >= 0, in standard deviations. Relative error 1e-11.
double student_t_tail(double dof, double deviations);

// Its inverse: the deviations that T exceeds with `probability`, in [1e-300, 0.25]. Relative error 1e-11. Approaches
// the normal quantile as dof grows: 8.8 at dof 10000 and 1e-18, but 6e5 at dof 3.
double student_t_deviations(double dof, double probability);

// What a t variate with `to` degrees of freedom exceeds as often as one with `dof` exceeds `deviations` > 0, both
// scaled to unit variance; where that is once in 1e300 at least. Relative error 1e-11.
double same_probability(double dof, double deviations, double to);

}  // namespace tailbit
