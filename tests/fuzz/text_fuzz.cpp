// Names, dates, numbers and durations. What is understood, written and read again is the same.
#include <cmath>

#include "host/io/ccxt_symbol.hpp"
#include "host/io/chain_entry.hpp"
#include "host/io/csv.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "targets.hpp"

namespace tailbit::fuzz {
namespace {

void numbers(std::string_view input) {
  const auto number = parse_number(input);
  if (!number) return;
  hold(std::isfinite(*number), "a number is finite");
  const auto again = parse_number(number_text(*number));
  hold(again && *again == *number && std::signbit(*again) == std::signbit(*number), "a number stays what it is");
  if (const auto seconds = seconds_from_years(*number))
    hold(*seconds >= 1 && *seconds <= kLongestSeconds, "durations are in range");
}

void dates(std::string_view input) {
  if (const auto moment = parse_timestamp(input)) {
    hold(parse_timestamp(timestamp_text(*moment)) == moment, "a moment stays what it is");
    hold(parse_expiry(input) == moment, "an expiry may be any moment");
  }
  if (const auto expiry = parse_expiry(input)) hold(parse_expiry(timestamp_text(*expiry)) == expiry, "and a date");
  if (const auto listed = parse_listed_date(input))
    hold(parse_listed_date(listed_date_text(*listed)) == listed, "a listed date stays what it is");
  if (const auto moment = parse_chain_moment(input))
    hold(parse_chain_moment(timestamp_text(moment->time)).has_value(), "a chain's moment is a moment");
  if (const auto duration = parse_duration(input))
    hold(parse_duration(duration_text(*duration)) == duration, "a duration stays what it is");
}

void names(std::string_view input) {
  if (const auto listed = parse_listed_name(std::string(input))) {
    hold(listed->id == input && !listed->underlying.empty(), "a listed name has an underlying");
    visit_family(listed->terms, [&]<class Family>(const auto& terms) {
      if constexpr (requires { terms.strike; }) hold(terms.strike > 0.0, "a listed strike is above 0");
    });
  }
  const CcxtContract contract = parse_ccxt_symbol(input);
  if (contract.name.empty()) {
    hold(!contract.problem.empty() && !contract.remedy.empty(), "a symbol is refused with a reason");
  } else {
    hold(parse_listed_name(contract.name).has_value(), "a symbol becomes a listed name");
  }
}

}  // namespace

void text(std::string_view input) {
  numbers(input);
  dates(input);
  names(input);
  hold(did_you_mean(std::string(input), {"BTC-PERPETUAL", "quantity"}).size() < 40, "a suggestion is a candidate");
  const std::string cell = csv_cell(input);
  hold(cell.find_first_of(",\"\r\n") == std::string::npos || cell.starts_with('"'), "cells are in quotes where needed");
}

}  // namespace tailbit::fuzz
