#include "host/ops/price_output.hpp"

#include <nlohmann/json.hpp>

#include "host/io/csv.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

constexpr std::array kNumbers{"value", "delta", "gamma", "vega", "theta", "rho"};
constexpr std::array kInverseExtra{"value_usd", "delta_usd", "delta_net"};
constexpr char kExtraCells = '\0';

template <class Names>
std::string header_of(const Names& names) {
  std::string text;
  for (const char* name : names) text += std::string(",") + name;
  return text;
}

std::string cell_of(const std::optional<double>& number) {
  return number ? number_text(*number + 0.0) : "";  // no -0
}

template <class Numbers>
std::string cells_of(const Numbers& numbers) {
  std::string text;
  for (const std::optional<double>& number : numbers) text += "," + cell_of(number);
  return text;
}

nlohmann::ordered_json json_of(const std::optional<double>& number) {
  return number ? nlohmann::ordered_json(*number + 0.0) : nullptr;
}

}  // namespace

PriceCsv::PriceCsv(std::ostream& out, std::optional<bool> has_inverse, bool with_se) : out_(out), with_se_(with_se) {
  if (has_inverse) decide(*has_inverse);
}

void PriceCsv::decide(bool has_inverse) {
  has_inverse_ = has_inverse;
  const std::string extra_cells(has_inverse ? kInverseExtra.size() : 0, ',');
  out_ << "id" << header_of(kNumbers) << (has_inverse ? header_of(kInverseExtra) : "") << (with_se_ ? ",se" : "")
       << ",error\n";
  for (const char c : held_) {
    if (c == kExtraCells) {
      out_ << extra_cells;
    } else {
      out_ << c;
    }
  }
  held_ = {};
}

void PriceCsv::row(std::string_view id, const Priced& priced, const std::string& error) {
  if (priced.inverse_extra && !has_inverse_) decide(true);
  std::string text = csv_cell(id) + cells_of(priced.numbers);
  if (!has_inverse_) {
    text += kExtraCells;
  } else if (*has_inverse_) {
    text += cells_of(priced.inverse_extra.value_or(InverseExtra{}));
  }
  if (with_se_) text += "," + cell_of(priced.se);
  text += "," + (error.empty() ? "" : csv_cell(error)) + "\n";
  if (has_inverse_) {
    out_ << text;
  } else {
    held_ += text;
  }
}

void PriceCsv::priced(std::string_view id, const Priced& priced) { row(id, priced, ""); }
void PriceCsv::refused(std::string_view id, const std::string& error) { row(id, {}, error); }
void PriceCsv::end() {
  if (!has_inverse_) decide(false);
}

PriceJson::PriceJson(std::ostream& out, bool with_se) : out_(out), with_se_(with_se) { out_ << "["; }

void PriceJson::row(std::string_view id, const Priced& priced, const std::string* error) {
  nlohmann::ordered_json row{{"id", id}};
  for (std::size_t i = 0; i < kNumbers.size(); ++i) row[kNumbers[i]] = json_of(priced.numbers[i]);
  if (priced.inverse_extra) {
    for (std::size_t i = 0; i < kInverseExtra.size(); ++i) row[kInverseExtra[i]] = json_of((*priced.inverse_extra)[i]);
  }
  if (with_se_) row["se"] = json_of(priced.se);
  row["error"] = error != nullptr ? nlohmann::ordered_json(*error) : nullptr;
  out_ << (first_ ? "\n" : ",\n") << row.dump();
  first_ = false;
}

void PriceJson::priced(std::string_view id, const Priced& priced) { row(id, priced, nullptr); }
void PriceJson::refused(std::string_view id, const std::string& error) { row(id, {}, &error); }
void PriceJson::end() { out_ << (first_ ? "]\n" : "\n]\n"); }

}  // namespace tailbit
