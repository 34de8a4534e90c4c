// The bulk reader takes and refuses the same texts as a parser that builds the whole tree, however they are cut.
#include <random>

#include <gtest/gtest.h>
#include <malloc.h>

#include "host/io/json_records.hpp"
#include "host/io/json_syntax.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::io_json_records_test {
namespace {

using nlohmann::json;
using test::ScratchFolder;

struct Taken {
  bool sound = false;
  std::vector<std::string> cells;  // of all records, one after another
  std::string around;
};

// A list that is a whole file, with the keys a (a value), b (of no use) and c (an object with the key d).
Taken read(const ScratchFolder& folder, const std::string& text, std::size_t bracket = 0) {
  std::filesystem::remove(folder.path("x.json"));  // some file systems wait for the disk when a file is overwritten
  const std::string path = folder.write("x.json", text);
  Problems problems;
  RecordKeys keys({{"a"}, {"b", false}, {"c", true, {"d"}}}, UnknownKeys::count);
  JsonRecords file(path, ExitCode::bad_data, problems);
  Taken taken;
  if (file.head().empty()) return taken;
  const auto around = file.read_list(bracket, "", keys, [&](std::span<const JsonCell> cells, std::size_t) {
    for (const JsonCell& cell : cells) {
      taken.cells.push_back(std::to_string(static_cast<int>(cell.kind)) + " " + std::string(cell.text));
    }
    return true;
  });
  taken.sound = around.has_value() && problems.empty();
  if (around) taken.around = *around;
  return taken;
}

// What read should say of a sound text.
std::vector<std::string> expected_cells(const json& list) {
  std::vector<std::string> cells;
  for (const json& record : list) {
    const auto cell = [&](const json& object, const char* key) {
      if (!object.is_object() || !object.contains(key)) return std::string("0 ");
      const json& value = object[key];
      if (value.is_string()) return "4 " + value.get<std::string>();
      if (value.is_structured()) return std::string(value.is_object() ? "5 " : "6 ");
      const int kind = value.is_null() ? 1 : value.is_boolean() ? 2 : 3;
      return std::to_string(kind) + " " + value.dump();
    };
    cells.push_back(cell(record, "a"));
    cells.push_back(cell(record, "c"));
    cells.push_back(cell(record.value("c", json()), "d"));
  }
  return cells;
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string list() {
    std::string text = "[";
    for (std::size_t i = 0, n = pick(5); i < n; ++i) text += (i ? "," : "") + space() + record() + space();
    return text + "]";
  }
  // One byte changed, added or left out.
  std::string broken(std::string text) {
    static const std::string kBytes = "{}[],:\"\\ \n0-1.eE+tnx\x01\xff";
    const std::size_t at = pick(text.size());
    switch (pick(3)) {
      case 0: text[at] = kBytes[pick(kBytes.size())]; break;
      case 1: text.insert(at, 1, kBytes[pick(kBytes.size())]); break;
      default: text.erase(at, 1);
    }
    return text;
  }

 private:
  std::size_t pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  std::string space() { return std::vector<std::string>{"", "", " ", "\n", "\t\r\n "}[pick(5)]; }
  std::string string() {
    static const std::vector<std::string> kStrings{
        R"("")", R"("x")", R"("}, {")", R"("\"")", R"("\\")", R"("a\u00e9\ud83d\ude00")", "\"\xc3\xa9\"", R"("[{")"};
    return kStrings[pick(kStrings.size())];
  }
  std::string value(int depth) {
    static const std::vector<std::string> kScalars{"0",    "-1",   "12.5",  "1e5",  "-0.5E-3",
                                                   "true", "null", "false", "1E+2", "18446744073709551616"};
    const std::size_t kind = pick(depth > 0 ? 6 : 4);
    if (kind < 2) return kScalars[pick(kScalars.size())];
    if (kind < 4) return string();
    std::string text;
    for (std::size_t i = 0, n = pick(4); i < n; ++i) {
      text += (i ? "," : "") + space() + (kind == 4 ? "" : string_key(i) + space() + ":") + space() + value(depth - 1);
    }
    return kind == 4 ? "[" + text + space() + "]" : "{" + text + space() + "}";
  }
  std::string string_key(std::size_t i) { return "\"" + std::vector<std::string>{"d", "k", "\\u0064x", "z"}[i] + "\""; }
  std::string record() {
    std::vector<std::string> members;
    for (const char* key : {"a", "b", "c", "e"}) {
      if (pick(4) > 0) members.push_back("\"" + std::string(key) + "\"" + space() + ":" + space() + value(3));
    }
    std::shuffle(members.begin(), members.end(), random_);
    std::string text = "{";
    for (std::size_t i = 0; i < members.size(); ++i) text += (i ? "," : "") + space() + members[i] + space();
    return text + "}";
  }
  std::mt19937 random_;
};

TEST(JsonRecords, TakeWhatATreeWouldHold) {
  const ScratchFolder folder;
  Generator generator(1);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = generator.list();
    const json list = json::parse(text);
    const Taken taken = read(folder, text);
    ASSERT_TRUE(taken.sound) << text;
    std::vector<std::string> wanted = expected_cells(list);
    for (std::size_t c = 0; c < wanted.size(); ++c) {
      // Numbers are kept as they are written.
      if (wanted[c][0] == '3' && taken.cells[c][0] == '3')
        ASSERT_EQ(json::parse(taken.cells[c].substr(2)), json::parse(wanted[c].substr(2))) << text;
      else
        ASSERT_EQ(taken.cells[c], wanted[c]) << text;
    }
    ASSERT_EQ(taken.cells.size(), wanted.size());
  }
}

TEST(JsonRecords, RefuseWhatIsNotJson) {
  const ScratchFolder folder;
  Generator generator(2);
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = generator.broken(generator.list());
    if (text[0] != '[') continue;  // readers look at the beginning first
    const std::vector<JsonFault> faults = json_faults(text, false);
    // A number of no use need not fit a double.
    if (!faults.empty() && faults[0].what.find("does not fit") != std::string::npos) continue;
    bool objects = true;  // other elements are a problem of their own
    bool repeated = false;
    if (faults.empty()) {
      for (const json& element : json::parse(text)) objects = objects && element.is_object();
      repeated = !json_faults(text, true).empty();
    }
    const bool sound = faults.empty() && first_bad_line(text) == 0 && objects;
    if (repeated && sound) continue;  // only keys of records are looked at
    ASSERT_EQ(read(folder, text).sound, sound) << text << (faults.empty() ? "" : faults[0].what);
    refused += !sound;
  }
  EXPECT_GT(refused, 5'000);
}

// Longer than a block, so that each text is cut at every comma that looks like one between records.
TEST(JsonRecords, DoNotDependOnTheCut) {
  const ScratchFolder folder;
  Generator generator(3);
  for (int round = 0; round < 2; ++round) {
    std::string text = "[";
    while (text.size() < 2'500'000) {
      const std::string list = generator.list();
      if (json::parse(list).empty()) continue;
      text += (text.size() > 1 ? "," : "") + list.substr(1, list.size() - 2);
    }
    const std::size_t records = json::parse(text + "]").size();
    const Taken whole = read(folder, "  " + text + "]\n", 2);
    EXPECT_TRUE(whole.sound);
    EXPECT_EQ(whole.cells.size(), 3 * records);
    const std::string before = "{\"x\": [{},{}], \"y\":";
    const Taken framed = read(folder, before + text + "], \"z\": [{}, {}]}", before.size());
    EXPECT_EQ(framed.cells, whole.cells);
    EXPECT_EQ(framed.around, R"({"x": [{},{}], "y":[], "z": [{}, {}]})");
    EXPECT_FALSE(read(folder, text + ",]").sound);
    EXPECT_FALSE(read(folder, text).sound);
    EXPECT_FALSE(read(folder, text + "] {}").sound);
    EXPECT_FALSE(read(folder, text + "}").sound);
  }
}

// New memory holds this byte, until the end of the test; without glibc whatever it holds.
class MemoryFullOf {
 public:
  explicit MemoryFullOf(char byte) {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);  // what is mapped is full of zeros
    mallopt(M_PERTURB, 0xff ^ byte);
  }
  MemoryFullOf(const MemoryFullOf&) = delete;
  MemoryFullOf& operator=(const MemoryFullOf&) = delete;
  ~MemoryFullOf() { mallopt(M_PERTURB, 0); }
};

