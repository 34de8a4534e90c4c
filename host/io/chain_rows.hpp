// The rows of a chain's file before they mean anything: texts by field, whatever the file's layout and names.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/problems.hpp"

namespace tailbit {

enum class ChainField {
  name,
  kind,
  strike,
  expiry,
  time,
  created,  // of the summary, or of the instrument (host/io/chain_times.hpp)
  forward,
  forward_name,
  index,
  bid,
  ask,
  mark,
  bid_vol,
  ask_vol,
  mark_vol,
  delta,
  gamma,
  vega,
  theta,
  rho,
  open_interest,
  interest_rate,
  count
};
inline constexpr std::size_t kChainFields = static_cast<std::size_t>(ChainField::count);

// A name that a field goes by. The table lists a field's names in the order of preference.
struct ChainAlias {
  ChainField field;
  std::string_view name;  // of the column or key; "greeks.delta" for a key inside an object
  double unit = 1.0;      // the number in the file divided by this is in our units: 100 for percent
};
std::span<const ChainAlias> chain_aliases();
const ChainAlias* find_chain_alias(std::string_view name);
// The names of a field, for messages: "underlying_price, futures_price or underlying".
std::string names_of(ChainField field);
// Columns and keys that venues and the libraries around them write and that are of no use here.
bool is_known_but_unused(std::string_view name);
// Empty, or a word for "nothing": None, null, nan, NaN, NaT.
bool is_blank(std::string_view text);

class ChainRow {
 public:
  std::string where;
  std::string malformed;  // why the row has no fields, or ""

  // Keeps the text unless it is blank or a preferred name has been seen.
  void offer(const ChainAlias& alias, std::string_view text);
  // "" if the row says nothing about it.
  const std::string& operator[](ChainField field) const { return texts_[static_cast<std::size_t>(field)]; }
  // The name that the text was found under; nullptr if none.
  const ChainAlias* alias(ChainField field) const { return aliases_[static_cast<std::size_t>(field)]; }

 private:
  std::array<std::string, kChainFields> texts_;
  std::array<const ChainAlias*, kChainFields> aliases_{};
};

// What is known of a file besides its rows.
struct ChainFile {
  std::string format;                      // "csv", "json" or "json lines"
  std::vector<std::string> names;          // all columns or keys, in the order of their appearance
  std::optional<std::string> answered_at;  // "usOut" of the API's envelope, microseconds since 1970
};

using ChainRowSink = std::function<void(const ChainRow&)>;

// Reads the file's rows, or adds to `problems`.
ChainFile read_chain_rows(const std::string& path, const ChainRowSink& sink, Problems& problems);

ChainFile read_chain_csv(const std::string& path, const std::string& text, const ChainRowSink& sink,
                         Problems& problems);
ChainFile read_chain_json(const std::string& path, const std::string& text, const ChainRowSink& sink,
                          Problems& problems);

}  // namespace tailbit
