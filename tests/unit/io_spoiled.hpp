// One value of one file of a sound job replaced, and the one problem it makes.
#pragma once

#include <gtest/gtest.h>

#include "tests/unit/io_files.hpp"

namespace tailbit::test {

struct Spoiled {
  nlohmann::json Job::*file;
  const char* place;
  const char* value;    // JSON
  const char* problem;  // how the message begins
};
inline void PrintTo(const Spoiled& s, std::ostream* out) { *out << s.place << " = " << s.value; }

// `job` is the one to spoil.
inline void expect_told(const Spoiled& spoiled, Job&& job = {}) {
  (job.*spoiled.file)[nlohmann::json::json_pointer(spoiled.place)] = nlohmann::json::parse(spoiled.value);
  const Outcome outcome = job.outcome();
  const bool config = spoiled.file == &Job::run || spoiled.file == &Job::model;
  EXPECT_EQ(outcome.code, config ? ExitCode::bad_config : ExitCode::bad_data);
  EXPECT_TRUE(outcome.message.starts_with(spoiled.problem)) << outcome.message;
  EXPECT_EQ(outcome.message.find('\n'), std::string::npos) << outcome.message;
  EXPECT_NE(outcome.message.find("; "), std::string::npos) << "no remedy: " << outcome.message;
}

}  // namespace tailbit::test
