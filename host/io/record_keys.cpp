#include "host/io/record_keys.hpp"

#include "host/io/limits.hpp"
#include "host/io/text.hpp"

namespace tailbit {

std::string JsonCell::shown() const {
  constexpr std::size_t kLongest = 40;
  switch (kind) {
    case Kind::absent: return "nothing";
    case Kind::null: return "null";
    case Kind::list: return "this list";
    case Kind::object: return "this object";
    case Kind::text: return text.size() <= kLongest ? in_quotes(text) : "this text";
    default: return text.size() <= kLongest ? std::string(text) : "this number";
  }
}

RecordKeys::RecordKeys(const std::vector<RecordKey>& keys, UnknownKeys unknown)
    : known_(keys.size()), on_unknown_(unknown) {
  for (const RecordKey& key : keys) keys_.push_back({key.name, key.read, key.read ? cells_++ : 0, key.inside});
  for (Key& key : keys_) {
    key.first_inside = cells_;
    cells_ += key.inside.size();
  }
}

std::vector<std::string> RecordKeys::unknown() const {
  std::vector<std::string> names;
  for (std::size_t k = known_; k < keys_.size() && on_unknown_ == UnknownKeys::count; ++k)
    names.push_back(keys_[k].name);
  return names;
}

// Beyond the most that are learnt, names share the last place.
std::size_t RecordKeys::place_of(std::string_view name) {
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    if (keys_[k].name == name) return k;
  }
  if (keys_.size() <= known_ + limits::kMostUnknownKeys)
    keys_.push_back({std::string(name.substr(0, limits::kLongestName)), false});
  return keys_.size() - 1;
}

}  // namespace tailbit
