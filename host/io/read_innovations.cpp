#include "host/io/read_innovations.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <utility>

#include "host/io/csv.hpp"
#include "host/io/limits.hpp"
#include "host/io/model_fields.hpp"
#include "host/io/read_correlation.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// Beyond it t and normal law differ by less than any number of scenarios shows.
constexpr double kMostDof = 1e4;
// A log-return of 10 is a factor of 22,000.
constexpr double kMostMove = 10.0;
// Of a residual: no t with finite variance has shown more in a century of days.
constexpr double kMostResidual = 1000.0;
// Fewer moves than that are no sample of anything.
constexpr std::size_t kFewestRows = 20;

enum class InnovationsKind { gaussian, student_t, grouped_t, bootstrap };

struct Dof {};
bool check(const JsonNode& node, double dof, Dof) {
  if (dof > 2.0 && dof <= kMostDof) return true;
  node.problem(number_text(dof) + " is not above 2 and at most " + number_text(kMostDof),
               "returns have no variance at 2 and less; where they are all but normal, use the kind \"gaussian\"");
  return false;
}

void read_max_move(JsonObject& innovations, std::optional<double>& out) {
  if (innovations.optional("max_move", out, Positive{}) && *out > kMostMove) {
    innovations.find("max_move")
        ->problem(number_text(*out) + " is above " + number_text(kMostMove), "write 0.8 for a log-return of 80 %");
  }
}

// What may be drawn for a whole period: not Heston's variances, whose steps are drawn one by one.
std::vector<std::string> drawn_factors(const Model& model) {
  std::vector<std::string> factors = model_factors(model);
  std::erase_if(factors, [](const std::string& factor) { return factor.ends_with(".variance"); });
  return factors;
}

bool known_factor(const JsonNode& node, const std::string& factor, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), factor) != known.end()) return true;
  node.problem(in_quotes(factor) + " is not a factor of this model that may be drawn for a whole period" +
                   did_you_mean(factor, known),
               "factors are underlyings with what moves, as \"BTC.spot\", \"BTC.vol\"");
  return false;
}

// --- Grouped t
// --------------------------------------------------------------------------------------------------------

std::vector<TGroup> read_groups(JsonObject& innovations, const std::vector<std::string>& known) {
  std::vector<TGroup> groups;
  const auto list = innovations.require("groups");
  if (!list || refuse_too_many(*list, limits::kMostFactors, "groups")) return groups;
  std::set<std::string> seen;
  std::optional<std::size_t> others;  // the group of all that no group lists
  for (const JsonNode& node : list->elements()) {
    TGroup& out = groups.emplace_back();
    JsonObject group(node);
    group.required("dof", out.dof, Dof{});
    if (const auto factors = group.find("factors"); factors && read_json(*factors, out.factors)) {
      for (std::size_t i = 0; i < out.factors.size(); ++i) {
        if (known_factor(factors->element(i), out.factors[i], known) && !seen.insert(out.factors[i]).second)
          factors->element(i).problem(in_quotes(out.factors[i]) + " is in a group already", "list each factor once");
      }
      if (out.factors.empty()) factors->problem("the group is empty", "list its factors, or leave the group out");
    } else if (!factors && std::exchange(others, groups.size() - 1)) {
      node.problem("it is the second group without `factors`", "one may have all that the others do not list");
    }
    group.no_other_keys();
  }
  if (list->value().is_array() && groups.empty()) list->problem("there is no group", "give at least one");
  if (!others) return groups;
  for (const std::string& factor : known) {
    if (!seen.contains(factor)) groups[*others].factors.push_back(factor);
  }
  return groups;
}

bool in_a_group(const std::vector<TGroup>& groups, const std::string& factor) {
  return std::any_of(groups.begin(), groups.end(), [&](const TGroup& group) {
    return std::find(group.factors.begin(), group.factors.end(), factor) != group.factors.end();
  });
}

GroupedTModel read_grouped_t(JsonObject& innovations, const Model& model) {
  GroupedTModel out;
  const std::vector<std::string> known = drawn_factors(model);
  out.groups = read_groups(innovations, known);
  const auto marginals = innovations.find("marginals");
  if (!JsonObject{marginals}) return out;
  for (const auto& [factor, value] : marginals->value().items()) {
    const JsonNode at = marginals->member(factor);
    double dof = 0.0;
    if (!known_factor(at, factor, known) || !read_json(at, dof) || !check(at, dof, Dof{})) continue;
    if (!in_a_group(out.groups, factor))
      at.problem(in_quotes(factor) + " is in no group", "add it to one, or leave its marginal out");
    out.marginals[factor] = dof;
  }
  return out;
}

// --- Bootstrap
// --------------------------------------------------------------------------------------------------------

