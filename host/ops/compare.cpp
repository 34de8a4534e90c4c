#include "host/ops/compare.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "host/io/files.hpp"
#include "host/io/text.hpp"
#include "host/report/digest.hpp"
#include "host/report/npy.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

struct Result {
  Json summary;
  std::vector<std::vector<double>> losses;
};

[[noreturn]] void not_a_result(const std::string& path, const std::string& why) {
  throw Failure(ExitCode::bad_data, path + ": " + why + "; name a complete result directory of `tailbit run`");
}

bool is_measure(const Json& m) {
  const auto number = [&](const char* key) { return m.contains(key) && m[key].is_number(); };
  return m.is_object() && m.contains("group") && m["group"].is_string() && number("level") && number("var") &&
         number("es");
}

Result load(const std::string& folder) {
  Problems problems;
  const std::string path = folder + "/summary.json";
  const auto text = read_file(path, ExitCode::bad_data, problems);
  problems.throw_if_any();
  Json summary = Json::parse(*text, nullptr, false);
  if (!summary.is_object() || summary.value("schema", Json()) != "tailbit.summary/1")
    not_a_result(path, "is not a tailbit.summary/1");
  const Json measures = summary.value("measures", Json());
  if (!measures.is_array() || !std::all_of(measures.begin(), measures.end(), is_measure)) {
    not_a_result(path, "/measures is damaged");
  }
  const Json digest = summary.value("digests", Json::object()).value("losses_sha256", Json());
  if (!digest.is_string()) not_a_result(path, "/digests/losses_sha256 is missing");
  Result result{std::move(summary), read_npy(folder + "/losses.npy")};
  if (losses_sha256(result.losses[0]) != digest.get<std::string>()) {
    not_a_result(folder + "/losses.npy", "does not have the digest that summary.json says");
  }
  // The manifest is written last: without it some of the files may belong to another run.
  if (!std::filesystem::exists(folder + "/run.json"))
    not_a_result(folder, "has no manifest run.json, so its run did not finish");
  return result;
}

// One line of the comparison.
Json check(const std::string& name, bool pass, const std::string& detail) {
  return {{"check", name}, {"pass", pass}, {"detail", detail}};
}

// Losses of all groups, scenario by scenario.
Json check_losses(const Result& a, const Result& b, double tolerance, double scale) {
  if (a.losses.size() != b.losses.size() || a.losses[0].size() != b.losses[0].size()) {
    return check("losses", false,
                 std::to_string(a.losses[0].size()) + " scenarios x " + std::to_string(a.losses.size()) +
                     " groups against " + std::to_string(b.losses[0].size()) + " x " + std::to_string(b.losses.size()));
  }
  double worst = 0.0;
  std::size_t worst_group = 0, worst_scenario = 0, different = 0;
  for (std::size_t g = 0; g < a.losses.size(); ++g) {
    for (std::size_t s = 0; s < a.losses[g].size(); ++s) {
      const double difference = std::fabs(a.losses[g][s] - b.losses[g][s]);
      if (difference == 0.0) continue;
      ++different;
      if (difference > worst || std::isnan(difference)) {
        worst = difference;
        worst_group = g;
        worst_scenario = s;
      }
    }
  }
  std::string detail = std::to_string(different) + " losses differ";
  if (different != 0) {
    detail += ", at most by " + number_text(worst) + " USD (scenario " + std::to_string(worst_scenario) +
              ", group column " + std::to_string(worst_group) + ")";
  }
  return check("losses", worst <= tolerance * scale, detail);
}

std::string measure_name(const Json& measure) {
  return measure["group"].get<std::string>() + " at " + measure["level"].dump();
}

void check_measures(Json& checks, const Result& a, const Result& b, double tolerance, double scale) {
  std::map<std::string, const Json*> other;
  for (const Json& m : b.summary["measures"]) other[measure_name(m)] = &m;
  for (const Json& m : a.summary["measures"]) {
    const std::string name = measure_name(m);
    const auto found = other.find(name);
    if (found == other.end()) {
      checks.push_back(check("measures: " + name, false, "only in the first result"));
      continue;
    }
    for (const char* key : {"var", "es"}) {
      const double x = m[key].get<double>(), y = (*found->second)[key].get<double>();
      checks.push_back(check(std::string(key) + ": " + name, std::fabs(x - y) <= tolerance * scale,
                             number_text(x) + " against " + number_text(y)));
    }
    other.erase(found);
  }
  for (const auto& [name, unused] : other)
    checks.push_back(check("measures: " + name, false, "only in the second result"));
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace

Comparison compare_results(const std::string& a_folder, const std::string& b_folder, double tolerance) {
  const Result a = load(a_folder), b = load(b_folder);
  double scale = 0.0;
  for (const Result* r : {&a, &b}) {
    for (const Json& m : r->summary["measures"]) scale = std::max(scale, std::fabs(m["es"].get<double>()));
  }
  Json checks = Json::array();
  if (!(tolerance >= 0.0)) throw Failure(ExitCode::usage, "--tolerance must be a number from 0 on");
  if (tolerance == 0.0) {
    const Json& x = a.summary["numerics"];
    const Json& y = b.summary["numerics"];
    checks.push_back(check("numerics", x == y, x.dump() + " against " + y.dump()));
    const std::string p = a.summary["digests"]["losses_sha256"], q = b.summary["digests"]["losses_sha256"];
    checks.push_back(check("losses_sha256", p == q, p + " against " + q));
    // Everything else that is measured follows from the losses, and must be the same too.
    for (const char* key : {"base_value", "pnl", "measures", "groups", "worst"}) {
      checks.push_back(
          check(std::string("summary: ") + key, a.summary.value(key, Json()) == b.summary.value(key, Json()), ""));
    }
  }
  checks.push_back(check_losses(a, b, tolerance, scale));
  check_measures(checks, a, b, tolerance, scale);
  const bool equal = std::all_of(checks.begin(), checks.end(), [](const Json& c) { return c["pass"].get<bool>(); });
  return {{{"schema", "tailbit.comparison/1"},
           {"a", a_folder},
           {"b", b_folder},
           {"tolerance", tolerance},
           {"scale", scale},
           {"equal", equal},
           {"checks", checks}},
          equal};
}

std::string Comparison::junit() const {
  const Json& checks = report["checks"];
  const auto failures =
      std::count_if(checks.begin(), checks.end(), [](const Json& c) { return !c["pass"].get<bool>(); });
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"tailbit compare\" tests=\"" +
                    std::to_string(checks.size()) + "\" failures=\"" + std::to_string(failures) + "\">\n";
  for (const Json& c : checks) {
    xml += "  <testcase name=\"" + escaped(c["check"]) + "\"";
    if (c["pass"].get<bool>()) {
      xml += "/>\n";
    } else {
      xml += "><failure message=\"" + escaped(c["detail"]) + "\"/></testcase>\n";
    }
  }
  return xml + "</testsuite>\n";
}

}  // namespace tailbit
