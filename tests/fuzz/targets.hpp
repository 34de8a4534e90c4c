// What the fuzzer calls: each target gives one input to one kind of reader. A reader may refuse it with a Failure; what
// it accepts is held against what must be true of it. Anything else ends the program.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "host/io/problems.hpp"

namespace tailbit::fuzz {

struct Target {
  std::string_view name;  // of the folder with its inputs, too
  void (*run)(std::string_view input);
};

void config(std::string_view input);
void market(std::string_view input);  // and the contracts
void model(std::string_view input);
void book_csv(std::string_view input);
void book_json(std::string_view input);
void chain(std::string_view input);
void text(std::string_view input);
void price(std::string_view input);

std::span<const Target> targets();
// nullptr where there is none of this name.
const Target* find_target(std::string_view name);

// A file in memory with these bytes; its path is valid until the next call.
const std::string& as_file(std::string_view bytes);

// Ends the program, so that the input is kept, if something that must hold does not.
inline void hold(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Reads; returns whether the input was accepted. A refusal must be one that users can act on.
bool accepts(const std::function<void(Problems&)>& read);

}  // namespace tailbit::fuzz
