// SPDX-License-Identifier: GPL-3.0-or-later
// How a call gets in: the carrier announces it, and is told where its stream belongs. Blocking; main thread.
#pragma once

#include "load/door.h"

#include <optional>
#include <string>
#include <vector>

namespace takt::load {

struct Pass {
    std::string target; // of the stream's URL
    std::string token;  // for the stream's first message
};
// For so many calls; nothing if a single one is not let in.
[[nodiscard]] std::optional<std::vector<Pass>> fetchPasses(const Door &door, int calls);

} // namespace takt::load
