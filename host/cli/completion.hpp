// Texts that are made of the command tree.
#pragma once

#include <string>

#include "host/cli/command_tree.hpp"

namespace tailbit::cli {

// Scripts that a shell sources. They need nothing but the shell.
std::string bash_completion(const Command& tree);
std::string zsh_completion(const Command& tree);
std::string fish_completion(const Command& tree);

// tailbit.1, in the man macros.
std::string man_page(const Command& tree);

}  // namespace tailbit::cli
