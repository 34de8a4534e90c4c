// The books that are measured: one family in one shape each, on four underlyings.
#pragma once

#include <span>
#include <string>

#include "host/io/inputs.hpp"

namespace tailbit::bench {

inline constexpr std::int64_t kDay = 86'400;
inline constexpr Timestamp kAsOf{1'767'225'600};  // 1 January 2026

enum class Smile {
  none,         // not an option
  own,          // each contract its own vol
  flat,         // a flat surface
  svi,          // an expiry of the surface
  svi_between,  // between two of them
  svi_shocked,  // an expiry of the surface; level, skew and basis move beside the spot
};
const char* smile_name(Smile smile);

struct Case {
  const char* family;
  Settlement settlement;
  Smile smile;
  ContractTerms (*contract)(int i, const Case& of);  // the i-th of an underlying
  int per_underlying;
  double funding_8h = 0.0;
};
std::span<const Case> cases();
// Throws std::logic_error where there is none.
const Case& find_case(const std::string& family, Settlement settlement, Smile smile);

struct Size {
  int per_underlying;
  std::uint64_t scenarios;
};

// A job of one day in one step. Contracts are as the case says, positions long and short.
Inputs make_inputs(const Case& of, const Size& size, Precision precision);

// For the books of more than one case: a market and a model of `underlyings` assets without contracts, all pairs of
// factors correlated by 0.3 after finish(), which has to be called when the model is complete.
Inputs make_market(Smile smile, int underlyings);
void shock(UnderlyingModel& model);  // level, skew and basis become factors
void add_contracts(Inputs& inputs, const Case& of, int per_underlying);
void finish(Inputs& inputs);

}  // namespace tailbit::bench
