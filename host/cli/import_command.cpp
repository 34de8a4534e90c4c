// `tailbit import`: a venue's files to tailbit's.
#include <iostream>
#include <memory>

#include "host/cli/command_options.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/print.hpp"
#include "host/io/text.hpp"
#include "host/ops/import_chain.hpp"
#include "host/ops/init.hpp"

namespace tailbit::cli {
namespace {

struct Options {
  std::string kind, file, out, book, positions = "1000", as_of;
  bool mark_vols = false, json = false;
};

void import_chain_command(const Options& o) {
  ChainImportOptions options;
  options.mark_vols = o.mark_vols;
  if (!o.as_of.empty()) options.as_of = parse_timestamp(o.as_of);
  const nlohmann::ordered_json report = import_chain(o.file, o.out, options);
  if (!o.book.empty()) init_book(o.out, o.out, {*parse_whole(o.positions), *parse_whole(o.book)});
  for (const auto& warning : report["warnings"])
    std::cerr << "tailbit: warning: " << warning.get<std::string>() << '\n';
  if (o.json) {
    std::cout << report.dump(2) << '\n';
    return;
  }
  std::cout << import_text(report);
  if (!o.book.empty()) std::cout << "to run the book: tailbit run " << o.out << "/run.json\n";
}

}  // namespace

void add_import(CLI::App& app) {
  const auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("import", "A venue's files to tailbit's");
  command->add_option("KIND", o->kind, "deribit-chain")->required()->check(CLI::IsMember({"deribit-chain"}));
  command->add_option("FILE", o->file, "The venue's file")->required();
  command->add_option("--out", o->out, "Folder for what is made of it")->required()->check(not_empty());
  command->add_option("--as-of", o->as_of, "The moment of a chain, where its file does not say or is wrong")
      ->check(moment());
  command->add_flag("--mark-vols", o->mark_vols,
                    "Also write instruments.json: every option with the venue's mark vol as its own");
  command->add_option("--book", o->book, "Also make a market maker's book over a chain, from this seed, and a job")
      ->check(whole_number(0, ~std::uint64_t{0}));
  command->add_option("--positions", o->positions, "How many positions that book has")
      ->check(whole_number(1, 10'000'000));
  command->add_flag("--json", o->json, "Print the import report as JSON");
  command->callback([o] { import_chain_command(*o); });
}

}  // namespace tailbit::cli
