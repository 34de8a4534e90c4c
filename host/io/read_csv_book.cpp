#include "host/io/book_readers.hpp"
#include "host/io/csv.hpp"
#include "host/io/text.hpp"

namespace tailbit {

void read_csv_book(BookRows& rows) {
  enum Column { position_id, account, desk, venue, counterparty, instrument, quantity, entry_price };
  CsvFile csv(rows.path(), ExitCode::bad_data,
              {{"position_id", false},
               {"account", false},
               {"desk", false},
               {"venue", false},
               {"counterparty", false},
               {"instrument", true},
               {"quantity", true},
               {"entry_price", false}},
              rows.problems());
  while (csv.next()) {
    if (!csv.malformed().empty()) {
      csv.problem(csv.malformed(), "give every row one cell per column");
      continue;
    }
    PositionRow row{csv[position_id],  csv[account],    csv[desk], csv[venue],
                    csv[counterparty], csv[instrument], 0.0,       std::nullopt};
    if (const auto number = parse_number(csv[quantity])) {
      row.quantity = *number;
    } else {
      csv.problem("the quantity " + in_quotes(csv[quantity]) + " is not a number",
                  "write a plain number, negative for a short position");
    }
    if (!csv[entry_price].empty()) {
      row.entry_price = parse_number(csv[entry_price]);
      if (!row.entry_price)
        csv.problem("the entry_price " + in_quotes(csv[entry_price]) + " is not a number",
                    "write a plain number or nothing");
    }
    if (!rows.add(row, {RowPlace::Kind::csv_line, csv.line()})) break;
  }
  rows.finish(csv.where());
}

}  // namespace tailbit
