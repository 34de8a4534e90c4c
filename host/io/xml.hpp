// Text in XML.
#pragma once

#include <string>

namespace tailbit {

// With XML's own characters spelled out, and without those that it has no place for.
std::string xml_text(const std::string& text);

}  // namespace tailbit
