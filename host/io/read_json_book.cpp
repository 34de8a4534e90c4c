#include <algorithm>

#include "host/io/book_readers.hpp"
#include "host/io/json_book_shape.hpp"
#include "host/io/json_file.hpp"
#include "host/io/json_records.hpp"
#include "host/io/record_formats.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using ShapeKind = JsonBookShape::Kind;

// What is around a list of Deribit's: the JSON-RPC answer.
void check_answer(const std::string& around, BookRows& rows) {
  const JsonFile file(rows.path(), around, ExitCode::bad_data, rows.problems());
  JsonObject answer(file.root());
  for (const char* key : {"result", "jsonrpc", "id", "testnet", "usIn", "usOut", "usDiff"}) answer.find(key);
  answer.no_other_keys();
}

// What is around the project's own list or map.
void check_book_file(const std::string& around, BookRows& rows) {
  const JsonFile file(rows.path(), around, ExitCode::bad_data, rows.problems());
  JsonObject book(file.root());
  book.schema("tailbit.book/1");
  book.find("positions");
  book.no_other_keys();
}

void warn_of_unknown_keys(const RecordKeys& keys, const BookRows& rows, std::vector<std::string>& warnings) {
  constexpr std::size_t kNamed = 5;
  const std::vector<std::string> unknown = keys.unknown();
  if (unknown.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, unknown.size()); ++i) names += (i ? ", " : "") + in_quotes(unknown[i]);
  if (unknown.size() > kNamed) names += ", ...";
  warnings.push_back(rows.path() + ": unknown keys of positions have no effect (" + std::to_string(unknown.size()) +
                     "): " + names);
}

TakeRecord add_to(BookRows& rows, RecordLayout& layout, RowPlace::Kind kind, const std::string& path) {
  return [&rows, &layout, kind, path](std::span<const JsonCell> cells, std::size_t number) {
    const RowPlace place{kind, number, path, layout.instrument_key()};
    RecordRow record(cells, place, rows);
    const auto row = layout.read(record);
    return !row || rows.add(*row, place);
  };
}

void read_list(JsonRecords& file, const JsonBookShape& shape, RecordLayout& layout, BookRows& rows,
               std::vector<std::string>& warnings) {
  const auto around =
      file.read_list(shape.at, shape.path, layout.keys(), add_to(rows, layout, RowPlace::Kind::element, shape.path));
  warn_of_unknown_keys(layout.keys(), rows, warnings);
  if (around && shape.path == "/result") check_answer(*around, rows);
  if (around && shape.path == "/positions") check_book_file(*around, rows);
  rows.finish(shape.path.empty() ? "/" : shape.path);
}

void read_map(JsonRecords& file, const JsonBookShape& shape, BookRows& rows) {
  const RowPlace place{RowPlace::Kind::member, 0, shape.path, ""};
  const auto around = file.read_map(shape.at, [&](std::string_view name, const JsonCell& quantity) {
    if (rows.positions().column(PositionKey::instrument).names.find(name)) {
      rows.problem(place.of(name), "the instrument " + in_quotes(name) + " is there twice", "add up its quantities");
    } else if (quantity.kind != JsonCell::Kind::number) {
      rows.problem(place.of(name), quantity.shown() + " is not a quantity",
                   "write a plain number, negative for a short position");
    }
    return rows.add({.instrument = name, .quantity = quantity.number}, place);
  });
  if (around && shape.path == "/positions") check_book_file(*around, rows);
  rows.finish(shape.path.empty() ? "/" : shape.path);
}

void read_lines(JsonRecords& file, BookRows& rows) {
  const auto layout = own_layout();
  file.read_lines(layout->keys(), add_to(rows, *layout, RowPlace::Kind::json_line, ""));
  rows.finish("line 1");
}

void not_a_list(BookRows& rows) {
  rows.problem("/", "there is no list of positions in this answer",
               "save the whole answer of private/get_positions, or the list in its \"result\"");
}

bool has(const std::vector<std::string>& keys, const char* key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// The layout of a list that does not name it.
std::unique_ptr<RecordLayout> layout_of(const JsonBookShape& shape) {
  if (shape.path == "/result" || has(shape.keys, "instrument_name")) return deribit_layout();
  if (shape.path.empty() && has(shape.keys, "symbol")) return ccxt_layout();
  return own_layout();
}

}  // namespace

void read_json_book(BookFormat format, BookRows& rows, std::vector<std::string>& warnings) {
  JsonRecords file(rows.path(), ExitCode::bad_data, rows.problems());
  if (file.head().empty()) return;
  if (format == BookFormat::json_lines) return read_lines(file, rows);
  const JsonBookShape shape = json_book_shape(file.head());
  switch (shape.kind) {
    case ShapeKind::list: return read_list(file, shape, *layout_of(shape), rows, warnings);
    case ShapeKind::map: return read_map(file, shape, rows);
    case ShapeKind::lines: return read_lines(file, rows);
    case ShapeKind::answer: return not_a_list(rows);
    case ShapeKind::other: break;
  }
  rows.problem("", "is neither a JSON object nor a list",
               "give a map of instruments to quantities, or a list of positions");
}

void read_venue_positions(VenueFormat format, BookRows& rows, std::vector<std::string>& warnings) {
  JsonRecords file(rows.path(), ExitCode::bad_data, rows.problems());
  if (file.head().empty()) return;
  const JsonBookShape shape = json_book_shape(file.head());
  const bool deribit = format == VenueFormat::deribit;
  if (deribit && shape.kind == ShapeKind::answer) return not_a_list(rows);
  if (shape.kind != ShapeKind::list || shape.path == "/positions" || (!deribit && shape.path == "/result")) {
    rows.problem("/", std::string("is not a list of positions as ") + (deribit ? "Deribit" : "ccxt") + " gives it",
                 deribit ? "save the answer of private/get_positions" : "save what fetchPositions returns");
    return;
  }
  const auto layout = deribit ? deribit_layout() : ccxt_layout();
  read_list(file, shape, *layout, rows, warnings);
}

}  // namespace tailbit
