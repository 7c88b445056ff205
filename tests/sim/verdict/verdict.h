// SPDX-License-Identifier: GPL-3.0-or-later
// What a run says about the gateway: the figures, the limits, and which of them are broken. Values and pure functions.
#pragma once

#include "sim/verdict/record.h"
#include "sim/verdict/statistics.h"
#include "sim/verdict/workrecord.h"

#include <QString>

#include <map>
#include <span>
#include <string>
#include <vector>

namespace takt::sim {

struct LimitInfo {
    const char *name;
    double value;     // that must not be exceeded
    bool plusLatency; // the simulated network's share is added
    const char *meaning;
};
[[nodiscard]] std::span<const LimitInfo> allLimits();

struct Limits {
    bool enforced = true;
    std::map<std::string, double> changed; // by name, instead of the defaults
    double latencyMs = 0;
    bool ownModel = true; // false: the model isn't ours, so that what was generated is unknown
};

struct BrokenLimit {
    std::string name;
    double measured = 0;
    double allowed = 0;
    std::string detail;
};

// The telephone calls of a run; all zero if there were only media streams.
struct PhoneVerdict {
    int calls = 0;
    std::map<std::string, int> statuses; // how the calls ended
    Percentiles webhookMs;               // until a whole document was there
    std::int64_t callbacks = 0;
    std::int64_t failedCallbacks = 0; // not answered 2xx, or not in time
    std::string firstFailed;
    Occurrences warnings; // of TwiML, by code
    Occurrences errors;   // documents and streams that came to nothing, by code
    Occurrences attacks;  // what became of them, by fault and status
};

struct Verdict {
    int calls = 0;
    int refused = 0; // connections that never came to a media stream
    int completed = 0;
    int faulted = 0;         // with a deliberate fault that excuses the gateway; not judged below
    int faultedClosed = 0;   // of them, closed by the gateway
    int closedByGateway = 0; // healthy ones
    int silent = 0;          // healthy ones whose caller never heard an agent
    int unlinked = 0;        // healthy ones that heard something our model never said
    double callSeconds = 0;
    double agentSeconds = 0; // of agent audio heard
    std::int64_t frames = 0;
    std::int64_t wrongSize = 0;
    std::int64_t marks = 0;
    std::int64_t clears = 0;
    std::int64_t bursts = 0;
    std::int64_t stalls = 0;
    std::int64_t unmeasured = 0;
    double framesPerSecond = 0; // while speaking
    Percentiles gapError;       // |gap - 20 ms|, ms
    double worstGapMs = 0;
    double silenceMs = 0; // per call and second
    double repeatedMs = 0;
    int cutItems = 0;
    double cutMs = 0;
    Percentiles afterInterruption;
    Percentiles endError;   // absolute
    double endErrorLow = 0; // signed extremes
    double endErrorHigh = 0;
    std::int64_t missingTruncates = 0;
    Percentiles greeting;
    Percentiles response;
    Occurrences faults; // on the carrier's wire
    std::map<int, int> closeCodes;
    ModelRecord model;
    PhoneVerdict phone;
    WorkRecord work;  // after the calls
    CallRecord worst; // the call that went worst
    double worstGapP99 = 0;
    std::string firstCut;
    std::vector<BrokenLimit> broken;

    [[nodiscard]] bool ok() const { return broken.empty(); }
    [[nodiscard]] QString text() const;
    [[nodiscard]] QByteArray json() const;
};

class VerdictBuilder
{
public:
    void add(CallRecord record);
    [[nodiscard]] Verdict build(const ModelRecord &model, const Limits &limits, const WorkRecord &work = {}) const;

private:
    void addJudged(const CallRecord &record);
    void addPhone(const CallRecord &record);

    Verdict m_sum;
    Histogram m_gaps;
    Nanos m_gapSum = 0;
    std::int64_t m_gapCount = 0;
    Nanos m_silence = 0;
    std::vector<double> m_after;
    std::vector<double> m_endErrors;
    std::vector<double> m_greetings;
    std::vector<double> m_responses;
    std::vector<double> m_webhooks;
    double m_worstScore = -1;
};

} // namespace takt::sim
