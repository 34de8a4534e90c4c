#include "host/io/xml.hpp"

#include "host/io/problems.hpp"

namespace tailbit {

std::string xml_text(const std::string& text) {
  std::string out;
  for (const char c : as_shown(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace tailbit
