#include "host/io/chain_entry.hpp"

#include <array>
#include <cmath>

#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

bool two_digits(std::string_view text, int most, int& out) {
  if (text.size() != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return false;
  out = (text[0] - '0') * 10 + (text[1] - '0');
  return out <= most;
}

// "+05:30", "+0530" or "+05" in seconds east of Greenwich.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  int hours = 0, minutes = 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-') || !two_digits(text.substr(1, 2), 14, hours)) {
    return std::nullopt;
  }
  std::string_view rest = text.substr(3);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  if (text.size() > 3 && !two_digits(rest, 59, minutes)) return std::nullopt;
  const std::int64_t seconds = hours * 3'600 + minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

// Seconds since 1970, or thousandths, millionths, billionths of them: each size can only be one of these in our times.
std::optional<ChainMoment> parse_since_1970(double number) {
  constexpr double kLeast = 1e9, kMost = 1e11;  // 2001 to 5138
  for (const double unit : {1.0, 1e3, 1e6, 1e9}) {
    const double seconds = std::floor(number / unit);
    if (seconds >= kLeast && seconds < kMost) return ChainMoment{{static_cast<std::int64_t>(seconds)}, false};
  }
  return std::nullopt;
}

// What a row's name says.
struct Listed {
  std::optional<ChainEntry::Kind> kind;
  std::string underlying;
  bool usd_settled = false;
  European::Terms terms;  // of an option; the expiry also of a future
};

Listed parse_name(const std::string& name) {
  static constexpr std::string_view kUsd = "_USDC";
  Listed out;
  const std::size_t dash = name.find('-');
  if (dash == std::string::npos) return out;
  out.underlying = name.substr(0, dash);
  out.usd_settled = out.underlying.ends_with(kUsd);
  if (out.usd_settled) out.underlying.resize(out.underlying.size() - kUsd.size());
  const std::string rest = name.substr(dash);
  // The same contract settled in USD, whose name is understood in one place.
  const auto twin = [&](const std::string& tail) { return parse_listed_name(out.underlying + "_USDC" + tail); };
  if (rest == "-PERPETUAL") {
    if (twin(rest)) out.kind = ChainEntry::Kind::perpetual;
  } else if (const auto expiry = parse_listed_date(std::string_view(rest).substr(1))) {
    // Any option of this underlying and expiry shows whether the underlying is a name.
    if (!twin(rest + "-1-C")) return out;
    out.kind = ChainEntry::Kind::future;
    out.terms.expiry = *expiry;
  } else if (const auto listed = twin(rest)) {
    const auto* terms = std::get_if<European::Terms>(&listed->terms);
    if (!terms) return out;
    out.kind = ChainEntry::Kind::option;
    out.terms = *terms;
  }
  return out;
}

// The number in our units. Percents are moved by their decimal point, so that 96.33 is 0.9633 and not its neighbour.
std::optional<double> in_unit(const std::string& text, const ChainAlias& alias) {
  const bool movable = alias.unit == 100.0 && text.find_first_not_of("-.0123456789") == std::string::npos;
  if (movable) return parse_number(text + "e-2");
  const auto number = parse_number(text);
  return number ? std::optional(*number / alias.unit) : std::nullopt;
}

// Reads the fields of one row; the first thing wrong is kept.
class RowReader {
 public:
  RowReader(const ChainRow& row, ChainEntry& out) : row_(row), out_(out) {}
  const std::string& wrong() const { return wrong_; }

  void malformed(ChainField field, const std::string& what = "") {
    if (wrong_.empty()) wrong_ = "malformed: " + shown(field) + what;
  }

  std::optional<double> number(ChainField field) {
    if (row_[field].empty()) return std::nullopt;
    const auto value = in_unit(row_[field], *row_.alias(field));
    if (!value) malformed(field);
    return value;
  }
  std::optional<double> not_negative(ChainField field) {
    const auto value = number(field);
    if (value && *value < 0.0) malformed(field, ", below 0");
    return value;
  }
  // Zero means that there is none.
  std::optional<double> positive_or_none(ChainField field) {
    const auto value = not_negative(field);
    return value && *value > 0.0 ? value : std::nullopt;
  }
  std::optional<Timestamp> moment(ChainField field) {
    if (row_[field].empty()) return std::nullopt;
    const auto value = parse_chain_moment(row_[field]);
    if (!value) {
      malformed(field);
      return std::nullopt;
    }
    out_.zone_missing = out_.zone_missing || value->zone_missing;
    return value->time;
  }

 private:
  std::string shown(ChainField field) const {
    return std::string(row_.alias(field)->name) + " is " + in_quotes(row_[field]);
  }

  const ChainRow& row_;
  ChainEntry& out_;
  std::string wrong_;
};

