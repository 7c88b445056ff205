// SPDX-License-Identifier: GPL-3.0-or-later
// application/x-www-form-urlencoded, both ways. Pure.
#pragma once

#include "sim/verdict/phonerecord.h"

#include <string_view>

namespace takt::sim {

[[nodiscard]] std::string toForm(const Params &params);
[[nodiscard]] Params fromForm(std::string_view text);
// The first value of that name, or nothing: an empty one and a missing one are told apart by has().
[[nodiscard]] std::string valueOf(const Params &params, std::string_view name);
[[nodiscard]] bool has(const Params &params, std::string_view name);
[[nodiscard]] std::vector<std::string> valuesOf(const Params &params, std::string_view name);

} // namespace takt::sim
