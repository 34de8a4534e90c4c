// Vols in percent or as decimals: what a column's name says, checked against the prices beside it.
#pragma once

#include "host/io/chain.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// Compares the marks with Black's formula at the vols as they were read, and at a hundred times and a hundredth of
// them; adds to `problems` if another unit fits far better, and to the chain's warnings if none fits. Bid and ask vols
// are compared with the mark vols.
void check_vol_units(Chain& chain, const std::string& vol_name, Problems& problems);

// Vols of 500 % or more say that there is none (Deribit), and no market quotes vols below a tenth of a percent: both
// become absent. The latter add to the warnings.
void drop_meaningless_vols(Chain& chain);

}  // namespace tailbit
