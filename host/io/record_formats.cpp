#include "host/io/record_formats.hpp"

#include "host/io/text.hpp"

namespace tailbit {

void RecordRow::problem(std::string_view key, const std::string& what, const std::string& remedy) {
  sound_ = false;
  rows_.problem(place_.of(key), what, remedy);
}

bool RecordRow::present(std::size_t cell, std::string_view key, bool required) {
  using Kind = JsonCell::Kind;
  const Kind kind = cells_[cell].kind;
  if (kind != Kind::absent && kind != Kind::null) return true;
  if (required && kind == Kind::absent) problem("", "the key " + in_quotes(key) + " is missing", "add it");
  if (required && kind == Kind::null) problem(key, "null where a value is needed", "give it");
  return false;
}

std::optional<double> RecordRow::number(std::size_t cell, std::string_view key, bool required) {
  if (!present(cell, key, required)) return std::nullopt;
  if (cells_[cell].kind == JsonCell::Kind::number) return cells_[cell].number;
  problem(key, cells_[cell].shown() + " is not a number", "write a plain number");
  return std::nullopt;
}

std::optional<double> RecordRow::number_or_text(std::size_t cell, std::string_view key, bool required) {
  if (cells_[cell].kind == JsonCell::Kind::text) {
    if (const auto value = parse_number(cells_[cell].text)) return value;
  }
  return number(cell, key, required);
}

std::string_view RecordRow::text(std::size_t cell, std::string_view key, bool required) {
  if (!present(cell, key, required)) return "";
  if (cells_[cell].kind == JsonCell::Kind::text) return cells_[cell].text;
  problem(key, cells_[cell].shown() + " is not a text", "write it in quotes");
  return "";
}

namespace {

// An object with the columns of a CSV book as its keys.
class OwnLayout : public RecordLayout {
 public:
  enum Cell { position_id, account, desk, venue, counterparty, instrument, quantity, entry_price };

  OwnLayout()
      : RecordLayout("instrument", {{{"position_id"},
                                     {"account"},
                                     {"desk"},
                                     {"venue"},
                                     {"counterparty"},
                                     {"instrument"},
                                     {"quantity"},
                                     {"entry_price"}},
                                    UnknownKeys::problem}) {}

  std::optional<PositionRow> read(RecordRow& record) override {
    PositionRow row;
    row.position_id = record.text(position_id, "position_id", false);
    row.account = record.text(account, "account", false);
    row.desk = record.text(desk, "desk", false);
    row.venue = record.text(venue, "venue", false);
    row.counterparty = record.text(counterparty, "counterparty", false);
    row.instrument = record.text(instrument, "instrument", true);
    row.quantity = record.number(quantity, "quantity", true).value_or(0.0);
    row.entry_price = record.number(entry_price, "entry_price", false);
    return record.sound() ? std::optional(row) : std::nullopt;
  }
};

}  // namespace

std::unique_ptr<RecordLayout> own_layout() { return std::make_unique<OwnLayout>(); }

}  // namespace tailbit
