// `tailbit calibrate`: histories become a model, and a report of every estimate.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tailbit {

// Reads the config and the series it names, and writes the model (tailbit.model/1) and the report
// (tailbit.calibration/1), whose content it returns, and of a bootstrap the history of residuals that the model refers
// to; each replaces the file before it at once, the report first and the model last. What
// is written has been read by the program's own reader of models. `out`, if not empty, is the folder that is written
// to, and made, in place of the config's. Throws Failure.
nlohmann::ordered_json calibrate_files(const std::string& config, const std::string& out);

}  // namespace tailbit
