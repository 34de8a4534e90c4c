// How `price` writes its results: CSV or JSON, row by row.
#pragma once

#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace tailbit {

using PriceNumbers = std::array<std::optional<double>, 6>;  // value, delta, gamma, vega, theta, rho
using InverseExtra = std::array<std::optional<double>, 3>;  // value_usd, delta_usd, delta_net

// Numbers that are not there are empty cells, or null.
struct Priced {
  PriceNumbers numbers{};
  std::optional<InverseExtra> inverse_extra{};
  std::optional<double> se{};  // of the value
};

class PriceOutput {
 public:
  virtual ~PriceOutput() = default;
  virtual void priced(std::string_view id, const Priced& priced) = 0;
  virtual void refused(std::string_view id, const std::string& error) = 0;
  virtual void end() = 0;
};

// The columns of inverse_extra are there if a row has them. Whether one will is told, or not known (pipes): then rows
// are held back until one has, or to the end. `with_se`: there is a column of that name.
class PriceCsv : public PriceOutput {
 public:
  PriceCsv(std::ostream& out, std::optional<bool> has_inverse, bool with_se);
  void priced(std::string_view id, const Priced& priced) override;
  void refused(std::string_view id, const std::string& error) override;
  void end() override;

 private:
  void row(std::string_view id, const Priced& priced, const std::string& error);
  void decide(bool has_inverse);

  std::ostream& out_;
  std::optional<bool> has_inverse_;
  bool with_se_;
  std::string held_;  // rows, with a zero byte in place of the extra cells; texts have none
};

// An array of objects with the columns as keys; null where a cell would be empty. Only those of inverse options have
// the extra keys.
class PriceJson : public PriceOutput {
 public:
  PriceJson(std::ostream& out, bool with_se);
  void priced(std::string_view id, const Priced& priced) override;
  void refused(std::string_view id, const std::string& error) override;
  void end() override;

 private:
  void row(std::string_view id, const Priced& priced, const std::string* error);

  std::ostream& out_;
  bool with_se_;
  bool first_ = true;
};

}  // namespace tailbit
