#include <set>

#include "host/io/csv.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// Finds what the positions are in, and remembers who mentioned it first.
class Catalogue {
 public:
  Catalogue(const std::map<std::string, Instrument>& defined, const CsvFile& csv, const Problems& problems)
      : defined_(defined), csv_(csv), problems_(problems) {}

  void look_up(const std::string& name) {
    if (!seen_.insert(name).second) return;  // also tells of a wrong name once
    if (const auto found = defined_.find(name); found != defined_.end()) {
      used_.emplace(name, Mention{found->second, csv_.where()});
      return;
    }
    const ListedName listed = parse_listed_name(name);
    if (listed.instrument) {
      used_.emplace(name, Mention{*listed.instrument, csv_.where()});
    } else if (!listed.problem.empty()) {
      csv_.problem(in_quotes(name) + ": " + listed.problem, listed.remedy);
    } else {
      csv_.problem("the instrument " + in_quotes(name) + " is unknown" + suggestion(name),
                   "define it in the instruments file, or use a listed name such as BTC, BTC_USDC-PERPETUAL, "
                   "SOL_USDC-27MAR26-150-P");
    }
  }

  void finish(Book& book) {
    for (auto& [name, mention] : used_) {
      book.instruments.push_back(std::move(mention.instrument));
      book.mentions.push_back(std::move(mention.where));
    }
  }

 private:
  struct Mention {
    Instrument instrument;
    std::string where;
  };
  // Looking through all ids takes a while, so only for problems that will be shown.
  std::string suggestion(const std::string& name) const {
    if (problems_.count() >= Problems::kMost) return "";
    std::vector<std::string> ids;
    for (const auto& [id, unused] : defined_) ids.push_back(id);
    return did_you_mean(name, ids);
  }

  const std::map<std::string, Instrument>& defined_;
  const CsvFile& csv_;
  const Problems& problems_;
  std::set<std::string> seen_;
  std::map<std::string, Mention> used_;
};

}  // namespace

Book read_book(const std::string& path, const std::map<std::string, Instrument>& defined, Problems& problems) {
  enum Column { position_id, account, desk, venue, counterparty, instrument, quantity, entry_price };
  const std::size_t problems_before = problems.count();
  CsvFile csv(path, ExitCode::bad_data,
              {{"position_id", false},
               {"account", false},
               {"desk", false},
               {"venue", false},
               {"counterparty", false},
               {"instrument", true},
               {"quantity", true},
               {"entry_price", false}},
              problems);
  Book book;
  Catalogue catalogue(defined, csv, problems);
  while (csv.next()) {
    if (!csv.malformed().empty()) {
      csv.problem(csv.malformed(), "give every row one cell per column");
      continue;
    }
    Position p{std::string(csv[position_id]),
               std::string(csv[account]),
               std::string(csv[desk]),
               std::string(csv[venue]),
               std::string(csv[counterparty]),
               std::string(csv[instrument]),
               0.0,
               std::nullopt};
    if (const auto number = parse_number(csv[quantity])) {
      p.quantity = *number;
    } else {
      csv.problem("the quantity " + in_quotes(csv[quantity]) + " is not a number",
                  "write a plain number, negative for a short position");
    }
    if (!csv[entry_price].empty()) {
      p.entry_price = parse_number(csv[entry_price]);
      if (!p.entry_price)
        csv.problem("the entry_price " + in_quotes(csv[entry_price]) + " is not a number",
                    "write a plain number or nothing");
    }
    if (p.instrument.empty()) {
      csv.problem("there is no instrument", "name it");
    } else {
      catalogue.look_up(p.instrument);
    }
    book.positions.push_back(std::move(p));
  }
  catalogue.finish(book);
  if (book.positions.empty() && problems.count() == problems_before)
    csv.problem("there is no position", "give at least one");
  return book;
}

}  // namespace tailbit
