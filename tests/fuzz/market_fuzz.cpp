// tailbit.market/1, and tailbit.instruments/1 where the input says "instruments". What is accepted and written again
// must be accepted again, and become the same text.
#include "host/io/readers.hpp"
#include "host/io/write_inputs.hpp"
#include "targets.hpp"

namespace tailbit::fuzz {
namespace {

void instruments(std::string_view input) {
  std::map<std::string, Instrument> read;
  const auto reads = [&](std::string_view text) {
    const std::string& path = as_file(text);
    return accepts([&](Problems& problems) { read = read_instruments(path, problems); });
  };
  const auto written = [&] {
    std::vector<Instrument> all;
    for (const auto& [id, instrument] : read) all.push_back(instrument);
    return json_text(instruments_to_json(all));
  };
  if (!reads(input)) return;
  const std::string once = written();
  hold(reads(once), "contracts that were written are read");
  hold(written() == once, "contracts stay what they are");
}

}  // namespace

void market(std::string_view input) {
  if (input.find("\"instruments\"") != std::string_view::npos) return instruments(input);
  Market market;
  const auto reads = [&](std::string_view text) {
    std::vector<std::string> warnings;
    const std::string& path = as_file(text);
    return accepts([&](Problems& problems) { market = read_market(path, problems, warnings); });
  };
  if (!reads(input)) return;
  const std::string once = json_text(market_to_json(market));
  hold(reads(once), "a market that was written is read");
  hold(json_text(market_to_json(market)) == once, "a market stays what it is");
}

}  // namespace tailbit::fuzz
