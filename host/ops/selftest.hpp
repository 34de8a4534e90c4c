// `selftest`: known answers on every processor and device of this machine, in seconds; for after a driver update.
#pragma once

#include <nlohmann/json.hpp>

#include "host/io/inputs.hpp"

namespace tailbit {

// A small job over every pricer: three correlated underlyings, smiles of every shape, an expiry and an exposure date
// inside a step, funding. Used here and as the tests' common example.
Inputs known_answer_inputs(Precision precision);
// The same book where everything moves that can: volatility, basis, premiums, funding by the venues' rules, fat tails.
Inputs known_factor_inputs(Precision precision);
// The same again, with every part of a model that makes paths other than diffusions.
Inputs known_part_inputs(Precision precision);
// With regimes and jumps that excite themselves as well; and with innovations that are drawn for whole periods, from a
// grouped t and from a history.
Inputs known_regime_inputs(Precision precision);
Inputs known_period_inputs(Precision precision);
Inputs known_history_inputs(Precision precision);

// tailbit.selftest/1: {"checks": [{check, device, pass, detail}], "pass"}.
nlohmann::ordered_json selftest_json();

}  // namespace tailbit
