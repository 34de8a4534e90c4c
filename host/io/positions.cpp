#include "host/io/positions.hpp"

#include <algorithm>
#include <stdexcept>

namespace tailbit {

void Positions::push_back(const PositionRow& position) {
  if (position_ids_.size() + position.position_id.size() > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("position ids exceed 4 GiB");
  const std::array<std::string_view, kPositionKeys> names{position.instrument, position.account, position.desk,
                                                          position.venue, position.counterparty};
  for (std::size_t c = 0; c < kPositionKeys; ++c) columns_[c].ids.push_back(columns_[c].names.intern(names[c]));
  quantities_.push_back(position.quantity);
  entry_prices_.push_back(position.entry_price.value_or(std::numeric_limits<double>::quiet_NaN()));
  position_ids_ += position.position_id;
  position_id_ends_.push_back(static_cast<std::uint32_t>(position_ids_.size()));
}

bool Positions::have(char c) const {
  return position_ids_.find(c) != std::string::npos ||
         std::any_of(columns_.begin(), columns_.end(),
                     [c](const Column& column) { return column.names.all().find(c) != std::string_view::npos; });
}

void Positions::reserve(std::size_t rows) {
  for (Column& column : columns_) column.ids.reserve(rows);
  quantities_.reserve(rows);
  entry_prices_.reserve(rows);
  position_id_ends_.reserve(rows);
}

// NOLINTNEXTLINE(readability-const-return-type): see the header
const PositionRow Positions::operator[](std::size_t row) const {
  const auto name = [&](PositionKey key) { return column(key).names[column(key).ids[row]]; };
  const std::uint32_t begin = row == 0 ? 0 : position_id_ends_[row - 1];
  const double entry_price = entry_prices_[row];
  return {std::string_view(position_ids_).substr(begin, position_id_ends_[row] - begin),
          name(PositionKey::account),
          name(PositionKey::desk),
          name(PositionKey::venue),
          name(PositionKey::counterparty),
          name(PositionKey::instrument),
          quantities_[row],
          entry_price == entry_price ? std::optional(entry_price) : std::nullopt};
}

}  // namespace tailbit
