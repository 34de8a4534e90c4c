// What `tailbit verify` prints.
#include "host/cli/print.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string with_detail(const Json& detail) {
  return detail.get<std::string>().empty() ? "" : ": " + detail.get<std::string>();
}

std::string padded(const std::string& word) { return word + std::string(word.size() < 10 ? 10 - word.size() : 1, ' '); }

std::string statement_text(const Json& statement, bool quiet) {
  const std::string verdict = statement["verdict"].get<std::string>();
  const std::string signature = statement["signature"].get<std::string>();
  const std::string detail = statement["detail"].get<std::string>();
  if (verdict == "absent" && detail.empty()) return "";
  if (quiet && detail.empty()) return "";
  std::string text = padded(verdict) + "statement.json" + with_detail(detail) + "\n";
  if (signature == "unchecked") text += padded(signature) + "its signature: give --public-key\n";
  if (signature == "wrong") text += padded(signature) + "its signature\n";
  if (signature == "right") {
    text += padded(signature) + "its signature, by the key " + statement["key_id"].get<std::string>() +
            "; trusted comment: " + statement["trusted_comment"].get<std::string>() + "\n";
  }
  return text;
}

std::string recompute_text(const Json& again, bool quiet) {
  std::string text;
  for (const Json& check : again["checks"]) {
    const bool pass = check["pass"].get<bool>();
    if (!pass) text += padded("differs") + check["check"].get<std::string>() + with_detail(check["detail"]) + "\n";
    if (pass && !quiet) text += padded("equal") + check["check"].get<std::string>() + "\n";
  }
  if (quiet) return text;
  text += again["scenarios"].dump() + " scenarios computed again on " + again["device"].get<std::string>();
  if (again.contains("blocks")) text += ", blocks by --blocks-seed " + again["blocks"]["seed"].get<std::string>();
  return text + "\n";
}

}  // namespace

std::string verification_text(const Json& report, bool quiet) {
  std::string text;
  for (const Json& file : report["files"]) {
    const std::string verdict = file["verdict"].get<std::string>();
    if (quiet && verdict == "right") continue;
    text += padded(verdict) + file["path"].get<std::string>() + with_detail(file["detail"]) + "\n";
  }
  if (!quiet) {
    for (const Json& name : report["unlisted"]) text += padded("unlisted") + name.get<std::string>() + "\n";
  }
  text += statement_text(report["statement"], quiet);
  if (report.contains("recompute")) text += recompute_text(report["recompute"], quiet);
  text += "run " + report["run_id"].get<std::string>() + ", " + report["status"].get<std::string>() + ", " +
          report["finished"].get<std::string>() + ", " + report["device"].get<std::string>() + ": ";
  return text + (report["right"].get<bool>() ? "right\n" : "NOT right\n");
}

}  // namespace tailbit::cli
