#include "host/io/book_rows.hpp"

#include <utility>

#include "host/io/text.hpp"

namespace tailbit {

std::string RowPlace::of(std::string_view key) const {
  const std::string below = key.empty() ? "" : "/" + std::string(key);
  switch (kind) {
    case Kind::csv_line: return "line " + std::to_string(number);
    case Kind::json_line: return "line " + std::to_string(number) + (key.empty() ? "" : ", " + below);
    case Kind::element: return std::string(path) + "/" + std::to_string(number) + below;
    case Kind::member: break;
  }
  const std::string member = std::string(path) + below;
  return member.empty() ? "/" : member;
}

BookRows::BookRows(std::string path, Problems& problems, const BookLimits& most)
    : path_(std::move(path)), problems_(problems), most_(most), problems_before_(problems.count()) {}

void BookRows::problem(const std::string& where, const std::string& what, const std::string& remedy) {
  problems_.add(ExitCode::bad_data, {path_, where, what, remedy});
}

bool BookRows::too_many(const std::string& where, const std::string& what, std::size_t most) {
  problem(where, "the book holds more than " + std::to_string(most) + " " + what,
          "split it into several books, or net positions first");
  return false;
}

bool BookRows::add(const PositionRow& row, const RowPlace& place) {
  const bool member = place.kind == RowPlace::Kind::member;
  const std::string_view instrument_key = member ? row.instrument : place.instrument_key;
  const std::pair<std::string_view, std::string_view> names[] = {
      {"position_id", row.position_id},   {"account", row.account},      {"desk", row.desk}, {"venue", row.venue},
      {"counterparty", row.counterparty}, {"instrument", row.instrument}};
  for (const auto& [name, text] : names) {
    if (text.size() <= limits::kLongestName) continue;
    // The place of a member is its name, which is the trouble.
    problem(place.of(member                 ? ""
                     : name == "instrument" ? instrument_key
                                            : name),
            "the " + std::string(name) + " has " + std::to_string(text.size()) + " bytes, more than the " +
                std::to_string(limits::kLongestName) + " that are read",
            "shorten it");
    return true;
  }
  if (row.instrument.empty()) problem(place.of(instrument_key), "there is no instrument", "name it");
  if (row.entry_price && !(*row.entry_price > 0.0)) {
    problem(place.of(member ? "" : "entry_price"),
            "the entry_price " + number_text(*row.entry_price) + " is not above 0",
            "give what was paid per unit, or leave it out");
  }
  if (!wanted(row, place)) return true;
  if (positions_.size() >= most_.positions) return too_many(place.of(instrument_key), "positions", most_.positions);
  const std::uint32_t before = positions_.column(PositionKey::instrument).names.size();
  positions_.push_back(row);
  if (positions_.column(PositionKey::instrument).names.size() == before || row.instrument.empty()) return true;
  if (before >= most_.instruments) return too_many(place.of(instrument_key), "instruments", most_.instruments);
  first_met(row.instrument, place.of(instrument_key));
  return true;
}

void BookRows::finish(const std::string& where) {
  if (positions_.empty() && problems_.count() == problems_before_)
    problem(where, "there is no position", "give at least one");
  // Which files that are no JSON cannot say.
  if (positions_.have('\0')) problem(where, "a name holds the character U+0000", "remove it");
}

}  // namespace tailbit
