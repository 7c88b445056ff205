// SPDX-License-Identifier: GPL-3.0-or-later
// What happened in one call, for those who watch it: events in order, who is speaking, and how soon the agent answers.
// Pure, told the time (milliseconds since the Unix epoch); lives in the call worker's thread.
#pragma once

#include "shared/calldetail.h"

#include <QLatin1StringView>

#include <deque>

namespace takt::calls {

class Timeline
{
public:
    static constexpr std::size_t kMostEvents = 500; // of a long call the oldest go

    // Names are part of the control protocol, see CONTROL.md.
    void note(QLatin1StringView what, qint64 nowMs, const QString &detail = {});
    void onCallerBegins(qint64 nowMs);
    void onCallerEnds(qint64 nowMs);
    // With each piece of the agent's audio.
    void onAgentAudio(qint64 nowMs);

    [[nodiscard]] const std::deque<CallEvent> &events() const { return m_events; }
    // From the end of what the caller said to the first sound of the answer; -1: there was none yet.
    [[nodiscard]] qint64 latencyMs() const { return m_latencyMs; }

private:
    std::deque<CallEvent> m_events;
    int m_next = 0;
    qint64 m_waitingSinceMs = -1; // for an answer
    bool m_agentHasTurn = false;
    qint64 m_latencyMs = -1;
};

} // namespace takt::calls
