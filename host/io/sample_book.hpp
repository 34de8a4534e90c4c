// A made-up but plausible book over an imported chain: what a market maker with three desks might hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/io/import_deribit.hpp"

namespace tailbit {

// Every option of the chain once, long or short as a hash of (seed, name) decides, sized after its open interest; then,
// for each desk and underlying, the coins that offset the options' delta.
Positions sample_positions(const DeribitChain& chain, std::uint64_t seed);

// Constant vols as the market's 30-day at-the-money vols; spots correlated 0.8.
Model sample_model(const DeribitChain& chain);

// Writes DIR/book.csv, DIR/model.json and DIR/run.json.
void write_sample_book(const DeribitChain& chain, std::uint64_t seed, const std::string& out_dir);

}  // namespace tailbit
