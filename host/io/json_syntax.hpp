// What is wrong with a text as JSON, before anybody asks what it means.
#pragma once

#include <string>
#include <vector>

namespace tailbit {

struct JsonFault {
  std::string where;  // "line 3, column 5", or the path of a key
  std::string what, remedy;
};

// The first error of syntax, number beyond the doubles, object nested deeper than limits::kDeepestNesting, key longer
// than limits::kLongestName, or value beyond limits::kMostJsonValues; else, `repeated_keys` asked for, the keys that
// their objects have twice (the first thousand). Empty for sound JSON. Needs little memory beside the
// text, unless keys are looked at.
std::vector<JsonFault> json_faults(const std::string& text, bool repeated_keys);

}  // namespace tailbit