TEST(JsonRecords, ATextThatBreaksOffIsNotReadOnBehindItsEnd) {
  const ScratchFolder folder;
  const auto refused = [&](const std::string& text, auto&& read) {
    Problems problems;
    JsonRecords file(folder.write("x.json", text), ExitCode::bad_data, problems);
    if (!file.head().empty()) read(file);
    return !problems.empty();
  };
  RecordKeys keys({{"a"}, {"b", false}, {"c", true, {"d"}}}, UnknownKeys::count);
  const auto as_list = [&](JsonRecords& file) { file.read_list(0, "", keys, [](auto, auto) { return true; }); };
  const auto as_map = [](JsonRecords& file) { file.read_map(0, [](auto, auto&) { return true; }); };
  const auto as_lines = [&](JsonRecords& file) { file.read_lines(keys, [](auto, auto) { return true; }); };
  const std::string record = R"({"a":[{},{}],"b":{"x":[1,{}]},"c":{"d":[{}]}})";
  for (const char behind : {',', '}', ']', ':', '"', '{'}) {
    const MemoryFullOf memory(behind);
    ASSERT_FALSE(refused("[" + record + "]", as_list));
    ASSERT_FALSE(refused(record, as_map));
    ASSERT_FALSE(refused(record, as_lines));
    for (std::size_t size = 1; size < record.size(); ++size) {
      const std::string cut = record.substr(0, size);
      EXPECT_TRUE(refused("[" + cut, as_list)) << cut << " and " << behind;
      EXPECT_TRUE(refused(cut, as_map)) << cut << " and " << behind;
      EXPECT_TRUE(refused(record + "\n" + cut, as_lines)) << cut << " and " << behind;
    }
  }
}

