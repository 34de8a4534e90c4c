// statement.json: what a result is and what it was made from, as an in-toto Statement v1, so that tools for provenance
// know it and a signature of this one file is one of the whole result.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tailbit {

inline constexpr const char* kStatement = "statement.json";
inline constexpr const char* kStatementSignature = "statement.json.minisig";
inline constexpr const char* kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr const char* kPredicateType = "urn:tailbit:predicate:run/1";

// A function of the manifest alone: the same result, the same text. `manifest_sha256` is of the file run.json.
nlohmann::ordered_json statement_json(const nlohmann::json& manifest, const std::string& manifest_sha256);

// Whether it is a statement of this program, about whatever result.
bool is_statement(const nlohmann::json& json);

}  // namespace tailbit
