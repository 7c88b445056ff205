// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/timeline.h"

#include <utility>

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;

void Timeline::note(QLatin1StringView what, qint64 nowMs, const QString &detail)
{
    m_events.push_back({m_next++, nowMs, what, detail});
    if (m_events.size() > kMostEvents)
        m_events.pop_front();
}

void Timeline::onCallerBegins(qint64 nowMs)
{
    note("caller_speaks"_L1, nowMs);
    m_waitingSinceMs = -1;
    m_agentHasTurn = false;
}

void Timeline::onCallerEnds(qint64 nowMs)
{
    m_waitingSinceMs = nowMs;
    m_agentHasTurn = false;
}

void Timeline::onAgentAudio(qint64 nowMs)
{
    if (std::exchange(m_agentHasTurn, true))
        return;
    QString detail;
    if (m_waitingSinceMs >= 0) {
        m_latencyMs = nowMs - m_waitingSinceMs;
        m_waitingSinceMs = -1;
        detail = QString::number(m_latencyMs);
    }
    note("agent_speaks"_L1, nowMs, detail);
}

} // namespace takt::calls
