#include "host/cli/program.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <new>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "host/cli/commands.hpp"
#include "host/cli/guard.hpp"
#include "host/cli/messages.hpp"
#include "host/io/log.hpp"
#include "host/io/problems.hpp"
#include "host/ops/backend.hpp"
#include "host/ops/rank_service.hpp"
#include "host/ops/supervisor.hpp"

namespace tailbit::cli {
namespace {

// Of a rank whose command did not run until rank 0 ended it.
constexpr int kNotEnded = -1;

constexpr char kHelp[] =
    "Examples:\n"
    "  tailbit init --out first && tailbit describe first/run.json && tailbit run first/run.json\n"
    "  tailbit run run.json --scenarios 1000000 --device cuda --json > summary.json\n"
    "  tailbit import deribit-chain chain.csv --out setup && tailbit init book --from-market setup --out job\n"
    "  tailbit replay first/results --worst 3\n"
    "  tailbit compare results-cpu results-gpu\n"
    "  tailbit verify first/results --recompute\n\n"
    "Tailbit: tail risk of a whole derivatives book by full revaluation, with the same bits on CPU and GPU.";

constexpr char kHelpOfRanks[] =
    "Examples:\n"
    "  mpirun -n 8 --bind-to none tailbit-mpi run run.json --out results\n\n"
    "Tailbit for MPI: one run on the processors and GPUs of several ranks, with the bits of `tailbit run`. Everything "
    "else is done with `tailbit`.";

[[noreturn]] void refuse(const CLI::ParseError& error, const CLI::App& app, int argc, char** argv, bool under_mpi) {
  const std::string& name = app.get_name();
  const bool no_command = app.get_subcommands().empty();
  if (under_mpi && no_command && argc > 1 && argv[1][0] != '-')
    throw Failure(ExitCode::usage,
                  std::string("\"") + argv[1] + "\" is not for MPI, only `run` is; use `tailbit " + argv[1] + "`");
  const std::string hint = suggestion(app, argc, argv);
  std::string words = name;  // of the innermost command that was named
  for (auto named = app.get_subcommands(); !named.empty(); named = named.front()->get_subcommands())
    words += " " + named.front()->get_name();
  throw Failure(ExitCode::usage, std::string(no_command && !hint.empty() ? "no such command" : error.what()) + hint +
                                     "\nSee `" + words + " --help`.");
}

// Every rank but the first, which tells the user: what goes wrong is told to it, and nobody ends before it does.
int run_other_rank(CLI::App& app, int argc, char** argv, Ranks& ranks, const int& exit_code) {
  const auto fail = [&](ExitCode code, const std::string& message, bool wrong_bits = false) {
    decline(ranks, {ranks.place().host, code, message, wrong_bits});
  };
  std::cout.rdbuf(nullptr);
  try {
    app.parse(argc, argv);
    if (exit_code != kNotEnded) return exit_code;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) fail(ExitCode::usage, error.what());
  } catch (const WrongBits& failure) {
    fail(failure.code(), failure.what(), true);
  } catch (const Failure& failure) {
    fail(failure.code(), failure.what());
  } catch (const std::bad_alloc&) {
    fail(ExitCode::temporary, "out of memory; use fewer scenarios, groups or exposure dates, or fewer ranks");
  } catch (const std::exception& error) {
    fail(ExitCode::internal_error, std::string("internal error: ") + error.what() + "; please report it");
  }
  return await_end(ranks);
}

// Whether the command may be one that is supervised: what is stopped before it has begun is stopped like any other.
bool names_supervised_command(int argc, char** argv) {
  return std::any_of(argv, argv + argc, [](const char* word) {
    return std::string_view(word) == "run" || std::string_view(word) == "watch";
  });
}

// Where a standard descriptor is closed, the next file that is opened would take its place, and be written to.
void keep_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) < 0) open("/dev/null", O_RDWR);
  }
}

// What CUDA's driver compiles for a device newer than the program, it would keep below the home directory.
void keep_kernels_out_of_home() {
  if (std::getenv("CUDA_CACHE_PATH") == nullptr) setenv("CUDA_CACHE_DISABLE", "1", 0);
}

}  // namespace

int run_program(int argc, char** argv, Ranks* ranks) {
  keep_standard_descriptors();
  const bool supervised = ranks == nullptr && names_supervised_command(argc, argv);
  if (supervised) hold_signals();
  CLI::App app{ranks == nullptr ? kHelp : kHelpOfRanks};
  app.name(ranks == nullptr ? "tailbit" : "tailbit-mpi");
  app.set_version_flag("--version", app.get_name() + " " TAILBIT_VERSION);
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default(false);
  // A reader that left, and a limit on the size of files, are errors of writing, told as such.
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
  keep_kernels_out_of_home();
  const bool other_rank = ranks != nullptr && ranks->place().rank != 0;
  int exit_code = other_rank ? kNotEnded : 0;
  if (other_rank) log::set_rank(ranks->place().rank);
  set_up_messages(argc, argv);
  add_commands(app, exit_code, ranks);
  add_message_options(app);
  app.parse_complete_callback([&] {
    if (supervised && !app.got_subcommand("run") && !app.got_subcommand("watch")) let_signals_go();
  });
  if (other_rank) return run_other_rank(app, argc, argv, *ranks, exit_code);
  return guarded([&] {
    try {
      app.parse(argc, argv);
      return exit_code;
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app.exit(error);  // --help
      refuse(error, app, argc, argv, ranks != nullptr);
    }
  });
}

}  // namespace tailbit::cli
