// SPDX-License-Identifier: GPL-3.0-or-later
// The simulator's notion of time: nanoseconds of CLOCK_MONOTONIC. Everything that decides is told the time; only the
// reactor and the socket ask for it. Any thread.
#pragma once

#include <cstdint>
#include <ctime>

namespace takt::sim {

using Nanos = std::int64_t;

inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

[[nodiscard]] inline Nanos clockNs(clockid_t id)
{
    timespec ts{};
    clock_gettime(id, &ts);
    return Nanos(ts.tv_sec) * kSecond + Nanos(ts.tv_nsec);
}
[[nodiscard]] inline Nanos monotonicNs()
{
    return clockNs(CLOCK_MONOTONIC);
}
[[nodiscard]] inline double toMs(Nanos ns)
{
    return double(ns) / double(kMillisecond);
}
[[nodiscard]] inline Nanos fromMs(double ms)
{
    return Nanos(ms * double(kMillisecond));
}

} // namespace takt::sim
