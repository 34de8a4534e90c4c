// `tailbit completion`: what shells and man(1) are told about the commands and flags.
#include <iostream>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/completion.hpp"
#include "host/cli/flags.hpp"

namespace tailbit::cli {

void add_completion(CLI::App& app) {
  const auto kind = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Completion for a shell, or the manual page, on stdout");
  begin_help_with(*command,
                  "  source <(tailbit completion bash)\n"
                  "  tailbit completion zsh > ~/.zfunc/_tailbit\n"
                  "  tailbit completion fish > ~/.config/fish/completions/tailbit.fish\n"
                  "  tailbit completion man | man -l -\n");
  command->add_option("KIND", *kind, "bash, zsh, fish, or man for tailbit.1")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish", "man"}));
  command->callback([kind, &app] {
    const Command tree = command_tree(app);
    if (*kind == "bash") {
      std::cout << bash_completion(tree);
    } else if (*kind == "zsh") {
      std::cout << zsh_completion(tree);
    } else if (*kind == "fish") {
      std::cout << fish_completion(tree);
    } else {
      std::cout << man_page(tree);
    }
  });
}

}  // namespace tailbit::cli
