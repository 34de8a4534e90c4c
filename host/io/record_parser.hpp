// Records of a JSON text in memory: simdjson On-Demand, and the checks that it leaves to its callers. It looks at
// what it is asked for only, so whatever is of no use here is gone over all the same.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

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

// A list that is read in pieces.
struct RecordList {
  RecordKeys& keys;
  const TakeRecord& take;
  const RecordProblem& problem;
  std::size_t depth;      // of the list's elements in the file
  std::size_t first = 0;  // index of the first element of the piece
  std::size_t taken = 0;  // elements that were taken or told of so far, in all pieces
  bool stopped = false;   // by `take`
};

// Text must have simdjson::SIMDJSON_PADDING bytes behind it that may be read.
class RecordParser {
 public:
  // A piece that is a list by itself; how many elements it has. Nothing if it is not well-formed: what was taken of it
  // will not be taken again, so more text may be tried.
  std::optional<std::size_t> list(std::string_view piece, RecordList& list);
  // The list, or map, that is the first member of the object `document`; where it ends, or nullptr if what was read is
  // not well-formed. What follows is not looked at.
  const char* framed_list(std::string_view document, RecordList& list);
  const char* framed_map(std::string_view document, std::size_t depth, const TakeMember& take, bool& stopped);
  // A record that is a document; false if it is not well-formed or not an object.
  bool line(std::string_view line, std::size_t number, RecordKeys& keys, const RecordProblem& problem,
            const TakeRecord& take, bool& stopped);

 private:
  using Array = simdjson::ondemand::array;
  using Document = simdjson::ondemand::document;
  using Object = simdjson::ondemand::object;
  using Value = simdjson::ondemand::value;

  bool open(std::string_view text);
  const char* place();
  bool frame(std::string_view document, Value& value);
  std::optional<std::size_t> elements(Array array, RecordList& list);
  bool record(Object object, RecordKeys& keys, std::size_t depth);
  bool member(Value& value, const RecordKeys::Key& key, std::size_t depth);
  bool container(Value& value, const RecordKeys::Key& key, std::size_t depth);
  bool any(Value& value, JsonCell& out, std::size_t depth);
  bool skip(Value& value, std::size_t depth);
  void tell(std::size_t number, const RecordKeys& keys, const RecordProblem& problem);

  simdjson::ondemand::parser parser_;
  Document document_;
  const char* end_ = nullptr;  // of the text
  std::vector<JsonCell> cells_;
  std::vector<std::size_t> repeated_;  // keys of the record
  std::vector<std::string> unknown_;   // and those that are a problem
};

}  // namespace tailbit
