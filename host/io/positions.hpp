// A book's positions as columns. A million of them take some 50 MB: names are held once, in dictionaries, and rows
// refer to them by number.
//
//   Positions book;
//   book.push_back({.desk = "alpha", .instrument = "BTC", .quantity = -1.5});
//   for (const PositionRow p : book) total += p.quantity;
//   book.column(PositionKey::desk).ids[row]      // as a number; .names[id] is the text
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/dictionary.hpp"

namespace tailbit {

// A row of the table. Its texts are valid until the table changes, or as long as whoever made it keeps them.
struct PositionRow {
  std::string_view position_id = {}, account = {}, desk = {}, venue = {}, counterparty = {};
  std::string_view instrument = {};
  double quantity = 0.0;  // signed; its unit is that of docs/definitions
  std::optional<double> entry_price = std::nullopt;

  friend bool operator==(const PositionRow&, const PositionRow&) = default;
};

// A position that owns its texts, for those who make up books.
struct Position {
  std::string position_id, account, desk, venue, counterparty;
  std::string instrument;
  double quantity = 0.0;
  std::optional<double> entry_price;

  operator PositionRow() const {  // NOLINT(google-explicit-constructor): a position is a row
    return {position_id, account, desk, venue, counterparty, instrument, quantity, entry_price};
  }
};

// The columns of names.
enum class PositionKey { instrument, account, desk, venue, counterparty };
inline constexpr std::size_t kPositionKeys = 5;

class Positions {
 public:
  struct Column {
    Dictionary names;
    std::vector<std::uint32_t> ids;  // [rows] into names
  };

  // Throws std::length_error when position ids exceed 4 GiB.
  void push_back(const PositionRow& position);
  void reserve(std::size_t rows);

  std::size_t size() const { return quantities_.size(); }
  bool empty() const { return quantities_.empty(); }
  // NOLINTNEXTLINE(readability-const-return-type): so that nobody assigns to a copy
  const PositionRow operator[](std::size_t row) const;
  const Column& column(PositionKey key) const { return columns_[static_cast<std::size_t>(key)]; }
  std::span<const double> quantities() const { return quantities_; }
  // [rows] NaN where there is none.
  std::span<const double> entry_prices() const { return entry_prices_; }

  // Whether some name or position id has this character.
  bool have(char c) const;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = PositionRow;
    using difference_type = std::ptrdiff_t;
    using pointer = const PositionRow*;
    using reference = PositionRow;

    Iterator(const Positions* table, std::size_t row) : table_(table), row_(row) {}
    PositionRow operator*() const { return (*table_)[row_]; }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++row_;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Positions* table_;
    std::size_t row_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  std::array<Column, kPositionKeys> columns_;
  std::vector<double> quantities_, entry_prices_;
  std::string position_ids_;                     // one after another
  std::vector<std::uint32_t> position_id_ends_;  // [rows]
};

}  // namespace tailbit
