// The JSON schemas (draft-07) of every JSON format that is read or written: configs/schema, built into the program.
//
// Readers (host/io/readers.hpp) stay the authors of what users are told. A schema has its turn where the reader of a
// file had nothing to say, so the two cannot drift apart unseen: what a schema refuses is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/problems.hpp"

namespace tailbit {

// What files say in their key `schema`, "tailbit.run/1" and so on, sorted.
std::vector<std::string> schema_names();

// A schema as JSON text, for a name as above; "" if there is none of that name. That of the contracts holds the
// families that this program knows.
std::string_view schema_text(const std::string& name);

// Adds a problem for each place of `document` that the schema refuses: its path, what is expected, and the schema's
// words about the place. `schema` is one of schema_names().
void check_schema(const nlohmann::json& document, const std::string& schema, const std::string& file, ExitCode code,
                  Problems& problems);

}  // namespace tailbit
