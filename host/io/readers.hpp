// The readers of the users' files, one per format. Each returns what it could read and adds what is
// wrong to `problems`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/io/inputs.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// What the command line, or a finished run that is taken up again, may say instead of the config file.
struct Overrides {
  std::optional<std::uint64_t> scenarios, seed;
  std::optional<Precision> precision;
  std::optional<std::string> out;  // relative to the working directory
  std::optional<GreekUnits> greek_units{};
  std::optional<std::string> market{}, model{};  // relative to the working directory
  std::vector<std::string> trades{};             // books beside the config's, as RunConfig::trades
};

// Vols below a tenth of a point are refused: no market quotes them, and a percentage written as a fraction of one does.
inline constexpr double kLeastVol = 0.001;
// Vols above 2,000 % are refused too: 60 for 60 % would otherwise run.
inline constexpr double kMostVol = 20.0;
// Drifts beyond +-100 per year overflow prices over any horizon worth simulating.
inline constexpr double kMostDrift = 100.0;

RunConfig read_config(const std::string& path, const Overrides& overrides, Problems& problems);

Market read_market(const std::string& path, Problems& problems, std::vector<std::string>& warnings);

Model read_model(const std::string& path, Problems& problems);
// The same of a text that is to be written to that path.
Model read_model_text(const std::string& path, const std::string& text, Problems& problems);

// By id. An instrument that is wrong somewhere is kept, so that the book's mention of it is not a second problem.
std::map<std::string, Instrument> read_instruments(const std::string& path, Problems& problems);

struct Book {
  Positions positions;                  // in file order
  std::vector<Instrument> instruments;  // those that positions refer to, each once, sorted by id
  struct Mention {
    std::string path, where;  // "line 12"
  };
  std::vector<Mention> mentions;  // [instruments] the first position in it
};
// In any of the formats of docs/formats. Adds to `warnings` what was read but has no effect.
Book read_book(const std::string& path, const std::map<std::string, Instrument>& defined, Problems& problems,
               std::vector<std::string>& warnings);

// The positions of both, those of `more` last.
void append(Book& book, Book more);

// What a listed name says by itself ("BTC", "BTC_USDC-PERPETUAL", "SOL_USDC-27MAR26-150-P", as on Deribit).
// Nothing if it is of no listed form.
std::optional<Instrument> parse_listed_name(const std::string& name);

}  // namespace tailbit
