// Positions as Deribit's API gives them (private/get_positions, v2.1.1).
#include <algorithm>
#include <array>

#include "host/io/record_formats.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

constexpr std::array<std::string_view, 5> kKinds{"option", "future", "spot", "option_combo", "future_combo"};

std::vector<RecordKey> deribit_keys() {
  std::vector<RecordKey> keys{{"instrument_name"}, {"size"}, {"direction"}, {"average_price"}, {"kind"}};
  // What else the API says of a position; of no use here.
  for (const char* name : {"average_price_usd",
                           "delta",
                           "estimated_liquidation_price",
                           "floating_profit_loss",
                           "floating_profit_loss_usd",
                           "gamma",
                           "index_price",
                           "initial_margin",
                           "interest_value",
                           "leverage",
                           "maintenance_margin",
                           "mark_price",
                           "open_orders_margin",
                           "realized_funding",
                           "realized_profit_loss",
                           "realized_profit_loss_session",
                           "settlement_price",
                           "size_currency",
                           "theta",
                           "total_profit_loss",
                           "vega"}) {
    keys.push_back({name, false});
  }
  return keys;
}

class DeribitLayout : public RecordLayout {
 public:
  enum Cell { instrument_name, size, direction, average_price, kind };

  DeribitLayout() : RecordLayout("instrument_name", {deribit_keys(), UnknownKeys::count}) {}

  std::optional<PositionRow> read(RecordRow& record) override {
    PositionRow row;
    row.venue = "deribit";
    row.instrument = record.text(instrument_name, "instrument_name", true);
    const auto quantity = record.number(size, "size", true);
    const std::string_view side = record.text(direction, "direction", true);
    row.entry_price = record.number(average_price, "average_price", false);
    if (row.entry_price == 0.0) row.entry_price.reset();  // the venue knows of none
    const std::string_view what = record.text(kind, "kind", false);
    if (!what.empty() && std::find(kKinds.begin(), kKinds.end(), what) == kKinds.end()) {
      record.problem("kind", record.cell(kind).shown() + " is not a kind that is known here",
                     "known: \"option\", \"future\", \"spot\", and combos");
    }
    if (record.sound()) check_side(record, side, *quantity);
    if (!record.sound()) return std::nullopt;
    row.quantity = *quantity;
    return row;
  }

 private:
  // Deribit's sizes are signed, so direction and sign say the same twice.
  static void check_side(RecordRow& record, std::string_view side, double quantity) {
    if (side != "buy" && side != "sell" && side != "zero") {
      record.problem("direction", record.cell(direction).shown() + " is not a direction",
                     "known: \"buy\", \"sell\", \"zero\"");
      return;
    }
    const bool agree = quantity > 0.0 ? side == "buy" : quantity < 0.0 ? side == "sell" : true;
    if (agree) return;
    record.problem("size", "the size " + record.cell(size).shown() + " contradicts the direction " + in_quotes(side),
                   "give the size its sign: positive for \"buy\", negative for \"sell\", 0 for \"zero\"");
  }
};

}  // namespace

std::unique_ptr<RecordLayout> deribit_layout() { return std::make_unique<DeribitLayout>(); }

}  // namespace tailbit
