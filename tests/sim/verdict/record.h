// SPDX-License-Identifier: GPL-3.0-or-later
// What is known about one call after its end, and about the model's side of a run. Values; made in the thread that saw
// it happen, handed over once.
#pragma once

#include "sim/verdict/phonerecord.h"
#include "sim/wire/clock.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace takt::sim {

// How often something happened, with one example in words.
struct Occurrence {
    std::int64_t count = 0;
    std::string example;
};
using Occurrences = std::map<std::string, Occurrence>;

inline void note(Occurrences &where, const std::string &what, const std::string &example)
{
    Occurrence &occurrence = where[what];
    if (occurrence.count++ == 0)
        occurrence.example = example;
}

struct CallRecord {
    int number = 0;
    std::string from;
    double seconds = 0;
    bool healthy = true;    // no deliberate fault that excuses the gateway
    bool connected = false; // the upgrade succeeded
    bool completed = false; // lived until the caller hung up
    bool closedByGateway = false;
    int closeCode = 0;
    std::string closeReason;
    bool linked = false; // its audio was found in a session of our model

    std::int64_t frames = 0; // media messages received
    std::int64_t bytes = 0;
    std::int64_t wrongSize = 0;
    std::int64_t marks = 0;
    std::int64_t clears = 0;
    std::int64_t bursts = 0;
    std::int64_t stalls = 0;
    std::int64_t unmeasured = 0;          // gaps that only this process's own lateness would have explained
    std::vector<std::int32_t> gapErrorUs; // |gap - 20 ms| inside continuous speech
    Nanos gapSum = 0;
    Nanos worstGap = 0;
    Nanos agentHeard = 0; // agent audio played to the caller
    Nanos silenceInSpeech = 0;
    Nanos repeated = 0;
    std::vector<double> cutMs; // per item that was not interrupted and lost audio
    std::vector<double> afterInterruptionMs;
    std::vector<double> endErrorMs; // audio_end_ms less what was truly heard
    std::int64_t missingTruncates = 0;
    double greetingMs = -1;
    std::vector<double> responseMs;
    Occurrences faults;   // the gateway's, by code and text
    std::string firstCut; // in words, for the verdict
    PhoneRecord phone;    // of the telephone call around the stream, if there is one
};

// Adds what a further media stream of the same telephone call brought.
void addStream(CallRecord &call, CallRecord stream);

struct ModelRecord {
    std::int64_t sessions = 0;
    std::int64_t refused = 0; // upgrades
    std::int64_t responses = 0;
    std::int64_t cancelledByVad = 0;
    std::int64_t cancelledByClient = 0;
    std::int64_t truncates = 0; // accepted
    std::int64_t updates = 0;   // accepted session.update
    std::int64_t appends = 0;
    std::int64_t appendedBytes = 0;
    std::int64_t turns = 0; // speech_started
    std::int64_t lateDeltas = 0;
    std::int64_t droppedByFault = 0;
    Occurrences errors; // error events that the gateway provoked, by code
    Occurrences faults; // what no service would answer by an error: audio before session.updated, bad frames
};

} // namespace takt::sim
