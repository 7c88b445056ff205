// SPDX-License-Identifier: GPL-3.0-or-later
// When a failed attempt is made again: 10 s after the first, twice as long each time, six hours at most, 20 % more or less
// so that what failed together does not come back together. Pure; any thread.
#pragma once

#include <QtGlobal>

#include <algorithm>

namespace takt::store {

// `attempt`: the one that failed, from 1; `chance`: 0 to 1.
[[nodiscard]] constexpr qint64 backoffMs(int attempt, double chance)
{
    constexpr qint64 kLongestMs = 6 * 3'600'000;
    const qint64 delay = std::min(kLongestMs, qint64(5000) << std::clamp(attempt, 0, 20));
    return qint64(double(delay) * (0.8 + 0.4 * chance));
}

} // namespace takt::store
