// Positions as ccxt unifies them (fetchPositions, ccxt 4).
#include <cmath>

#include "host/io/ccxt_symbol.hpp"
#include "host/io/dictionary.hpp"
#include "host/io/record_formats.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

std::vector<RecordKey> ccxt_keys() {
  std::vector<RecordKey> keys{{"id"},
                              {"symbol"},
                              {"side"},
                              {"contracts"},
                              {"contractSize"},
                              {"entryPrice"},
                              {"info", true, {"instrument_name", "size"}}};
  // What else ccxt says of a position; of no use here.
  for (const char* name : {"timestamp",
                           "datetime",
                           "lastUpdateTimestamp",
                           "isolated",
                           "hedged",
                           "markPrice",
                           "lastPrice",
                           "notional",
                           "leverage",
                           "collateral",
                           "initialMargin",
                           "initialMarginPercentage",
                           "maintenanceMargin",
                           "maintenanceMarginPercentage",
                           "unrealizedPnl",
                           "realizedPnl",
                           "liquidationPrice",
                           "marginMode",
                           "marginType",
                           "marginRatio",
                           "percentage",
                           "stopLossPrice",
                           "takeProfitPrice"}) {
    keys.push_back({name, false});
  }
  return keys;
}
class CcxtLayout : public RecordLayout {
 public:
  enum Cell { id, symbol, side, contracts, contract_size, entry_price, info, info_name, info_size };

  CcxtLayout() : RecordLayout("symbol", {ccxt_keys(), UnknownKeys::count}) {}

  std::optional<PositionRow> read(RecordRow& record) override {
    PositionRow row;
    row.position_id = record.text(id, "id", false);
    const CcxtContract* contract = contract_of(record);
    row.entry_price = record.number_or_text(entry_price, "entryPrice", false);
    if (row.entry_price == 0.0) row.entry_price.reset();  // the venue knows of none
    const auto quantity = quantity_of(record, contract && contract->spot);
    if (!record.sound()) return std::nullopt;
    row.instrument = contract->name;
    row.quantity = *quantity;
    return row;
  }

 private:
  const CcxtContract* contract_of(RecordRow& record) {
    const std::string_view text = record.text(symbol, "symbol", true);
    if (!record.sound()) return nullptr;
    const std::uint32_t number = symbols_.intern(text);
    if (number == contracts_.size()) contracts_.push_back(parse_ccxt_symbol(text));
    const CcxtContract& contract = contracts_[number];
    if (contract.name.empty()) record.problem("symbol", contract.problem, contract.remedy);
    return &contract;
  }

  std::optional<double> quantity_of(RecordRow& record, bool spot) {
    if (record.cell(contracts).kind <= JsonCell::Kind::null) {
      record.problem("contracts", "there is no number of contracts",
                     "give it; of Deribit, whose number ccxt may leave out, take private/get_positions itself");
      return std::nullopt;
    }
    const auto count = record.number_or_text(contracts, "contracts", true);
    if (count == 0.0) return 0.0;
    const std::string_view direction = record.text(side, "side", true);
    if (record.cell(contract_size).kind <= JsonCell::Kind::null && !spot) {
      record.problem("contractSize", "there is no contract size",
                     "add it: coins, or USD where the contract settles in coin, per contract (contractSize of the "
                     "market in ccxt)");
      return std::nullopt;
    }
    const double unit = record.number_or_text(contract_size, "contractSize", false).value_or(1.0);
    if (!count || !record.sound()) return std::nullopt;
    if (!(unit > 0.0))
      record.problem("contractSize", record.cell(contract_size).shown() + " is not above 0", "correct it");
    if (direction != "long" && direction != "short") {
      record.problem("side", record.cell(side).shown() + " is not a side", "known: \"long\", \"short\"");
      return std::nullopt;
    }
    // Some venues' counts come signed; then the sign must be the side's.
    if (*count < 0.0 && direction == "long") {
      record.problem("contracts", record.cell(contracts).shown() + " contradicts the side \"long\"",
                     "give the number of contracts without a sign");
      return std::nullopt;
    }
    const double quantity = std::abs(*count) * unit;
    if (!std::isfinite(quantity)) {
      record.problem("contracts", "contracts times contractSize does not fit a double", "correct them");
      return std::nullopt;
    }
    check_venue(record, quantity);
    return direction == "long" ? quantity : -quantity;
  }

  // Of Deribit, ccxt counts in USD or coin what it calls contracts, whatever their size, so that the product may be ten
  // times too large. Deribit's own record is inside, and must say the same.
  static void check_venue(RecordRow& record, double quantity) {
    if (record.cell(info_name).kind != JsonCell::Kind::text) return;
    const auto own = record.number_or_text(info_size, "info/size", false);
    if (!own || std::abs(std::abs(*own) - quantity) <= 1e-9 * quantity) return;
    record.problem("contracts",
                   "contracts times contractSize is " + number_text(quantity) +
                       ", and Deribit's own size in `info` is " + number_text(*own),
                   "take private/get_positions of Deribit itself, or correct contractSize");
  }

  Dictionary symbols_;
  std::vector<CcxtContract> contracts_;  // [symbols]
};

}  // namespace

std::unique_ptr<RecordLayout> ccxt_layout() { return std::make_unique<CcxtLayout>(); }

}  // namespace tailbit
