// `init`: a first set-up to look at, run and change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/inputs.hpp"

namespace tailbit {

struct InitOptions {
  std::size_t positions = 1000;
  std::uint64_t seed = 7;
  bool force = false;  // replace files that are there
};

// A made-up market maker's book over a market: `market` is a market.json or a folder that holds one; where quotes.csv
// lies beside it, the options are those with their open interest. Throws Failure.
Positions make_book(const std::string& market, const InitOptions& options);

// What was written: tailbit.init/1.
struct Initialised {
  std::string folder;
  std::vector<std::string> files;  // in it
  std::size_t positions;
  nlohmann::ordered_json json() const;
};

// Both throw Failure (cannot_create_output) where a file that they write is there already.
//
// The book with a model and a config that run it over that market: OUT/book.csv, model.json, run.json.
Initialised init_book(const std::string& market, const std::string& out_dir, const InitOptions& options);

// A whole sample set-up: an invented chain of options, imported, and a book over it.
Initialised init_sample(const std::string& out_dir, const InitOptions& options);

}  // namespace tailbit
