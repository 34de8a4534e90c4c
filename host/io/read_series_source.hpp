// Series of a config: where their rows are, and how they are written.
#pragma once

#include <filesystem>
#include <string>

#include "host/io/history.hpp"
#include "host/io/json_file.hpp"

namespace tailbit {

// A path that names a file; else a problem, and one that is none.
void check_file_name(const JsonNode& node, std::string& path);

// All but the column of the values, which is the caller's. Files are relative to `folder`.
void read_series_source(JsonObject& series, const std::filesystem::path& folder, SeriesSource& source);

}  // namespace tailbit