// A file with a column per factor, and one of times, which are not looked at.
void read_history(const std::string& path, const std::vector<std::string>& known, Problems& problems,
                  BootstrapModel& out) {
  std::vector<CsvColumn> columns{{"time", false}};
  for (const std::string& factor : known) columns.push_back({factor, false});
  CsvFile csv(path, ExitCode::bad_data, columns, problems);
  std::vector<std::size_t> used;
  for (std::size_t i = 1; i < columns.size(); ++i) {
    if (!csv.has(i)) continue;
    used.push_back(i);
    out.factors.push_back(columns[i].name);
  }
  while (csv.next()) {
    if (!csv.malformed().empty()) {
      csv.problem(csv.malformed(), "give each row one cell per column");
      continue;
    }
    std::vector<double>& row = out.rows.emplace_back();
    for (const std::size_t i : used) {
      const std::optional<double> number = parse_number(csv[i]);
      if (!number || !(std::abs(*number) <= kMostResidual)) {
        csv.problem(columns[i].name + " is " + in_quotes(std::string(csv[i])) + ", which is no residual",
                    "give moves over their standard deviation, as 1.7, in every cell");
      }
      row.push_back(number.value_or(0.0));
    }
  }
}

void read_residuals(const JsonNode& node, const std::vector<std::string>& known, BootstrapModel& out) {
  JsonObject residuals(node);
  if (const auto factors = residuals.require("factors"); factors && read_json(*factors, out.factors)) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < out.factors.size(); ++i) {
      if (known_factor(factors->element(i), out.factors[i], known) && !seen.insert(out.factors[i]).second)
        factors->element(i).problem(in_quotes(out.factors[i]) + " is there twice", "list each factor once");
    }
  }
  if (const auto rows = residuals.require("rows"); rows && read_json(*rows, out.rows)) {
    for (std::size_t i = 0; i < out.rows.size(); ++i) {
      if (out.rows[i].size() != out.factors.size()) {
        rows->element(i).problem("there are " + std::to_string(out.rows[i].size()) + " residuals of " +
                                     std::to_string(out.factors.size()) + " factors",
                                 "give one per factor");
      }
      for (std::size_t j = 0; j < out.rows[i].size(); ++j)
        check(rows->element(i).element(j), out.rows[i][j], Within<double>{-kMostResidual, kMostResidual});
    }
  }
  residuals.no_other_keys();
}

BootstrapModel read_bootstrap(JsonObject& innovations, const std::string& path, Problems& problems,
                              const Model& model) {
  BootstrapModel out;
  const std::vector<std::string> known = drawn_factors(model);
  const std::size_t before = problems.count();
  innovations.defaulted("mean_block", out.mean_block, Within<double>{1.0, 1e6});
  const auto residuals = innovations.find("residuals");
  if (residuals) read_residuals(*residuals, known, out);
  const auto history = residuals ? innovations.find("history") : innovations.require("history");
  std::string file;
  if (history && residuals) {
    history->problem("there are `residuals` too", "give one of the two");
  } else if (history && read_json(*history, file)) {
    read_history((std::filesystem::path(path).parent_path() / file).string(), known, problems, out);
  }
  if (problems.count() != before) return out;
  if (out.factors.empty()) {
    (residuals ? residuals : history)
        ->problem("there is no factor of this model in it", "give a column for each, as \"BTC.spot\"");
  } else if (out.rows.size() < kFewestRows) {
    (residuals ? residuals : history)
        ->problem("there are " + std::to_string(out.rows.size()) + " periods in it",
                  "give at least " + std::to_string(kFewestRows) + ": nothing can happen that is not among them");
  }
  return out;
}

}  // namespace

template <>
struct Spelling<InnovationsKind> {
  static constexpr std::array<std::string_view, 4> names{"gaussian", "student_t", "grouped_t", "bootstrap"};
};

void read_innovations(JsonObject& model, const std::string& path, Problems& problems, Model& out) {
  const auto node = model.find("innovations");
  if (!node) return;
  JsonObject innovations(node);
  InnovationsKind kind{};
  innovations.choice("kind", kind);
  Duration period{out.period_seconds};
  innovations.defaulted("period", period);
  out.period_seconds = period.seconds;
  switch (kind) {
    case InnovationsKind::gaussian: break;
    case InnovationsKind::student_t: {
      StudentT& student_t = out.student_t.emplace();
      student_t.period_seconds = period.seconds;
      innovations.required("dof", student_t.dof, Dof{});
      read_max_move(innovations, student_t.max_move);
      break;
    }
    case InnovationsKind::grouped_t:
      out.grouped_t = read_grouped_t(innovations, out);
      read_max_move(innovations, out.max_move);
      break;
    case InnovationsKind::bootstrap:
      out.bootstrap = read_bootstrap(innovations, path, problems, out);
      read_max_move(innovations, out.max_move);
      break;
  }
  innovations.no_other_keys();
}

}  // namespace tailbit
