// SPDX-License-Identifier: GPL-3.0-or-later
// What callers heard, by the carrier's own playout: what has arrived is played in real time, and when nothing is left within
// speech there is silence until the next frame. The model of the load never pauses within speech, so each such silence is a
// gap that was heard. From the traces of all calls, after the run. Pure.
#pragma once

#include "load/trace.h"

#include <vector>

namespace takt::bench {

inline constexpr sim::Nanos kAudible = 10 * sim::kMillisecond; // a silence from here on counts as a gap

struct Hearing {
    double speechSeconds = 0;
    double silentMs = 0;
    double longestMs = 0; // silence
    int gaps = 0;
    // Of each barge-in: audio that the carrier had not played, when the caller began to speak, and when `clear` came.
    std::vector<double> aheadMs;
    std::vector<double> leftMs;

    [[nodiscard]] double silentMsPerMinute() const { return speechSeconds > 0 ? silentMs * 60 / speechSeconds : 0; }
    [[nodiscard]] double gapsPerMinute() const { return speechSeconds > 0 ? gaps * 60 / speechSeconds : 0; }
};

// Of what arrived from `from` on and before `to`; what came earlier is played all the same.
[[nodiscard]] Hearing hear(const std::vector<load::Trace> &calls, sim::Nanos from, sim::Nanos to);
// The mean of what the carrier still had to play when a frame came, for each second: how far the gateway runs ahead. A
// second without speech has the value of the one before.
[[nodiscard]] std::vector<double> cushionMsBySecond(const std::vector<load::Trace> &calls, sim::Nanos from,
                                                    int seconds);

} // namespace takt::bench
