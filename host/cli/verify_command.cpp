// `tailbit verify` and `tailbit attest`: a result that somebody else can check.
#include <cstdio>
#include <iostream>
#include <memory>
#include <random>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/job_flags.hpp"
#include "host/cli/messages.hpp"
#include "host/cli/print.hpp"
#include "host/ops/verify.hpp"
#include "host/ops/verify_statement.hpp"
#include "host/report/statement.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

struct VerifyArguments {
  std::string folder, config, public_key, device = "cpu", threads = "0", blocks_seed;
  double blocks = 0.0;
  std::uint64_t max_memory = 0;
  bool outputs_only = false, recompute = false, json = false, quiet = false;
};

// Whoever makes a result up must not know which blocks will be looked at.
std::string unforeseen() {
  std::random_device device;
  char text[17];
  std::snprintf(text, sizeof text, "%08x%08x", device(), device());
  return text;
}

VerifyOptions to_options(const VerifyArguments& o, bool some_blocks) {
  VerifyOptions options;
  if (!o.config.empty()) options.config = o.config;
  options.outputs_only = o.outputs_only;
  options.public_key = o.public_key;
  if (!o.recompute && !some_blocks) return options;
  RecomputeOptions& recompute = options.recompute.emplace();
  recompute.flags.device = o.device;
  recompute.flags.threads = threads_to_start(static_cast<unsigned>(*parse_whole(o.threads)));
  recompute.flags.max_memory = static_cast<double>(o.max_memory);
  if (!o.quiet) recompute.flags.progress = make_progress();
  if (some_blocks) {
    if (o.device != "cpu") throw CLI::ValidationError("--blocks", "single blocks are computed on the CPU alone");
    recompute.blocks = o.blocks;
    recompute.blocks_seed = o.blocks_seed.empty() ? unforeseen() : o.blocks_seed;
  }
  return options;
}

void add_options(CLI::App& command, VerifyArguments& o) {
  command.add_option("DIR", o.folder, "A result directory of `tailbit run`, or a shard's")->required();
  CLI::Option* config =
      command.add_option("--config", o.config, "Where the run's config is now, if it is not where the run found it")
          ->check(not_empty());
  CLI::Option* recompute = command.add_flag("--recompute", o.recompute,
                                            "Run the job again in memory and compare all that it wrote, bit by bit");
  CLI::Option* blocks =
      command
          .add_option("--blocks", o.blocks,
                      "Recompute this share of the blocks of 512 scenarios (one at least), and all measures from the "
                      "losses there are")
          ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--blocks-seed", o.blocks_seed, "Which blocks: those of an earlier report; default: others each time")
      ->needs(blocks)
      ->check(not_empty());
  command.add_flag("--outputs-only", o.outputs_only, "The inputs are not at hand")
      ->excludes(config)
      ->excludes(recompute)
      ->excludes(blocks);
  command
      .add_option("--public-key", o.public_key,
                  "minisign.pub, or its key in base64: statement.json must be signed by it")
      ->check(not_empty());
  command.add_option("--device", o.device, "Recompute on: cpu (default), auto, cuda, cuda:ID, cuda:ID,ID or cuda:all");
  command.add_option("--threads", o.threads, "CPU threads (changes no bit)")->check(whole_number(1, 4096));
  command.add_option("--max-memory", o.max_memory, "Refuse to recompute what needs more: bytes, or such as 4GB")
      ->transform(CLI::AsSizeValue(false));
  command.add_flag("--quiet", o.quiet, "No progress, and only what is not right");
  command.add_flag("--json", o.json, "Print JSON");
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
  const auto o = std::make_shared<VerifyArguments>();
  CLI::App* command =
      app.add_subcommand("verify", "Is a result as it was written, of the inputs it names, and what they make?");
  begin_help_with(*command,
                  "  tailbit verify results\n"
                  "  tailbit verify results --config job/run.json --recompute\n"
                  "  tailbit verify results --public-key minisign.pub --blocks 0.01\n");
  add_options(*command, *o);
  command->callback([o, command, &exit_code] {
    const bool some_blocks = command->get_option("--blocks")->count() > 0;
    const Verification found = verify_result(o->folder, to_options(*o, some_blocks));
    std::cout << (o->json ? json_shown(found.report) + "\n" : verification_text(found.report, o->quiet));
    exit_code = static_cast<int>(found.code);
  });
}

void add_attest(CLI::App& app) {
  struct AttestOptions {
    std::string folder;
    bool json = false;
  };
  const auto o = std::make_shared<AttestOptions>();
  CLI::App* command =
      app.add_subcommand("attest", "Write statement.json, an in-toto statement about a result, to be signed");
  begin_help_with(*command, "  tailbit attest results && minisign -S -s minisign.key -m results/statement.json\n");
  command->add_option("DIR", o->folder, "A result directory of `tailbit run`, or a shard's")->required();
  command->add_flag("--json", o->json, "Print the statement");
  command->callback([o] {
    const Json statement = attest_result(o->folder);
    const std::string path = o->folder + "/" + kStatement;
    if (o->json) {
      std::cout << json_shown(statement) << '\n';
    } else {
      std::cout << path << " says what run " << statement["predicate"]["run_id"].get<std::string>()
                << " is made of; sign it with `minisign -S -s KEY -m " << path << "`\n";
    }
  });
}

}  // namespace tailbit::cli
