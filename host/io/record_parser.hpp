// Records of a JSON text in memory: simdjson On-Demand, and the checks that it leaves to its callers. It looks at
// what it is asked for only, so whatever is of no use here is gone over all the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "host/io/record_keys.hpp"

namespace tailbit {

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

// Text must have simdjson::SIMDJSON_PADDING bytes behind it that may be read. The first must be none of , } ] or :,
// which simdjson would take for the rest of a list or an object that the text breaks off in.
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
