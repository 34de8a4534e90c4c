// Whether a job fits into the machine.
#pragma once

#include <string>

#include "host/io/problems.hpp"

namespace tailbit {

// Throws Failure(code, "WHAT needs .. GB and this machine has ..; REMEDY") where it does not. A job that the machine
// cannot hold is refused before it is begun; trying again would not help.
void require_memory(double bytes, ExitCode code, const std::string& what, const std::string& remedy);

}  // namespace tailbit
