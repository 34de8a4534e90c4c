// Whether a model goes with the job's steps and with its market.
#pragma once

#include "host/io/inputs.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// Simple returns need one step within one period of the innovations, a largest move needs periods that end where steps
// end, and an implied spot vol needs a surface. To be called when each file is sound by itself.
void check_model(const RunConfig& config, const Market& market, const Model& model, Problems& problems);

}  // namespace tailbit
