// SPDX-License-Identifier: GPL-3.0-or-later
#include "frontdoor/heldanswers.h"

#include "telemetry/counters.h"
#include "telemetry/log.h"

namespace takt::frontdoor {

quint64 HeldAnswers::hold(http::Listener::Reply reply, http::Response response, qint64 nowMs)
{
    m_held.push_back({++m_lastTicket, nowMs, std::move(reply), std::move(response)});
    return m_lastTicket;
}

void HeldAnswers::release(quint64 ticket)
{
    while (!m_held.empty() && m_held.front().ticket <= ticket)
        give();
}

void HeldAnswers::expire(qint64 nowMs)
{
    while (!m_held.empty() && nowMs >= dueMs()) {
        telemetry::count(telemetry::Counter::AnswersBeforeRecord);
        qCWarning(telemetry::lcGateway) << "answered a webhook before it was on disk: the database is slow, or away";
        give();
    }
}

void HeldAnswers::give()
{
    const Held held = std::move(m_held.front());
    m_held.pop_front();
    held.reply(held.response);
}

} // namespace takt::frontdoor
