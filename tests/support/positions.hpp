// Positions as rows that tests may change.
#pragma once

#include <string>
#include <vector>

#include "host/io/positions.hpp"

namespace tailbit::test {

inline std::vector<Position> rows_of(const Positions& table) {
  std::vector<Position> rows;
  for (const PositionRow p : table) {
    rows.push_back({std::string(p.position_id), std::string(p.account), std::string(p.desk), std::string(p.venue),
                    std::string(p.counterparty), std::string(p.instrument), p.quantity, p.entry_price});
  }
  return rows;
}

inline Positions table_of(const std::vector<Position>& rows) {
  Positions table;
  for (const Position& p : rows) table.push_back(p);
  return table;
}

// Changes a table by way of its rows.
template <class Change>
void edit(Positions& table, Change&& change) {
  std::vector<Position> rows = rows_of(table);
  change(rows);
  table = table_of(rows);
}

}  // namespace tailbit::test
