// Which bits this program computes.
#pragma once

namespace tailbit {

// Rises with any change of the bits of losses; see CHANGELOG.md.
inline constexpr int kNumerics = 2;

}  // namespace tailbit
