// SHA-256 digests of files and losses, in hexadecimal.
#pragma once

#include <span>
#include <string>

#include "host/io/sha256.hpp"

namespace tailbit {

// Of a file; throws Failure if it cannot be read.
std::string sha256_file(const std::string& path);

// The book's losses as little-endian binary64 in scenario order, -0 written as +0 (docs/definitions, "Random numbers").
std::string losses_sha256(std::span<const double> losses);

}  // namespace tailbit
