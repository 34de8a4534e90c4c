// The known-answer books made long and held by many: runs of more contracts than a kernel's chunk, and accounts that
// hold all of them, some, or one.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "host/ops/selftest.hpp"
#include "tailbit/random/philox.hpp"
#include "tests/support/positions.hpp"

namespace tailbit::test {

// Every contract with a strike at `strikes` strikes. Account 0 holds them all, account a by chance one in
// 1 + a * sparsity / 8. By account only.
inline Inputs wide_book(Inputs inputs, std::uint32_t strikes, std::uint32_t accounts, std::uint32_t sparsity) {
  const std::vector<Instrument> narrow = inputs.instruments;
  inputs.instruments.clear();
  for (const Instrument& instrument : narrow) {
    for (std::uint32_t i = 0; i < strikes; ++i) {
      Instrument copy = instrument;
      bool has_strike = false;
      std::visit(
          [&](auto& terms) {
            if constexpr (requires { terms.strike; }) {
              terms.strike *= 1.0 + 0.01 * i;
              has_strike = true;
            }
          },
          copy.terms);
      if (i > 0 && !has_strike) break;
      if (i > 0) copy.id += "-" + std::to_string(i);
      inputs.instruments.push_back(copy);
    }
  }
  std::vector<Position> rows;
  for (std::uint32_t a = 0; a < accounts; ++a) {
    for (std::uint32_t i = 0; i < inputs.instruments.size(); ++i) {
      const random::Words w = random::Philox4x32::generate({i, a, 0, 0}, {7, 8});
      if (w.x0 % (1 + a * sparsity / 8) != 0) continue;
      Position position;
      position.position_id = std::to_string(rows.size());
      position.account = "account " + std::to_string(a);
      position.instrument = inputs.instruments[i].id;
      position.quantity = (static_cast<double>(w.x1 % 2001) - 1000.0) * 1e-5;
      if (position.quantity != 0.0) rows.push_back(position);
    }
  }
  inputs.positions = table_of(rows);
  inputs.config.group_by = {"account"};
  return inputs;
}

}  // namespace tailbit::test
