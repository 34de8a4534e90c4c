#include "host/ops/verify_statement.hpp"

#include <filesystem>
#include <optional>

#include "host/io/files.hpp"
#include "host/ops/result_folder.hpp"
#include "host/report/digest.hpp"
#include "host/report/minisign.hpp"
#include "host/report/publication.hpp"
#include "host/report/statement.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLargest = 1 << 26;  // bytes

// A file's bytes as they are; nothing where there is no such file. Throws Failure.
std::optional<std::string> bytes_of(const std::string& path) {
  std::error_code none;
  const auto type = std::filesystem::status(path, none).type();
  if (type == std::filesystem::file_type::not_found) return std::nullopt;
  if (type != std::filesystem::file_type::regular)
    throw Failure(ExitCode::bad_data, path + ": is not a file; remove it");
  Problems problems;
  FileBytes file(path, ExitCode::bad_data, problems, kLargest);
  std::string bytes, piece(std::size_t{1} << 16, '\0');
  while (const std::size_t count = file.read(piece.data(), piece.size())) bytes.append(piece, 0, count);
  problems.throw_if_any();
  return bytes;
}

std::string text_of(const Json& statement) { return statement.dump(2) + "\n"; }

// What makes a statement one about another result than this.
std::string what_it_is_of(const std::string& text, const std::string& manifest_sha256) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!is_statement(json)) return "";
  for (const auto& subject : json.value("subject", nlohmann::json::array())) {
    if (!subject.is_object() || subject.value("name", nlohmann::json()) != kManifest) continue;
    const auto digest = subject.value("digest", nlohmann::json::object());
    if (digest.is_object() && digest.value("sha256", nlohmann::json()) == manifest_sha256) return "";
  }
  const auto predicate = json.value("predicate", nlohmann::json::object());
  const auto said = [&](const char* key) {
    const auto value = predicate.is_object() ? predicate.value(key, nlohmann::json()) : nlohmann::json();
    return value.is_string() ? value.get<std::string>() : "?";
  };
  return "is of another result: run " + said("run_id") + ", finished " + said("finished");
}

// What is wrong with the signature, or "".
std::string check_signature(const std::string& statement, const std::string& text, const std::string& shown,
                            const std::string& public_key, Json& report) {
  const MinisignKey key = read_minisign_key(public_key);
  report["key_id"] = key_id_text(key.id);
  try {
    const MinisignSignature signature = parse_minisign(text, shown);
    std::string why = why_not_signed(key, signature, statement);
    if (why.empty()) report["trusted_comment"] = signature.trusted_comment;
    return why;
  } catch (const Failure& failure) {
    return failure.what();
  }
}

}  // namespace

Json attest_result(const std::string& folder) {
  read_manifest(folder);  // a folder that is none is not made one by the lock
  const WorkFolder lock(folder);
  const ResultFolder result(folder);
  result.verify_outputs();
  Json statement = statement_json(result.manifest(), sha256_file(result.path(kManifest)));
  const std::string path = result.path(kStatement), text = text_of(statement);
  const std::optional<std::string> there = bytes_of(path);
  if (there == text) return statement;
  if (there && !is_statement(nlohmann::json::parse(*there, nullptr, false))) {
    throw Failure(ExitCode::cannot_create_output,
                  path + ": is there and is not a statement about a result; move it to another place");
  }
  std::error_code gone;
  std::filesystem::remove(result.path(kStatementSignature), gone);
  write_file(path, text);
  return statement;
}

StatementVerdict verify_statement(const std::string& folder, const nlohmann::json& manifest,
                                  const std::string& manifest_sha256, const std::string& public_key) {
  const std::string path = folder + "/" + kStatement, signature_path = folder + "/" + kStatementSignature;
  const bool wanted = !public_key.empty();
  StatementVerdict verdict{{{"verdict", "absent"}, {"signature", "absent"}, {"detail", ""}}};
  const auto found = [&](const char* what, const std::string& detail, ExitCode code) {
    verdict.report["verdict"] = what;
    verdict.report["detail"] = detail;
    verdict.code = code;
  };
  const std::optional<std::string> text = bytes_of(path), signature = bytes_of(signature_path);
  if (signature) verdict.report["signature"] = "unchecked";
  if (!text) {
    if (wanted)
      found("absent", "there is no statement.json; `tailbit attest` writes it", ExitCode::input_missing);
    else if (signature)
      found("absent", "there is a signature of a statement, and no statement.json", ExitCode::input_missing);
    return verdict;
  }
  if (*text == text_of(statement_json(manifest, manifest_sha256))) {
    found("right", "", ExitCode::done);
  } else if (const std::string of = what_it_is_of(*text, manifest_sha256); !of.empty()) {
    found("stale", of + "; write it again with `tailbit attest`", ExitCode::bad_data);
  } else {
    found("changed", "is not what `tailbit attest` says about this result", ExitCode::bad_data);
  }
  if (!wanted || verdict.code != ExitCode::done) return verdict;
  if (!signature) {
    found("right", "there is no statement.json.minisig; sign with `minisign -S -m statement.json`",
          ExitCode::input_missing);
    return verdict;
  }
  const std::string why = check_signature(*text, *signature, signature_path, public_key, verdict.report);
  verdict.report["signature"] = why.empty() ? "right" : "wrong";
  if (!why.empty()) found("right", why, ExitCode::bad_data);
  return verdict;
}

}  // namespace tailbit
