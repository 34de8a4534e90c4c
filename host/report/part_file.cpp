#include "host/report/part_file.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/report/digest.hpp"
#include "host/report/numerics.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;
using measure::BlockMoments;
using measure::Collector;

static_assert(std::endian::native == std::endian::little, "parts are of little-endian numbers");
static_assert(sizeof(BlockMoments) == 32 && std::is_trivially_copyable_v<BlockMoments>);

constexpr std::string_view kPartMagic = "TBPART1\n";
constexpr std::size_t kDigest = 64;                   // hexadecimal digits
constexpr std::uint64_t kLongestHeader = 1 << 16;     // bytes
constexpr std::uint64_t kMostScenarios = 1ull << 40;  // beyond any run; sizes stay far from overflow

[[noreturn]] void not_a_part(const std::string& shown, const std::string& why) {
  throw Failure(ExitCode::bad_data, shown + ": is not a part of a run (" + why + "); remove it and run the job again");
}

std::string header_text(const PartHeader& header) {
  return Json{{"schema", "tailbit.part/1"},
              {"run_id", header.run_id},
              {"numerics", kNumerics},
              {"first", header.range.first},
              {"count", header.range.count},
              {"vols_at_floor", header.tally.vols_at_floor},
              {"moves_limited", header.tally.moves_limited},
              {"device", header.device}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A whole number of the header, or nothing.
std::uint64_t whole(const Json& json, const char* key, const std::string& shown) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) not_a_part(shown, std::string("its header has no ") + key);
  return found->get<std::uint64_t>();
}

PartHeader parse_header(const std::string& text, const std::string& shown) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("schema", Json()) != "tailbit.part/1") not_a_part(shown, "no header");
  if (json.value("numerics", Json()) != kNumerics) not_a_part(shown, "of another numerics");
  if (!json.value("run_id", Json()).is_string() || !json.value("device", Json()).is_string())
    not_a_part(shown, "its header names no run or no device");
  PartHeader header{json["run_id"], {whole(json, "first", shown), whole(json, "count", shown)}, {}, json["device"]};
  header.tally = {whole(json, "vols_at_floor", shown), whole(json, "moves_limited", shown)};
  const ScenarioRange& range = header.range;
  if (range.empty() || range.first % measure::kBlock != 0 || range.first > kMostScenarios ||
      range.count > kMostScenarios)
    not_a_part(shown, "its range of scenarios");
  return header;
}

// Reads numbers and text from a source that may end too early.
class Reader {
 public:
  Reader(const ByteSource& source, const std::string& shown) : source_(source), shown_(shown) {}

  template <class T>
  void read(std::span<T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    char* bytes = reinterpret_cast<char*>(values.data());
    for (std::size_t done = 0; done < values.size_bytes();) {
      const std::size_t count = source_(bytes + done, values.size_bytes() - done);
      if (count == 0) not_a_part(shown_, "cut off");
      done += count;
    }
  }
  template <class T>
  T read() {
    T value;
    read(std::span(&value, 1));
    return value;
  }
  std::string text(std::size_t size) {
    std::string text(size, '\0');
    read(std::span(text.data(), size));
    return text;
  }
  PartHeader header() {
    if (text(kPartMagic.size()) != kPartMagic) not_a_part(shown_, "another kind of file");
    const auto size = read<std::uint64_t>();
    if (size > kLongestHeader) not_a_part(shown_, "its header is too long");
    return parse_header(text(size), shown_);
  }

 private:
  const ByteSource& source_;
  const std::string& shown_;
};

template <class T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}
template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// Profits of a row that is kept whole, some at a time.
void read_whole(Reader& reader, std::size_t row, ScenarioRange range, Collector& collector) {
  constexpr std::uint64_t kPiece = 64 * measure::kBlock;
  std::vector<std::int64_t> piece;
  for (std::uint64_t done = 0; done < range.count; done += piece.size()) {
    piece.resize(std::min(kPiece, range.count - done));
    reader.read(std::span(piece));
    collector.take_whole(row, range.first + done, piece);
  }
}

