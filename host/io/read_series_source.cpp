#include "host/io/read_series_source.hpp"

#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

void read_where(JsonObject& series, SeriesSource& source) {
  const auto where = series.find("where");
  if (!where || !JsonObject{where}) return;
  for (const auto& [column, unused] : where->value().items()) {
    std::string text;
    if (read_json(where->member(column), text)) source.where[column] = text;
  }
}

}  // namespace

void check_file_name(const JsonNode& node, std::string& path) {
  if (!path.empty() && path.find('\0') == std::string::npos) return;
  node.problem("the path is " + std::string(path.empty() ? "empty" : "no name of a file"), "name a file");
  path = ".";
}

void read_series_source(JsonObject& series, const std::filesystem::path& folder, SeriesSource& source) {
  if (series.required("file", source.file)) {
    check_file_name(*series.find("file"), source.file);
    source.file = (folder / source.file).lexically_normal().string();
  }
  series.required("time", source.time);
  series.defaulted("time_format", source.time_format);
  series.defaulted("unit", source.unit);
  std::string separator(1, source.separator);
  if (series.defaulted("separator", separator)) {
    if (separator == "," || separator == ";" || separator == "\t" || separator == "|") {
      source.separator = separator.front();
    } else {
      series.find("separator")
          ->problem(in_quotes(separator) + " does not separate columns", R"(give ",", ";", "|" or "\t")");
    }
  }
  std::string zone;
  if (series.defaulted("zone", zone)) {
    source.zone_seconds = parse_zone(zone);
    if (!source.zone_seconds) series.find("zone")->problem(in_quotes(zone) + " is not a zone", "write \"+03:00\"");
  }
  Duration bar;
  if (series.defaulted("bar", bar)) source.bar_seconds = bar.seconds;
  read_where(series, source);
}

}  // namespace tailbit
