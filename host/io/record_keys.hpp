// What a reader of JSON records asks for and is given.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailbit {

// A value of a record. Texts are valid until the next record.
struct JsonCell {
  enum class Kind : std::uint8_t { absent, null, boolean, number, text, object, list };
  Kind kind = Kind::absent;
  double number = 0.0;
  std::string_view text = {};  // of a text; of a number or boolean as it is written

  // For messages: the value as written, shortened to a few words.
  std::string shown() const;
};

// A key that records may have: its value becomes a cell, or is of no use and left unread. Cells are numbered in the
// order of the keys that are read; those of keys inside an object, which are named with it, follow all others.
struct RecordKey {
  std::string name;
  bool read = true;
  std::vector<std::string> inside = {};
};

// What to do about keys that are not among those named.
enum class UnknownKeys { problem, count };

class RecordKeys {
 public:
  RecordKeys(const std::vector<RecordKey>& keys, UnknownKeys unknown);

  // The unknown keys met so far that are no problem, each once.
  std::vector<std::string> unknown() const;

 private:
  friend class RecordParser;
  struct Key {
    std::string name;
    bool read = false;
    std::size_t cell = 0;
    std::vector<std::string> inside = {};
    std::size_t first_inside = 0;     // cell of the first of them
    std::size_t follower = 0;         // the key that came next the last time
    std::uint64_t latest_record = 0;  // that had it
  };
  std::size_t place_of(std::string_view name);

  std::vector<Key> keys_;  // known ones first
  std::size_t known_, cells_ = 0;
  UnknownKeys on_unknown_;
  std::uint64_t records_ = 0;
  std::size_t first_ = 0;  // the key that the latest record began with
};

// Takes a record's cells and its number, which is its index or line. Returns false to stop reading.
using TakeRecord = std::function<bool(std::span<const JsonCell> cells, std::size_t number)>;
// Takes a member of a map; the same.
using TakeMember = std::function<bool(std::string_view name, const JsonCell& value)>;
// Told what is wrong with the record of this number, or with one of its keys if that is not "".
using RecordProblem =
    std::function<void(std::size_t number, std::string_view key, const std::string& what, const std::string& remedy)>;

}  // namespace tailbit
