#include "host/ops/price_rows.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "host/io/csv.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// The columns of every family.
const std::vector<std::string> kStandard{"id",           "family", "option", "spot", "strike",
                                         "expiry_years", "rate",   "carry",  "vol"};

constexpr std::size_t kFamilyColumn = 1;

// Terms that the standard columns stand for, or that a price under given inputs does not need.
bool is_standard_term(const std::string& name) {
  return name == "option" || name == "strike" || name == "expiry" || name == "vol" || name == "settlement";
}

// Columns of families that later versions price. They may be there, so that one file can list contracts
// of all families.
const std::vector<std::string> kLater{"barrier_kind", "barrier",
                                      "rebate",       "lower",
                                      "upper",        "direction",
                                      "payment",      "touch",
                                      "averaging",    "first_fixing_years",
                                      "fixings",      "lookback_kind",
                                      "extreme",      "start_years",
                                      "alpha",        "inner_option",
                                      "inner_strike", "inner_expiry_years",
                                      "spot2",        "carry2",
                                      "vol2",         "correlation",
                                      "quantity1",    "quantity2",
                                      "rule"};

// Visitor of a family's `fields` that lists its own columns.
class OwnColumns {
 public:
  explicit OwnColumns(std::vector<std::string>& names) : names_(names) {}
  template <class T, class... Constraint>
  void required(const char* name, const T&, Constraint...) {
    add(name);
  }
  template <class T, class... Constraint>
  void defaulted(const char* name, const T&, Constraint...) {
    add(name);
  }
  template <class T, class... Constraint>
  void optional(const char* name, const T&, Constraint...) {
    add(name);
  }

 private:
  void add(const std::string& name) {
    if (!is_standard_term(name) && std::find(names_.begin(), names_.end(), name) == names_.end())
      names_.push_back(name);
  }
  std::vector<std::string>& names_;
};

std::vector<CsvColumn> all_columns() {
  std::vector<std::string> own;
  for_each_type<Families>([&]<class Family, std::size_t>() {
    typename Family::Terms terms;
    OwnColumns visitor(own);
    Family::fields(visitor, terms);
  });
  std::vector<CsvColumn> columns;
  for (const std::string& name : kStandard) columns.push_back({name, name != "carry" && name != "id"});
  for (const std::string& name : own) columns.push_back({name, false});
  for (const std::string& name : kLater) {
    if (std::find(own.begin(), own.end(), name) == own.end()) columns.push_back({name, false});
  }
  return columns;
}

// One row's cells by column name, and the visitor that reads a family's own terms from them.
class CsvRow {
 public:
  explicit CsvRow(const CsvFile& csv) : csv_(csv), used_(csv.columns().size(), false) {}

  std::string_view cell(const std::string& name) {
    const auto& columns = csv_.columns();
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const CsvColumn& c) { return c.name == name; });
    const auto place = static_cast<std::size_t>(found - columns.begin());
    used_[place] = true;
    return csv_[place];
  }
  double number(const std::string& name) {
    const auto value = parse_number(cell(name));
    if (!value) throw BadRow(name + " " + in_quotes(cell(name)) + " is not a number");
    return *value;
  }
  double positive(const std::string& name) {
    const double value = number(name);
    if (!(value > 0.0)) throw BadRow(name + " " + number_text(value) + " is not above 0");
    return value;
  }
  double not_negative(const std::string& name) {
    const double value = number(name);
    if (value < 0.0) throw BadRow(name + " " + number_text(value) + " is negative");
    return value;
  }
  template <class Enum>
  Enum choice(const std::string& name) {
    const auto& names = Spelling<Enum>::names;
    const auto found = std::find(names.begin(), names.end(), cell(name));
    if (found != names.end()) return static_cast<Enum>(found - names.begin());
    std::string known;
    for (const std::string_view n : names) known += (known.empty() ? "" : " | ") + std::string(n);
    throw BadRow(name + " " + in_quotes(cell(name)) + " is none of " + known);
  }

  template <class T, class... Constraint>
  void required(const char* name, T& out, Constraint...) {
    read(name, out, true);
  }
  template <class T, class... Constraint>
  void defaulted(const char* name, T& out, Constraint...) {
    read(name, out, false);
  }
  // The only optional term so far is `vol`, a standard one.
  template <class T, class... Constraint>
  void optional(const char* name, std::optional<T>&, Constraint...) {
    if (!is_standard_term(name)) throw BadRow(std::string(name) + " cannot be given here");
  }

  // A cell that the family does not read would be a misunderstanding.
  void nothing_else(const std::string& family) const {
    for (std::size_t c = 0; c < used_.size(); ++c) {
      if (!used_[c] && !csv_[c].empty()) throw BadRow(family + " has no " + csv_.columns()[c].name);
    }
  }

 private:
  template <class T>
  void read(const std::string& name, T& out, bool is_required) {
    if (is_standard_term(name)) return;
    if (!is_required && cell(name).empty()) return;
    if constexpr (std::is_enum_v<T>) {
      out = choice<T>(name);
    } else if constexpr (std::is_same_v<T, double>) {
      out = positive(name);  // so far every number of a contract is
    }
  }

  const CsvFile& csv_;
  std::vector<bool> used_;
};

