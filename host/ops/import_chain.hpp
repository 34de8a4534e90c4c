// `import deribit-chain`: a venue's listed options become a market with fitted surfaces.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "tailbit/core/time.hpp"

namespace tailbit {

struct ChainImportOptions {
  std::optional<Timestamp> as_of;  // in place of what the file says, or does not say
  bool mark_vols = false;          // also write instruments.json: each option with the venue's mark vol as its own
};

// Writes OUT/market.json, OUT/quotes.csv (option by option, with the fit) and OUT/import_report.json, whose content it
// returns. Throws Failure.
nlohmann::ordered_json import_chain(const std::string& path, const std::string& out_dir,
                                    const ChainImportOptions& options = {});

}  // namespace tailbit
