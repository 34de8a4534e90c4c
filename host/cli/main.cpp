// The command line: flags in, results on stdout, messages on stderr, exit codes for schedulers. What commands do is in
// host/ops.
#include <iostream>

#include <CLI/CLI.hpp>

#include "host/cli/commands.hpp"
#include "host/io/problems.hpp"

int main(int argc, char** argv) {
  using tailbit::ExitCode;
  CLI::App app{
      "Examples:\n"
      "  tailbit init --out first && tailbit describe first/run.json && tailbit run first/run.json\n"
      "  tailbit run run.json --scenarios 1000000 --device cuda --json > summary.json\n"
      "  tailbit import deribit-chain chain.csv --out setup && tailbit init book --from-market setup --out job\n"
      "  tailbit replay first/results --worst 3\n"
      "  tailbit compare results-cpu results-gpu\n\n"
      "Tailbit: tail risk of a whole derivatives book by full revaluation, with the same bits on CPU and GPU."};
  app.name("tailbit");
  app.set_version_flag("--version", "tailbit " TAILBIT_VERSION);
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default(false);
  int exit_code = 0;
  tailbit::cli::add_commands(app, exit_code);
  try {
    app.parse(argc, argv);
    // A result that did not reach its reader is not a result.
    if (!std::cout.flush())
      throw tailbit::Failure(ExitCode::io_error, "standard output: cannot be written; free the place it goes to");
    return exit_code;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    const std::string hint = tailbit::cli::suggestion(app, argc, argv);
    const bool no_such_command = app.get_subcommands().empty() && !hint.empty();
    std::cerr << "tailbit: " << (no_such_command ? "no such command" : error.what()) << hint
              << "\nSee `tailbit --help`.\n";
    return static_cast<int>(ExitCode::usage);
  } catch (const tailbit::Failure& failure) {
    std::cerr << "tailbit: " << failure.what() << '\n';
    return static_cast<int>(failure.code());
  } catch (const std::bad_alloc&) {
    std::cerr << "tailbit: out of memory; use fewer scenarios, groups or exposure dates (`tailbit validate` prints the "
                 "need)\n";
    return static_cast<int>(ExitCode::temporary);
  } catch (const std::exception& error) {
    std::cerr << "tailbit: internal error: " << error.what() << "; please report it with the command line\n";
    return static_cast<int>(ExitCode::internal_error);
  }
}
