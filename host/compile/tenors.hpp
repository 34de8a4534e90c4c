// The tenors of a revaluation date: one per underlying, expiry and settlement that a contract of the book looks at.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "host/compile/paths.hpp"

namespace tailbit {

class TenorTable {
 public:
  TenorTable(const Inputs& inputs, std::vector<FactorIds> factors) : inputs_(inputs), factors_(std::move(factors)) {}

  // The tenors made from now on are those of a date `seconds` from as_of.
  void begin_date(std::int64_t seconds);
  // Place among the tenors of the date. Contracts without an expiry are perpetuals.
  std::uint32_t index_of(std::uint32_t underlying, std::optional<Timestamp> expiry, bool in_coin);
  const std::vector<Tenor>& of_date() const { return tenors_; }

 private:
  Tenor make(std::uint32_t underlying, std::optional<Timestamp> expiry, bool in_coin) const;

  const Inputs& inputs_;
  std::vector<FactorIds> factors_;  // [underlyings]
  std::int64_t seconds_ = 0;
  std::vector<Tenor> tenors_;
  std::map<std::tuple<std::uint32_t, std::int64_t, bool>, std::uint32_t> index_;
};

}  // namespace tailbit
