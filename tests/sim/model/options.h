// SPDX-License-Identifier: GPL-3.0-or-later
// How the model's side of a run shall be. Values, fixed before the start.
#pragma once

#include <QString>

#include <cstdint>
#include <netinet/in.h>
#include <string>

namespace takt::sim {

// What goes wrong at the model on purpose. Zero and empty: nothing.
struct ModelFaults {
    int refuseStatus = 0; // 401, 429, 500, ... on the upgrade ...
    int refuseFirst = 0;  // ... of the first so many attempts; 0: of all
    double upgradeDelayMs = 0;
    double updatedDelayMs = 0;     // session.updated comes late
    bool neverUpdated = false;     // ... or not at all
    bool wrongFormats = false;     // ... or names other formats than were asked for
    double dropAfterSeconds = 0;   // the connection breaks
    double expireAfterSeconds = 0; // session_expired, then close
    QString errorOnCreate;         // this error code instead of a response ...
    double errorChance = 0;        // ... with this probability
    double failChance = 0;         // response.done failed, in mid-audio
    double incompleteChance = 0;   // response.done incomplete, in mid-audio
    double pingSeconds = 0;        // WebSocket pings
};

struct ModelOptions {
    sockaddr_in listen{}; // port 0: any
    QString key;          // the only bearer key accepted; empty: any that is not empty
    bool noAuth = false;  // not even a key is needed
    std::uint64_t seed = 1;
    double speedLow = 4; // audio is generated this many times faster than it is played
    double speedHigh = 10;
    double thinkLowMs = 120; // from the end of a turn to the first audio
    double thinkHighMs = 450;
    double toolCallChance = 0; // a function call instead of speech, if the session has functions
    bool extras = true;        // unknown events and fields now and then
    ModelFaults faults;
};

} // namespace takt::sim
