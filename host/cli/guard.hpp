// Where errors end: the message on stderr, and the exit code that a scheduler switches on.
#pragma once

#include <functional>

namespace tailbit::cli {

// Runs it and returns its exit code, or that of what it threw. A result that did not reach its reader is not a result:
// standard output is flushed first.
int guarded(const std::function<int()>& work);

}  // namespace tailbit::cli
