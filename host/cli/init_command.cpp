// `tailbit init`: a first set-up, or a made-up book.
#include <iostream>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/print.hpp"
#include "host/io/limits.hpp"
#include "host/io/write_book.hpp"
#include "host/ops/init.hpp"

namespace tailbit::cli {
namespace {

struct InitArguments {
  std::string out, market, positions = "1000", seed = "7";
  bool json = false, force = false;

  InitOptions book() const { return {*parse_whole(positions), *parse_whole(seed), force}; }
};

void add_shared_options(CLI::App& command, InitArguments& o) {
  command.add_option("--positions", o.positions, "How many positions")->check(whole_number(1, limits::kMostPositions));
  command.add_option("--seed", o.seed, "What the book is made from; the same seed makes the same book")
      ->check(whole_number(0, ~std::uint64_t{0}));
  command.add_flag("--force", o.force, "Replace files that are there");
  command.add_flag("--json", o.json, "Print JSON");
}

void print(const Initialised& done, bool json) {
  if (json) {
    std::cout << json_shown(done.json()) << '\n';
    return;
  }
  std::string files;
  for (const std::string& file : done.files) files += (files.empty() ? "" : ", ") + file;
  std::cout << "wrote " << files << " to " << done.folder << "; to run it: tailbit run " << done.folder
            << "/run.json\n";
}

}  // namespace

void add_init(CLI::App& app) {
  const auto o = std::make_shared<InitArguments>();
  CLI::App* command = app.add_subcommand("init", "A set-up to begin with: an invented market, a book over it, a job");
  begin_help_with(*command,
                  "  tailbit init --out first && tailbit run first/run.json\n"
                  "  tailbit init book --from-market setup --out job\n");
  command->add_option("--out", o->out, "Folder for it")->check(not_empty());
  add_shared_options(*command, *o);
  const auto b = std::make_shared<InitArguments>();
  CLI::App* book = command->add_subcommand("book", "A market maker's book over a market of yours, as CSV or a job");
  begin_help_with(*book,
                  "  tailbit init book --from-market setup --out job\n"
                  "  tailbit init book --from-market market.json > book.csv\n");
  book->add_option("--from-market", b->market, "market.json, or a folder that `import` wrote")
      ->required()
      ->check(not_empty());
  book->add_option("--out", b->out, "Folder for book.csv, model.json and run.json; without it the book is printed")
      ->check(not_empty());
  add_shared_options(*book, *b);
  book->callback([b] {
    if (!b->out.empty()) {
      print(init_book(b->market, b->out, b->book()), b->json);
    } else {
      const Positions positions = make_book(b->market, b->book());
      std::cout << (b->json ? json_shown(book_json(positions)) + "\n" : book_csv(positions));
    }
  });
  command->callback([o, book] {
    if (book->parsed()) return;
    if (o->out.empty()) throw CLI::RequiredError("--out");
    print(init_sample(o->out, o->book()), o->json);
  });
}

}  // namespace tailbit::cli
