// `tailbit import`: a venue's files to tailbit's.
#include <iostream>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/messages.hpp"
#include "host/cli/print.hpp"
#include "host/io/limits.hpp"
#include "host/io/text.hpp"
#include "host/ops/import_chain.hpp"
#include "host/ops/import_positions.hpp"
#include "host/ops/init.hpp"

namespace tailbit::cli {
namespace {

struct ImportArguments {
  std::string kind, file, out, book, positions = "1000", as_of, account, desk, venue;
  bool mark_vols = false, force = false, json = false;
};

void print(const nlohmann::ordered_json& report, const ImportArguments& o) {
  log_warnings(report["warnings"]);
  std::cout << (o.json ? json_shown(report) + "\n" : import_text(report, o.out));
}

void import_chain_file(const ImportArguments& o, bool with_book) {
  ChainImportOptions options;
  options.mark_vols = o.mark_vols;
  if (!o.as_of.empty()) options.as_of = parse_timestamp(o.as_of);
  const nlohmann::ordered_json report = import_chain(o.file, o.out, options);
  if (with_book) init_book(o.out, o.out, {*parse_whole(o.positions), *parse_whole(o.book), o.force});
  print(report, o);
  if (with_book && !o.json) std::cout << "to run the book: tailbit run " << o.out << "/run.json\n";
}

void import_positions_file(const ImportArguments& o, bool with_venue) {
  const VenueFormat format = o.kind == "deribit-positions" ? VenueFormat::deribit : VenueFormat::ccxt;
  const ImportLabels labels{o.account, o.desk, with_venue ? std::optional(o.venue) : std::nullopt};
  print(import_positions(format, o.file, o.out, labels), o);
}

}  // namespace

void add_import(CLI::App& app) {
  const auto o = std::make_shared<ImportArguments>();
  CLI::App* command = app.add_subcommand("import", "A venue's files to tailbit's");
  begin_help_with(*command,
                  "  tailbit import deribit-chain chain.csv --out setup\n"
                  "  tailbit import deribit-positions positions.json --out book\n"
                  "  tailbit import ccxt-positions positions.json --out book\n");
  command->add_option("KIND", o->kind, "deribit-chain, deribit-positions or ccxt-positions")
      ->required()
      ->check(CLI::IsMember({"deribit-chain", "deribit-positions", "ccxt-positions"}));
  command->add_option("FILE", o->file, "The venue's file")->required();
  command->add_option("--out", o->out, "Folder for what is made of it")->required()->check(not_empty());
  command
      ->add_option("--as-of", o->as_of, "Of a chain: the moment it was taken, where the file does not say or is wrong")
      ->check(moment());
  command->add_flag("--mark-vols", o->mark_vols,
                    "Of a chain: also write instruments.json, every option with the venue's mark vol as its own");
  command
      ->add_option("--book", o->book, "Of a chain: also make a market maker's book over it, from this seed, and a job")
      ->check(whole_number(0, ~std::uint64_t{0}));
  command->add_option("--positions", o->positions, "How many positions that book has")
      ->check(whole_number(1, limits::kMostPositions));
  command->add_flag("--force", o->force, "Replace a book.csv, model.json and run.json that are there");
  command->add_option("--account", o->account, "Of positions: the account that all of them are in");
  command->add_option("--desk", o->desk, "Of positions: the desk that holds them");
  command->add_option("--venue", o->venue, "Of ccxt's positions, which do not say: the venue they are at");
  command->add_flag("--json", o->json, "Print the import report as JSON");
  command->callback([o, command] {
    if (o->kind == "deribit-chain") {
      refuse(*command, o->kind, {"--account", "--desk", "--venue"});
      const bool with_book = command->get_option("--book")->count() > 0;
      if (!with_book && command->get_option("--positions")->count() > 0)
        throw Failure(ExitCode::usage, "--positions says how large the book of --book is; give --book SEED too");
      return import_chain_file(*o, with_book);
    }
    refuse(*command, o->kind, {"--as-of", "--mark-vols", "--book", "--positions", "--force"});
    if (o->kind == "deribit-positions") refuse(*command, o->kind, {"--venue"});
    import_positions_file(*o, command->get_option("--venue")->count() > 0);
  });
}

}  // namespace tailbit::cli
