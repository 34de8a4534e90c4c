// Chains as CSV: any order of columns, also ones of no use here.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "host/io/chain_rows.hpp"
#include "host/io/csv.hpp"
#include "host/io/limits.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// The names in the header line, with or without quotes.
std::vector<std::string> header_names(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::vector<std::string> names;
  for (;;) {
    const std::size_t end = line.find(',');
    std::string_view name = line.substr(0, end);
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) name = name.substr(1, name.size() - 2);
    names.emplace_back(name);
    if (end == std::string_view::npos) return names;
    line.remove_prefix(end + 1);
  }
}

// A cell that holds an object: {'delta': 0.5, 'rho': None} as Python prints it, or the same as JSON.
nlohmann::json parse_dictionary(std::string_view cell) {
  std::string text;
  while (!cell.empty()) {
    const std::size_t nothing = cell.starts_with("None") ? 4 : cell.starts_with("nan") ? 3 : 0;
    text += nothing > 0 ? "null" : cell.front() == '\'' ? "\"" : std::string(1, cell.front());
    cell.remove_prefix(std::max<std::size_t>(nothing, 1));
  }
  // What is nested deeper than numbers in an object means nothing here, and may be too deep to be written.
  const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth <= 1; };
  return nlohmann::json::parse(text, shallow, false);
}

void offer_greeks(ChainRow& row, std::string_view cell) {
  if (is_blank(cell)) return;
  const nlohmann::json greeks = parse_dictionary(cell);
  if (!greeks.is_object()) {
    row.malformed = "greeks is " + in_quotes(cell) + ", not {'delta': ...}";
    return;
  }
  for (const auto& [key, value] : greeks.items()) {
    const ChainAlias* alias = find_chain_alias("greeks." + key);
    if (alias) row.offer(*alias, value.is_string() ? value.get_ref<const std::string&>() : value.dump());
  }
}

}  // namespace

ChainFile read_chain_csv(const std::string& path, const std::string& text, const ChainRowSink& sink,
                         Problems& problems) {
  ChainFile file{"csv", header_names(text), std::nullopt};
  if (file.names.size() > limits::kMostColumns) {
    problems.add(ExitCode::bad_data, {path, "line 1",
                                      "there are " + std::to_string(file.names.size()) + " columns, more than the " +
                                          std::to_string(limits::kMostColumns) + " that are read",
                                      "leave out what is not needed"});
    return file;
  }
  const auto has = [&](const ChainAlias& alias) {
    return std::find(file.names.begin(), file.names.end(), alias.name) != file.names.end();
  };
  const auto aliases = chain_aliases();
  const bool named = std::any_of(aliases.begin(), aliases.end(),
                                 [&](const auto& alias) { return alias.field == ChainField::name && has(alias); });
  if (!named) {
    problems.add(ExitCode::bad_data,
                 {path, "line 1", "this is no chain of options: there is no column " + names_of(ChainField::name),
                  "give a chain with a header line, as CSV, or the API's answer as JSON"});
    return file;
  }

  std::vector<CsvColumn> columns;
  std::vector<const ChainAlias*> fields;  // [columns]
  for (const std::string& name : file.names) {
    columns.push_back({name, false});
    fields.push_back(find_chain_alias(name));
  }
  CsvFile csv(path, ExitCode::bad_data, columns, problems);
  while (csv.next()) {
    ChainRow row;
    row.where = csv.where();
    row.malformed = csv.malformed();
    for (std::size_t c = 0; c < columns.size() && csv.malformed().empty(); ++c) {
      if (fields[c]) row.offer(*fields[c], csv[c]);
      if (columns[c].name == "greeks") offer_greeks(row, csv[c]);
    }
    sink(row);
  }
  return file;
}

}  // namespace tailbit
