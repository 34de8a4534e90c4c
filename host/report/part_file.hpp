// A part of a run: what a Collector keeps of a range of scenarios, as bytes. Checkpoints, the results of shards and the
// messages between ranks are parts, and any set of parts that covers a run's scenarios makes the same result.
//
//   "TBPART1\n" | size of the header, uint64 | header, JSON | data | SHA-256 of all before, 64 hexadecimal digits
//
// All numbers are little-endian. The data are, for each row of Collector::rows(): of a row that is kept whole the
// profits of the range, int64 each; of another the number of its least profits, these, the greatest, and the moments of
// each block of 512 scenarios (int64 sum, three float64).
#pragma once

#include <string>
#include <string_view>

#include "host/io/files.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/engine/scenario_range.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit {

struct PartHeader {
  std::string run_id;
  ScenarioRange range;
  Tally tally;
  std::string device;  // what computed it
};

// Where bytes come from: fills a buffer as far as there are any.
using ByteSource = std::function<std::size_t(char* buffer, std::size_t size)>;

// Of the part that the collector took since its last end_part().
void write_part(const ByteSink& sink, const PartHeader& header, measure::Collector& collector);

// Gives the collector what a part holds, and returns what its header says. Throws Failure (bad_data), naming `shown`,
// where the bytes are not a part, or not of this collector; it may have taken some of it then, so a file is checked
// first.
PartHeader read_part(const ByteSource& source, const std::string& shown, measure::Collector& collector);

// The same of bytes that another process sent, whose SHA-256 is looked at first. What they hold joins the part that the
// collector is taking, so that a checkpoint is of all that came since the last one.
//
// A sender leaves out what is not below the tails of its own earlier parts. That is right as long as the collector has
// these parts, or comes to have them: a run needs so many of its least profits, and the sender has sent as many that
// are no greater.
PartHeader join_part(std::string_view bytes, const std::string& shown, measure::Collector& collector);

// Of a file: its header, if it is a part of this `numerics` whose SHA-256 is right; else why not.
struct PartCheck {
  PartHeader header;
  std::string why_not;                 // empty: all is well; else names the file
  ExitCode code = ExitCode::bad_data;  // of a Failure that says so
};
PartCheck check_part_file(const std::string& path);
PartHeader read_part_file(const std::string& path, measure::Collector& collector);

}  // namespace tailbit
