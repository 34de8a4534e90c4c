// Chains as JSON: the API's answers with their JSON-RPC envelope, the lists and objects inside it, subscription
// messages, and any of these one a line.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "host/io/chain_rows.hpp"
#include "host/io/json_file.hpp"
#include "host/io/limits.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using nlohmann::json;

const char* const kRemedy =
    "give what the API answers to public/get_book_summary_by_currency or public/ticker, or a chain as CSV";

// Envelopes inside envelopes: none known has more than three.
constexpr int kDeepest = 8;

// A number as in the file, a text without its quotes, "" for null.
std::string text_of(const json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// What the API's error object says.
std::string error_text(const json& error) {
  std::string text = "the API answered with an error";
  if (!error.is_object()) return error.is_string() ? text + ": " + text_of(error) : text;
  for (const char* key : {"code", "message"}) {
    const auto found = error.find(key);
    if (found != error.end() && !found->is_structured()) text += (key[0] == 'c' ? " " : ": ") + text_of(*found);
  }
  return text;
}

class Reader {
 public:
  Reader(const ChainRowSink& sink, ChainFile& file) : sink_(sink), file_(file) {}

  // Passes on the rows found in the value. What is wrong with the value as a whole is returned; what is wrong with a
  // part of it becomes a row that says so.
  std::string read(const json& value, const std::string& where, int depth = 0) {
    if (depth > kDeepest) return "the lists and objects here are nested too deeply";
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) part(value[i], where + "/" + std::to_string(i), depth + 1);
      return "";
    }
    if (!value.is_object()) return "this is neither a list nor an object";
    if (is_row(value)) {
      row(value, where);
      return "";
    }
    if (const auto error = value.find("error"); error != value.end() && !error->is_null()) {
      return error_text(*error);
    }
    if (const auto answered = value.find("usOut"); answered != value.end()) file_.answered_at = text_of(*answered);
    for (const char* key : {"result", "params", "data"}) {
      if (const auto inside = value.find(key); inside != value.end()) {
        return read(*inside, where + "/" + key, depth + 1);
      }
    }
    return "there is no option here: neither " + names_of(ChainField::name) + " nor a \"result\"";
  }

 private:
  static bool is_row(const json& object) {
    const auto aliases = chain_aliases();
    return std::any_of(aliases.begin(), aliases.end(), [&](const ChainAlias& alias) {
      return alias.field == ChainField::name && object.contains(alias.name);
    });
  }

  void part(const json& value, const std::string& where, int depth) {
    const std::string wrong = value.is_object() ? read(value, where, depth) : "this is not an object";
    if (wrong.empty()) return;
    ChainRow bad;
    bad.where = where;
    bad.malformed = wrong;
    sink_(bad);
  }

  void row(const json& object, const std::string& where) {
    ChainRow row;
    row.where = where;
    for (const auto& [key, value] : object.items()) {
      if (!value.is_object()) {
        offer(row, key, value);
        continue;
      }
      for (const auto& [inner, number] : value.items()) offer(row, key + "." + inner, number);
    }
    sink_(row);
  }

  void offer(ChainRow& row, const std::string& name, const json& value) {
    if (std::find(file_.names.begin(), file_.names.end(), name) == file_.names.end() &&
        file_.names.size() < limits::kMostColumns)
      file_.names.push_back(name);
    const ChainAlias* alias = find_chain_alias(name);
    if (!alias) return;
    if (value.is_structured()) {
      row.malformed = name + " is neither a number nor a text";
    } else {
      row.offer(*alias, text_of(value));
    }
  }

  const ChainRowSink& sink_;
  ChainFile& file_;
};

struct TooDeep {};

// Parses one line; returns what is wrong with it, or "".
std::string parse_line(std::string_view line, json& out) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  std::string repeated;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (static_cast<std::size_t>(depth) > limits::kDeepestNesting) throw TooDeep();
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      repeated = parsed.get<std::string>();
    }
    return true;
  };
  try {
    out = json::parse(line, watch);
  } catch (const json::parse_error& error) {
    return "the JSON breaks off or is wrong at column " + std::to_string(error.byte);
  } catch (const json::out_of_range&) {
    return "a number does not fit a double";
  } catch (const TooDeep&) {
    return "the lists and objects here are nested too deeply";
  }
  return repeated.empty() ? "" : "the key " + in_quotes(repeated) + " is there twice";
}

bool is_blank_line(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// The text up to the end of the line at `position`, which is moved behind it.
std::string_view next_line(std::string_view text, std::size_t& position) {
  const std::size_t end = std::min(text.find('\n', position), text.size());
  const std::string_view line = text.substr(position, end - position);
  position = std::min(end + 1, text.size());
  return line;
}

// The first line is a value by itself, and not the only one.
bool is_json_lines(std::string_view text) {
  std::size_t position = 0;
  std::string_view first;
  while (is_blank_line(first) && position < text.size()) first = next_line(text, position);
  return json::accept(first) && text.find_first_not_of(" \t\r\n", position) != std::string_view::npos;
}

void read_lines(std::string_view text, const ChainRowSink& sink, ChainFile& file) {
  std::size_t number = 0;
  for (std::size_t position = 0; position < text.size();) {
    const std::string_view line = next_line(text, position);
    ++number;
    if (is_blank_line(line)) continue;
    const std::string where = "line " + std::to_string(number);
    json value;
    std::string wrong = parse_line(line, value);
    if (wrong.empty()) wrong = Reader(sink, file).read(value, where);
    if (wrong.empty()) continue;
    ChainRow bad;
    bad.where = where;
    bad.malformed = wrong;
    sink(bad);
  }
}

}  // namespace

ChainFile read_chain_json(const std::string& path, const std::string& text, const ChainRowSink& sink,
                          Problems& problems) {
  ChainFile file{"json", {}, std::nullopt};
  if (is_json_lines(text)) {
    file.format = "json lines";
    read_lines(text, sink, file);
    return file;
  }
  const JsonFile whole(path, ExitCode::bad_data, problems);
  const auto root = whole.root();
  if (!root) return file;
  const std::string wrong = Reader(sink, file).read(root->value(), "");
  if (!wrong.empty()) problems.add(ExitCode::bad_data, {path, "/", wrong, kRemedy});
  return file;
}

}  // namespace tailbit