std::optional<OptionKind> parse_kind(std::string_view text) {
  if (text == "call" || text == "C" || text == "c" || text == "Call" || text == "CALL") return OptionKind::call;
  if (text == "put" || text == "P" || text == "p" || text == "Put" || text == "PUT") return OptionKind::put;
  return std::nullopt;
}

// The columns that say again what the name says.
void check_against_name(const ChainRow& row, RowReader& reader, const ChainQuote& quote) {
  const char* const otherwise = ", the name says otherwise";
  if (const auto strike = reader.number(ChainField::strike); strike && *strike != quote.strike) {
    reader.malformed(ChainField::strike, otherwise);
  }
  if (const auto expiry = reader.moment(ChainField::expiry); expiry && *expiry != quote.expiry) {
    reader.malformed(ChainField::expiry, otherwise);
  }
  // "type" may also say "option", of which the name tells more.
  const std::string& kind = row[ChainField::kind];
  if (!kind.empty() && kind != "option" && parse_kind(kind) != quote.option)
    reader.malformed(ChainField::kind, otherwise);
}

void read_option(const ChainRow& row, RowReader& reader, ChainEntry& out) {
  ChainQuote& quote = out.quote;
  check_against_name(row, reader, quote);
  const ChainAlias* forward = row.alias(ChainField::forward);
  // A column "underlying" with the coin's name says nothing about the forward.
  if (forward && (forward->name != "underlying" || parse_number(row[ChainField::forward]))) {
    quote.forward = reader.positive_or_none(ChainField::forward);
  }
  out.forward_named = !row[ChainField::forward_name].empty();
  quote.synthetic_forward = row[ChainField::forward_name].starts_with("SYN.");
  quote.bid = reader.positive_or_none(ChainField::bid);
  quote.ask = reader.positive_or_none(ChainField::ask);
  quote.bid_vol = reader.positive_or_none(ChainField::bid_vol);
  quote.ask_vol = reader.positive_or_none(ChainField::ask_vol);
  quote.mark_vol = reader.positive_or_none(ChainField::mark_vol);
  quote.delta = reader.number(ChainField::delta);
  quote.gamma = reader.number(ChainField::gamma);
  quote.vega = reader.number(ChainField::vega);
  quote.theta = reader.number(ChainField::theta);
  quote.rho = reader.number(ChainField::rho);
  quote.open_interest = reader.not_negative(ChainField::open_interest).value_or(0.0);
  out.interest_rate = reader.number(ChainField::interest_rate).value_or(0.0);
}

}  // namespace

std::optional<ChainMoment> parse_chain_moment(std::string_view text) {
  if (const auto number = parse_number(text)) return parse_since_1970(*number);
  if (const auto listed = parse_listed_date(text)) return ChainMoment{*listed, false};
  if (text.size() == 10) {
    const auto date = parse_expiry(text);
    return date ? std::optional(ChainMoment{*date, false}) : std::nullopt;
  }
  if (text.size() < 19 || (text[10] != 'T' && text[10] != ' ')) return std::nullopt;
  const auto whole = parse_timestamp(std::string(text.substr(0, 10)) + "T" + std::string(text.substr(11, 8)) + "Z");
  if (!whole) return std::nullopt;
  std::string_view rest = text.substr(19);
  if (rest.starts_with('.')) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (digits < 2) return std::nullopt;
    rest.remove_prefix(digits);
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.empty()) return ChainMoment{*whole, true};
  if (rest == "Z" || rest == "UTC") return ChainMoment{*whole, false};
  const auto offset = parse_offset(rest);
  return offset ? std::optional(ChainMoment{{whole->seconds - *offset}, false}) : std::nullopt;
}

std::string read_chain_entry(const ChainRow& row, ChainEntry& out) {
  ChainQuote& quote = out.quote;
  quote.where = row.where;
  quote.name = row[ChainField::name];
  if (!row.malformed.empty()) return "malformed: " + row.malformed;
  if (quote.name.empty()) return "malformed: there is no name";
  const Listed listed = parse_name(quote.name);
  if (!listed.kind) return "not an option";
  out.kind = *listed.kind;
  quote.underlying = listed.underlying;
  quote.usd_settled = listed.usd_settled;
  quote.option = listed.terms.option;
  quote.strike = listed.terms.strike;
  quote.expiry = listed.terms.expiry;

  RowReader reader(row, out);
  quote.time = reader.moment(ChainField::time);
  out.created = reader.moment(ChainField::created);
  quote.index_price = reader.positive_or_none(ChainField::index);
  quote.mark = reader.positive_or_none(ChainField::mark);
  if (out.kind == ChainEntry::Kind::option) read_option(row, reader, out);
  return reader.wrong();
}

}  // namespace tailbit
