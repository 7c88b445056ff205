// SPDX-License-Identifier: GPL-3.0-or-later
// What both sides of a call did, by its flight record: when the carrier sent audio and when it read nothing, when the model
// said what. A pure function of the record; values, any thread.
#pragma once

#include "shared/flightrecord.h"
#include "sim/wire/clock.h"

#include <vector>

namespace takt::sim {

struct ReplayStep {
    enum class Kind {
        Media,  // the caller's audio: bytes, after a hole
        Sleep,  // the carrier reads nothing ...
        Sip,    // ... but for so many bytes of speech ...
        WakeUp, // ... and reads again
        // The model's.
        Response,
        Delta,     // bytes of an item
        LateDelta, // of the response that the caller interrupted
        AudioDone, // of an item
        ResponseDone,
        CallerSpeaks,
        CallerStops,
    };
    Nanos at = 0; // since the beginning of the record
    Kind kind = Kind::Media;
    int bytes = 0;
    int item = 0;
    int holeMs = 0;   // before the caller's audio
    int response = 0; // of a LateDelta: the first one is 1
};

struct Replay {
    std::vector<ReplayStep> steps; // in order
    Nanos length = 0;
    // Of the stall that the record is about. A cause in the machine (worker late) is on no wire, and does not come back.
    QString cause;
    qint64 stallMs = 0;
};

[[nodiscard]] Result<Replay> replayOf(const FlightRecord &record);

} // namespace takt::sim
