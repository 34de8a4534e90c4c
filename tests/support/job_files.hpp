// A job on one underlying, XYZ, written to a folder as a user would, for tests that know its exact answer.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/text.hpp"
#include "tests/support/one_asset_book.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::test {

inline constexpr Timestamp kJobAsOf{1'767'225'600};  // 2026-01-01T00:00:00Z

struct JobSize {
  std::uint64_t scenarios, seed;
  std::uint32_t steps = 1;
  std::vector<double> levels{0.95, 0.99};
  std::string precision = "double";
};

// Writes the five files; returns the config's path. Every option has its own vol; the forward is S exp(rate T), since
// none is listed.
inline std::string write_one_asset_job(const ScratchFolder& folder, const std::vector<Leg>& legs, const World& world,
                                       const JobSize& size) {
  using Json = nlohmann::json;
  Json instruments = Json::array();
  std::string book = "instrument,quantity\n";
  for (std::size_t i = 0; i < legs.size(); ++i) {
    const Leg& leg = legs[i];
    if (leg.kind == "spot") {
      book += "XYZ," + number_text(leg.quantity) + "\n";
      continue;
    }
    const std::string id = "leg" + std::to_string(i);
    const Timestamp expiry{kJobAsOf.seconds + seconds_from_years(leg.expiry).value()};
    instruments.push_back({{"id", id},
                           {"family", "european"},
                           {"underlying", "XYZ"},
                           {"option", leg.kind},
                           {"strike", leg.strike},
                           {"expiry", timestamp_text(expiry)},
                           {"settlement", "usd"},
                           {"vol", leg.vol}});
    book += id + "," + number_text(leg.quantity) + "\n";
  }
  folder.write("book.csv", book);
  folder.write("instruments.json", Json{{"schema", "tailbit.instruments/1"}, {"instruments", instruments}}.dump(1));
  folder.write("market.json", Json{{"schema", "tailbit.market/1"},
                                   {"as_of", timestamp_text(kJobAsOf)},
                                   {"rates", {{"USD", world.rate}}},
                                   {"underlyings", {{"XYZ", {{"spot", world.spot}}}}}}
                                  .dump(1));
  folder.write("model.json",
               Json{{"schema", "tailbit.model/1"},
                    {"underlyings",
                     {{"XYZ", {{"drift", world.drift}, {"spot_vol", {{"kind", "constant"}, {"vol", world.vol}}}}}}}}
                   .dump(1));
  return folder.write("run.json", Json{{"schema", "tailbit.run/1"},
                                       {"book", "book.csv"},
                                       {"instruments", "instruments.json"},
                                       {"market", "market.json"},
                                       {"model", "model.json"},
                                       {"horizon", world.horizon},
                                       {"steps", size.steps},
                                       {"scenarios", size.scenarios},
                                       {"seed", size.seed},
                                       {"precision", size.precision},
                                       {"levels", size.levels},
                                       {"out", "results"}}
                                      .dump(1));
}

}  // namespace tailbit::test
