#include "host/io/write_book.hpp"

#include <algorithm>
#include <cmath>

#include "host/io/files.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

void append_cell(std::string& text, std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    text += cell;
    return;
  }
  text += '"';
  for (const char c : cell) text.append(c == '"' ? 2 : 1, c);
  text += '"';
}

}  // namespace

std::string book_csv(const Positions& positions) {
  const auto prices = positions.entry_prices();
  const bool priced = std::any_of(prices.begin(), prices.end(), [](double price) { return !std::isnan(price); });
  std::string text = "position_id,account,desk,venue,counterparty,instrument,quantity";
  text += priced ? ",entry_price\n" : "\n";
  for (const PositionRow p : positions) {
    for (const std::string_view cell : {p.position_id, p.account, p.desk, p.venue, p.counterparty, p.instrument}) {
      append_cell(text, cell);
      text += ',';
    }
    text += number_text(p.quantity);
    if (priced) text += "," + (p.entry_price ? number_text(*p.entry_price) : "");
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json book_json(const Positions& positions) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const PositionRow p : positions) {
    nlohmann::ordered_json row = nlohmann::ordered_json::object();
    const auto add = [&](const char* key, std::string_view text) {
      if (!text.empty()) row[key] = text;
    };
    add("position_id", p.position_id);
    add("account", p.account);
    add("desk", p.desk);
    add("venue", p.venue);
    add("counterparty", p.counterparty);
    row["instrument"] = p.instrument;
    row["quantity"] = p.quantity;
    if (p.entry_price) row["entry_price"] = *p.entry_price;
    list.push_back(std::move(row));
  }
  return {{"schema", "tailbit.book/1"}, {"positions", std::move(list)}};
}

void write_book_csv(const std::string& path, const Positions& positions) { write_file(path, book_csv(positions)); }

}  // namespace tailbit
