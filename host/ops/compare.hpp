// `compare A B`: are two results the same, bit for bit or within tolerances?
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tailbit {

struct Comparison {
  nlohmann::ordered_json report;  // tailbit.comparison/1
  bool equal;                     // bits, or within the tolerance asked for
  std::string junit() const;      // the same as JUnit XML, one test case per check
};

// `tolerance`: largest allowed difference of losses and measures, relative to the larger of the two results' expected
// shortfall scale; 0 asks for equal bits. Throws Failure when a directory does not hold a result.
Comparison compare_results(const std::string& a, const std::string& b, double tolerance);

}  // namespace tailbit
