#include "host/io/read_inputs.hpp"

#include "host/io/model_checks.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

template <class Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : map) names.push_back(name);
  return names;
}

// Whether each instrument of the book can be valued today and simulated; problems are told at its first position.
class CrossChecks {
 public:
  CrossChecks(const RunConfig& config, const Market& market, const Model& model, Problems& problems)
      : config_(config), market_(market), model_(model), problems_(problems) {}

  void check(const Instrument& instrument, const Book::Mention& mention) {
    const auto underlying = market_.underlyings.find(instrument.underlying);
    if (underlying == market_.underlyings.end()) {
      problem(instrument, mention,
              "its underlying " + in_quotes(instrument.underlying) + " is not in the market" +
                  did_you_mean(instrument.underlying, names_of(market_.underlyings)),
              "add it to " + config_.market + ", or correct the name");
      return;
    }
    if (!model_.underlyings.contains(instrument.underlying)) {
      problem(instrument, mention, "its underlying " + in_quotes(instrument.underlying) + " is not in the model",
              "add it to " + config_.model);
    }
    visit_family(instrument.terms, [&]<class Family>(const auto& terms) {
      if constexpr (requires { terms.expiry; }) check_expiry(instrument, mention, terms.expiry);
      if constexpr (requires { terms.vol; }) {
        if (!terms.vol && std::holds_alternative<std::monostate>(underlying->second.surface)) {
          problem(instrument, mention, "it has no vol",
                  "give it a `vol` in the instruments file, or " + instrument.underlying + " a `surface` in " +
                      config_.market);
        }
      }
    });
  }

 private:
  void check_expiry(const Instrument& instrument, const Book::Mention& mention, Timestamp expiry) {
    if (expiry > market_.as_of) return;
    problem(instrument, mention,
            "it expired at " + timestamp_text(expiry) + ", as_of is " + timestamp_text(market_.as_of),
            "remove the position");
  }
  void problem(const Instrument& instrument, const Book::Mention& mention, const std::string& what,
               const std::string& remedy) {
    problems_.add(ExitCode::bad_data, {mention.path, mention.where, in_quotes(instrument.id) + ": " + what, remedy});
  }

  const RunConfig& config_;
  const Market& market_;
  const Model& model_;
  Problems& problems_;
};

}  // namespace

Inputs read_inputs(const std::string& config_path, const Overrides& overrides, Sources sources) {
  Problems problems;
  FilesRead files{true};
  if (sources == Sources::files) problems.account(&files);
  Inputs out;
  out.config = read_config(config_path, overrides, problems);
  std::map<std::string, Instrument> defined;
  Book book;
  // A file the config does not name is a problem already.
  if (!out.config.market.empty()) out.market = read_market(out.config.market, problems, out.warnings);
  if (!out.config.model.empty()) out.model = read_model(out.config.model, problems);
  if (!out.config.instruments.empty()) defined = read_instruments(out.config.instruments, problems);
  if (!out.config.book.empty()) book = read_book(out.config.book, defined, problems, out.warnings);
  for (const std::string& trades : out.config.trades) append(book, read_book(trades, defined, problems, out.warnings));
  problems.throw_if_any();  // files are checked against each other when each is sound

  check_model(out.config, out.market, out.model, problems);
  CrossChecks checks(out.config, out.market, out.model, problems);
  for (std::size_t i = 0; i < book.instruments.size(); ++i) checks.check(book.instruments[i], book.mentions[i]);
  problems.throw_if_any();

  out.instruments = std::move(book.instruments);
  out.positions = std::move(book.positions);
  out.files = std::move(files.digests);
  return out;
}

}  // namespace tailbit
