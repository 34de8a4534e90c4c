// The command `import`.
#pragma once

#include <CLI/CLI.hpp>

namespace tailbit::cli {

void add_import(CLI::App& app);

}  // namespace tailbit::cli
