// SPDX-License-Identifier: GPL-3.0-or-later
// One measurement: so many calls for so long, whether the beat held, and what was seen meanwhile.
#pragma once

#include "sim/capacity/cause.h"
#include "sim/capacity/options.h"

#include <atomic>

namespace takt::capacity {

struct LevelFigures {
    int calls = 0;
    int opened = 0;
    int refused = 0, failed = 0, dropped = 0, silent = 0; // of the calls
    double seconds = 0;
    double gaps = 0, stalls = 0, bursts = 0;
    double framesPerSecond = 0; // while speaking
    double p50Ms = 0, p99Ms = 0, p999Ms = 0, maxMs = 0;
    double clearP99Ms = 0;
    double cpuPerCallMs = 0; // of the gateway, a second
    double residentMb = 0;
    double jobsFinished = 0; // in the measured span
    QString opening;         // why the calls could not be opened
};

// Why the beat did not hold; empty: it did. Pure.
[[nodiscard]] QStringList slips(const LevelFigures &figures, const Limits &limits);

struct Level {
    LevelFigures figures;
    Evidence evidence;
    QStringList slipped;
    Cause cause; // if it slipped
    [[nodiscard]] bool held() const { return slipped.isEmpty(); }
};

struct LevelAttempt {
    Level level;
    QString error; // why nothing was measured
};
[[nodiscard]] LevelAttempt measure(const Options &options, const Variant &variant, int calls,
                                   const std::atomic<bool> &interrupted);

} // namespace takt::capacity
