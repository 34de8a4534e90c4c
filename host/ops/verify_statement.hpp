// The statement about a result (host/report/statement.hpp): made, and checked.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "host/io/problems.hpp"

namespace tailbit {

// `attest`: writes statement.json, about outputs that were found as the manifest lists them, and returns it. A
// signature of another statement is removed. Throws Failure: bad_data and input_missing as ResultFolder;
// cannot_create_output where a file of this name is no statement; temporary where a run is writing here.
nlohmann::ordered_json attest_result(const std::string& folder);

struct StatementVerdict {
  nlohmann::ordered_json report;  // `statement` of a tailbit.verify/1
  ExitCode code = ExitCode::done;
};

// Of what lies in the folder; `manifest_sha256` is of its run.json. With a public key (the key, or a file that holds
// it) statement and signature must be there. Throws Failure where the key, or a file, cannot be read.
StatementVerdict verify_statement(const std::string& folder, const nlohmann::json& manifest,
                                  const std::string& manifest_sha256, const std::string& public_key);

}  // namespace tailbit
