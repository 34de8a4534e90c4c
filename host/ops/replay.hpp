// `replay`: single scenarios of a finished run, simulated again and looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace tailbit {

struct ReplayOptions {
  std::optional<std::uint64_t> scenario;  // this one; else the `worst` of largest loss, ties by id
  std::uint64_t worst = 0;
  std::string group = "book";         // whose losses rank scenarios, and whose contracts are listed
  std::optional<std::uint64_t> top;   // contracts to list at each end; absent: all of them
  std::optional<std::string> config;  // where the run's config is now; absent: where the manifest says
};

// What happened in the scenarios, as a tailbit.replay/1. Every loss that losses.npy holds was found equal to the bit.
// Throws Failure: usage for scenarios and groups that the result has not; bad_data or input_missing where the result or
// an input is not as the manifest says; internal_error where all is as it was and yet a loss differs.
nlohmann::ordered_json replay_result(const std::string& folder, const ReplayOptions& options);

}  // namespace tailbit
