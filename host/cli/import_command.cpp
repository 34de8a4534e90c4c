#include "host/cli/import_command.hpp"

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "host/cli/flags.hpp"
#include "host/io/import_deribit.hpp"
#include "host/ops/import_positions.hpp"

namespace tailbit::cli {
namespace {

struct ImportOptions {
  std::string kind, file, out, book, account, desk, venue;
  bool json = false;
};

void import_chain(const ImportOptions& o, bool with_book) {
  std::ostringstream text;
  import_deribit_chain(o.file, o.out, with_book ? parse_whole(o.book) : std::nullopt, text);
  if (o.json) {
    std::cout << std::ifstream(o.out + "/import_report.json").rdbuf();
  } else {
    std::cout << text.str();
  }
}

void import_venue(const ImportOptions& o, VenueFormat format, bool with_venue) {
  std::ostringstream text;
  const ImportLabels labels{o.account, o.desk, with_venue ? std::optional(o.venue) : std::nullopt};
  const nlohmann::ordered_json report = import_positions(format, o.file, o.out, labels, text);
  for (const auto& warning : report["warnings"]) {
    std::cerr << "tailbit: warning: " << warning.get<std::string>() << '\n';
  }
  if (o.json) {
    std::cout << report.dump(2) << '\n';
  } else {
    std::cout << text.str();
  }
}

// A flag that another kind of file has.
void refuse(const CLI::App& command, const std::string& kind, std::initializer_list<const char*> flags) {
  for (const char* flag : flags) {
    if (command.get_option(flag)->count() > 0)
      throw Failure(ExitCode::usage, std::string(flag) + " is not for " + kind + "; leave it out");
  }
}

}  // namespace

void add_import(CLI::App& app) {
  const auto o = std::make_shared<ImportOptions>();
  CLI::App* command = app.add_subcommand("import", "A venue's files to tailbit's");
  command->add_option("KIND", o->kind, "deribit-chain, deribit-positions or ccxt-positions")
      ->required()
      ->check(CLI::IsMember({"deribit-chain", "deribit-positions", "ccxt-positions"}));
  command->add_option("FILE", o->file, "The venue's file")->required();
  command->add_option("--out", o->out, "Folder for what is made of it")->required()->check(not_empty());
  command
      ->add_option("--book", o->book, "Of a chain: also make a market maker's book over it, from this seed, and a job")
      ->check(whole_number(0, ~std::uint64_t{0}));
  command->add_option("--account", o->account, "Of positions: the account that all of them are in");
  command->add_option("--desk", o->desk, "Of positions: the desk that holds them");
  command->add_option("--venue", o->venue, "Of ccxt's positions, which do not say: the venue they are at");
  command->add_flag("--json", o->json, "Print the import report as JSON");
  command->callback([o, command] {
    if (o->kind == "deribit-chain") {
      refuse(*command, o->kind, {"--account", "--desk", "--venue"});
      return import_chain(*o, command->get_option("--book")->count() > 0);
    }
    const VenueFormat format = o->kind == "deribit-positions" ? VenueFormat::deribit : VenueFormat::ccxt;
    refuse(*command, o->kind, {"--book"});
    if (format == VenueFormat::deribit) refuse(*command, o->kind, {"--venue"});
    import_venue(*o, format, command->get_option("--venue")->count() > 0);
  });
}

}  // namespace tailbit::cli