ClosedFormInputs read_inputs_of(CsvRow& row) {
  ClosedFormInputs in{};
  in.option = row.choice<OptionKind>("option");
  in.spot = row.positive("spot");
  in.strike = row.positive("strike");
  in.years = row.not_negative("expiry_years");
  in.rate = row.number("rate");
  in.carry = row.cell("carry").empty() ? in.rate : row.number("carry");
  in.vol = row.not_negative("vol");
  return in;
}

template <class Family>
ContractTerms read_terms(CsvRow& row, const ClosedFormInputs& in) {
  typename Family::Terms terms;
  Family::fields(row, terms);
  if constexpr (requires { terms.option; }) terms.option = in.option;
  if constexpr (requires { terms.strike; }) terms.strike = in.strike;
  return terms;
}

constexpr std::string_view kInverse = "inverse";
ContractTerms inverse_terms(const ClosedFormInputs& in) {
  European::Terms terms;
  terms.option = in.option;
  terms.strike = in.strike;
  terms.settlement = Settlement::coin;
  return terms;
}

PriceRow read_row(CsvRow& row) {
  const std::string family(row.cell("family"));
  PriceRow out{std::string(row.cell("id")), {}, {}};
  bool known = false;
  std::string names;
  for_each_type<Families>([&]<class Family, std::size_t>() {
    if constexpr (HasClosedForm<Family>) {
      names += std::string(Family::name) + ", ";
      if (family != Family::name) return;
      known = true;
      out.inputs = read_inputs_of(row);
      out.terms = read_terms<Family>(row, out.inputs);
    }
  });
  if (family == kInverse) {
    known = true;
    out.inputs = read_inputs_of(row);
    out.terms = inverse_terms(out.inputs);
  }
  if (!known)
    throw BadRow("the family " + in_quotes(family) + " is not priced here; known: " + names + std::string(kInverse));
  row.nothing_else(family);
  return out;
}

void require_finite(const std::optional<double>& number) {
  if (number && !std::isfinite(*number)) throw BadRow("the result is not a finite number: the inputs are too extreme");
}
void require_finite(const Priced& priced) {
  for (const auto& number : priced.numbers) require_finite(number);
  if (priced.inverse_extra) {
    for (const auto& number : *priced.inverse_extra) require_finite(number);
  }
  require_finite(priced.se);
}

// Whether a row is of the family `inverse`; nothing where the file can only be read once.
std::optional<bool> has_inverse(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return std::nullopt;
  Problems told_later;
  CsvFile csv(path, ExitCode::bad_data, all_columns(), told_later);
  while (csv.next()) {
    if (csv[kFamilyColumn] == kInverse) return true;
  }
  return false;
}

}  // namespace

ExitCode price_rows(const std::string& path, std::ostream& out, const PriceFormat& format,
                    const std::function<Priced(const PriceRow&)>& value) {
  Problems problems;
  CsvFile csv(path, ExitCode::bad_data, all_columns(), problems);
  problems.throw_if_any();
  std::unique_ptr<PriceOutput> output;
  if (format.json) {
    output = std::make_unique<PriceJson>(out, format.with_error_of_mean);
  } else {
    output = std::make_unique<PriceCsv>(out, has_inverse(path), format.with_error_of_mean);
  }
  ExitCode code = ExitCode::done;
  while (csv.next()) {
    CsvRow row(csv);
    try {
      if (!csv.malformed().empty()) throw BadRow(csv.malformed());
      const Priced priced = value(read_row(row));
      require_finite(priced);
      output->priced(csv[0], priced);
    } catch (const BadRow& bad) {
      output->refused(csv[0], csv.where() + ": " + bad.what());
      code = ExitCode::bad_data;
    }
  }
  problems.throw_if_any();
  output->end();
  return code;
}

}  // namespace tailbit
