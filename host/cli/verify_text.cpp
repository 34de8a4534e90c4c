// What `tailbit verify` prints.
#include "host/cli/print.hpp"
#include "host/io/problems.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

// What a file says of itself, which may be anything.
std::string plain(const Json& said) { return as_shown(said.get<std::string>()); }

std::string with_detail(const Json& detail) { return detail.get<std::string>().empty() ? "" : ": " + plain(detail); }

std::string padded(const std::string& word) { return word + std::string(word.size() < 10 ? 10 - word.size() : 1, ' '); }

std::string statement_text(const Json& statement, bool quiet) {
  const std::string verdict = plain(statement["verdict"]);
  const std::string signature = plain(statement["signature"]);
  const std::string detail = plain(statement["detail"]);
  if (verdict == "absent" && detail.empty()) return "";
  if (quiet && detail.empty()) return "";
  std::string text = padded(verdict) + "statement.json" + with_detail(detail) + "\n";
  if (signature == "unchecked") text += padded(signature) + "its signature: give --public-key\n";
  if (signature == "wrong") text += padded(signature) + "its signature\n";
  if (signature == "right") {
    text += padded(signature) + "its signature, by the key " + plain(statement["key_id"]) +
            "; trusted comment: " + plain(statement["trusted_comment"]) + "\n";
  }
  return text;
}

std::string recompute_text(const Json& again, bool quiet) {
  std::string text;
  for (const Json& check : again["checks"]) {
    const bool pass = check["pass"].get<bool>();
    if (!pass) text += padded("differs") + plain(check["check"]) + with_detail(check["detail"]) + "\n";
    if (pass && !quiet) text += padded("equal") + plain(check["check"]) + "\n";
  }
  if (quiet) return text;
  text += again["scenarios"].dump() + " scenarios computed again on " + plain(again["device"]);
  if (again.contains("blocks")) text += ", blocks by --blocks-seed " + plain(again["blocks"]["seed"]);
  return text + "\n";
}

}  // namespace

std::string verification_text(const Json& report, bool quiet) {
  std::string text;
  for (const Json& file : report["files"]) {
    const std::string verdict = plain(file["verdict"]);
    if (quiet && verdict == "right") continue;
    text += padded(verdict) + plain(file["path"]) + with_detail(file["detail"]) + "\n";
  }
  if (!quiet) {
    for (const Json& name : report["unlisted"]) text += padded("unlisted") + plain(name) + "\n";
  }
  text += statement_text(report["statement"], quiet);
  if (report.contains("recompute")) text += recompute_text(report["recompute"], quiet);
  text += "run " + plain(report["run_id"]) + ", " + plain(report["status"]) + ", " + plain(report["finished"]) + ", " +
          plain(report["device"]) + ": ";
  return text + (report["right"].get<bool>() ? "right\n" : "NOT right\n");
}

}  // namespace tailbit::cli
