// The layouts of records that positions come in: the project's own (the columns of a CSV book as keys), Deribit's and
// ccxt's. Docs/formats says what each key becomes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "host/io/book_rows.hpp"
#include "host/io/record_keys.hpp"

namespace tailbit {

// A record as a layout's reader meets it: what is wrong with a cell is told with its place.
class RecordRow {
 public:
  RecordRow(std::span<const JsonCell> cells, const RowPlace& place, BookRows& rows)
      : cells_(cells), place_(place), rows_(rows) {}

  const JsonCell& cell(std::size_t i) const { return cells_[i]; }
  const RowPlace& place() const { return place_; }

  // A cell's number; nothing, and a problem, if it is something else or (required) not there. null is nothing.
  std::optional<double> number(std::size_t cell, std::string_view key, bool required);
  // The same, for venues that write some numbers in quotes.
  std::optional<double> number_or_text(std::size_t cell, std::string_view key, bool required);
  // A cell's text; "" for null or nothing.
  std::string_view text(std::size_t cell, std::string_view key, bool required);

  // About a key, or the record if that is "".
  void problem(std::string_view key, const std::string& what, const std::string& remedy);
  // Whether nothing was wrong so far.
  bool sound() const { return sound_; }

 private:
  bool present(std::size_t cell, std::string_view key, bool required);

  std::span<const JsonCell> cells_;
  const RowPlace& place_;
  BookRows& rows_;
  bool sound_ = true;
};

class RecordLayout {
 public:
  virtual ~RecordLayout() = default;

  RecordKeys& keys() { return keys_; }
  const std::string& instrument_key() const { return instrument_key_; }
  // What the record is as a row, if it is sound. Texts are valid until the next call.
  virtual std::optional<PositionRow> read(RecordRow& record) = 0;

 protected:
  RecordLayout(std::string instrument_key, RecordKeys keys)
      : instrument_key_(std::move(instrument_key)), keys_(std::move(keys)) {}

 private:
  std::string instrument_key_;
  RecordKeys keys_;
};

std::unique_ptr<RecordLayout> own_layout();
std::unique_ptr<RecordLayout> deribit_layout();
std::unique_ptr<RecordLayout> ccxt_layout();

}  // namespace tailbit
