// SPDX-License-Identifier: GPL-3.0-or-later
// One bad run decides nothing. Pure; any thread.
#pragma once

#include <algorithm>
#include <vector>

namespace takt::load {

// Of one value at least.
[[nodiscard]] inline double medianOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

} // namespace takt::load
