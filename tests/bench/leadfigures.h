// SPDX-License-Identifier: GPL-3.0-or-later
// What one setting of tx.lead_ms came to under the stalls of a plan. README.md says what each figure means; the names here
// are those of the JSON. Plain values.
#pragma once

#include <QString>

#include <vector>

namespace takt::bench {

struct LeadPhaseFigures {
    double speechSeconds = 0, stalls = 0, stalledMs = 0;
    double silence = 0, gaps = 0, longest = 0;
    double bargeIns = 0, aheadP50 = 0, aheadP95 = 0, leftP50 = 0, leftP95 = 0;
    double cushionFirst = 0, cushionMost = 0, cushionLast = 0;
};

struct LeadField {
    const char *name;
    double LeadPhaseFigures::*field;
};

inline constexpr LeadField kLeadFields[] = {
    {"speech_seconds", &LeadPhaseFigures::speechSeconds},
    {"stalls", &LeadPhaseFigures::stalls},
    {"stalled_ms", &LeadPhaseFigures::stalledMs},
    {"silence_ms_per_minute_of_speech", &LeadPhaseFigures::silence},
    {"gaps_per_minute_of_speech", &LeadPhaseFigures::gaps},
    {"longest_silence_ms", &LeadPhaseFigures::longest},
    {"barge_ins", &LeadPhaseFigures::bargeIns},
    {"ahead_at_barge_in_p50_ms", &LeadPhaseFigures::aheadP50},
    {"ahead_at_barge_in_p95_ms", &LeadPhaseFigures::aheadP95},
    {"left_at_clear_p50_ms", &LeadPhaseFigures::leftP50},
    {"left_at_clear_p95_ms", &LeadPhaseFigures::leftP95},
    {"cushion_first_ms", &LeadPhaseFigures::cushionFirst},
    {"cushion_most_ms", &LeadPhaseFigures::cushionMost},
    {"cushion_last_ms", &LeadPhaseFigures::cushionLast},
};

struct LeadResult {
    QString lead; // the setting
    int calls = 0;
    int number = 0; // of the repeats, from 1
    std::vector<LeadPhaseFigures> phases;
    std::vector<double> cushionMs; // each second
    double callsLost = 0;          // or silent
    double bursts = 0;
    double stolen = 0; // ms a second, by the host
};

} // namespace takt::bench
