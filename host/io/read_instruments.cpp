#include "host/io/json_file.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for_each_type<Families>([&]<class Family, std::size_t>() { names.push_back(Family::name); });
  return names;
}

template <class Terms>
void check_vol(JsonObject& entry, const Terms& terms) {
  if constexpr (requires { terms.vol; }) {
    if (terms.vol && (*terms.vol < kLeastVol || *terms.vol > kMostVol)) {
      entry.find("vol")->problem(
          number_text(*terms.vol) + " is not between " + number_text(kLeastVol) + " and " + number_text(kMostVol),
          "write 0.6 for a vol of 60 %");
    }
  }
}

ContractTerms read_terms(JsonObject& entry, std::size_t family) {
  ContractTerms out;
  for_each_type<Families>([&]<class Family, std::size_t index>() {
    if (index != family) return;
    typename Family::Terms terms;
    Family::fields(entry, terms);
    check_vol(entry, terms);
    out = terms;
  });
  return out;
}

Instrument read_instrument(const JsonNode& node) {
  Instrument out;
  JsonObject entry(node);
  entry.required("id", out.id);
  entry.required("underlying", out.underlying);
  entry.defaulted("multiplier", out.multiplier, Positive{});
  const auto family = entry.require("family");
  std::size_t index = 0;
  if (!family || !read_name(*family, family_names(), index)) return out;  // its other keys mean nothing yet
  out.terms = read_terms(entry, index);
  entry.no_other_keys();
  return out;
}

}  // namespace

std::map<std::string, Instrument> read_instruments(const std::string& path, Problems& problems) {
  std::map<std::string, Instrument> out;
  const JsonFile file(path, ExitCode::bad_data, problems);
  JsonObject instruments(file.root());
  instruments.schema("tailbit.instruments/1");
  if (const auto list = instruments.require("instruments")) {
    for (const JsonNode& node : list->elements()) {
      Instrument instrument = read_instrument(node);
      if (instrument.id.empty()) {
        if (node.value().is_object() && node.value().contains("id") && node.value()["id"].is_string()) {
          node.member("id").problem("the id is empty", "give the name that the book uses");
        }
        continue;
      }
      const std::string id = instrument.id;
      if (!out.emplace(id, std::move(instrument)).second) {
        node.member("id").problem(in_quotes(id) + " is defined twice", "give every instrument its own id");
      }
    }
  }
  instruments.no_other_keys();
  return out;
}

}  // namespace tailbit
