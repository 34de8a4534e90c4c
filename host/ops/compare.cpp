#include "host/ops/compare.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "host/io/files.hpp"
#include "host/io/json_syntax.hpp"
#include "host/io/text.hpp"
#include "host/io/xml.hpp"
#include "host/ops/result_folder.hpp"
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

// What is said of other files says nothing where a run is just writing them.
void require_not_in_between(const std::string& folder) {
  try {
    read_manifest(folder);
  } catch (const Failure& failure) {
    if (failure.code() == ExitCode::temporary || failure.code() == ExitCode::permission) throw;
  }
}

Result load(const std::string& folder) {
  require_not_in_between(folder);
  Problems problems;
  const std::string path = folder + "/summary.json";
  const auto text = read_regular_file(path, ExitCode::bad_data, problems);
  problems.throw_if_any();
  for (const JsonFault& fault : json_faults(*text, true))
    problems.add(ExitCode::bad_data, {path, fault.where, fault.what, fault.remedy});
  problems.throw_if_any();
  Json summary = Json::parse(*text, nullptr, false);
  if (!summary.is_object() || summary.value("schema", Json()) != "tailbit.summary/1")
    not_a_result(path, "is not a tailbit.summary/1");
  const Json measures = summary.value("measures", Json());
  if (!measures.is_array() || !std::all_of(measures.begin(), measures.end(), is_measure)) {
    not_a_result(path, "/measures is damaged");
  }
  const Json digests = summary.value("digests", Json());
  const Json digest = digests.is_object() ? digests.value("losses_sha256", Json()) : Json();
  if (!digest.is_string()) not_a_result(path, "/digests/losses_sha256 is missing");
  Result result{std::move(summary), read_npy(folder + "/losses.npy")};
  if (losses_sha256(result.losses[0]) != digest.get<std::string>()) {
    not_a_result(folder + "/losses.npy", "does not have the digest that summary.json says");
  }
  read_manifest(folder);  // it is written last: without it some of the files may belong to another run
  return result;
}

// One line of the comparison.
Json check(const std::string& name, bool pass, const std::string& detail) {
  return {{"check", name}, {"pass", pass}, {"detail", detail}};
}

// What the columns of losses.npy are of: all groups, or with "group_detail": "tails" the book alone.
std::vector<std::string> column_names(const Result& result) {
  std::vector<std::string> names;
  if (result.losses.size() == 1) return {"book"};
  for (const Json& group : result.summary.value("groups", Json::array())) {
    if (group.is_object() && group.contains("group") && group["group"].is_string())
      names.push_back(group["group"].get<std::string>());
  }
  if (names.size() == result.losses.size()) return names;
  names.clear();
  for (std::size_t c = 0; c < result.losses.size(); ++c)
    names.push_back(c == 0 ? "book" : "column " + std::to_string(c));
  return names;
}

// A column that both results hold.
struct CommonColumn {
  std::string name;
  const std::vector<double>&a, &b;
};

std::vector<CommonColumn> common_columns(const Result& a, const Result& b) {
  const std::vector<std::string> names = column_names(a), others = column_names(b);
  std::map<std::string, std::size_t> column_of;
  for (std::size_t c = 0; c < others.size(); ++c) column_of.emplace(others[c], c);
  std::vector<CommonColumn> common;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const auto found = column_of.find(names[c]);
    if (found != column_of.end()) common.push_back({names[c], a.losses[c], b.losses[found->second]});
  }
  return common;
}

// Losses of the groups that both have them of, scenario by scenario.
Json check_losses(const Result& a, const Result& b, double tolerance, double scale) {
  if (a.losses[0].size() != b.losses[0].size()) {
    return check("losses", false,
                 std::to_string(a.losses[0].size()) + " scenarios against " + std::to_string(b.losses[0].size()));
  }
  double worst = 0.0;
  std::size_t worst_scenario = 0, different = 0;
  std::string worst_group;
  for (const CommonColumn& column : common_columns(a, b)) {
    for (std::size_t s = 0; s < column.a.size(); ++s) {
      const double difference = std::fabs(column.a[s] - column.b[s]);
      if (difference == 0.0) continue;
      ++different;
      if (difference > worst || std::isnan(difference)) {
        worst = difference;
        worst_group = column.name;
        worst_scenario = s;
      }
    }
  }
  std::string detail = std::to_string(different) + " losses differ";
  if (different != 0) {
    detail += ", at most by " + number_text(worst) + " USD (scenario " + std::to_string(worst_scenario) + ", group " +
              worst_group + ")";
  }
  return check("losses", worst <= tolerance * scale, detail);
}

// What was not compared, in words.
Json notes(const Result& a, const Result& b) {
  const std::size_t common = common_columns(a, b).size();
  if (common == a.losses.size() && common == b.losses.size()) return Json::array();
  return {"losses.npy has " + std::to_string(a.losses.size()) + " groups in the first result and " +
          std::to_string(b.losses.size()) + " in the second; scenario by scenario, the " + std::to_string(common) +
          " that both have were compared"};
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

}  // namespace

Comparison compare_results(const std::string& a_folder, const std::string& b_folder, double tolerance) {
  const auto [a, b] = while_unchanged({a_folder, b_folder}, [&] { return std::pair(load(a_folder), load(b_folder)); });
  double scale = 0.0;
  for (const Result* r : {&a, &b}) {
    for (const Json& m : r->summary["measures"]) scale = std::max(scale, std::fabs(m["es"].get<double>()));
  }
  Json checks = Json::array();
  if (!(tolerance >= 0.0)) throw Failure(ExitCode::usage, "--tolerance must be a number from 0 on");
  if (tolerance == 0.0) {
    const Json x = a.summary.value("numerics", Json()), y = b.summary.value("numerics", Json());
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
           {"checks", checks},
           {"notes", notes(a, b)}},
          equal};
}

std::string Comparison::junit() const {
  const Json& checks = report["checks"];
  const auto failures =
      std::count_if(checks.begin(), checks.end(), [](const Json& c) { return !c["pass"].get<bool>(); });
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"tailbit compare\" tests=\"" +
                    std::to_string(checks.size()) + "\" failures=\"" + std::to_string(failures) + "\">\n";
  for (const Json& c : checks) {
    xml += "  <testcase name=\"" + xml_text(c["check"]) + "\"";
    if (c["pass"].get<bool>()) {
      xml += "/>\n";
    } else {
      xml += "><failure message=\"" + xml_text(c["detail"]) + "\"/></testcase>\n";
    }
  }
  return xml + "</testsuite>\n";
}

}  // namespace tailbit
