// tailbit(1). Commands, flags and exit codes come from the program; what is written here is what no flag says.
#include <array>

#include "host/cli/completion.hpp"
#include "host/io/exit_codes.hpp"

namespace tailbit::cli {
namespace {

// Text as troff takes it: a backslash is an escape, a hyphen may be a minus, and a dot or quote that begins a line a
// macro.
std::string troff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (!out.empty() && (out[0] == '.' || out[0] == '\'')) out.insert(0, "\\&");
  return out;
}

// A sentence: the help's phrases have no full stop.
std::string sentence(const std::string& text) {
  return troff(text) + (text.empty() || text.back() == '.' ? "\n" : ".\n");
}

std::string bold(const std::string& text) { return "\\fB" + troff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + troff(text) + "\\fR"; }

std::string tagged(const std::string& tag, const std::string& text) { return ".TP\n" + tag + "\n" + sentence(text); }

std::string example_lines(const std::vector<std::string>& examples) {
  std::string text = ".nf\n";
  for (const std::string& line : examples) text += troff(line) + "\n";
  return text + ".fi\n";
}

std::string usage(const Command& command) {
  std::string line = bold("tailbit " + command.name());
  if (!command.flags.empty()) line += " [" + italic("OPTIONS") + "]";
  for (const Positional& positional : command.positionals) {
    const std::string name = italic(positional.name) + (positional.many ? " ..." : "");
    line += positional.required ? " " + name : " [" + name + "]";
  }
  return line + "\n";
}

// Of --help every command has the same to say; it is said once, for the program.
bool is_help(const Flag& flag) { return flag.names.back() == "--help"; }

std::string flag_entry(const Flag& flag) {
  std::string tag;
  for (const std::string& name : flag.names) tag += (tag.empty() ? "" : ", ") + bold(name);
  if (flag.value.kind != Value::Kind::none) tag += " " + italic(flag.value.label);
  return tagged(tag, flag.description);
}

std::string command_section(const Command& command) {
  std::string text = ".SS " + troff(command.name()) + "\n" + usage(command) + ".PP\n" + sentence(command.description);
  for (const Positional& positional : command.positionals)
    text += tagged(italic(positional.name), positional.description);
  for (const Flag& flag : command.flags) {
    if (!is_help(flag)) text += flag_entry(flag);
  }
  if (!command.examples.empty()) text += ".PP\nExamples:\n.PP\n" + example_lines(command.examples);
  return text;
}

std::string exit_status() {
  std::string text =
      ".SH EXIT STATUS\n"
      "Codes from 64 on are those of sysexits.h; schedulers switch on them.\n";
  for (const ExitCodeMeaning& code : exit_codes()) {
    text += tagged(bold(std::to_string(static_cast<int>(code.code))),
                   std::string(code.meaning) + " (" + std::string(advice(code.next)) + ")");
  }
  return text;
}

struct Named {
  const char* name;
  const char* text;
};

constexpr std::array kFiles = {
    Named{"CONFIG",
          "The job, tailbit.run/1; it names the book, the market, the model and the contracts that names do not say"},
    Named{"OUT/summary.json", "The measures with their errors, and what the run was: tailbit.summary/1"},
    Named{"OUT/losses.npy", "Losses, scenarios by groups, column 0 the book"},
    Named{"OUT/exposure.csv", "Exposure by group, date and measure"},
    Named{"OUT/greeks.csv", "Greeks by group"},
    Named{"OUT/resolved/", "What the run started from, as round-trip decimals"},
    Named{"OUT/run.json",
          "The manifest: inputs and outputs with their digests. It is written last; with it a result is whole"},
    Named{"OUT/.tailbit/", "The lock of the run that writes here, and what a run that was stopped had done"},
    Named{"OUT/shard-RANK-of-COUNT/", "The shards of `run --shard`, for merge"},
};

constexpr std::array kEnvironment = {
    Named{"TAILBIT_LOG_FORMAT, TAILBIT_LOG_LEVEL", "As --log-format and --log-level, which come first"},
    Named{"NO_COLOR, TERM", "Messages have colours only on a terminal that knows them, and not where NO_COLOR is set"},
    Named{"TRACEPARENT, TRACESTATE", "The trace that the run belongs to, as W3C's trace context writes them"},
    Named{"CUDA_VISIBLE_DEVICES", "Which GPUs the program may see, as for every program that uses CUDA"},
    Named{"CUDA_CACHE_PATH",
          "Where CUDA's driver may keep what it translates for a GPU newer than the program; else nowhere"},
    Named{"OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE; PMI_RANK, PMI_SIZE",
          "For --shard auto: the shard, as MPI's launchers say"},
    Named{"SLURM_ARRAY_TASK_ID, SLURM_ARRAY_TASK_COUNT, SLURM_ARRAY_TASK_MIN; SLURM_PROCID, SLURM_NTASKS",
          "The same, as Slurm says of the tasks of an array, and of a step"},
    Named{"JOB_COMPLETION_INDEX",
          "The same, as Kubernetes says of an indexed job; the number of shards is given as auto/COUNT"},
    Named{"SLURM_JOB_ID, SLURM_ARRAY_JOB_ID, SLURM_RESTART_COUNT, HOSTNAME, INVOCATION_ID",
          "Written to run.json, so that a scheduler's records are found again"},
};

template <std::size_t N>
std::string named_section(const char* title, const std::array<Named, N>& entries) {
  std::string text = std::string(".SH ") + title + "\n";
  for (const Named& entry : entries) text += tagged(bold(entry.name), entry.text);
  return text;
}

}  // namespace

std::string man_page(const Command& tree) {
  std::string text =
      ".\\\" Made by `tailbit completion man`.\n"
      ".TH TAILBIT 1 \"\" \"tailbit " TAILBIT_VERSION
      "\" \"User Commands\"\n"
      ".SH NAME\n"
      "tailbit \\- tail risk of a derivatives book by full revaluation\n"
      ".SH SYNOPSIS\n";
  for (const Command& command : tree.commands) text += usage(command) + ".br\n";
  text.erase(text.size() - 4);
  text += ".SH DESCRIPTION\n" + sentence(tree.description);
  text +=
      "Results go to standard output, messages to standard error.\n"
      "It uses no network and writes nothing but what is asked of it.\n"
      ".SH OPTIONS\n";
  for (const Flag& flag : tree.flags) text += flag_entry(flag);
  text += ".SH COMMANDS\n";
  for (const Command* command : all_commands(tree)) {
    if (!command->path.empty()) text += command_section(*command);
  }
  text += exit_status() + named_section("FILES", kFiles) + named_section("ENVIRONMENT", kEnvironment);
  return text + ".SH EXAMPLES\n" + example_lines(tree.examples);
}

}  // namespace tailbit::cli
