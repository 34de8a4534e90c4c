// A folder through which a resident job gets news. Its files are inputs like any others: the state of the job is that
// of its config and of what lies here, so nothing is lost with a process and nothing counts twice.
//
//   NAME.market.json                              a market; the last by name takes the place of the config's
//   NAME.trades.csv, .trades.json, .trades.jsonl  books whose positions add to the config's, in the order of the names
//
// Writers put a file in place by renaming it; names that begin with a dot or end with .part or .tmp are not looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/io/readers.hpp"

namespace tailbit {

struct Inbox {
  bool there = false;                        // the folder
  std::vector<std::string> trades, markets;  // paths, ascending
  std::vector<std::string> others;           // what is none of these
};
// Throws Failure where it cannot be read to its end.
Inbox look_into(const std::string& folder);

// The job with what the inbox adds to it.
Overrides with_inbox(Overrides overrides, const Inbox& inbox);

// By which a change of a file is noticed without reading it.
struct FileStamp {
  std::string path;
  std::uint64_t device = 0, inode = 0, bytes = 0;  // all 0 where there is no such file
  std::int64_t modified_ns = 0, changed_ns = 0;    // its bytes; these or anything about it

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
std::vector<FileStamp> stamps_of(const std::vector<std::string>& paths);

}  // namespace tailbit