TEST(JsonRecords, NestingHasALimit) {
  const ScratchFolder folder;
  const auto nested = [](std::size_t levels) {
    return "[{\"b\": " + std::string(levels - 2, '[') + std::string(levels - 2, ']') + "}]";
  };
  EXPECT_TRUE(read(folder, nested(limits::kDeepestNesting)).sound);
  EXPECT_FALSE(read(folder, nested(limits::kDeepestNesting + 1)).sound);
  const auto outcome = outcome_of(folder, [&] {
    Problems problems;
    RecordKeys keys({{"a"}}, UnknownKeys::count);
    JsonRecords file(folder.write("deep.json", nested(100'000)), ExitCode::bad_data, problems);
    file.read_list(0, "", keys, [](auto, auto) { return true; });
    problems.throw_if_any();
  });
  EXPECT_TRUE(outcome.message.starts_with("deep.json:/0/b")) << outcome.message;
  EXPECT_TRUE(outcome.message.ends_with("is nested deeper than the 64 levels that are read; leave it out"));
}

TEST(JsonRecords, ManyDifferentKeysAreNotLearntForEver) {
  const ScratchFolder folder;
  std::string text = "[";
  for (std::size_t i = 0; i < 10 * limits::kMostUnknownKeys; ++i) {
    text += (i ? "," : "") + std::string("{\"a\": 1, \"key") + std::to_string(i) + "\": 1}";
  }
  EXPECT_TRUE(read(folder, text + "]").sound);
}

}  // namespace
}  // namespace tailbit::io_json_records_test
