// `tailbit schema`: the formats, and each one's JSON schema.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/print.hpp"
#include "host/io/schemas.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPrefix = std::string_view("tailbit.").size();

// "tailbit.run/1" may also be called "run/1" and "run".
std::vector<std::string> spellings(const std::string& schema) {
  const std::string versioned = schema.substr(kPrefix);
  return {schema, versioned, versioned.substr(0, versioned.find('/'))};
}

Json list() {
  Json formats = Json::array();
  for (const std::string& name : schema_names()) {
    const Json schema = Json::parse(schema_text(name));
    formats.push_back({{"name", name}, {"title", schema["title"]}, {"description", schema["description"]}});
  }
  return {{"schema", "tailbit.schemas/1"}, {"schemas", std::move(formats)}};
}

void print_list() {
  const Json formats = list();
  for (const Json& format : formats["schemas"]) {
    const auto name = format["name"].get<std::string>();
    std::cout << name << std::string(name.size() < 24 ? 24 - name.size() : 1, ' ') << format["title"].get<std::string>()
              << '\n';
  }
}

void print_schema(const std::string& wanted) {
  std::vector<std::string> known;
  for (const std::string& name : schema_names()) {
    const std::vector<std::string> spelled = spellings(name);
    if (std::find(spelled.begin(), spelled.end(), wanted) != spelled.end()) {
      std::cout << schema_text(name);
      return;
    }
    known.insert(known.end(), spelled.rbegin(), spelled.rend());
  }
  throw Failure(ExitCode::usage, "there is no schema \"" + wanted + "\"" + did_you_mean(wanted, known) +
                                     "; `tailbit schema` lists them");
}

}  // namespace

void add_schema(CLI::App& app) {
  struct Options {
    std::string name;
    bool json = false;
  };
  const auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("schema", "The JSON schemas of all formats, for editors and validators");
  begin_help_with(*command, "  tailbit schema\n  tailbit schema market > market.schema.json\n");
  CLI::Option* name =
      command->add_option("NAME", o->name, "A format, as run or tailbit.run/1; without it, all are listed");
  command->add_flag("--json", o->json, "Print JSON (a schema is JSON in any case)");
  command->callback([o, name] {
    if (name->count() > 0) {
      print_schema(o->name);
    } else if (o->json) {
      std::cout << json_shown(list()) << '\n';
    } else {
      print_list();
    }
  });
}

}  // namespace tailbit::cli
