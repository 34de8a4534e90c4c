// The contract families' part of the instruments schema, made from each family's own list of terms (`fields`,
// tailbit/instruments/terms.hpp), so that a new family has its schema by itself.
#pragma once

#include <nlohmann/json.hpp>

namespace tailbit {

// The schema with its definitions `instrument` and `family.*` made anew. Titles, descriptions and examples are taken
// from the definitions `about.instrument`, `about.family.NAME` and `about.term.NAME`, where these exist.
nlohmann::ordered_json with_families(const nlohmann::ordered_json& schema);

}  // namespace tailbit
