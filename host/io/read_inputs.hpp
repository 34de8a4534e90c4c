// All of a run's inputs from its config file.
#pragma once

#include <string>

#include "host/io/inputs.hpp"
#include "host/io/readers.hpp"

namespace tailbit {

// `files`: what has to be there to be read again, of which account is kept (FilesRead); `any` may be a pipe too.
enum class Sources { any, files };

// Reads the config and every file it names, and checks them against each other. Throws a Failure that lists
// all problems found.
Inputs read_inputs(const std::string& config_path, const Overrides& overrides = {}, Sources sources = Sources::any);

}  // namespace tailbit
