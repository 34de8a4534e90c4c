// tailbit.model/1. What is accepted and written again must be accepted again, and become the same text.
#include "host/io/readers.hpp"
#include "host/io/write_inputs.hpp"
#include "targets.hpp"

namespace tailbit::fuzz {

void model(std::string_view input) {
  Model model;
  const auto reads = [&](std::string_view text) {
    const std::string& path = as_file(text);
    return accepts([&](Problems& problems) { model = read_model(path, problems); });
  };
  if (!reads(input)) return;
  const std::string once = json_text(model_to_json(model));
  hold(reads(once), "a model that was written is read");
  hold(json_text(model_to_json(model)) == once, "a model stays what it is");
}

}  // namespace tailbit::fuzz