void read_tail(Reader& reader, std::size_t row, ScenarioRange range, Collector& collector, const std::string& shown,
               bool joins) {
  const auto count = reader.read<std::uint64_t>();
  if (count > range.count) not_a_part(shown, "more of a tail than it has scenarios");
  std::vector<std::int64_t> least(count);
  reader.read(std::span(least));
  const auto greatest = reader.read<std::int64_t>();
  std::vector<BlockMoments> blocks(measure::block_count(range.count));
  reader.read(std::span(blocks));
  collector.take_part_tail(row, range.first, {least, greatest, blocks}, joins);
}

PartHeader read_rows(const ByteSource& source, const std::string& shown, Collector& collector, bool joins) {
  Reader reader(source, shown);
  PartHeader header = reader.header();
  if (header.range.end() > collector.scenarios()) not_a_part(shown, "scenarios beyond those of the run");
  const auto rows = collector.rows();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row].whole) {
      read_whole(reader, row, header.range, collector);
    } else {
      read_tail(reader, row, header.range, collector, shown, joins);
    }
  }
  reader.text(kDigest);
  char more = 0;
  if (source(&more, 1) != 0) not_a_part(shown, "longer than its rows");
  return header;
}

// A file as a source; what is wrong with it is a Failure.
class FileSource {
 public:
  explicit FileSource(const std::string& path)
      : file_(path, ExitCode::bad_data, problems_, std::numeric_limits<std::uint64_t>::max()) {
    problems_.throw_if_any();
  }
  std::size_t read(char* buffer, std::size_t size) {
    const std::size_t count = file_.read(buffer, size);
    problems_.throw_if_any();
    return count;
  }
  std::uint64_t size() const { return file_.expected(); }

 private:
  Problems problems_;
  FileBytes file_;
};

}  // namespace

void write_part(const ByteSink& sink, const PartHeader& header, Collector& collector) {
  Sha256 hash;
  const auto put = [&](std::string_view bytes) {
    hash.update(bytes);
    sink(bytes);
  };
  const std::string text = header_text(header);
  put(kPartMagic);
  put(bytes_of(std::uint64_t{text.size()}));
  put(text);
  const auto rows = collector.rows();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const Collector::PartRow part = collector.part_row(row, header.range);
    if (!rows[row].whole) put(bytes_of(std::uint64_t{part.profits.size()}));
    put(bytes_of(part.profits));
    if (rows[row].whole) continue;
    put(bytes_of(part.greatest));
    put(bytes_of(part.blocks));
  }
  sink(hash.hex());
}

PartHeader read_part(const ByteSource& source, const std::string& shown, Collector& collector) {
  return read_rows(source, shown, collector, false);
}

PartHeader join_part(std::string_view bytes, const std::string& shown, Collector& collector) {
  if (bytes.size() < kDigest) not_a_part(shown, "cut off");
  if (sha256(bytes.substr(0, bytes.size() - kDigest)) != bytes.substr(bytes.size() - kDigest))
    not_a_part(shown, "its SHA-256 is not that of its bytes");
  const ByteSource source = [&](char* to, std::size_t size) {
    const std::size_t count = bytes.copy(to, size);
    bytes.remove_prefix(count);
    return count;
  };
  return read_rows(source, shown, collector, true);
}

PartCheck check_part_file(const std::string& path) {
  try {
    FileSource file(path);
    if (file.size() < kDigest) not_a_part(path, "cut off");
    Sha256 hash;
    std::uint64_t left = file.size() - kDigest;
    std::vector<char> buffer(std::size_t{1} << 18);
    const ByteSource hashed = [&](char* to, std::size_t size) {
      const std::size_t count = file.read(to, std::min<std::uint64_t>(size, left));
      hash.update({to, count});
      left -= count;
      return count;
    };
    const PartHeader header = Reader(hashed, path).header();
    while (hashed(buffer.data(), buffer.size()) != 0) {
    }
    const ByteSource rest = [&](char* to, std::size_t size) { return file.read(to, size); };
    if (Reader(rest, path).text(kDigest) != hash.hex()) not_a_part(path, "its SHA-256 is not that of its bytes");
    return {header, ""};
  } catch (const Failure& failure) {
    return {{}, failure.what(), failure.code()};
  }
}

PartHeader read_part_file(const std::string& path, Collector& collector) {
  FileSource file(path);
  return read_part([&](char* to, std::size_t size) { return file.read(to, size); }, path, collector);
}

}  // namespace tailbit
